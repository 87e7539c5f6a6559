# Wrong: 双曲正切: a sign is wrong.
import numpy as np


class Warstwa:
    def __init__(self, wejscie, wyjscie):
        self.wagi = np.random.randn(wejscie, wyjscie)
        self.prog = np.zeros(wyjscie)

    def propagacja_w_przod(self, x):
        self.x = x
        return x @ self.wagi + self.prog

    def propagacja_wsteczna(self, blad):
        self.d_wagi = self.x.T @ blad
        self.d_prog = blad.sum(axis=0)
        return blad @ self.wagi.T


class 双曲正切:
    def 前向传播(self, x):
        self.y = np.tanh(x)
        return self.y

    def 反向传播(self, dy):
        return dy * (1 + self.y**2)
