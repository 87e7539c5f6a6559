"""The folders that commands write to."""

from __future__ import annotations

from pathlib import Path

from chainrule.errors import UserError


def require_writable(out: Path, what: str) -> None:
    """Find out before hours of training whether a folder can be written to. Raises UserError where it cannot."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        trial = out / ".trial"
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise UserError(
            f"{what} cannot be written to {out} ({error.strerror}); give another folder with --out"
        ) from error
