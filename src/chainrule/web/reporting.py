"""The report as the page shows it: the page that was written, what is missing of it, and the command that makes it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chainrule.pages.document import read_style, write_policy
from chainrule.report.page import read_script, read_sheet
from chainrule.web.jobs import Job
from chainrule.web.pool import Pool

Reader = Callable[[Request], Awaitable[dict[str, Any]]]


class Reporting:
    """The folder of the report, the runs that it is made of, and the command that writes it."""

    def __init__(self, out: Path, runs: Path, data_dir: str = "") -> None:
        self.out, self.runs, self.data_dir = out, runs, data_dir
        self.job = Job("the report")

    def describe(self) -> dict[str, Any]:
        """When the report was written, and how many of its rows stand how; and the command."""
        told = _read(self.out / "results.json")
        marks = [str(row.get("mark", "")) for row in told.get("rows", []) if isinstance(row, Mapping)]
        return {
            "written": str(told.get("made", "")) if (self.out / "index.html").is_file() else "",
            "plan": str(told.get("plan", "")),
            "marks": {mark: marks.count(mark) for mark in dict.fromkeys(marks)},
            "job": self.job.describe(),
        }

    async def start(self, train: bool, full: bool) -> None:
        """Write the report; before, run what is missing, where that is wanted."""
        options = [f"--out={self.out}", f"--runs={self.runs}", "--run" if train else "--no-run"]
        options += ["--full"] if full else []
        await self.job.start(["report", *options, *([f"--data-dir={self.data_dir}"] if self.data_dir else [])])


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def list_report_routes(reporting: Reporting, pool: Pool, read_order: Reader) -> list[Route]:
    """The routes of the room, and of the report's page within it."""
    policy = (
        f"{write_policy([read_style(), read_sheet()], [read_script()])}; frame-ancestors 'self'; sandbox allow-scripts"
    )

    async def describe(request: Request) -> Response:
        return JSONResponse(reporting.describe())

    async def list_missing(request: Request) -> Response:
        order = {"out": str(reporting.out), "runs": str(reporting.runs), "full": "full" in request.query_params}
        answer = await pool.ask("missing", order, remember=False)
        return JSONResponse(answer.get("answer", answer), status_code=200 if "answer" in answer else 422)

    async def start(request: Request) -> Response:
        order = await read_order(request)
        await reporting.start(order.get("train") is True, order.get("full") is True)
        return JSONResponse({})

    async def stop(request: Request) -> Response:
        reporting.job.stop()
        return JSONResponse({})

    async def show(request: Request) -> Response:
        path = reporting.out / "index.html"
        if not path.is_file():
            raise HTTPException(404)
        return Response(path.read_bytes(), media_type="text/html", headers={"content-security-policy": policy})

    return [
        Route("/report/", show, methods=["GET"]),
        Route("/api/report", describe, methods=["GET"]),
        Route("/api/report/missing", list_missing, methods=["GET"]),
        Route("/api/report/start", start, methods=["POST"]),
        Route("/api/report/stop", stop, methods=["POST"]),
    ]
