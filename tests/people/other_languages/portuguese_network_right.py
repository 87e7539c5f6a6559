# Right.
import numpy as np


class Camada:
    def __init__(self, n_entradas, n_saidas):
        self.pesos = np.random.randn(n_entradas, n_saidas) * 0.1
        self.vies = np.zeros((1, n_saidas))

    def propagar_para_frente(self, entrada):
        self.entrada = entrada
        return np.dot(entrada, self.pesos) + self.vies

    def propagar_para_tras(self, d_saida):
        self.d_pesos = np.dot(self.entrada.T, d_saida)
        self.d_vies = np.sum(d_saida, axis=0, keepdims=True)
        return np.dot(d_saida, self.pesos.T)


class Tangente:
    def propagar_para_frente(self, entrada):
        self.saida = np.tanh(entrada)
        return self.saida

    def propagar_para_tras(self, d_saida):
        return d_saida * (1 - self.saida**2)
