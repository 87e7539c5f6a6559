"""The one way in: a dataset by its name or by its folder."""

import os
from pathlib import Path

from chainrule.data.dataset import Dataset
from chainrule.errors import UserError


def load(
    name: str | os.PathLike[str] = "cifar10",
    *,
    data_dir: str | os.PathLike[str] | None = None,
    cache: str | os.PathLike[str] | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Dataset:
    """Return the dataset called `name`: "cifar10", "digits", "text", or the path of a folder of class folders
    of pictures.

    data_dir: a folder (or archive) that holds CIFAR-10, read where the cache has none.
    cache: the folder of the cache, in place of the platform's (or `CHAINRULE_CACHE`).
    seed: decides the split of a folder that has no train/ and test/ parts.
    progress: show on stderr what is fetched and decoded.

    Raises UserError, with the reason, if there is no such data or it is not what it should be.
    """
    if data_dir is not None and name != "cifar10":
        raise UserError(f"A data folder (--data-dir) holds CIFAR-10 and has no meaning for the data {str(name)!r}.")
    if name == "cifar10":
        from chainrule.data.cifar10.fetch import load_cifar10

        return load_cifar10(data_dir, cache, progress=progress)
    if name == "digits":
        from chainrule.data.digits import load_digits

        return load_digits()
    if name == "text":
        from chainrule.data.text import load_text

        return load_text()
    if not Path(name).is_dir():
        raise UserError(f"There is no data {str(name)!r}: give cifar10, digits, text, or a folder of class folders.")
    from chainrule.data.folder import load_folder

    return load_folder(Path(name), seed=seed, progress=progress)
