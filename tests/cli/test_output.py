import io
import os
import subprocess
import sys

import pytest

from chainrule.cli.terminal.output import align_columns, to_ascii, write_what_fits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("∂L/∂Y → 1.5·10⁻⁴", "dL/dY -> 1.5*10^-^4"),
        ("μ σ² Γ ≤ …", "mu sigma^2 Gamma <= ..."),
        ("naïve Ünïcode", "naive Unicode"),
        ("漢", "?"),
        ("plain", "plain"),
    ],
)
def test_signs_have_a_form_in_ascii(text, expected):
    assert to_ascii(text) == expected


def test_a_name_in_a_table_is_no_command_to_the_terminal_and_no_line_of_its_own():
    table = align_columns([("name", "class"), ("a\x1b[31m\nb\u202e.png", "cat")])
    assert table.splitlines() == ["name                    class", "a\\x1b[31m\\nb\\u202e.png  cat"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_a_stream_writes_what_its_encoding_lacks_in_ascii(encoding):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    write_what_fits(stream)
    stream.write("∂ × γ")
    stream.flush()
    assert stream.buffer.getvalue().decode(encoding) in ("d x gamma", "d × gamma", "∂ × γ")


def run(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", f"{sys.executable} -m chainrule {command}"], capture_output=True, text=True)


def test_output_that_nobody_reads_is_not_a_wrong_answer():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", "derive", "linear"], stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_full_disk_is_told():
    done = run("derive linear --no-steps > /dev/full")
    assert (done.returncode, done.stderr) == (2, "the output cannot be written: no space is left where it goes\n")


def test_more_than_there_is_memory_for_is_told():
    done = run("train mlp-numpy --data digits --set hidden=999999999 --runs /nowhere/at/all")
    assert done.returncode == 2
    assert done.stderr.startswith("there is not enough memory for this")
