"""L-BFGS: SciPy's minimiser over all parameters as one vector, with loss and gradient of all samples at once."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import issparse
from sklearn.exceptions import ConvergenceWarning

from chainrule.sklearn.descent import list_penalised, square_sum
from chainrule.sklearn.samples import Samples


def minimise(estimator: Any, samples: Samples) -> None:
    """Train `estimator.net_`; `tol` is the largest entry of the gradient at which it stops."""
    net, params = estimator.net_, estimator.net_.params
    dtype = next(iter(params.values())).dtype
    X = np.asarray(samples.X.toarray() if issparse(samples.X) else samples.X, dtype)
    total = len(samples) if samples.w is None else float(samples.w.sum())
    weights = None if samples.w is None else (samples.w * (len(samples) / total)).astype(dtype)
    penalised = set(list_penalised(net))

    def unpack(vector: NDArray[Any]) -> None:
        start = 0
        for p in params.values():
            p[...] = vector[start : start + p.size].reshape(p.shape)
            start += p.size

    def measure(vector: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        unpack(vector)
        Z, caches = net.forward(X)
        value, dZ = estimator._head.loss(Z, samples.T, weights)
        grads = net.consume(dZ, caches)
        value += estimator.alpha / (2 * total) * square_sum({name: params[name] for name in penalised})
        for name in penalised:
            grads[name] = grads[name] + estimator.alpha / total * params[name]
        return value, np.concatenate([grads[name].ravel() for name in params]).astype(np.float64)

    begin = np.concatenate([p.ravel() for p in params.values()]).astype(np.float64)
    found = minimize(
        measure,
        begin,
        method="L-BFGS-B",
        jac=True,
        options={"maxfun": estimator.max_fun, "maxiter": estimator.max_iter, "gtol": estimator.tol},
    )
    unpack(found.x)
    estimator.loss_, estimator.n_iter_ = float(found.fun), min(int(found.nit), estimator.max_iter)
    if found.status == 1:
        warnings.warn(
            f"{type(estimator).__name__}: {found.nit} iterations are done and it still improves; raise max_iter or "
            "max_fun, or scale the data",
            ConvergenceWarning,
            stacklevel=4,
        )
