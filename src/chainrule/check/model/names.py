"""What people call things, in one table: names are compared in lower case."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any

FORWARD, BACKWARD = "_forward", "_backward"  # affine_forward, affine_backward
CACHE = "cache"  # the argument of a backward that takes what its forward kept
STAGES = "stages"  # the dictionary in which a backward keeps intermediate gradients

FIRST_INPUTS = {"x", "inp", "input", "inputs", "logits", "scores", "z", "a", "a_prev", "h", "data", "images", "preds"}
LABELS = {"y", "t", "label", "labels", "targ", "target", "targets", "y_true", "actions"}
SHARES = {
    "advantages",
    "advantage",
    "returns",
    "rewards",
    "sample_weight",
    "sample_weights",
}  # a number for each sample
RECONSTRUCTED = re.compile(r"recon|decoded|hat$", re.IGNORECASE)  # of what is held to the input itself
RECONSTRUCTIBLE = {"x", "inp", "input", "inputs", "data", "images"}
TARGET_WORDS = (  # within a longer name
    "true", "target", "label", "actual", "expected", "desired", "onehot", "truth", "y_real", "y_verd", "y_vrai", "soll",
    "objetivo", "etiquet", "cible", "zielwert", "teacher",
)  # fmt: skip
WEIGHTS = {"w", "weight", "weights", "kernel", "wx", "theta", "pesos", "gewichte", "poids", "pesi", "wagi"}
BIASES = {"b", "bias", "biases", "sesgo", "sesgos", "biais", "schwelle", "schwellen"}
GAINS = ("gamma", "weight", "gain", "scale", "g", "w")  # of a norm, the likeliest first
SHIFTS = ("beta", "bias", "shift", "b")
NORM_PARAMETERS = {"gamma", "beta", "gain", "shift", "scale"}
PARAMETERS = WEIGHTS | BIASES | NORM_PARAMETERS
STATES = {"prev_h", "h_prev", "h0", "hidden", "prev_c", "c_prev", "c0", "cell"}
PLACES_OF_SEVERAL = {"negatives", "negative_samples", "neg_samples", "neg", "noise_words"}  # for each sample
PLACES = {
    "center",
    "centers",
    "context",
    "contexts",
    "word",
    "words",
    "index",
    "indices",
    "idx",
    "ids",
    "tokens",
    "input_ids",
}  # in a table
MASKS = {"mask", "masks"}
ROTATIONS = {"cos", "sin", "cosines", "sines"}  # of the angles of a rotary embedding
CONTAINERS = {"layers", "modules", "blocks", "stages"}  # what a network is made with, if they are no numbers
GRAPHS = {"a", "adj", "adjacency", "adjacency_matrix", "a_hat", "a_norm", "laplacian"}  # square, before features
PROBABILITIES = {"p", "prob", "probs", "proba", "probabilities"}
MEASURED = {  # where something lies, how far apart samples are, how much each counts
    "delta", "deltas", "dt", "dts", "ts", "times", "timestamps", "dists", "distances", "intervals", "positions",
    "coords", "coordinates", "anchors", "boxes", "bboxes", "rois", "bins", "noise", "class_weight", "class_weights",
    "pos_weight", "sample_weight", "sample_weights",
}  # fmt: skip
CONSTANTS = (
    MASKS | ROTATIONS | LABELS - {"y"} | {"index", "indices", "lengths", "eps"} | MEASURED
)  # nobody expects a gradient of them

MODES = {"mode", "phase"}
FLAGS = {"training", "train", "is_training", "is_train", "train_flg", "train_flag", "train_mode", "training_mode"}
EVALUATION_FLAGS = {
    "eval",
    "is_eval",
    "eval_mode",
    "test",
    "is_test",
    "test_mode",
    "testing",
    "inference",
    "is_inference",
}
OF_TRAINING, OF_EVALUATION = ("train", "training"), ("test", "eval", "evaluation", "inference", "val")

SETTINGS: dict[str, Any] = {  # with a value that suits
    "bn_param": {"mode": "train"},
    "ln_param": {},
    "gn_param": {},
    "dropout_param": {"mode": "train", "p": 0.6, "seed": 123},
    "conv_param": {"stride": 1, "pad": 1},
    "pool_param": {"pool_height": 2, "pool_width": 2, "stride": 2},
    **dict.fromkeys(("training", "train", "is_training", "train_flg"), True),
    **dict.fromkeys(("eval", "is_eval", "test", "is_test", "testing", "inference"), False),
    "mode": "train",
    **dict.fromkeys(("eps", "epsilon"), 1e-5),
    **dict.fromkeys(("alpha", "lambd", "lambda_", "lam", "temperature", "tau", "scaling"), 0.7),
    "p": 0.5,
    "momentum": 0.9,
    "reg": 0.1,
    **dict.fromkeys(("stride", "padding", "pad"), 1),
    **dict.fromkeys(("kernel_size", "k", "top_k"), 2),
    **dict.fromkeys(("n_head", "n_heads", "num_heads", "heads", "groups", "num_groups", "n_groups"), 1),
    **dict.fromkeys(("slope", "negative_slope"), 0.2),
    **dict.fromkeys(("dim_size", "num_segments", "num_nodes", "n_nodes", "num_bins", "n_bins", "vocab_size"), 5),
    **dict.fromkeys(("n_steps", "num_steps", "n_iter", "num_iters", "max_iter"), 4),
    **dict.fromkeys(("qn", "qmin", "q_min", "thd_neg"), -4),  # the bounds of what is quantised
    **dict.fromkeys(("qp", "qmax", "q_max", "thd_pos"), 3),
    **dict.fromkeys(("n_bits", "num_bits", "nbits"), 4),
    **dict.fromkeys(("dim", "axis"), -1),
}
KEYED: dict[str, Any] = {  # settings in a dictionary, by their key
    **dict.fromkeys(("stride", "strides", "s", "pad", "padding", "p"), 1),
    **dict.fromkeys(("f", "k", "kernel_size", "filter_size", "pool_size", "pool_height", "pool_width", "size"), 2),
    **dict.fromkeys(("eps", "epsilon"), 1e-5),
    **dict.fromkeys(("momentum", "keep_prob"), 0.9),
    "mode": "train",
}
HIDDEN_SIZES = {"n_hidden", "hidden", "hidden_sizes", "hidden_dims", "hidden_layers", "hidden_size", "hidden_units"}
SIZE_LISTS = {"sizes", "layer_sizes", "layer_dims", "layers_dims", "topology", "architecture", "layers_size"}
OUTPUT_SIZES = {
    "out_features", "n_out", "out_dim", "output_dim", "output_size", "out_size", "out_channels", "d_out", "n_classes",
    "num_classes",
}  # fmt: skip

ALIKE = (  # names of one thing among the inputs of a forward
    {"x", "inp", "input", "inputs", "logits", "z"}, WEIGHTS - {"wx", "theta"} | {"gamma", "gain", "scale"},
    BIASES | {"beta", "shift"}, {"t", "y", "target", "targets", "labels"},
)  # fmt: skip
RESULTS_ALIKE = (  # and among what it computes
    {"mu", "mean", "m", "avg"}, {"var", "variance", "sigma2", "sigmasq", "v"}, {"std", "sigma", "s", "sqrtvar"},
    {"xhat", "xnorm", "xnormalized", "normalized", "norm"}, {"out", "y", "output"},
)  # fmt: skip

GRADIENTS = (  # of an attribute, a key or what is returned, without underscores and in lower case
    "d{}", "grad{}", "{}grad", "gradient{}", "{}gradient", "g{}", "delta{}", "{}delta", "nabla{}", "{}bar", "dl{}",
    "dld{}", "dj{}", "djd{}", "grads{}", "gradof{}", "{}g", "gradiente{}", "{}gradiente",
)  # fmt: skip
GRADIENT_HOLDERS = {
    "grad", "grads", "gradient", "gradients", "deltas", "dparams", "d_params", "grad_params", "param_grads", "_grad",
    "_grads", "g", "derivatives",
}  # fmt: skip
INPUT_GRADIENTS = {"dinputs", "dinput", "dx", "gradinput", "gradinputs", "inputgrad", "inputgradient", "gradx", "dlx"}
KEPT_OUTPUTS = ("output", "outputs", "out", "y", "Y", "a", "A", "activation", "activations", "result", "value")
PARAMETER_HOLDERS = {"params", "parameters", "_params", "_parameters", "data", "value", "val", "values", "tensor"}
RATES = {
    "lr", "learning_rate", "learningrate", "learn_rate", "alpha", "eta", "step_size", "stepsize", "rate", "l_rate",
    "_lr", "lrate",
}  # fmt: skip
COTANGENTS = {"g", "go", "gy", "gz", "gout", "gradient", "error", "err", "upstream", "cotangent", "diff", "loss_value"}
NO_COTANGENTS = ("data", "dim", "drop", "dtype", "device", "degree", "depth", "dilation", "decay")  # how they begin
GRADIENT_MARKS = re.compile(r"^(d|d_|grad_|g_)(?=[A-Za-z])|(_grad|_bar)$")  # of a local name
OTHER_ATTRIBUTES = ("d", "grad", "_", "running")  # how attributes begin that are no parameters


@lru_cache(maxsize=4096)
def are_alike(a: str, b: str) -> bool:
    """Tell whether two names of inputs stand for one thing."""
    a, b = a.lower(), b.lower()
    return a == b or any(a in group and b in group for group in ALIKE)


@lru_cache(maxsize=4096)
def is_gradient_of(name: str, own: str) -> bool:
    """Tell whether a name is that of the gradient of what is called `own`."""
    plain, base = (re.sub(r"[\W_]", "", word.lower()) for word in (name, own))
    return bool(base) and any(form.format(base) == plain for form in GRADIENTS)


def is_gradient_name(name: str) -> bool:
    """Tell whether something is a gradient, or holds some, by its name."""
    return not is_parameter_name(name) or name.lower() in GRADIENT_HOLDERS


def is_cotangent_name(name: str) -> bool:
    """Tell whether an argument of a backward is what arrives from the next layer, by its name."""
    plain = name.lower().strip("_")
    if plain in RATES or plain.startswith(NO_COTANGENTS):
        return False
    marks = (
        "grad",
        "delta",
        "error",
        "upstream",
        "cotangent",
        "top_diff",
        "_diff",
        "_dz",
        "_dout",
        "_dy",
        "_da",
        "_dx",
    )
    return plain in COTANGENTS or (plain.startswith("d") and len(plain) > 1) or any(mark in plain for mark in marks)


def is_target_name(name: str) -> bool:
    """Tell whether an argument of a loss is what the prediction is held to, by its name."""
    return name.lower() in LABELS or any(word in name.lower() for word in TARGET_WORDS)


def is_held_to(name: str, names: Collection[str]) -> bool:
    """Tell whether an argument of a loss is what others are held to: a target, or the input that is reconstructed."""
    return is_target_name(name) or (name.lower() in RECONSTRUCTIBLE and any(map(RECONSTRUCTED.search, names)))


def is_buffer_name(name: str) -> bool:
    """Tell whether an input is state that a forward keeps up to date, such as running statistics, by its name."""
    return bool(re.match(r"_?(running|moving|ema|buffer|num_batches|avg_|average_)", name.lower()))


def is_parameter_name(name: str) -> bool:
    """Tell whether an attribute may be a parameter by its name: neither a gradient nor a running statistic."""
    return not name.startswith(OTHER_ATTRIBUTES) and "grad" not in name


def find_labels(names: list[str]) -> str:
    """Return the second of two inputs where it is the labels of a loss by its name, else ""."""
    return names[1] if len(names) == 2 and names[1].lower() in LABELS else ""


def shorten(name: str) -> str:
    """Return what a name means, in lower case: "layernorm" of LayerNormModule or layer_norm_backward."""
    key = re.sub(r"[^a-z0-9]", "", name.lower())
    return re.sub(r"(module|layer|forward|backward|naive|alt|function)+$", "", key)
