"""The estimators of scikit-learn's kind: its own checks, and what its users rely on."""

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn import neural_network
from sklearn.base import clone
from sklearn.datasets import load_digits, make_classification, make_multilabel_classification, make_regression
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from chainrule.sklearn import ConvNetClassifier, MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# With 2 epochs in place of 200 the checks say the same, but for those that ask for an accuracy.
CHECKED = [
    MLPClassifier(max_iter=2, learning_rate_init=0.03),
    MLPRegressor(max_iter=2, learning_rate_init=0.03),
    ConvNetClassifier(width=2, max_iter=2, learning_rate_init=0.03),
]
TRAINED = {"check_classifiers_train": 40, "check_regressors_train": 30, "check_class_weight_classifiers": 30}


@pytest.mark.slow
@pytest.mark.parametrize("estimator", CHECKED, ids=lambda estimator: type(estimator).__name__)
def test_every_check_of_scikit_learn_passes(estimator: Any) -> None:
    ran = 0
    for each, check in estimator_checks_generator(estimator):
        each.set_params(max_iter=TRAINED.get(check.func.__name__, each.max_iter))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                check(each)
            except pytest.skip.Exception:
                continue
            except Exception as error:
                if type(error).__name__ == "SkipTest":
                    continue
                raise
        ran += 1
    assert ran > 50


@pytest.fixture(scope="module")
def digits() -> tuple[Any, Any]:
    X, y = load_digits(return_X_y=True)
    return (X[:600] / 16).astype(np.float32), y[:600]


def fast(**settings: Any) -> MLPClassifier:
    return MLPClassifier(**({"hidden_layer_sizes": (20,), "max_iter": 30, "random_state": 0} | settings))


def test_parameters_and_defaults_are_scikit_learns_and_ours_stand_beside() -> None:
    for ours, theirs in (
        (MLPClassifier(), neural_network.MLPClassifier()),
        (MLPRegressor(), neural_network.MLPRegressor()),
    ):
        known = ours.get_params()
        assert theirs.get_params().items() <= known.items()
        assert {"norm", "dropout", "dtype", "weight_decay"} <= known.keys()


@pytest.mark.parametrize("solver", ["adam", "sgd", "adamw", "lbfgs"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_gradient_of_a_first_step_is_that_of_scikit_learn(solver: str, weighted: bool) -> None:
    """Both begin at the same weights; the loss they report for the first epoch, one batch, is the same number."""
    X, y = make_classification(37, 6, n_informative=4, n_classes=3, random_state=0)
    w = np.random.default_rng(0).uniform(0.2, 3, len(y)) if weighted else None
    settings = {"hidden_layer_sizes": (5, 4), "alpha": 0.3, "max_iter": 1, "random_state": 0, "activation": "tanh"}
    theirs = neural_network.MLPClassifier(solver="sgd", learning_rate_init=1e-300, **settings).fit(
        X, y, sample_weight=w
    )
    ours = MLPClassifier(solver="sgd", learning_rate_init=1e-300, **settings).fit(X, y)
    for mine, their in zip(ours.coefs_, theirs.coefs_, strict=True):
        mine[...] = their
    for mine, their in zip(ours.intercepts_, theirs.intercepts_, strict=True):
        mine[...] = their
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-12)
    ours.set_params(warm_start=True, solver=solver, max_iter=1).fit(X, y, sample_weight=w)
    if solver == "lbfgs":
        assert ours.loss_ < theirs.loss_
    else:
        assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-12)


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
@pytest.mark.parametrize("settings", [{}, {"nesterovs_momentum": False}, {"momentum": 0.0}], ids=str)
def test_sgd_takes_the_steps_of_scikit_learn(kind: str, settings: dict[str, Any]) -> None:
    X, y = make_classification(23, 5, random_state=0)
    shared = {"hidden_layer_sizes": (4,), "solver": "sgd", "alpha": 0.1, "shuffle": False, "random_state": 0}
    shared |= {"learning_rate_init": 0.05, "batch_size": 10, "max_iter": 1, **settings}
    theirs = getattr(neural_network, kind)(**shared, warm_start=True).fit(X, y)
    ours = {"MLPClassifier": MLPClassifier, "MLPRegressor": MLPRegressor}[kind](**shared, warm_start=True).fit(X, y)
    for mine, their in zip([*ours.coefs_, *ours.intercepts_], [*theirs.coefs_, *theirs.intercepts_], strict=True):
        mine[...] = their
    for model in (ours, theirs):
        model.set_params(max_iter=7).fit(X, y)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-9)
    np.testing.assert_allclose(ours.loss_curve_[-7:], theirs.loss_curve_[-7:], rtol=1e-9)


def test_a_weight_is_as_many_samples() -> None:
    X, y = make_classification(31, 6, n_informative=4, n_classes=3, random_state=1)
    w = np.random.default_rng(1).integers(0, 4, len(y))
    for model in (
        MLPClassifier(random_state=0, max_iter=20, label_smoothing=0.1),
        MLPRegressor(random_state=0, max_iter=20),
    ):
        weighed = clone(model).fit(X, y, sample_weight=w).predict(X)
        repeated = clone(model).fit(X.repeat(w, axis=0), y.repeat(w)).predict(X)
        np.testing.assert_allclose(weighed, repeated, rtol=1e-9)


def test_class_weight_is_the_weight_of_its_samples(digits: tuple[Any, Any]) -> None:
    X, y = make_classification(300, 8, weights=[0.93], n_informative=3, flip_y=0.05, random_state=3)
    balanced = fast(class_weight="balanced").fit(X, y)
    by_hand = fast().fit(X, y, sample_weight=len(y) / (2 * np.bincount(y))[y])
    np.testing.assert_allclose(balanced.predict_proba(X), by_hand.predict_proba(X), rtol=1e-9)
    assert balanced.predict(X).sum() > fast().fit(X, y).predict(X).sum()
    with pytest.raises(ValueError, match="class_weight='balanced' needs all samples at once"):
        fast(class_weight="balanced").partial_fit(X, y, classes=[0, 1])


def test_pipelines_and_searches_take_it(digits: tuple[Any, Any]) -> None:
    X, y = digits
    pipeline = make_pipeline(StandardScaler(), fast(max_iter=15, learning_rate_init=0.01))
    search = GridSearchCV(pipeline, {"mlpclassifier__activation": ["relu", "silu"]}, cv=2).fit(X, y)
    assert search.best_score_ > 0.75
    assert cross_val_score(pipeline, X, y, cv=2).min() > 0.75


def test_partial_fit_learns_from_parts(digits: tuple[Any, Any]) -> None:
    X, y = digits
    model = fast(learning_rate_init=0.01)
    for _ in range(10):
        for start in range(0, 600, 200):
            model.partial_fit(X[start : start + 200], y[start : start + 200], classes=np.arange(10))
    assert model.score(X, y) > 0.9
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        fast().partial_fit(X, y)
    with pytest.raises(ValueError, match="not the same as on last call"):
        model.partial_fit(X, y, classes=np.arange(3))
    with pytest.raises(ValueError, match="classes that are not in classes_"):
        model.partial_fit(X, y + 1)
    assert not hasattr(fast(solver="lbfgs"), "partial_fit")


def test_early_stopping_keeps_the_best_weights_and_the_curves(digits: tuple[Any, Any]) -> None:
    X, y = digits
    model = fast(max_iter=200, early_stopping=True, n_iter_no_change=3, learning_rate_init=0.02).fit(X, y)
    assert len(model.validation_scores_) == len(model.validation_loss_curve_) == len(model.loss_curve_) < 200
    assert model.best_validation_score_ == max(model.validation_scores_) > 0.8
    with pytest.raises(ValueError, match="early_stopping must be False"):
        model.partial_fit(X, y)
    with pytest.raises(ValueError, match="increase validation_fraction"):
        MLPRegressor(early_stopping=True).fit(X[:5], y[:5])


@pytest.mark.parametrize("copied", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy], ids=["pickle", "deepcopy"])
def test_a_copy_goes_on_as_the_original(digits: tuple[Any, Any], copied: Any) -> None:
    X, y = digits
    model = fast(dropout=0.2).partial_fit(X, y, classes=np.arange(10))
    other = copied(model)
    for each in (model, other):
        each.partial_fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), other.predict_proba(X))


def test_joblib_parts_no_array_from_its_optimizer(digits: tuple[Any, Any], tmp_path: Any) -> None:
    import joblib

    X, y = digits
    model = fast().partial_fit(X, y, classes=np.arange(10))
    joblib.dump(model, tmp_path / "model")
    other = joblib.load(tmp_path / "model").partial_fit(X, y)
    np.testing.assert_array_equal(model.partial_fit(X, y).predict_proba(X), other.predict_proba(X))


def test_random_state_decides_everything(digits: tuple[Any, Any]) -> None:
    X, y = digits
    first, second, other = (fast(random_state=seed, dropout=0.1).fit(X, y).predict_proba(X) for seed in (4, 4, 5))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_first_weights_are_drawn_as_scikit_learn_draws_them_or_as_pytorch_does() -> None:
    X, y = make_classification(30, 12, random_state=0)
    still = {"solver": "sgd", "learning_rate_init": 1e-300, "max_iter": 1, "random_state": 0}
    for settings, factor in (({}, 6), ({"activation": "logistic"}, 2)):
        bound = np.sqrt(factor / (12 + 80))
        model = MLPClassifier((80,), **still, **settings).fit(X, y)
        assert 0.97 * bound < np.abs(model.coefs_[0]).max() <= bound
        assert 0.8 * bound < np.abs(model.intercepts_[0]).max() <= bound
    model = MLPClassifier((80,), init="pytorch", **still).fit(X, y)
    assert 0.97 / np.sqrt(12) < np.abs(model.coefs_[0]).max() <= 1 / np.sqrt(12)


def test_labels_of_any_kind_come_back(digits: tuple[Any, Any]) -> None:
    X, y = digits
    names = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
    model = fast(max_iter=60, learning_rate_init=0.01).fit(X, names[y])
    assert model.score(X, names[y]) > 0.95
    assert list(model.classes_) == sorted(names)
    two = fast(max_iter=60).fit(X, y > 4)
    assert two.predict(X).dtype == bool
    assert (two.n_outputs_, two.out_activation_, two.n_layers_) == (1, "logistic", 3)
    np.testing.assert_allclose(two.predict_proba(X).sum(axis=1), 1, rtol=1e-6)
    with pytest.warns(DataConversionWarning, match="column-vector"):
        fast(max_iter=1).fit(X, y[:, None])


def test_several_labels_at_once_and_sparse_samples() -> None:
    X, Y = make_multilabel_classification(200, 8, n_classes=3, random_state=0)
    model = fast(max_iter=80, learning_rate_init=0.02).fit(csr_matrix(X), Y)
    assert (model.predict(X) == Y).mean() > 0.85
    assert model.predict_proba(X).shape == (200, 3)
    assert model.predict(csr_matrix(X)).toarray().tolist() == model.predict(X).tolist()
    np.testing.assert_allclose(fast().fit(csr_matrix(X), Y).predict_proba(X), fast().fit(X, Y).predict_proba(X))
    with pytest.raises(ValueError, match="labels of 0 and 1"):
        fast().fit(X, Y + np.arange(3))


def test_the_regressor_takes_several_outputs_and_counts() -> None:
    X, Y = make_regression(200, 6, n_targets=2, noise=1, random_state=0)
    Y = Y / Y.std()
    model = MLPRegressor(random_state=0, max_iter=80, learning_rate_init=0.02, activation="gelu").fit(X, Y)
    assert model.score(X, Y) > 0.95
    assert model.predict(X).shape == (200, 2)
    assert MLPRegressor(max_iter=2).fit(X, Y[:, 0]).predict(X).shape == (200,)
    counts = np.random.default_rng(0).poisson(np.exp(X[:, 0]))
    ours, theirs = (
        module.MLPRegressor(loss="poisson", solver="lbfgs", random_state=0, hidden_layer_sizes=(6,)).fit(X, counts)
        for module in (__import__("chainrule.sklearn", fromlist=["MLPRegressor"]), neural_network)
    )
    assert ours.loss_ == pytest.approx(theirs.loss_, abs=0.1)
    with pytest.raises(ValueError, match="needs y of at least 0"):
        MLPRegressor(loss="poisson").fit(X, Y)


def test_ours_beside_theirs_train(digits: tuple[Any, Any]) -> None:
    X, y = digits
    settings = {"norm": "batch", "dropout": 0.1, "solver": "adamw", "learning_rate": "one-cycle", "activation": "gelu"}
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)  # a schedule ends where it should
        model = fast(**settings, label_smoothing=0.1, learning_rate_init=0.02, dtype="float32").fit(X, y)
    assert model.score(X, y) > 0.95
    assert model.predict_proba(X).dtype == np.float32
    assert all(layer.training is False for _, layer in model.net_.modules())
    identity = fast(activation="identity").fit(X, y)
    np.testing.assert_allclose(
        identity.net_.forward(X[:3])[0],
        (X[:3] @ identity.coefs_[0] + identity.intercepts_[0]) @ identity.coefs_[1] + identity.intercepts_[1],
        rtol=1e-4,
    )


def test_with_batch_norm_no_batch_has_one_sample(digits: tuple[Any, Any]) -> None:
    X, y = digits[0][:41], digits[1][:41]
    model = fast(norm="batch", batch_size=20, max_iter=2).fit(X, y)
    assert model._descent.steps == 4  # the last sample is part of the second batch
    assert fast(batch_size=20, max_iter=2).fit(X, y)._descent.steps == 6
    for given in (fast(norm="batch", batch_size=1), fast(norm="batch")):
        with pytest.raises(ValueError, match="needs batches of 2 samples at least, but there is 1 sample"):
            given.partial_fit(X[:1], y[:1], classes=np.arange(10))


def test_a_convolutional_network_takes_rows_of_pixels(digits: tuple[Any, Any]) -> None:
    X, y = digits[0][:40], digits[1][:40]
    model = ConvNetClassifier(width=1, max_iter=1, random_state=0).fit(X, y)
    assert model.net_.shape == (1, 8, 8)
    assert model.predict_proba(X).shape == (40, 10)
    with pytest.raises(ValueError, match=r"image_shape is \(1, 9, 8\), but must be"):
        ConvNetClassifier((1, 9, 8)).fit(X, y)
    with pytest.raises(ValueError, match="norm is 'layer', but must be one of 'group', 'batch'"):
        ConvNetClassifier(norm="layer").fit(X, y)


@pytest.mark.parametrize(("norm", "kinds"), [("group", {"GroupNorm"}), ("batch", {"BatchNormReLU2d"})])
def test_a_convolutional_network_normalises_as_it_is_told(digits: tuple[Any, Any], norm: str, kinds: set[str]) -> None:
    X, y = digits[0][:40], digits[1][:40]
    model = ConvNetClassifier(width=24, norm=norm, max_iter=1, random_state=0).fit(X, y)
    assert {type(layer).__name__ for _, layer in model.net_.modules() if "Norm" in type(layer).__name__} == kinds
    assert pickle.loads(pickle.dumps(model)).predict(X).tolist() == model.predict(X).tolist()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"hidden_layer_sizes": (3, 0)}, "hidden_layer_sizes is .* whole numbers of at least 1"),
        ({"activation": "relux"}, "activation is 'relux', but must be one of 'identity', 'logistic'"),
        ({"alpha": -1}, "alpha is -1, but must be a number of at least 0"),
        ({"learning_rate_init": 0}, "learning_rate_init is 0, but must be a number above 0"),
        ({"momentum": 1.5}, "momentum is 1.5, but must be a number of at least 0 and at most 1"),
        ({"batch_size": "all"}, "batch_size is 'all', but must be a whole number of at least 1 or 'auto'"),
        ({"max_iter": 2.5}, "max_iter is 2.5, but must be a whole number"),
        ({"solver": "lbfgs", "dropout": 0.5}, "dropout must be left out"),
        ({"early_stopping": "yes"}, "early_stopping is 'yes', but must be True or False"),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        fast(**settings).fit(np.eye(3), [0, 1, 2])


def test_what_cannot_be_learned_is_told(digits: tuple[Any, Any]) -> None:
    X, y = digits
    with pytest.raises(ValueError, match="every sample_weight is 0"):
        fast(class_weight=dict.fromkeys(range(10), 0)).fit(X, y)
    with pytest.raises(ValueError, match="no longer finite"), np.errstate(all="ignore"):
        fast(solver="sgd", learning_rate_init=1e30, max_iter=5).fit(X * 1e6, y)
