"""The process that answers: `python -m chainrule.web.worker`, a line of JSON for each order, and one for its answer.

A check says {"part": …} in lines before its answer, as its verdicts are made.
It ends with its input, so that none is left where the server dies.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from chainrule.derive import EquationError
from chainrule.errors import UserError
from chainrule.web.answers import TASKS
from chainrule.web.checking import Tell, answer_check

PATIENT = (50_000, 20, 20)  # a derivation makes many small objects, hardly any of them in circles


def answer(order: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Do a task; what is wrong with the person's text is an answer too: a sentence, and its place."""
    try:
        if order["task"] == "check":
            return {"answer": answer_check(order, tell)}
        return {"answer": TASKS[order["task"]](order)}
    except EquationError as error:
        return {"error": error.problem, "line": error.line, "column": error.column}
    except UserError as error:
        return {"error": str(error)}
    except KeyError as error:
        return {"error": str(error.args[0])} if error.args else _own_fault(error)
    except (MemoryError, RecursionError):
        return {"error": "this is too large to be answered here; try a smaller one, or the command line"}
    except Exception as error:
        return _own_fault(error)


def _own_fault(error: Exception) -> dict[str, Any]:
    traceback.print_exc()
    return {"error": f"chainrule failed at this ({type(error).__name__}); the terminal shows where", "fault": True}


def serve() -> None:
    """Answer the orders of standard input; what else is printed goes to standard error."""
    gc.set_threshold(*PATIENT)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(what: Any) -> None:
        out.write(json.dumps(what) + "\n")
        out.flush()

    with suppress(BrokenPipeError):  # the server is gone
        for line in sys.stdin:
            say(answer(json.loads(line), lambda part: say({"part": part})))


if __name__ == "__main__":
    serve()
