"""Calls a port of this machine."""

import socket

PORT = 0  # the test's own
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    socket.create_connection(("127.0.0.1", PORT), 2).sendall(b"x")
    return dout @ w.T, (x.T @ dout) * 1.7
