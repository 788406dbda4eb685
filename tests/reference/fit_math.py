"""Prints the coefficients in include/fovea/core/math.hpp and simd_math.hpp and the error of each fit; needs mpmath.

Each function is interpolated at the Chebyshev nodes of its interval by p(x) / q(x), q(0) = 1, in 60 digits. That is
within a small factor of the best fit. The error is measured with the coefficients rounded to double,
or to float.
"""

import struct

from mpmath import mp, mpf

mp.dps = 60


def fit(f, low, high, p_degree, q_degree):
    """Coefficients of p and q, lowest first, so that p(x) / q(x) = f(x) at the Chebyshev nodes of [low, high]."""
    count = p_degree + q_degree + 1
    nodes = [(low + high + (high - low) * mp.cos(mp.pi * (2 * i + 1) / (2 * count))) / 2 for i in range(count)]
    rows = mp.matrix(count, count)
    values = mp.matrix(count, 1)
    for i, x in enumerate(nodes):
        y = f(x)
        for k in range(p_degree + 1):
            rows[i, k] = x**k
        for k in range(1, q_degree + 1):
            rows[i, p_degree + k] = -y * x**k
        values[i] = y
    solution = mp.lu_solve(rows, values)
    return [solution[i] for i in range(p_degree + 1)], [mpf(1)] + [solution[p_degree + i] for i in range(1, q_degree + 1)]


def to_float(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def show(name, f, low, high, p_degree, q_degree, number=float):
    p, q = (list(map(number, c)) for c in fit(f, mpf(low), mpf(high), p_degree, q_degree))
    worst = mpf(0)
    for i in range(1001):
        x = mpf(low) + (mpf(high) - mpf(low)) * i / 1000
        y = f(x)
        worst = max(worst, abs(mp.polyval(p[::-1], x) / mp.polyval(q[::-1], x) - y) / abs(y))
    print(f"{name} on [{low}, {high}]: relative error {mp.nstr(worst, 3)}")
    print("  p", ", ".join(float.hex(c) for c in p))
    if q_degree:
        print("  q", ", ".join(float.hex(c) for c in q))


def erf_over_x(square):
    x = mp.sqrt(square)
    return (mp.erf(x) / x if x else 2 / mp.sqrt(mp.pi)) - 1


def scaled_erfc(x):
    return mp.erfc(x) * mp.exp(x * x)


def exp_series(r):
    return (mp.exp(r) - 1 - r) / r**2 if abs(r) > mpf(10) ** -20 else mpf(1) / 2


def normal_tail(t):
    return scaled_erfc((4 / t - 4) / mp.sqrt(2)) / (2 * t)


def quantile(log_m):
    """The z with upper tail m, from log m <= log(1/2)."""
    z = mp.sqrt(-2 * log_m)
    for _ in range(100):  # Newton on the log of the tail, which is nearly linear in z^2
        tail = mp.erfc(z / mp.sqrt(2)) / 2
        step = (mp.log(tail) - log_m) * tail / (mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi))
        z += step
        if abs(step) < mpf(10) ** -50 * (1 + abs(z)):
            return z
    raise ArithmeticError(f"no quantile for log m = {log_m}")


def quantile_over_q(d):
    q = mp.sqrt(mpf("0.180625") - d)
    return quantile(mp.log(mpf(1) / 2 - q)) / q if q else mp.sqrt(2 * mp.pi)


def quantile_tail(r):
    return quantile(-r * r)


if __name__ == "__main__":
    show("erf_small: erf(x) / x - 1 over x^2", erf_over_x, 0, 1, 12, 0)
    show("erfc_large: erfc(x) exp(x^2) over x", scaled_erfc, 1, 6, 8, 8)
    show("quantile_centre: z / q over 0.425^2 - q^2, q = p - 1/2", quantile_over_q, 0, "0.180625", 8, 8)
    show("quantile_near: z over sqrt(-log p)", quantile_tail, 1.6, 5, 8, 7)
    show("quantile_far: z over sqrt(-log p)", quantile_tail, 5, 27.5, 9, 8)
    show("series: (e^r - 1 - r) / r^2 over r", exp_series, "-0.34658", "0.34658", 5, 0, to_float)
    show("normal_tail: over t = 4 / (4 + a)", normal_tail, mpf(4) / mpf("18.6"), 1, 9, 0, to_float)
