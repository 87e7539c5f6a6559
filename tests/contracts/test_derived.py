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
    "BlockLinear": [
        "dW[g,q,n,p,m] = sum[s](dY[s,q,g,n] * X[s,p,g,m])",
        "dX[s,p,g,m] = sum[q,n](dY[s,q,g,n] * W[g,q,n,p,m])",
        "db[q,g,n] = sum[s](dY[s,q,g,n])",
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
    "BatchNormGELU2d": [
        "dZ[s,c,h,w] = dY[s,c,h,w] * (Z[s,c,h,w] * exp(-Z[s,c,h,w]^2 / 2) / sqrt(2 * pi) + P[s,c,h,w])",
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
    "Gather": ["dX[s,v] = sum[k](dY[s,k] * delta[v,index[k]])"],
    "Scale": ["dX[s,n] = dY[s,n] * factor"],
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
    "Conv1d": [
        "dX[s,c,h] = sum[f,i](dY[s,f,i] * W[f,c,h+pt-i*st])",
        "dW[f,c,a] = sum[s,i](dY[s,f,i] * X[s,c,i*st+a-pt])",
        "db[f] = sum[s,i](dY[s,f,i])",
    ],
    "Conv2d, groups=G": [
        "dX[s,g,c,h,w] = sum[f,i,j](dY[s,g,f,i,j] * W[g,f,c,h+ph-i*sh,pw+w-j*sw])",
        "dW[g,f,c,a,e] = sum[s,i,j](dY[s,g,f,i,j] * X[s,g,c,i*sh+a-ph,j*sw+e-pw])",
        "db[g,f] = sum[s,i,j](dY[s,g,f,i,j])",
    ],
    "ConvTranspose2d": [
        "dX[s,c,h,w] = sum[f,i,j](dY[s,f,i,j] * W[c,f,i+ph-h*sh,j+pw-sw*w])",
        "dW[c,f,u,v] = sum[s,h,w](dY[s,f,h*sh+u-ph,sw*w+v-pw] * X[s,c,h,w])",
        "db[f] = sum[s,i,j](dY[s,f,i,j])",
    ],
    "PReLU": [
        "dX[s,c] = dY[s,c] * where(X[s,c] > 0, 1, weight[c])",
        "dweight[c] = sum[s](dY[s,c] * X[s,c] * where(X[s,c] > 0, 0, 1))",
    ],
    "Mish": ["dX[s,n] = dY[s,n] * (X[s,n] * (1 - R[s,n]^2) * sigmoid(X[s,n]) + R[s,n])"],
    "Softplus": [
        "dX[s,n] = dY[s,n] * where(beta * X[s,n] > threshold, 1, exp(beta * X[s,n]) / (1 + exp(beta * X[s,n])))",
    ],
    "SwiGLU": [
        "dX[s,h,n] = dY[s,n] * (delta[0,h] * (Y[s,n] * (1 - R[s,n]) + R[s,n] * X[s,1,n]) + G[s,n] * delta[1,h])",
    ],
    "GEGLU": [
        "dX[s,h,n] = dY[s,n] * (X[s,1,n] * delta[0,h] * (X[s,0,n] * exp(-X[s,0,n]^2 / 2) / sqrt(2 * pi)"
        " + P[s,n]) + G[s,n] * delta[1,h])",
    ],
    "RMSNorm": [
        "dXhat[s,n] = dY[s,n] * weight[n]",
        "dX[s,n] = (dXhat[s,n] - Xhat[s,n] * mean[j](dY[s,j] * Y[s,j])) / rms[s]",
        "dweight[n] = sum[s](dY[s,n] * Xhat[s,n])",
    ],
    "GroupNorm": [
        "dXhat[s,g,c,p] = dY[s,g,c,p] * weight[g,c]",
        "dX[s,g,c,p] = (dXhat[s,g,c,p] - mean[k,l](dXhat[s,g,k,l]) - Xhat[s,g,c,p] * mean[k,l](dXhat[s,g,k,l]"
        " * Xhat[s,g,k,l])) / sqrt(var[s,g] + eps)",
        "dweight[g,c] = sum[s,p](dY[s,g,c,p] * Xhat[s,g,c,p])",
        "dbias[g,c] = sum[s,p](dY[s,g,c,p])",
    ],
    "InstanceNorm1d": [
        "dXhat[s,c,t] = dY[s,c,t] * weight[c]",
        "dX[s,c,t] = (dXhat[s,c,t] - mean[k](dXhat[s,c,k]) - Xhat[s,c,t] * mean[k](dXhat[s,c,k]"
        " * Xhat[s,c,k])) / sqrt(var[s,c] + eps)",
        "dweight[c] = sum[s,t](dY[s,c,t] * Xhat[s,c,t])",
        "dbias[c] = sum[s,t](dY[s,c,t])",
    ],
    "InstanceNorm2d": [
        "dXhat[s,c,h,w] = dY[s,c,h,w] * weight[c]",
        "dX[s,c,h,w] = (dXhat[s,c,h,w] - mean[k,l](dXhat[s,c,k,l]) - Xhat[s,c,h,w] * mean[k,l](dXhat[s,c,k,l]"
        " * Xhat[s,c,k,l])) / sqrt(var[s,c] + eps)",
        "dweight[c] = sum[s,h,w](dY[s,c,h,w] * Xhat[s,c,h,w])",
        "dbias[c] = sum[s,h,w](dY[s,c,h,w])",
    ],
    "AdaptiveAvgPool2d": [
        "dX[s,c,h,w] = sum[j](B[j,w] * sum[i](dY[s,c,i,j] * A[i,h]))",
    ],
    "LSTM": [
        "dH[s,t,n] = sum[q,k](dZ[s,t+1,q,k] * U[q,k,n]) + dY[s,t,n]",
        "dC[s,t,n] = dC[s,t+1,n] * F[s,t+1,n] + dH[s,t,n] * O[s,t,n] * (1 - tanh(C[s,t,n])^2)",
        "dZ[s,t,q,n] = dC[s,t,n] * (I[s,t,n] * (G[s,t,n] * delta[0,q] * (1 - I[s,t,n]) + (1 - G[s,t,n]^2)"
        " * delta[2,q]) + F[s,t,n] * C[s,t-1,n] * delta[1,q] * (1 - F[s,t,n])) + dH[s,t,n] * H[s,t,n]"
        " * delta[3,q] * (1 - O[s,t,n])",
        "dX[s,t,m] = sum[q,n](dZ[s,t,q,n] * W[q,n,m])",
        "dW[q,n,m] = sum[s,t](dZ[s,t,q,n] * X[s,t,m])",
        "db[q,n] = sum[s,t](dZ[s,t,q,n])",
        "dU[q,n,k] = sum[s,t](dZ[s,t,q,n] * H[s,t-1,k])",
        "dc[q,n] = sum[s,t](dZ[s,t,q,n])",
    ],
    "GRU": [
        "dH[s,t,n] = sum[p,k](dB[s,t+1,p,k] * U[p,k,n]) + dH[s,t+1,n] * Z[s,t+1,n] + dY[s,t,n]",
        "dG[s,t,n] = dH[s,t,n] * (1 - Z[s,t,n])",
        "dZ[s,t,n] = dH[s,t,n] * (H[s,t-1,n] - G[s,t,n])",
        "dB[s,t,p,n] = R[s,t,n] * dG[s,t,n] * (1 - G[s,t,n]^2) * (B[s,t,2,n] * delta[0,p] * (1 - R[s,t,n])"
        " + delta[2,p]) + dZ[s,t,n] * Z[s,t,n] * delta[1,p] * (1 - Z[s,t,n])",
        "dA[s,t,q,n] = dG[s,t,n] * (1 - G[s,t,n]^2) * (R[s,t,n] * B[s,t,2,n] * delta[0,q] * (1 - R[s,t,n])"
        " + delta[2,q]) + dZ[s,t,n] * Z[s,t,n] * delta[1,q] * (1 - Z[s,t,n])",
        "dX[s,t,m] = sum[q,n](dA[s,t,q,n] * W[q,n,m])",
        "dW[q,n,m] = sum[s,t](dA[s,t,q,n] * X[s,t,m])",
        "db[q,n] = sum[s,t](dA[s,t,q,n])",
        "dU[p,n,k] = sum[s,t](dB[s,t,p,n] * H[s,t-1,k])",
        "dc[p,n] = sum[s,t](dB[s,t,p,n])",
    ],
    "Embedding": [
        "dW[v,m] = sum[s,t](dY[s,t,m] * delta[v,X[s,t]])",
    ],
    "RotaryEmbedding": [
        "dX[s,t,n] = dY[s,t,n] * C[t,n] + sum[k](dY[s,t,k] * S[t,k] * delta[n,partner[k]])",
    ],
    "MultiheadAttention": [
        "dH[s,h,i,w] = sum[n](dY[s,i,n] * U[n,h,w])",
        "dE[s,h,i,j] = A[s,h,i,j] * (sum[w](dH[s,h,i,w] * V[s,h,j,w]) - sum[w](dH[s,h,i,w] * H[s,h,i,w]))",
        "dV[s,h,j,w] = sum[i](dH[s,h,i,w] * A[s,h,i,j])",
        "dK[s,h,j,d] = sum[i](dE[s,h,i,j] * Q[s,h,i,d]) / sqrt(size[d])",
        "dQ[s,h,i,d] = sum[j](dE[s,h,i,j] * K[s,h,j,d]) / sqrt(size[d])",
        "dX[s,i,m] = sum[h,d](dQ[s,h,i,d] * Wq[h,d,m]) + sum[h,d](dK[s,h,i,d] * Wk[h,d,m])"
        " + sum[h,w](dV[s,h,i,w] * Wv[h,w,m])",
        "dWq[h,d,m] = sum[s,i](dQ[s,h,i,d] * X[s,i,m])",
        "dbq[h,d] = sum[s,i](dQ[s,h,i,d])",
        "dWk[h,d,m] = sum[s,i](dK[s,h,i,d] * X[s,i,m])",
        "dbk[h,d] = 0",
        "dWv[h,w,m] = sum[s,i](dV[s,h,i,w] * X[s,i,m])",
        "dbv[h,w] = sum[s,i](dH[s,h,i,w])",
        "dU[n,h,w] = sum[s,i](dY[s,i,n] * H[s,h,i,w])",
        "dc[n] = sum[s,i](dY[s,i,n])",
    ],
    "NLLLoss": [
        "dX[s,v] = -w[y[s]] * delta[v,y[s]] / sum[s2](w[y[s2]])",
    ],
    "BCEWithLogitsLoss": [
        "dX[s,n] = (-T[s,n] * (pos_weight[n] * sigmoid(-X[s,n]) + sigmoid(X[s,n])) + sigmoid(X[s,n]))"
        " / (size[s] * size[n])",
    ],
    "FocalLoss": [
        "dp[s] = (gamma * (1 - p[s])^(gamma - 1) * log(p[s]) - (1 - p[s])^gamma / p[s]) / size[s]",
        "dX[s,k] = P[s,k] * dp[s] * (delta[k,y[s]] - P[s,y[s]])",
    ],
    "SigmoidFocalLoss": [
        "dZ[s,n] = Q[s,n] * a[s,n] * (gamma * C[s,n] * Q[s,n]^(gamma - 1) * (Q[s,n] - 1) - Q[s,n]^gamma)"
        " / (size[s] * size[n])",
        "dX[s,n] = dZ[s,n] * (2 * T[s,n] - 1)",
    ],
    "KLDivLoss": [
        "dX[s,k] = -T[s,k] / (size[s] * size[k])",
    ],
    'KLDivLoss, reduction="batchmean"': [
        "dX[s,k] = -T[s,k] / size[s]",
    ],
    "KLDivLoss, log_target=True": [
        "dX[s,k] = -exp(T[s,k]) / (size[s] * size[k])",
    ],
    "ContrastiveLoss": [
        "dE[s,r] = M[s,r] * sum[q](T[s,q]) * exp(E[s,r]) / sum[q](M[s,q] * exp(E[s,q])) - T[s,r]",
        "dZ[s,n] = sum[r](Z[r,n] * (dE[s,r] + dE[r,s])) / temperature",
        "dX[s,n] = (Z[s,n] * sum[r](E[s,r] * (-(dE[s,r] + dE[r,s]))) + dZ[s,n]) / norm[s]",
    ],
    "HuberLoss": [
        "dD[s,n] = where(abs(D[s,n]) < delta_, D[s,n], delta_ * sign(D[s,n])) / (size[s] * size[n])",
        "dX[s,n] = dD[s,n]",
    ],
    "SmoothL1Loss": [
        "dD[s,n] = where(abs(D[s,n]) < beta, D[s,n] / beta, sign(D[s,n])) / (size[s] * size[n])",
        "dX[s,n] = dD[s,n]",
    ],
    "SmoothL1Loss, beta=0": [
        "dD[s,n] = sign(D[s,n]) / (size[s] * size[n])",
        "dX[s,n] = dD[s,n]",
    ],
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
