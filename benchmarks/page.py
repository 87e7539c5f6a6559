"""The page in Chromium: its first paint, answers while typing, many sessions at once, and what watching a run costs.

    python -m benchmarks.page [answers] [sessions] [training]

Every text that is typed is new to the server, which remembers answers. A session asks for the next program half a
second after the answer to the last, as one who types does; memory is that of the server and the processes that answer
for it. Runs on the command line and runs that the page starts and watches take turns; the fastest of each counts, as
whatever else the machine does makes runs slower only. Needs the extras web and browser.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

from tests.web.browser import open_browser, serving

from benchmarks.tables import Row, print_table
from chainrule.catalogue import list_gallery, read_gallery
from chainrule.data.cifar10.cache import find_cache_folder
from chainrule.data.cifar10.fetch import FILE

TITLE = "The page: painting, answering, many sessions, watching a run"
LAYER_NORM = "mu[s] = mean[i](X[s,i])\nY[s,i] = (X[s,i] - mu[s]) / sqrt(var[j](X[s,j]) + eps) * gamma[i] + beta[i]"
PAINTS, ROUNDS, RUNS = 7, 3, 5
SESSIONS, SECONDS, PAUSE = 50, 60.0, 0.5
TYPE = """text => new Promise(answered => {
    const box = document.querySelector("#program"), result = document.querySelector("#derive .result");
    const begun = performance.now();
    new MutationObserver((_, observer) => { observer.disconnect(); answered(performance.now() - begun); })
        .observe(result, {childList: true});
    box.value = text;
    box.dispatchEvent(new Event("input"));
})"""


def measure_paint(page: Any, address: str) -> float:
    """Milliseconds until something is painted of a page that is opened anew."""
    page.goto(f"{address}#report")
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_function("performance.getEntriesByType('paint').length > 0")
    return page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")


def measure_answer(page: Any, text: str) -> float:
    """Milliseconds from the last key of a program to its gradients, the pause for further keys within: the median."""
    new = (f"{text}\n# {random.getrandbits(64)}" for _ in range(ROUNDS))
    return statistics.median(page.evaluate(TYPE, each) for each in new)


def count_bytes() -> int:
    """Bytes of all scripts and style sheets of the page."""
    parts = [*(files("chainrule.web") / "static").iterdir(), files("chainrule.pages") / "style.css"]
    return sum(len(part.read_bytes()) for part in parts if part.name.endswith((".js", ".css")))


async def ask_for_a_minute(address: str, cookie: str, texts: list[str]) -> tuple[list[float], int]:
    """Let sessions derive at once; return the seconds of each answer, and how many were none."""
    host = address.split("/")[2]
    taken, wrong, end = [], 0, time.monotonic() + SECONDS

    async def work(rng: random.Random) -> None:
        nonlocal wrong
        reader, writer = await asyncio.open_connection(*host.split(":"), limit=64 << 20)
        while time.monotonic() < end:
            begun = time.monotonic()
            body = json.dumps({"text": f"{rng.choice(texts)}\n# {rng.getrandbits(64)}"}).encode()
            head = (
                f"POST /api/derive HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {cookie}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            told = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            await reader.readexactly(int(told.split("content-length: ")[1].split("\r\n")[0]))
            wrong += " 200 " not in told.split("\r\n")[0]
            taken.append(time.monotonic() - begun)
            await asyncio.sleep(PAUSE)
        writer.close()

    await asyncio.gather(*(work(random.Random(k)) for k in range(SESSIONS)))
    return taken, wrong


def find_peak(pid: int) -> float:
    """Megabytes that a process and all that it has started took together at most, each at its own peak."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    peak = int(told.split("VmHWM:")[1].split()[0]) / 1024
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return peak + sum(find_peak(int(child)) for child in children)


def find_server() -> int:
    """The process that answers: the child of this one that was started to serve."""
    children = Path("/proc/self/task").glob("*/children")
    found = [pid for each in children for pid in each.read_text(encoding="utf-8").split()]
    return next(int(pid) for pid in found if b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))


def enter(address: str) -> str:
    """The cookie that an address with its token gives."""
    with urllib.request.urlopen(address) as answer:
        return answer.headers["set-cookie"].split(";")[0]


def time_steps(record: Path) -> float:
    """Seconds that the steps of a finished run took."""
    config, result = (
        json.loads((record / f"{part}.json").read_text(encoding="utf-8")) for part in ("config", "result")
    )
    return config["steps"] * config["batch_size"] / result["samples_per_second"]


def train_on_command_line(data: str, steps: int, runs: Path) -> float:
    """Seconds of the steps of a run on the command line."""
    command = [sys.executable, "-m", "chainrule", "train", "mlp-numpy", f"--set=data={data}", f"--set=steps={steps}"]
    subprocess.run([*command, "--runs", str(runs)], check=True, capture_output=True)
    return time_steps(max(runs.iterdir(), key=lambda each: each.stat().st_mtime))


def train_on_page(page: Any, data: str, steps: int, runs: Path) -> float:
    """Seconds of the steps of a run that the page starts and watches."""
    page.select_option("#data", data)
    page.fill("#steps", str(steps))
    page.evaluate("document.querySelector('#train .result').replaceChildren()")
    page.click("#settings button.main")
    page.get_by_text(f"finished, step {steps:,} of {steps:,}").wait_for(timeout=600_000)
    return time_steps(runs / page.locator("#train .result h2").text_content())


def compare_training(page: Any, data: str, steps: int, folder: Path) -> str:
    """How much longer the steps of a run take that is watched, in percent, with the seconds of both."""
    alone, watched = [], []
    for _ in range(RUNS):
        alone.append(train_on_command_line(data, steps, folder / "alone"))
        watched.append(train_on_page(page, data, steps, folder / "runs"))
    return f"{100 * (min(watched) / min(alone) - 1):+.1f} % ({min(watched):.2f} against {min(alone):.2f} s)"


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Any, str]]:
    """A page of a server that is warm, and its address with the token."""
    with serving(folder / "runs") as address, open_browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(address)
        page.locator("#derive .formula math").first.wait_for()
        page.locator("#programs button").first.wait_for()
        yield page, address


def measure_answers(page: Any, plain: str, texts: list[str]) -> Iterator[Row]:
    """What one person waits for."""
    paint = statistics.median(measure_paint(page, plain) for _ in range(PAINTS))
    yield Row("first paint, warm server, median of 7", f"{paint:.0f} ms", "≤ 300 ms")
    yield Row("scripts and styles in all", f"{count_bytes() / 1000:.0f} kB", "≤ 150 kB")
    page.locator("#derive .formula math").first.wait_for()
    gallery = statistics.median(measure_answer(page, text) for text in texts)
    yield Row(f"answer while typing, median of the gallery's {len(texts)}", f"{gallery:.0f} ms", "≤ 150 ms")
    yield Row("answer while typing, layer norm", f"{measure_answer(page, LAYER_NORM):.0f} ms", "≤ 500 ms")


def measure_sessions(address: str, texts: list[str]) -> Iterator[Row]:
    """What fifty wait for at once."""
    with ThreadPoolExecutor(1) as apart:  # Playwright has a loop in this thread
        taken, wrong = apart.submit(asyncio.run, ask_for_a_minute(address, enter(address), texts)).result()
    p95 = statistics.quantiles(taken, n=20)[-1]
    yield Row(f"50 sessions for a minute, {len(taken):,} answers: errors", str(wrong), "0")
    yield Row("50 sessions for a minute: 95 of 100 within", f"{p95:.2f} s", "≤ 2 s")
    yield Row("50 sessions for a minute: memory of all processes", f"{find_peak(find_server()):.0f} MB", "≤ 600 MB")


def measure_training(page: Any, plain: str, folder: Path) -> Iterator[Row]:
    """What it costs a run to be watched."""
    page.goto(f"{plain}#train")
    page.locator("#experiment option").first.wait_for(state="attached")
    sets = {"digits": 3000, "cifar10": 1400} if (find_cache_folder() / FILE).is_file() else {"digits": 3000}
    for data, steps in sets.items():
        more = compare_training(page, data, steps, folder)
        yield Row(f"steps' time of a watched run on {data}, best of {RUNS}", more, "≤ +3 %")


def main(wanted: Collection[str] = ()) -> list[Row]:
    """Measure the parts that are wanted, or all; print each row as it comes and then all of them, and return them."""
    texts = [str(read_gallery(path).forward) for path in list_gallery()]
    rows = []
    with tempfile.TemporaryDirectory() as name, opened(Path(name)) as (page, address):
        plain = address.split("?")[0]
        parts = {
            "answers": measure_answers(page, plain, texts),
            "sessions": measure_sessions(address, texts),
            "training": measure_training(page, plain, Path(name)),
        }
        for row in chain(*(parts[each] for each in parts if not wanted or each in wanted)):
            print(f"{row.what}: {row.figure}", flush=True)
            rows.append(row)
    print_table(TITLE, rows)
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
