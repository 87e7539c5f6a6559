"""The documentation site: what it is made of, and that its checker finds what is wrong."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytest.importorskip("myst_nb", reason="the documentation's tools are not installed")


@pytest.fixture(scope="module", autouse=True)
def path() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))


def test_links_that_lead_nowhere_and_requests_elsewhere_are_found(tmp_path: Path) -> None:
    from make_site import list_faults

    (tmp_path / "a.html").write_text(
        '<h1 id="top">A</h1><a href="b.html#there">right</a><a href="#top">right</a><a href="https://example.org">right</a>'
        '<a href="b.html#lost">no anchor</a><a href="c.html">no page</a><script src="https://example.org/x.js"></script>'
    )
    (tmp_path / "b.html").write_text('<h2 id="there">B</h2><img src="//example.org/x.png">')
    assert list_faults(tmp_path) == [
        "a.html loads https://example.org/x.js from elsewhere",
        "a.html links to b.html#lost, which has no such anchor",
        "a.html links to c.html, which is not there",
        "b.html loads //example.org/x.png from elsewhere",
    ]


def test_the_reference_holds_every_command_setting_and_public_name() -> None:
    from scripts.site import reference

    from chainrule.cli.app import COMMANDS
    from chainrule.train import Config

    pages = reference.make_reference()
    assert all(f"## chainrule {name}\n" in pages["reference/commands.md"] for name in COMMANDS)
    assert all(f"| `{name}` |" in pages["reference/settings.md"] for name in Config.describe_settings())
    assert "### layers.Linear\n" in pages["reference/python.md"]
    assert "### sklearn.MLPClassifier\n" in pages["reference/python.md"]
    assert "0x" not in pages["reference/python.md"]  # no address of this process
    assert "| `sigmoid` |" in pages["reference/language.md"]


def test_a_derivations_page_keeps_its_formulas_and_leaves_the_style_of_the_rest_alone() -> None:
    from scripts.site.derivations import make_derivations

    pages = make_derivations()
    assert {"layers/linear.md", "zoo/index.md", "faults/index.md"} <= pages.keys()
    assert pages["layers/linear.md"].startswith("# Linear\n")
    assert "<math" in pages["layers/linear.md"]
    assert "<style>.derivation {" in pages["layers/linear.md"]
    assert "<html" not in pages["layers/linear.md"]
    colours = re.findall(
        r"^(.*)\.derivation \{ *--paper: (#\w+)", pages["layers/linear.md"].replace("\n  ", ""), re.MULTILINE
    )
    assert [where for where, _ in colours] == [
        "",
        'body[data-theme="dark"] ',
        '@media (prefers-color-scheme: dark) { body:not([data-theme="light"]) ',
    ]
    assert len({colour for _, colour in colours}) == 2


def test_code_of_the_texts_runs(tmp_path: Path) -> None:
    for text in sorted((ROOT / "docs").rglob("*.md")):
        for code in re.findall(r"```python\n(.*?)```", text.read_text(encoding="utf-8"), re.DOTALL):
            if not re.search(r"torch\.load|runs/…", code):  # of a file that a run leaves
                command = [sys.executable, "-W", "ignore", "-c", code]
                done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
                assert done.returncode == 0, f"{text.name}: {done.stderr}"
