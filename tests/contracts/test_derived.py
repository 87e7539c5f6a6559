"""What the engine derives from every layer's Forward, as a textbook prints it."""

from __future__ import annotations

import pytest
from tests.contracts.programs import LAYERS, derive_program
from tests.derive.render.tex import assert_sound

from chainrule.derive.render import latex_page

RECURRENT = [
    "dX[s,t,m] = sum[n](dA[s,t,n] * W[n,m])",
    "dW[n,m] = sum[s,t](dA[s,t,n] * X[s,t,m])",
    "dP[s,t,k] = sum[n](dA[s,t,n] * U[n,k])",
    "dU[n,k] = sum[s,t](dA[s,t,n] * P[s,t,k])",
    "dgain[n] = sum[s,t](dH[s,t,n] * Ahat[s,t,n] * (1 - H[s,t,n]^2))",
    "dshift[n] = sum[s,t](dH[s,t,n] * (1 - H[s,t,n]^2))",
]

TEXTBOOK = {
    "Linear": [
        "dX[s,m] = sum[n](dY[s,n] * W[n,m])",
        "dW[n,m] = sum[s](dY[s,n] * X[s,m])",
        "db[n] = sum[s](dY[s,n])",
    ],
    "Conv2d": [
        "dX[s,c,h,w] = sum[f,i,j](dY[s,f,i,j] * W[f,c,h+ph-i*sh,pw+w-j*sw])",
        "dW[f,c,a,e] = sum[s,i,j](dY[s,f,i,j] * X[s,c,i*sh+a-ph,j*sw+e-pw])",
        "db[f] = sum[s,i,j](dY[s,f,i,j])",
    ],
    "ELU": ["dX[s,n] = dY[s,n] * where(X[s,n] > 0, 1, alpha * exp(X[s,n]))"],
    "ReLU": ["dX[s,n] = dY[s,n] * where(X[s,n] > 0, 1, 0)"],
    "LeakyReLU": ["dX[s,n] = dY[s,n] * where(X[s,n] > 0, 1, negative_slope)"],
    "GELU": ["dX[s,n] = dY[s,n] * (X[s,n] * exp(-X[s,n]^2 / 2) / sqrt(2 * pi) + P[s,n])"],
    'GELU, approximate="tanh"': [
        "dX[s,n] = dY[s,n] * (X[s,n] * sqrt(2) * (1 - tanh(Z[s,n])^2) * (1 / 2 + 0.0670725 * X[s,n]^2) / sqrt(pi)"
        " + P[s,n])"
    ],
    "SiLU": ["dX[s,n] = dY[s,n] * (Y[s,n] * (1 - R[s,n]) + R[s,n])"],
    "Tanh": ["dX[s,n] = dY[s,n] * (1 - Y[s,n]^2)"],
    "Sigmoid": ["dX[s,n] = dY[s,n] * Y[s,n] * (1 - Y[s,n])"],
    "Softmax": ["dX[s,k] = Y[s,k] * (dY[s,k] - sum[c](dY[s,c] * Y[s,c]))"],
    "LogSoftmax": ["dX[s,k] = dY[s,k] - exp(Y[s,k]) * sum[c](dY[s,c])"],
    "BatchNorm1d": [
        "dXhat[s,n] = dY[s,n] * weight[n]",
        "dX[s,n] = (dXhat[s,n] - mean[i](dXhat[i,n]) - Xhat[s,n] * mean[i](dXhat[i,n] * Xhat[i,n]))"
        " / sqrt(var[n] + eps)",
        "dweight[n] = sum[s](dY[s,n] * Xhat[s,n])",
        "dbias[n] = sum[s](dY[s,n])",
    ],
    "BatchNorm2d": [
        "dXhat[s,c,h,w] = dY[s,c,h,w] * weight[c]",
        "dX[s,c,h,w] = (dXhat[s,c,h,w] - mean[i,k,l](dXhat[i,c,k,l])"
        " - Xhat[s,c,h,w] * mean[i,k,l](dXhat[i,c,k,l] * Xhat[i,c,k,l])) / sqrt(var[c] + eps)",
        "dweight[c] = sum[s,h,w](dY[s,c,h,w] * Xhat[s,c,h,w])",
        "dbias[c] = sum[s,h,w](dY[s,c,h,w])",
    ],
    "BatchNormReLU2d": [
        "dZ[s,c,h,w] = dY[s,c,h,w] * where(Z[s,c,h,w] > 0, 1, 0)",
        "dXhat[s,c,h,w] = dZ[s,c,h,w] * weight[c]",
        "dX[s,c,h,w] = (dXhat[s,c,h,w] - mean[i,k,l](dXhat[i,c,k,l])"
        " - Xhat[s,c,h,w] * mean[i,k,l](dXhat[i,c,k,l] * Xhat[i,c,k,l])) / sqrt(var[c] + eps)",
        "dweight[c] = sum[s,h,w](dZ[s,c,h,w] * Xhat[s,c,h,w])",
        "dbias[c] = sum[s,h,w](dZ[s,c,h,w])",
    ],
    "MaxPool2d": [
        "dV[s,c,i,j,a,e] = dY[s,c,i,j] * where(V[s,c,i,j,a,e] == Y[s,c,i,j], 1, 0)",
        "dX[s,c,h,w] = sum[i,j](dV[s,c,i,j,h+ph-i*sh,pw+w-j*sw])",
    ],
    "AvgPool2d": ["dX[s,c,h,w] = sum[i,j](dY[s,c,i,j] * share[h+ph-i*sh,pw+w-j*sw,i,j])"],
    "GlobalAvgPool": ["dX[s,c,h,w] = sum[i,j](dY[s,c,i,j] * one[i,j]) / (size[h] * size[w])"],
    "LayerNorm": [
        "dXhat[s,n] = dY[s,n] * weight[n]",
        "dX[s,n] = (dXhat[s,n] - mean[j](dXhat[s,j]) - Xhat[s,n] * mean[j](dXhat[s,j] * Xhat[s,j]))"
        " / sqrt(var[s] + eps)",
        "dweight[n] = sum[s](dY[s,n] * Xhat[s,n])",
        "dbias[n] = sum[s](dY[s,n])",
    ],
    "Dropout": ["dX[s,n] = dY[s,n] * M[s,n] / (1 - p)"],
    "Dropout2d": ["dX[s,c,h,w] = dY[s,c,h,w] * M[s,c] / (1 - p)"],
    "Flatten": ["dX[s,c,i] = dY[s,c*width+i]"],
    "Residual": ["dX[s,n] = dY[s,n]", "dB[s,n] = dY[s,n]"],
    "RNN": [
        "dA[s,t,n] = dH[s,t,n] * (1 - H[s,t,n]^2)",
        "dX[s,t,m] = sum[n](dA[s,t,n] * W[n,m])",
        "dW[n,m] = sum[s,t](dA[s,t,n] * X[s,t,m])",
        "db[n] = sum[s,t](dA[s,t,n])",
        "dP[s,t,k] = sum[n](dA[s,t,n] * U[n,k])",
        "dU[n,k] = sum[s,t](dA[s,t,n] * P[s,t,k])",
        "dc[n] = sum[s,t](dA[s,t,n])",
    ],
    'RNN, norm="layer"': [
        "dAhat[s,t,n] = dH[s,t,n] * gain[n] * (1 - H[s,t,n]^2)",
        "dA[s,t,n] = (dAhat[s,t,n] - mean[l](dAhat[s,t,l]) - Ahat[s,t,n] * mean[l](dAhat[s,t,l] * Ahat[s,t,l]))"
        " / sqrt(var[s,t] + eps)",
        *RECURRENT,
    ],
    'RNN, norm="batch"': [
        "dAhat[s,t,n] = dH[s,t,n] * gain[n] * (1 - H[s,t,n]^2)",
        "dA[s,t,n] = (dAhat[s,t,n] - mean[i](dAhat[i,t,n]) - Ahat[s,t,n] * mean[i](dAhat[i,t,n] * Ahat[i,t,n]))"
        " / sqrt(var[t,n] + eps)",
        *RECURRENT,
    ],
    "CrossEntropyLoss": ["dX[s,k] = (P[s,k] * sum[c](T[s,c]) - T[s,k]) / size[s]"],
    "CrossEntropyLoss, from_logits=False": ["dX[s,k] = -T[s,k] / (X[s,k] * size[s])"],
    "MSELoss": ["dX[s,n] = 2 * (X[s,n] - T[s,n]) / (size[s] * size[n])"],
}


@pytest.mark.parametrize("name", LAYERS)
def test_the_engine_derives_the_textbook_form_and_proves_it(name):
    gradients = derive_program(name)
    lines = [line for gradient in gradients.values() for line in gradient.index.split("\n")]
    assert list(dict.fromkeys(lines)) == TEXTBOOK[name]
    assert all(gradient.points >= 2 and gradient.error < 1e-14 for gradient in gradients.values())
    assert_sound(latex_page(gradients))


def test_every_layer_has_its_textbook_form():
    assert set(TEXTBOOK) == set(LAYERS)
