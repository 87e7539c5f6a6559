"""Where a study is kept, and how its workers know of each other: a heartbeat says that a trial is still being trained.

SQLite is a file that the processes of one machine share; a database such as PostgreSQL is shared by many machines.
"""

from __future__ import annotations

import contextlib
import re
import threading
import warnings
from collections.abc import Callable, Iterator

import optuna
from optuna.exceptions import ExperimentalWarning, StorageInternalError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

PATIENCE = 60  # seconds that SQLite waits for other processes; its own are five
BEAT = 10  # seconds from one heartbeat to the next
GRACE = 120  # seconds without a heartbeat after which a trial's process counts as gone
FAILURES = (SQLAlchemyError, StorageInternalError)  # what a database raises that cannot be used

Retry = Callable[[optuna.Study, optuna.trial.FrozenTrial], None]


def open_storage(url: str, retry: Retry) -> optuna.storages.RDBStorage:
    """Return the database of that URL; `retry` is called with each trial whose heartbeat is over.

    postgres:// and postgresql:// are reached with psycopg, the driver of the extra `postgresql`.
    """
    lone = {"connect_args": {"timeout": PATIENCE}, "poolclass": NullPool}  # a file, which is closed after each use
    settings = lone if url.startswith("sqlite") else {"pool_pre_ping": True}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return optuna.storages.RDBStorage(
            re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url),
            engine_kwargs=settings,
            heartbeat_interval=BEAT,
            grace_period=GRACE,
            heartbeat_stale_trial_callback=retry,
        )


def hide_password(url: str) -> str:
    """Return a storage's URL as it may be printed."""
    return re.sub(r"(://[^:/@]*):.*@", r"\1:***@", url)


def end_stale_trials(study: optuna.Study) -> None:
    """End the trials whose heartbeat is over, and give each to the `retry` of the storage."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        optuna.storages.fail_stale_trials(study)


def begin_trial(study: optuna.Study) -> optuna.Trial:
    """Return a new trial, or one that was queued, after its first heartbeat; `beating` is to give the others."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Heartbeat of storage is supposed to be used with")
        trial = study.ask()
    study._storage.record_heartbeat(trial._trial_id)  # type: ignore[attr-defined]
    return trial


@contextlib.contextmanager
def beating(storage: optuna.storages.RDBStorage, trial: int) -> Iterator[None]:
    """Beat for the trial of that id, from a thread; while the database is away some beats are missed."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT):
            with contextlib.suppress(*FAILURES):
                storage.record_heartbeat(trial)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
