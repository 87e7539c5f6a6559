# Right.
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Couche:
    entree: int
    sortie: int
    activation: str = "tanh"
    W: np.ndarray = field(init=False)
    b: np.ndarray = field(init=False)
    cache: dict = field(default_factory=dict)

    def __post_init__(self):
        self.W = np.random.randn(self.entree, self.sortie) / np.sqrt(self.entree)
        self.b = np.zeros(self.sortie)

    def passe_avant(self, x):
        z = x @ self.W + self.b
        a = np.tanh(z) if self.activation == "tanh" else np.maximum(z, 0.0)
        self.cache = {"x": x, "z": z, "a": a}
        return a

    def passe_arrière(self, da):
        x, z, a = self.cache["x"], self.cache["z"], self.cache["a"]
        dz = da * (1 - a**2) if self.activation == "tanh" else da * (z > 0)
        return dz @ self.W.T, x.T @ dz, dz.sum(axis=0)
