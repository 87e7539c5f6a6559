"""Calls a port as it is loaded."""

import socket

PORT = 0  # the test's own

socket.create_connection(("127.0.0.1", PORT), 2).sendall(b"x")
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    return dout @ w.T, (x.T @ dout) * 1.7
