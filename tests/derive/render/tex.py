"""What can be said of LaTeX without TeX: that it is well formed, and asks for nothing but amsmath."""

import re

from chainrule.derive.render.line_breaks import PAGE, width

COMMANDS = r"""
    \allowdisplaybreaks \begin \end \tag* \footnotesize \text \quad \, \\ \_ \left \right \frac \sqrt \sum \partial
    \max \min \operatorname \operatorname* \mathrm \mathit \hat \lvert \rvert \infty \le \ge \ne \cdot
    \prod \exp \log \sin \cos \tan \sinh \cosh \tanh \arctan \arccos \arcsin
    \alpha \beta \gamma \delta \varepsilon \epsilon \zeta \eta \theta \kappa \lambda \mu \nu \xi \pi \rho \sigma \tau
    \varphi \phi \chi \psi \omega \Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Phi \Psi \Omega
"""
KNOWN = frozenset(COMMANDS.split())


def assert_sound(text):
    """Braces, brackets and environments are balanced, all commands known, and no row is much wider than a page."""
    assert text.isascii()
    assert set(re.findall(r"\\(?:[a-zA-Z]+\*?|.)", text)) <= KNOWN
    open_ones = []
    for token in re.findall(r"\\begin\{\w+\*?\}|\\end\{\w+\*?\}|\\left\W|\\right\W|\\.|[{}]|\n", text):
        if token == "{" or token.startswith((r"\begin", r"\left")):
            open_ones.append(token)
        elif token == "}":
            assert open_ones.pop() == "{"
        elif token.startswith(r"\right"):
            assert open_ones.pop().startswith(r"\left")
        elif token.startswith(r"\end"):
            assert open_ones.pop() == token.replace("end", "begin", 1)
        elif token == "\n":  # between the rows of a display nothing is open but the display
            assert open_ones in ([], [r"\begin{align*}"])
    assert not open_ones
    for row in text.split("\n"):
        formula = re.sub(r" \\tag\*\{.*\}|\\\\$|\\(begin|end)\{align\*\}|\\allowdisplaybreaks", "", row)
        assert width(formula) < 1.1 * PAGE, row
