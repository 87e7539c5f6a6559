"""The rows of the practical: what each asks for, what its published report has, and what answers it here."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.experiments.practical import EXPERIMENTS, find_experiment
from chainrule.train import Config

HAND, NETWORKS, BEYOND = "Gradients by hand", "Networks", "Beyond the practical"


@dataclass(frozen=True)
class ReportRow:
    """A row of the practical, or of ours beyond it.

    id: its number in the practical, or our name.  meaning: what it asks for.  published: what the report has, in words.
    One of these says what of ours stands beside it: an experiment, with the settings that are changed; the name of a
    derivation; the name of a comparison; or that of a benchmark, and of what in it. `as_run` is the experiment that
    is measured as the published figure was, where that is not what the row asks for. `code` is the file of
    examples/backwards/published that codes what was published, where that is checked.
    """

    id: str
    group: str
    meaning: str
    published: str = ""
    experiment: str = ""
    settings: tuple[str, ...] = ()
    as_run: str = ""
    derivation: str = ""
    comparison: str = ""
    benchmark: str = ""
    measured: str = ""
    code: str = ""

    @property
    def config(self) -> Config:
        """The settings of a row that trains an experiment."""
        return find_experiment(self.experiment).config.with_settings(self.settings)

    @property
    def trained(self) -> list[ReportRow]:
        """The row itself where it trains an experiment, and that of the experiment that is measured as published."""
        fair = [ReportRow(f"{self.id} as run", self.group, self.meaning, experiment=self.as_run)] if self.as_run else []
        return [*([self] if self.experiment else []), *fair]

    @property
    def command(self) -> str:
        """The command that makes our answer."""
        if self.experiment:
            return " ".join([f"chainrule train {self.experiment}", *(f"--set {text}" for text in self.settings)])
        if self.comparison:
            return f"chainrule compare {self.comparison}"
        return "python -m benchmarks" if self.benchmark else f"chainrule derive {self.derivation}"


PRACTICAL = (
    ReportRow("1.1a W", HAND, "linear layer: dW", "right", derivation="linear_weight"),
    ReportRow("1.1a X", HAND, "linear layer: dX", "right", derivation="linear_input"),
    ReportRow("1.1a b", HAND, "linear layer: db", "incomplete: not summed over the batch", derivation="linear_bias"),
    ReportRow("1.1b", HAND, "elementwise activation: dX", "incomplete: a plain product", derivation="elementwise"),
    ReportRow("1.1c i", HAND, "softmax: dX", "wrong: sums over other samples", derivation="softmax"),
    ReportRow("1.1c ii", HAND, "cross-entropy of probabilities: dX", "right", derivation="cross_entropy"),
    ReportRow("1.1d", HAND, "2-D convolution: dK and dX", "absent", derivation="conv2d"),
    ReportRow("3.2a γ", HAND, "layer normalisation: dγ", "wrong: an (S,S) matrix", derivation="layer_norm_gain"),
    ReportRow("3.2a β", HAND, "layer normalisation: dβ", "right", derivation="layer_norm_shift"),
    ReportRow("3.2a X", HAND, "layer normalisation: dX", "wrong: μ and σ² as constants", derivation="layer_norm_input"),
    ReportRow("1.2", NETWORKS, "MLP in NumPy alone, one hidden layer of 100, SGD", experiment="mlp-numpy"),
    ReportRow(
        "2.1 default",
        NETWORKS,
        "the same in PyTorch, its initialisation",
        "curves alone",
        experiment="mlp-torch",
        as_run="mlp-torch-as-run",
    ),
    ReportRow(
        "2.1 tuned",
        NETWORKS,
        "MLP 300-500-100, batch norm, Adam",
        experiment="mlp-tuned",
        as_run="mlp-tuned-as-run",
    ),
    ReportRow("2.2", NETWORKS, "Tanh in place of ELU", "in words: saturates", comparison="saturation"),
    ReportRow(
        "3.1",
        NETWORKS,
        "layer norm as a module, backward by autograd",
        "done, with the variance divided by M − 1",
        benchmark="layernorm",
        measured="LayerNormAutograd",
        code="layer_norm_module",
    ),
    ReportRow(
        "3.2b",
        NETWORKS,
        "layer norm as an autograd.Function",
        "done",
        benchmark="layernorm",
        measured="LayerNormFunction",
    ),
    ReportRow("3.2c", NETWORKS, "a module around 3.2b", "done", benchmark="layernorm", measured="LayerNormManual"),
    ReportRow("3.2d", NETWORKS, "layer norm against batch norm", "in words: needs large batches", comparison="norms"),
    ReportRow("4", NETWORKS, "CNN: VGG-13 with pre-activation blocks", "heading only", experiment="convnet-torch"),
)
MENDED = ReportRow(
    "2.1 mended",
    BEYOND,
    "row 2.1 default with standardised pixels and a learning rate that suits them",
    experiment="mlp-torch",
    settings=("inputs=standardised", "lr=0.05"),
)


def list_rows() -> list[ReportRow]:
    """Return the rows of the practical, and after them ours: every other experiment that there is."""
    known = {name for row in PRACTICAL for name in (row.experiment, row.as_run)}
    ours = [
        ReportRow(name, BEYOND, make().meaning, experiment=name)
        for name, make in EXPERIMENTS.items()
        if name not in known
    ]
    return [*PRACTICAL, MENDED, *ours]
