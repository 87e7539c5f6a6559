"""Estimators for scikit-learn: MLPClassifier, MLPRegressor and ConvNetClassifier of chainrule's own layers.

    from chainrule.sklearn import MLPClassifier

    MLPClassifier((100,), class_weight="balanced", early_stopping=True).fit(X, y).score(X_test, y_test)

What scikit-learn's networks take, under the same names and with the same meaning, and beside it `class_weight`, `norm`,
`dropout`, `label_smoothing`, further activations, solvers and schedules. `net_` is the trained network.
Needs the extra `sklearn`: `pip install 'chainrule[sklearn]'`.

Imports: layers, nets, optim.
"""

try:
    import sklearn as _sklearn  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "sklearn":
        raise
    raise ImportError("scikit-learn is not installed; get it by: pip install 'chainrule[sklearn]'") from None

from chainrule.sklearn.classifier import MLPClassifier
from chainrule.sklearn.convnet import ConvNetClassifier
from chainrule.sklearn.regressor import MLPRegressor

__all__ = ["ConvNetClassifier", "MLPClassifier", "MLPRegressor"]
