"""A sign that some people would read in another way is told, by derive and by prove."""

import pytest

from chainrule.derive import derive, prove


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("Y[i] = X[i]^T", "X[i]^T is a power, with the number T"),
        ("Y[k] = exp(2 * pi * i * X[k])", "i is a real number given from outside"),
        ("Y[k] = j * X[k]", "j is a real number given from outside"),
        ("Y[i] = i * X[i]", "i outside of brackets is the position 0, 1, 2, … of the index"),
    ],
)
def test_a_doubtful_reading_is_told(program: str, told: str) -> None:
    text = derive(program).text()
    assert told in " ".join(text.replace("\n#", "").split())
    verdict = prove(text)
    assert verdict.ok
    assert told in verdict.text


def test_a_plain_program_is_read_without_a_word() -> None:
    assert "Read so" not in derive("Y[s,n] = sum[m](X[s,m] * W[n,m])^2").text()
