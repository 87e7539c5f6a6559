# Wrong: negSamplingLossAndGradient: a word that is drawn twice counts once
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    """Loss of one pair of words, and its gradients.

    centerWordVec -- the center word's embedding, in shape (word vector length, )
    outsideWordIdx -- integer, the index of the outside word
    outsideVectors -- matrix of outside vectors: shape (num words in vocab, word vector length)
    dataset -- draws negative samples
    """
    indices = [outsideWordIdx] + [dataset.sampleTokenIdx() for _ in range(K)]
    gradOutsideVecs = np.zeros_like(outsideVectors)
    s = sigmoid(outsideVectors[outsideWordIdx] @ centerWordVec)
    loss = -np.log(s)
    gradCenterVec = (s - 1) * outsideVectors[outsideWordIdx]
    gradOutsideVecs[outsideWordIdx] += (s - 1) * centerWordVec
    for k in indices[1:]:
        s = sigmoid(-outsideVectors[k] @ centerWordVec)
        loss -= np.log(s)
        gradCenterVec += (1 - s) * outsideVectors[k]
        gradOutsideVecs[k] = (1 - s) * centerWordVec
    return loss, gradCenterVec, gradOutsideVecs
