"""Print the coefficients of Mills' ratio in `chainrule.layers.activations.normal`, and their largest relative errors.

python -m tests.layers.mills
"""

from mpmath import cos, erfc, exp, lu_solve, matrix, mp, mpf, pi, sqrt

FITS = {"SINGLE": (5, "2.7"), "DOUBLE": (11, "3.4")}  # the degree of the denominator, and k, of which these are best
FAR = 40


def mills_ratio(t):
    """Φ(−t) / φ(t)."""
    return sqrt(pi / 2) * exp(t * t / 2) * erfc(t / sqrt(2))


def interpolate(degree, k):
    """The coefficients below the highest, which is 1, of numerator and denominator.

    With one degree of freedom to spare: the numerator's highest is left free, and turns out to be nearly 1.
    """
    m, number = degree - 1, 2 * degree
    rows, right = matrix(number, number), matrix(number, 1)
    for i in range(number):
        s = cos((2 * i + 1) * pi / (2 * number))
        t = k * (1 + s) / (1 - s)
        ratio, scale = mills_ratio(t), (1 + t) ** -degree
        for j in range(degree):
            rows[i, j], rows[i, degree + j] = scale * t**j, -scale * ratio * t**j
        right[i] = scale * ratio * t**degree
    solution = lu_solve(rows, right)
    return [solution[j] for j in range(m)], [solution[degree + j] for j in range(degree)]


def largest_error(numerator, denominator):
    """The largest relative error of the quotient on [0, FAR]."""

    def value(coefficients, t):
        return sum(c * t**j for j, c in enumerate([*coefficients, 1]))

    points = [FAR * mpf(i * i) / 1_000_000 for i in range(1001)]
    return max(abs(value(numerator, t) / value(denominator, t) / mills_ratio(t) - 1) for t in points)


def main():
    """Print both fits."""
    mp.dps = 60
    for name, (degree, k) in FITS.items():
        numerator, denominator = interpolate(degree, mpf(k))
        print(f"{name} = {tuple(map(float, numerator))}, {tuple(map(float, denominator))}")
        print(f"largest relative error {float(largest_error(numerator, denominator)):.1e}")


if __name__ == "__main__":
    main()
