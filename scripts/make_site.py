"""Build the documentation site from docs/ and from the code: `make docs`.

    python scripts/make_site.py [OUT]    # build/docs

It is Sphinx with the theme furo and MyST's Markdown: texts stay plain Markdown, notebooks are pages, the search reads
a file beside the pages, and nothing is fetched, to build it or to read it. Sphinx has been there for eighteen
years, and NumPy, SciPy, scikit-learn and Python itself are documented with it; MkDocs has had no release for years and
its successors are young. What is needed of either is a page for each text, a table of contents, a search.

Exits with 1 at a warning of Sphinx's, a link or an anchor that leads nowhere, and a request to another host.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
TEXTS = ("conf.py", "*.md", "howto/*.md", "notebooks/*.ipynb", "_static/*")
ELSEWHERE = re.compile(r"^(?:[a-z]+:)?//", re.IGNORECASE)


class Page(HTMLParser):
    """What a page links to, what it loads, and the anchors it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "link" and values.get("rel") not in ("canonical",) and "href" in values:
            self.loaded.append(values["href"])
        elif tag in ("script", "img", "iframe", "source") and "src" in values:
            self.loaded.append(values["src"])


def lay_out(place: Path) -> None:
    """Copy the texts, and write beside them what comes from the code."""
    from scripts.site.derivations import make_derivations
    from scripts.site.reference import make_reference

    shutil.rmtree(place, ignore_errors=True)
    for pattern in TEXTS:
        for path in (ROOT / "docs").glob(pattern):
            target = place / path.relative_to(ROOT / "docs")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    for name, text in {**make_reference(), **make_derivations()}.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    for path in place.rglob("*.md"):
        path.write_text(_adapt_links(path.read_text(encoding="utf-8"), place), encoding="utf-8")


def _adapt_links(text: str, place: Path) -> str:
    """Have links lead within the site: to what are files of their own in docs/, and to pictures of the results."""

    def copy_picture(found: re.Match[str]) -> str:
        picture = ROOT / "results" / found[1]
        (place / "_static").mkdir(exist_ok=True)
        shutil.copy(picture, place / "_static" / picture.name)
        return f"](_static/{picture.name})"

    text = re.sub(r"\]\(\.\./results/([^)]+\.(?:png|svg))\)", copy_picture, text)
    return re.sub(r"\]\(((?:\.\./)*(?:layers|zoo|faults)/\w+)\.html", r"](\1.md", text)


def list_faults(site: Path) -> list[str]:
    """Return a sentence for each link that leads nowhere, and for each request to another host."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    faults = []
    for path, page in pages.items():
        name = path.relative_to(site)
        faults += [f"{name} loads {source} from elsewhere" for source in page.loaded if ELSEWHERE.match(source)]
        for link in page.links:
            if ELSEWHERE.match(link) or link.startswith(("mailto:", "data:", "javascript:")):
                continue
            file, _, anchor = link.partition("#")
            target = (path.parent / unquote(file)).resolve() if file else path
            target = target / "index.html" if target.is_dir() else target
            if not target.exists():
                faults.append(f"{name} links to {link}, which is not there")
            elif target in pages and unquote(anchor) not in pages[target].anchors:
                faults.append(f"{name} links to {link}, which has no such anchor")
    return faults


def main() -> None:
    """Lay out, build, and check."""
    site = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "docs").resolve()
    source = site.with_name(site.name + "-source")
    lay_out(source)
    shutil.rmtree(site, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-j", "2", source, site]
    done = subprocess.run(list(map(str, command)), check=False)
    if done.returncode:
        sys.exit(done.returncode)
    if faults := list_faults(site):
        sys.exit("\n".join(faults))
    print(f"{len(list(site.rglob('*.html')))} pages: {site / 'index.html'}")


if __name__ == "__main__":
    main()
