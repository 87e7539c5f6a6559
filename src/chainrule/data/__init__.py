"""CIFAR-10, handwritten digits and folders of pictures; what is measured on them; batches; augmentation.

dataset = data.load("cifar10")
batches = data.Batches(dataset.train, 200, rng=np.random.default_rng(0))
indices = batches.draw()
X, targets = data.gather(dataset.train, indices), dataset.train.labels[indices]

Imports: errors.
"""

from chainrule.data.augmentation import Augmentation
from chainrule.data.batches import Batches
from chainrule.data.dataset import Dataset, Split, channel_statistics, gather, mean_image, validation_split
from chainrule.data.loading import load

__all__ = [
    "Augmentation",
    "Batches",
    "Dataset",
    "Split",
    "channel_statistics",
    "gather",
    "load",
    "mean_image",
    "validation_split",
]
