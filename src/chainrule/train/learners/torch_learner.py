"""The learner in PyTorch: chainrule's PyTorch networks, PyTorch's autograd, loss and optimizers."""

from __future__ import annotations

import gc

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from chainrule import pytorch
from chainrule.data import Split
from chainrule.data.augmentation import list_views, require_shift
from chainrule.errors import UserError
from chainrule.pytorch import to_tensors
from chainrule.train.config import CONVOLUTIONAL, Config
from chainrule.train.learners.inputs import prepare_inputs
from chainrule.train.learners.learner import (
    Images,
    Targets,
    build_average,
    build_network,
    build_optimizer,
    count_right,
    describe_average,
    exchanged,
    join_places,
    join_states,
    restore_average,
    select_state,
    whiten_network,
)
from chainrule.train.learners.parallel import align_buffers, distribute, join_ranks, notice_loss
from chainrule.train.records.checkpoint import Arrays, Checkpoint

CHUNK = 200  # images evaluated at a time


class Optimizers:
    """PyTorch's, and those of `chainrule.pytorch`, which all take parameters without their names."""

    SGD, Adam, AdamW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
    Muon, Combined = pytorch.Muon, pytorch.Combined

    @staticmethod
    def select(named: dict[str, nn.Parameter]) -> list[nn.Parameter]:
        """Return the parameters."""
        return list(named.values())


class TorchLearner:
    """An MLP, ConvNet, RowRNN or Transformer with its loss and optimizer, for the images of a training split.

    Where torchrun has started several processes, each learns from its part of every batch (parallel.py).
    """

    def __init__(self, config: Config, train: Split, classes: int) -> None:
        self.device = choose_device(config.device)
        self.ranks = join_ranks(self.device)
        self.ranks.share_of(config.batch_size)
        torch.manual_seed(config.seed)
        self.dtype, self.autocast = getattr(torch, config.dtype), config.autocast
        self.views = (config.mirror, config.moved, config.places)
        self.batch_size = config.batch_size
        require_shift("moved", config.moved, train.images.shape[1:])
        self.inputs = prepare_inputs(config.inputs, train, config.dtype)
        self.of_text = config.network == "transformer"
        shape = train.images.shape[1:]
        self.net = build_network(pytorch, config, shape, classes).to(self.device, self.dtype)
        whiten_network(self.net, config, self.inputs, train)
        self.shape = shape if config.network in CONVOLUTIONAL else (int(np.prod(shape)),)
        self.layout = torch.contiguous_format
        if config.speed == "fast" and config.network in CONVOLUTIONAL:
            self.layout = torch.channels_last
            self.net = self.net.to(memory_format=self.layout)
        self.net, self._model = distribute(self.net, self.ranks, self.device)
        if self.ranks.rank:  # each process drops out other activations
            torch.manual_seed(int(np.random.SeedSequence((config.seed, self.ranks.rank)).generate_state(1)[0]))
        self.head = nn.Softmax(dim=-1) if config.head == "softmax" else nn.Identity()
        self.loss = nn.CrossEntropyLoss(label_smoothing=config.label_smoothing)
        named = {name: parameter for name, parameter in self.net.named_parameters() if parameter.requires_grad}
        fused = {"fused": True} if config.speed == "fast" else {}
        self.optimizer = build_optimizer(Optimizers, config, named, **fused)
        self.average = build_average(config, {n: tensor.detach() for n, tensor in self.net.state_dict().items()})
        # PyTorch's own memory begins at a multiple of 64 bytes, on which the last bits of its products may depend.
        self._buffer = torch.empty((0, int(np.prod(shape))), dtype=self.dtype)

    @property
    def lr(self) -> float:
        """The learning rate of the next step."""
        return float(self.optimizer.param_groups[0]["lr"])  # of muon's, where there is a rest

    @lr.setter
    def lr(self, value: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = value * group.get("ratio", 1)

    @property
    def momentum(self) -> float:
        """The momentum of the next step."""
        return float(self.optimizer.param_groups[0].get("momentum", 0.0))

    @momentum.setter
    def momentum(self, value: float) -> None:
        self.optimizer.param_groups[0]["momentum"] = value

    def step(self, images: Images, targets: Targets) -> tuple[float, int]:
        """Learn from a batch; return its mean loss and the number classified right, both before the update."""
        mine = self.ranks.share_of(len(targets))
        X, T = self._load_inputs(images[mine]), self._load_targets(targets[mine])
        self.optimizer.zero_grad()
        with notice_loss():
            with torch.autocast(self.device, torch.bfloat16, enabled=self.autocast):
                logits = self._model(X)
            logits, T = join_places(logits, T)
            Y = self.head(logits.to(self.dtype))
            loss = self.loss(Y, T)
            loss.backward()
        self.optimizer.step()
        if self.average is not None:
            with torch.no_grad():
                self.average.update()
        losses, right = self.ranks.total(loss.item(), count_right(Y, T))
        return losses / self.ranks.count, int(right)

    def _load_inputs(self, images: Images) -> torch.Tensor:
        if self.of_text:  # the characters themselves
            return torch.tensor(images.reshape(len(images), -1), dtype=torch.int64, device=self.device)
        if len(self._buffer) != len(images):
            self._buffer = torch.empty((len(images), self._buffer.shape[1]), dtype=self.dtype)
        self.inputs.write(images, self._buffer.numpy())
        X = self._buffer.view(-1, *self.shape)
        if self.layout is torch.channels_last:
            X = X.contiguous(memory_format=self.layout)
        return X.to(self.device)

    def _load_targets(self, targets: Targets) -> torch.Tensor:
        return torch.tensor(targets, dtype=self.dtype if targets.dtype.kind == "f" else None, device=self.device)

    @torch.no_grad()
    def evaluate(self, split: Split, mode: str = "evaluation") -> tuple[float, float]:
        """Return the mean cross-entropy (not smoothed) over a split, and the share that is classified right."""
        with exchanged(self.average):
            return self._evaluate(split, mode)

    def _evaluate(self, split: Split, mode: str) -> tuple[float, float]:
        loss, right = 0.0, 0.0
        chunk = self.batch_size if mode == "training" else CHUNK
        align_buffers(self.net, self.ranks)
        kept = {name: value.clone() for name, value in self.net.named_buffers()} if mode == "training" else {}
        self.net.train(mode == "training")
        for start in range(chunk * self.ranks.rank, len(split.labels), chunk * self.ranks.count):
            images, labels = split.images[start : start + chunk], split.labels[start : start + chunk]
            logits, targets = join_places(self._predict(images), self._load_targets(labels))
            loss += functional.cross_entropy(logits, targets, reduction="sum").item()
            right += count_right(logits, targets)
        for name, value in kept.items():  # the running statistics as training left them
            self.net.get_buffer(name).copy_(value)
        self.net.train()
        loss, right = self.ranks.total(loss, right)
        return loss / split.labels.size, right / split.labels.size

    def _predict(self, images: Images) -> torch.Tensor:
        """Return what the network ends in (B, K), the mean over the views of the images."""
        outputs = [share * self.head(self.net(self._load_inputs(v))) for share, v in list_views(images, *self.views)]
        return torch.stack(outputs).sum(0) if len(outputs) > 1 else outputs[0]

    def close(self) -> None:
        """Disconnect from the other processes; the network can still be read, but no longer trained."""
        # The wrapper holds the connections, whose threads must have ended before the interpreter does.
        self._model = self.net
        gc.collect()
        self.ranks.leave()

    def weights(self) -> Arrays:
        """The parameters and buffers of the network under PyTorch's names."""
        with exchanged(self.average), torch.no_grad():
            return {name: tensor.cpu().numpy().copy() for name, tensor in self.net.state_dict().items()}

    def state(self) -> Checkpoint:
        """Weights, optimizer, average, and the generators that dropout draws from."""
        network = {name: tensor.detach().cpu().numpy() for name, tensor in self.net.state_dict().items()}
        parts = {"network": network, "optimizer": self._optimizer_state(), "rng": self._generator_states()}
        return Checkpoint(join_states(parts | describe_average(self.average)), {})

    def load_state(self, state: Checkpoint) -> None:
        """Go on from a `state`."""
        try:
            self.net.load_state_dict(to_tensors(select_state(state.arrays, "network")))
        except RuntimeError as error:  # names or shapes differ
            raise ValueError(str(error)) from error
        self._load_optimizer_state(select_state(state.arrays, "optimizer"))
        restore_average(self.average, to_tensors(select_state(state.arrays, "average")))
        for name, generators in select_state(state.arrays, "rng").items():
            backend = torch if name == "cpu" else getattr(torch, name)
            # A record of fewer processes has none for the last of these, who keep the ones they have.
            if self.ranks.rank < len(generators):
                backend.set_rng_state(torch.tensor(generators[self.ranks.rank]))

    def _generator_states(self) -> Arrays:
        """Return the generators of all processes, a row for each."""
        states = {"cpu": torch.get_rng_state().numpy()}
        if self.device != "cpu":
            states[self.device] = getattr(torch, self.device).get_rng_state().cpu().numpy()
        return {name: self.ranks.gather(generator) for name, generator in states.items()}

    def _optimizer_state(self) -> Arrays:
        """Return the optimizer's arrays as "exp_avg.0.weight" and so on; none before the first step."""
        named = {}
        for name, parameter in self.net.named_parameters():
            for kind, value in self.optimizer.state.get(parameter, {}).items():
                if value is not None:
                    named[f"{kind}.{name}"] = value.detach().cpu().numpy()
        return named

    def _load_optimizer_state(self, arrays: Arrays) -> None:
        parameters = dict(self.net.named_parameters())
        for full_name, array in arrays.items():
            kind, _, name = full_name.partition(".")
            loaded = torch.tensor(array)
            if kind != "step":  # the count stays as it is; the others lie in memory as their parameter does
                loaded = torch.empty_like(parameters[name]).copy_(loaded)
            self.optimizer.state[parameters[name]][kind] = loaded


def choose_device(wanted: str) -> str:
    """Return the device of that name, or for "best" the best present. Raises UserError if it is not present."""
    present = ["cpu"]
    if torch.cuda.is_available():
        present.append("cuda")
    if torch.backends.mps.is_available():
        present.append("mps")
    if wanted == "best":
        return present[-1]
    if wanted not in present:
        raise UserError(f"device={wanted} is not there; PyTorch finds {', '.join(present)}")
    return wanted
