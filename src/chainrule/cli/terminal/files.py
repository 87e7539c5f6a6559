"""The files and folders that commands are given and write to."""

from __future__ import annotations

from pathlib import Path

from chainrule.errors import UserError


def resolve_folder(given: str | None) -> str | None:
    """Return the full path of a folder, since a run may be resumed from elsewhere; anything else unchanged."""
    folder = Path(given).expanduser() if given else None
    return str(folder.resolve()) if folder and folder.is_dir() else given


def require_writable(out: Path, what: str) -> None:
    """Check, before hours of training, that a folder can be written to. Raises UserError where it cannot."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        trial = out / ".trial"
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise UserError(
            f"{what} cannot be written to {out} ({error.strerror}); give another folder with --out"
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write a file. Raises UserError where it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8", errors="replace")  # names of files may hold what is no text
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from error
