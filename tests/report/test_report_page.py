import base64
import hashlib
import html.parser
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chainrule.errors import UserError
from chainrule.report.page import PARTS, Material, write_report
from chainrule.report.pictures import show_picture
from chainrule.report.table import AsRun, Wanted

pytestmark = pytest.mark.slow

MakeRun = Callable[..., Path]
VOID = {"meta", "link", "img", "source", "br", "hr", "path", "use", "rect"}


class Reader(html.parser.HTMLParser):
    """Reads a page strictly: every element is closed in its order; ids, headings and addresses are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: Counter[str] = Counter()
        self.addresses: list[str] = []
        self.images: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        given = dict(attrs)
        self.ids += [given["id"]] if given.get("id") else []
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action")]
        self.images += [given] if tag in ("svg", "img") else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    reader.close()
    assert reader.open == []
    return reader


def make_material(runs: tuple[Path, ...], **more: Any) -> Material:
    rows = [
        Wanted(
            "1.1b", "Gradients by hand", "activation <h'>", "chainrule derive", "incomplete", answer=("proven", "so")
        ),
        Wanted("1.2", "Networks", "an MLP", "chainrule train mlp", published=0.6, steps=100, folders=runs),
        Wanted("4", "Networks", "a CNN", "chainrule train cnn", expected=0.79, steps=5000),
        Wanted("mine", "Beyond", "shortened", "chainrule train x", steps=5000, seeds=3, folders=runs[:1]),
    ]
    return Material(rows, version="0.1.0", **more)


SUBJECT = {
    "name": "softmax",
    "title": "Softmax",
    "program": ["<math><mi>Y</mi></math>"],
    "assumptions": [],
    "gradients": ["<math><mi>dX</mi></math>"],
    "steps": [{"gradient": "<mi>dX</mi>", "lines": [{"law": "chain rule", "formula": "<math><mi>a</mi></math>"}]}],
    "proof": "Proven.",
    "derivations": [{"name": "softmax", "target": "dX[m,n]", "rows": [("  6  ✗ = a < b", "wrong")], "ok": False}],
    "checks": [{"gradient": "dx", "right": False, "sentence": "`x` <wrong>", "repair": "", "symbols": ""}],
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, runs: tuple[Path, ...]) -> Path:
    """A report of three runs and a subject that was judged."""
    return write_report(make_material(runs, judged=[SUBJECT]), tmp_path_factory.mktemp("written") / "report")


def test_the_page_is_one_sound_file_that_asks_for_nothing(page: Path) -> None:
    reader = read(page)
    assert reader.tags["h1"] == reader.tags["main"] == reader.tags["nav"] == 1
    assert [name for name, count in Counter(reader.ids).items() if count > 1] == []
    assert all(address.startswith(("#", "data:")) for address in reader.addresses)
    assert {address[1:] for address in reader.addresses if address.startswith("#")} <= set(reader.ids)
    assert all(image.get("alt") or image.get("aria-label") for image in reader.images)
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"url\((?!#)|@import|fetch\(|XMLHttp", text)
    assert len(text) < 3_000_000


def test_every_row_stands_in_the_table_with_its_mark(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    table = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text[text.index("<tbody>") :].split("</table>")[0]))
    assert "activation &lt;h&#39;&gt; incomplete so ✓ proven" in table
    assert "1.2 an MLP 60.00 % of 10,000 images, ± 0.49 52.00 ± 2.00 % n = 3" in table
    assert "↓ short by 8.00 points" in table
    assert "the course expects 79 % chainrule train cnn – not run" in table
    assert "50.00 % n = 1 of 3 100 of 5,000 steps ◐ shortened" in table


def test_a_part_without_what_it_needs_says_with_which_command_it_is_made(tmp_path: Path) -> None:
    page = write_report(make_material(()), tmp_path / "report").read_text(encoding="utf-8")
    for part in PARTS:
        section = page[page.index(f'<section id="{part.id}"') :].split("</section>")[0]
        assert (f"Not run yet: <code>{part.missing}</code>" in section) == (part.id != "table")


def test_the_judgement_on_the_published_is_escaped_and_marked(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert '<span class="wrong">  6  ✗ = a &lt; b</span>' in text
    assert "<code>x</code> &lt;wrong&gt;" in text


def test_figures_are_written_as_png_and_svg_and_shown_with_their_points(page: Path) -> None:
    names = {path.name for path in (page.parent / "figures").iterdir()}
    assert {f"1-2-{kind}.{form}" for kind in ("loss", "accuracy") for form in ("png", "svg")} <= names
    shown = next(image for image in read(page).images if "1.2: accuracy" in (image.get("aria-label") or ""))
    curves = dict(json.loads(shown["data-points"] or ""))
    assert [point[2:] for point in curves["test"]][-1] == [100, "52.00%"]
    assert "var(--test)" in page.read_text(encoding="utf-8")
    assert "var(--" not in (page.parent / "figures" / "1-2-loss.svg").read_text(encoding="utf-8")


def test_a_single_point_is_told_in_words(tmp_path: Path, make_run: MakeRun) -> None:
    run = make_run(tmp_path / "run")
    first = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (run / "metrics.jsonl").write_text(first + "\n", encoding="utf-8")
    page = write_report(make_material((run,)), tmp_path / "report")
    text = page.read_text(encoding="utf-8")
    assert "<p>accuracy at step 20, the only one measured: 40.00% (train), 46.00% (test)</p>" in text
    assert not any("over the steps" in (image.get("aria-label") or "") for image in read(page).images)
    assert not (tmp_path / "report" / "figures" / "1-2-loss.svg").exists()


def test_a_row_of_which_only_the_runs_as_published_are_there_is_marked_by_these(
    tmp_path: Path, make_run: MakeRun
) -> None:
    run = make_run(tmp_path / "run", 0.6)
    result = json.loads((run / "result.json").read_text(encoding="utf-8"))
    result |= {f"test_{place}{kind}": 0.5 for place in ("whole_training_", "whole_") for kind in ("accuracy", "loss")}
    (run / "result.json").write_text(json.dumps(result), encoding="utf-8")
    for published, mark in ((0.59, "reached"), (0.7, "short by 10.00 points")):
        row = Wanted("2.1", "Networks", "an MLP", "chainrule train mlp", published=published, as_run=AsRun("x", (run,)))
        page = write_report(Material([row], version="0.1.0"), tmp_path / "report").read_text(encoding="utf-8")
        assert mark in page
        assert "not run</td>" not in page


def test_results_json_holds_the_rows_for_programs(page: Path, runs: tuple[Path, ...]) -> None:
    results = json.loads((page.parent / "results.json").read_text(encoding="utf-8"))
    assert [(row["id"], row["mark"]) for row in results["rows"]] == [
        ("1.1b", "proven"),
        ("1.2", "short"),
        ("4", "not run"),
        ("mine", "shortened"),
    ]
    assert results["rows"][1]["runs"] == [folder.name for folder in runs]
    assert results["rows"][1]["hardware"] == ["A processor, 2 cores"]


def test_comparisons_and_measurements_are_shown_as_they_land(tmp_path: Path, runs: tuple[Path, ...]) -> None:
    place = tmp_path / "results"
    for folder in ("comparisons", "benchmarks"):
        (place / folder).mkdir(parents=True)
    content = {
        "title": "Depth",
        "text": ["Deeper is <better>."],
        "columns": ["depth", "accuracy"],
        "rows": [[1, "50 %"]],
    }
    (place / "comparisons" / "depth.json").write_text(json.dumps(content))
    (place / "comparisons" / "depth.svg").write_text('<svg viewBox="0 0 1 1"><g style="fill: #c2410c"></g></svg>')
    (place / "comparisons" / "depth-narrow.svg").write_text('<svg viewBox="0 0 2 2"></svg>')
    measured = {"rows": [{"what": "One", "figure": "2 ms", "target": ""}], "command": "python -m x", "machine": "here"}
    (place / "benchmarks" / "layernorm.json").write_text(json.dumps(measured))
    page = write_report(make_material(runs, places=[tmp_path / "none", place]), tmp_path / "report")
    text = page.read_text(encoding="utf-8")
    assert "<h3>Depth</h3>" in text
    assert "Deeper is &lt;better&gt;." in text
    assert 'alt="Depth; values in the table below"' in text
    assert (tmp_path / "report" / "figures" / "depth.svg").is_file()
    assert "2 ms" in text
    assert read(page).tags["picture"] == 1  # both layouts are one picture
    assert len(re.findall('<source media="[^"]*" srcset="data:image/svg', text)) == 1


@pytest.mark.parametrize("name", ["comparisons/depth.json", "benchmarks/layernorm.json"])
@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b"\xff\xfe", b"null", b"[]", b"", b'{"rows": 5}', b'{"text": 5, "rows": [5]}', None],
    ids=["deep", "no UTF-8", "null", "a list", "empty", "a number for rows", "numbers for texts", "a pipe"],
)
def test_a_comparison_or_measurement_that_is_something_else_is_told(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    path = tmp_path / "results" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content) if content is not None else os.mkfifo(path)
    with pytest.raises(UserError, match=rf"{name}.*(broken|cannot be read)") as told:
        write_report(make_material((), places=[tmp_path / "results"]), tmp_path / "report")
    assert "\n" not in str(told.value)


def test_an_svg_keeps_its_shapes_and_its_text_in_fewer_bytes(tmp_path: Path) -> None:
    drawn = '<path d="M 12.3456 0.015625 \n   L 1 2" style="fill: #ffffff; x: 1"/><text>12.3456 %</text>'
    (tmp_path / "x.svg").write_text(f'<svg viewBox="0 0 9 9">{drawn}<path style="fill: #ffffff; x: 1"/></svg>')
    shown = show_picture(tmp_path / "x", "a picture", tmp_path / "figures")
    text = base64.b64decode(re.search(r"base64,([^\"]*)", shown)[1]).decode()
    assert '<path d="M 12.34 0.015625\nL 1 2" class="s0"/><text>12.3456 %</text><path class="s0"/>' in text
    assert ".s0 { fill: var(--paper); x: 1 }</style>" in text


@pytest.mark.parametrize("start", ["<", "<svg ", "<svg viewBox=", ' style="'])
def test_a_hostile_svg_costs_no_more_than_its_length(start: str, tmp_path: Path) -> None:
    (tmp_path / "x.svg").write_text(start * 100_000)
    begun = time.process_time()
    show_picture(tmp_path / "x", "a picture", tmp_path / "figures")
    assert time.process_time() - begun < 2


def test_nothing_of_a_picture_or_of_its_name_is_markup_and_scripts_run_by_their_hash_alone(
    tmp_path: Path, runs: tuple[Path, ...]
) -> None:
    place, evil = tmp_path / "results" / "comparisons", "<script>location='//evil.example'</script>"
    place.mkdir(parents=True)
    (place / "x.json").write_text(json.dumps({"title": f'"><{evil}', "text": [evil], "rows": [[evil]]}))
    for name in ('x"><img onerror=alert(1)>.svg', "x.svg", "x-none.svg", "x-bytes.svg"):
        (place / name).write_text(f'<svg viewBox="0 0 1 1" onload="alert(1)">{evil}</svg>')
    (place / "x-none.svg").write_text(evil)
    (place / "x-bytes.svg").write_bytes(b"\xff\xfe<svg")
    text = write_report(make_material(runs, places=[tmp_path / "results"]), tmp_path / "report").read_text()
    assert text.count("data:image/svg+xml;base64,") == 4
    assert "evil.example'</script" not in text
    assert "onload=" not in text
    assert "onerror" not in text
    assert text.count("<script>") == 1
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    script = re.search(r"<script>(.*)</script>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy
    assert "unsafe" not in policy
    assert " style=" not in text


def test_a_broken_comparison_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "comparisons").mkdir()
    (tmp_path / "comparisons" / "depth.json").write_text("[")
    with pytest.raises(UserError, match=r"depth\.json is broken"):
        write_report(make_material((), places=[tmp_path]), tmp_path / "report")


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path, runs: tuple[Path, ...]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="could not be written to"):
        write_report(make_material(runs), tmp_path / "file" / "report")
