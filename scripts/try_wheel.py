"""Build the wheel, install it into a clean environment without PyTorch, and use it there, outside the repository.

    python scripts/try_wheel.py [DIST]    # `make wheel`

What is used: derive, prove, check, verify, train on digits, runs, predict, export, report, serve. The wheel is
left in DIST, `dist` by default. Exits with 1 and the command's output where one of them fails.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
PROOF = "forward\n    Y[i] = X[i]^2\ngradient dX[i]\n    = 2 * dY[i] * X[i]\n"
BACKWARD = "def square(x):\n    return x**2\n\n\ndef square_backward(dout, x):\n    return 2 * dout * x\n"
PICTURE = "from PIL import Image; Image.new('L', (9, 7), 90).save('grey.png')"
COMMANDS = (
    ("--version",),
    ("derive", "softmax"),
    ("derive", "attention", "--html", "attention.html"),
    ("prove", "proof.txt"),
    ("check", "backward.py"),
    ("verify", "linear"),
    ("train", "mlp-numpy", "--data", "digits", "--set", "steps=20"),
    ("runs",),
    ("predict", "last", "grey.png"),
    ("export", "last", "net.safetensors"),
    ("report", "--no-run"),
)
NO_TORCH = "import importlib.util as u, chainrule, sys; assert not u.find_spec('torch'); print(chainrule.__file__)"


def run(*command: object, cwd: Path) -> str:
    """Run a command; return what it prints. Exits where it fails."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "CHAINRULE"))}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def build_wheel(dist: Path) -> Path:
    """Build the wheel into a folder."""
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", dist, ROOT, cwd=ROOT)
    return max(dist.glob("chainrule-*.whl"), key=lambda path: path.stat().st_mtime)


def serve(chainrule: Path, place: Path) -> None:
    """Serve the page, and get it."""
    command = [chainrule, "serve", "--port", "0", "--no-browser"]
    with subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            said = server.stdout.readline()  # ends where the server does
            address = re.search(r"http://\S+", said)
            assert address, f"chainrule serve prints no address: {said!r}"
            with urlopen(address[0], timeout=60) as page:
                assert b"chainrule" in page.read()
        finally:
            server.terminate()


def use(python: Path, place: Path) -> None:
    """Use the wheel of an environment, which has its extra `web`, in a folder outside the repository."""
    home = run(python, "-c", NO_TORCH, cwd=place).strip()
    assert place in Path(home).parents, f"{home} is not the wheel's"
    (place / "proof.txt").write_text(PROOF, encoding="utf-8")
    (place / "backward.py").write_text(BACKWARD, encoding="utf-8")
    run(python, "-c", PICTURE, cwd=place)
    for command in COMMANDS:
        run(python.with_name("chainrule"), *command, cwd=place)
    serve(python.with_name("chainrule"), place)


def main() -> None:
    """Build, install and use."""
    wheel = build_wheel(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist").resolve())
    with TemporaryDirectory() as folder:
        place = Path(folder)
        venv.create(place / "venv", with_pip=True)
        python = place / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
        run(python, "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", f"{wheel}[web]", cwd=place)
        use(python, place)
    print(f"{wheel} works")


if __name__ == "__main__":
    main()
