"""The routes: each takes what a room sends, and answers in JSON or in events."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from chainrule.errors import UserError
from chainrule.shipped import find_shipped
from chainrule.web.following import Follower, Looking
from chainrule.web.guard import Guard, Place, Refusal
from chainrule.web.jobs import Job
from chainrule.web.pool import Pool
from chainrule.web.reporting import Reporting, list_report_routes
from chainrule.web.training import Trainings

DERIVING = 2  # processes that derive and prove
SECONDS = 60.0  # that a derivation or a proof may take
CHECK_SECONDS = 300.0
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
EVENTS = "text/event-stream"
PUBLISHED = "examples/reports/practical.md"  # a report to judge
GONE = 0.1  # seconds between two looks whether the person is still there
LOOK = 1.0  # seconds between two looks at a run
Handler = Callable[[Request], Awaitable[Response]]


def make_application(
    port: int, runs: Path, data_dir: str = "", report: Path = Path("report"), behind: Place | None = None
) -> Guard:
    """The guarded application; its `address` is where the person enters. `report` is the folder of the report."""
    deriving, checking = Pool(DERIVING, SECONDS, waiting=256), Pool(1, CHECK_SECONDS, waiting=8)
    looking, fetching = Looking(SECONDS), Job("the fetching of CIFAR-10")
    trainings, reporting = Trainings(runs, data_dir), Reporting(report, runs, data_dir)

    @asynccontextmanager
    async def live(app: Starlette) -> AsyncIterator[None]:
        await deriving.warm()
        yield
        await deriving.close()
        await checking.close()
        await looking.close()
        await fetching.close()
        await reporting.job.close()
        await trainings.close()

    routes = [
        *_list_pages(),
        Route("/api/programs", _make_asker(deriving, "programs"), methods=["GET"]),
        Route("/api/derive", _make_asker(deriving, "derive"), methods=["POST"]),
        Route("/api/steps", _make_asker(deriving, "steps"), methods=["POST"]),
        Route("/api/numbers", _make_asker(deriving, "numbers"), methods=["POST"]),
        Route("/api/prove", _make_asker(deriving, "prove"), methods=["POST"]),
        Route("/api/check", _make_asker(checking, "check"), methods=["POST"]),
        *_list_train_routes(trainings, looking, fetching),
        *list_report_routes(reporting, checking, read_order),
    ]
    problems: dict[Any, Any] = {Refusal: _refuse, UserError: _explain, HTTPException: _say_status, Exception: _own_up}
    site = Starlette(routes=routes, lifespan=live, exception_handlers=problems)
    site.router.redirect_slashes = False
    return Guard(site, port, behind)


def _list_pages() -> list[Route]:
    """The page and its parts, read once: what is asked for is looked up by name, and never is a path."""
    folder = files("chainrule.web") / "static"
    found = {part.name: part for part in folder.iterdir()}
    found["base.css"] = files("chainrule.pages") / "style.css"
    parts = {name: (part.read_bytes(), TYPES[Path(name).suffix]) for name, part in found.items()}

    async def give_part(request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        if name not in parts:
            raise HTTPException(404)
        return Response(parts[name][0], media_type=parts[name][1])

    async def give_published(request: Request) -> Response:
        text = find_shipped(PUBLISHED).read_text(encoding="utf-8")
        return JSONResponse({"text": text, "suffix": Path(PUBLISHED).suffix})

    return [
        Route("/", give_part, methods=["GET"]),
        Route("/static/{name}", give_part, methods=["GET"]),
        Route("/api/published", give_published, methods=["GET"]),
    ]


def _make_asker(pool: Pool, task: str) -> Handler:
    """What hands a task to the pool, and lets go of it where the person has gone on."""

    async def ask(request: Request) -> Response:
        order = await read_order(request) if request.method == "POST" else {}
        if EVENTS in request.headers.get("accept", ""):
            return StreamingResponse(_tell_parts(pool, task, order), media_type=EVENTS)
        work = asyncio.ensure_future(pool.ask(task, order))
        while not work.done():
            await asyncio.wait([work], timeout=GONE)
            if not work.done() and await request.is_disconnected():
                work.cancel()
                with suppress(asyncio.CancelledError, Refusal):
                    await work
                raise Refusal(499, "nobody waits for this any more")
        answer = work.result()
        if "answer" in answer:
            return JSONResponse(answer["answer"])
        return JSONResponse(answer, status_code=500 if answer.get("fault") else 422)

    return ask


async def _tell_parts(pool: Pool, task: str, order: dict[str, Any]) -> AsyncIterator[str]:
    """The parts of an answer as events while it is made, then the answer, or the error that stands in its place."""
    parts: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def ask() -> None:
        try:
            parts.put_nowait(await pool.ask(task, order, hear=parts.put_nowait))
        except Refusal as refusal:
            parts.put_nowait({"error": refusal.sentence})
        except Exception as error:
            parts.put_nowait({"error": f"chainrule failed at this ({type(error).__name__})"})

    work = asyncio.create_task(ask())
    try:
        while True:
            part = await parts.get()
            yield f"data: {json.dumps(part)}\n\n"
            if "answer" in part or "error" in part:
                return
    finally:  # the person may have gone on
        work.cancel()
        await asyncio.wait([work])


def _list_train_routes(trainings: Trainings, looking: Looking, fetching: Job) -> list[Route]:  # one of each kind
    async def list_experiments(request: Request) -> Response:
        return JSONResponse(trainings.describe_experiments())

    async def list_runs(request: Request) -> Response:
        return JSONResponse({"runs": await asyncio.to_thread(trainings.list_runs)})

    async def start(request: Request) -> Response:
        order = await read_order(request)
        run = await trainings.start(order.get("experiment"), order.get("settings", []))
        await looking.warm()
        return JSONResponse({"run": run})

    async def resume(request: Request) -> Response:
        return JSONResponse({"run": await trainings.resume((await read_order(request)).get("run"))})

    async def stop(request: Request) -> Response:
        trainings.stop((await read_order(request)).get("run"))
        return JSONResponse({})

    async def show_run(request: Request) -> Response:
        return JSONResponse(Follower(trainings.find(request.path_params["name"])).look())

    async def look(request: Request) -> Response:
        answer = await looking.ask(trainings.find(request.path_params["name"]), trainings.data_dir)
        return JSONResponse(answer.get("answer", answer), status_code=200 if "answer" in answer else 422)

    async def draw_network(request: Request) -> Response:
        order = await read_order(request)
        return JSONResponse(trainings.describe_network(order.get("experiment"), order.get("settings", [])))

    async def fetch(request: Request) -> Response:
        if request.method == "POST":
            await read_order(request)
            data_dir = [f"--data-dir={trainings.data_dir}"] if trainings.data_dir else []
            await fetching.start(["data", *data_dir])
        return JSONResponse({**fetching.describe(), "there": trainings.has_cifar10()})

    async def follow(request: Request) -> Response:
        follower = Follower(trainings.find(request.path_params["name"]))

        async def events() -> AsyncIterator[str]:
            while not await request.is_disconnected():
                try:
                    told = follower.look()
                except UserError as error:
                    told = {"error": str(error)}
                if told:
                    yield f"data: {json.dumps(told)}\n\n"
                await asyncio.sleep(LOOK)

        return StreamingResponse(events(), media_type=EVENTS)

    return [
        Route("/api/experiments", list_experiments, methods=["GET"]),
        Route("/api/runs", list_runs, methods=["GET"]),
        Route("/api/train/start", start, methods=["POST"]),
        Route("/api/train/resume", resume, methods=["POST"]),
        Route("/api/train/stop", stop, methods=["POST"]),
        Route("/api/train/network", draw_network, methods=["POST"]),
        Route("/api/data", fetch, methods=["GET", "POST"]),
        Route("/api/runs/{name}", show_run, methods=["GET"]),
        Route("/api/runs/{name}/look", look, methods=["GET"]),
        Route("/api/runs/{name}/events", follow, methods=["GET"]),
    ]


async def read_order(request: Request) -> dict[str, Any]:
    """The object that a request's body is. Refuses what is none."""
    try:
        order = json.loads(await request.body())
        json.dumps(order).encode("utf-8")
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is no JSON in UTF-8") from None
    if not isinstance(order, dict):
        raise Refusal(400, 'expected an object of JSON, such as {"text": "Y[i] = exp(X[i])"}')
    return order


async def _refuse(request: Request, refusal: Refusal) -> Response:
    return JSONResponse({"error": refusal.sentence}, status_code=refusal.status)


async def _explain(request: Request, error: UserError) -> Response:
    return JSONResponse({"error": str(error)}, status_code=422)


async def _say_status(request: Request, error: HTTPException) -> Response:
    sentence = {404: "there is nothing at this address", 405: "this address is not asked in this way"}
    return JSONResponse({"error": sentence.get(error.status_code, error.detail)}, status_code=error.status_code)


async def _own_up(request: Request, error: Exception) -> Response:
    print(f"chainrule serve: {type(error).__name__} at {request.url.path}", file=sys.stderr)
    return JSONResponse({"error": f"chainrule failed at this ({type(error).__name__})"}, status_code=500)
