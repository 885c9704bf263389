"""Tail probabilities at 50 digits with mpmath: what the references are held against, and used where they are wrong."""

import math

import mpmath as mp
import numpy as np

mp.mp.dps = 50
SMALL = mp.mpf(10) ** -42


def continued_fraction(first, terms):
    """b0 + a1/(b1 + a2/(b2 + ...)) by the modified Lentz method."""
    value = denominator_ratio = first
    inverse = mp.mpf(0)
    for a, b in terms:
        inverse = 1 / (b + a * inverse)
        denominator_ratio = b + a / denominator_ratio
        change = denominator_ratio * inverse
        value *= change
        if abs(change - 1) < SMALL:
            return value
    raise ValueError("unreachable: the terms have no end")


def gamma_upper(a, x):
    """Q(a, x)."""
    a, x = mp.mpf(a), mp.mpf(x)
    if x == 0:
        return mp.mpf(1)
    power = mp.exp(a * mp.log(x) - x - mp.loggamma(a))
    if x <= a + 1:
        term = total = 1 / a
        k = a
        while term > total * SMALL:
            k += 1
            term *= x / k
            total += term
        return 1 - power * total

    def terms():
        i = 1
        while True:
            yield -i * (i - a), x + 2 * i + 1 - a
            i += 1

    return power / continued_fraction(x + 1 - a, terms())


def beta_lower(a, b, x, y=None):
    """I_x(a, b)."""
    a, b, x = mp.mpf(a), mp.mpf(b), mp.mpf(x)
    y = 1 - x if y is None else y
    if x == 0 or y == 0:
        return mp.mpf(x != 0)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_lower(b, a, y, x)
    power = mp.exp(a * mp.log(x) + b * mp.log(y) + mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b)) / a

    def terms():
        m = 0
        while True:
            yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), mp.mpf(1)
            m += 1
            yield m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), mp.mpf(1)

    return power / continued_fraction(mp.mpf(1), terms())


def normal_sf(z):
    return mp.erfc(mp.mpf(z) / mp.sqrt(2)) / 2


def normal_two_sided(z):
    return mp.erfc(abs(mp.mpf(z)) / mp.sqrt(2))


def chi_square_sf(x, degrees_of_freedom):
    return gamma_upper(mp.mpf(degrees_of_freedom) / 2, mp.mpf(x) / 2)


def student_t_two_sided(t, degrees_of_freedom):
    t, v = mp.mpf(t), mp.mpf(degrees_of_freedom)
    return beta_lower(v / 2, mp.mpf(1) / 2, v / (v + t * t), t * t / (v + t * t))


def fisher_two_sided(a, b, c, d):
    """Of the table [[a, b], [c, d]]: in whole numbers, or for huge tables from the observed one outwards."""
    rows, column, total = a + b, a + c, a + b + c + d
    low, high = max(0, column - (total - rows)), min(rows, column)
    if high - low <= 5000 and total <= 10**5:
        weight = math.comb(rows, low) * math.comb(total - rows, column - low)
        weights = [weight]
        for k in range(low, high):
            weight = weight * (rows - k) * (column - k) // ((k + 1) * (total - rows - column + k + 1))
            weights.append(weight)
        observed = weights[a - low]
        return mp.mpf(sum(weight for weight in weights if weight <= observed)) / mp.mpf(sum(weights))

    def log_choose(n, k):
        return mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)

    def log_probability(k):
        return log_choose(rows, k) + log_choose(total - rows, column - k) - log_choose(total, column)

    def outwards(k, step):
        term = total_sum = mp.exp(log_probability(k))
        while low <= k + step <= high and term > total_sum * mp.mpf(10) ** -25:
            if step > 0:
                term *= mp.mpf(rows - k) * (column - k) / ((k + 1) * mp.mpf(total - rows - column + k + 1))
            else:
                term *= mp.mpf(k) * (total - rows - column + k) / ((rows - k + 1) * mp.mpf(column - k + 1))
            k += step
            total_sum += term
        return total_sum

    mode = (rows + 1) * (column + 1) // (total + 2)
    observed = log_probability(a) + mp.mpf(10) ** -30
    step = -1 if a < mode else 1
    # The nearest value on the other side that is no more probable.
    inside, outside = (mode, high + 1) if a < mode else (min(mode, a), low - 1)
    while abs(inside - outside) > 1:
        middle = (inside + outside) // 2
        inside, outside = (inside, middle) if log_probability(middle) <= observed else (middle, outside)
    far = outwards(outside, -step) if low <= outside <= high else mp.mpf(0)
    return min(outwards(a, step) + far, mp.mpf(1))


def hypergeometric_tail(total, marked, drawn, first, last):
    """P(first <= X <= last), in whole numbers."""
    weight = math.comb(marked, first) * math.comb(total - marked, drawn - first) if first <= last else 0
    everything = mp.mpf(math.comb(total, drawn))
    weights = mp.mpf(0)
    for k in range(first, last + 1):
        weights += weight
        if weights and weight < weights * mp.mpf(10) ** -40:
            break
        weight = weight * (marked - k) * (drawn - k) // ((k + 1) * (total - marked - drawn + k + 1))
    return weights / everything


def kolmogorov_limit_sf(t):
    t = mp.mpf(t)
    if t <= 0:
        return mp.mpf(1)
    if t < 1:
        return 1 - mp.sqrt(2 * mp.pi) / t * mp.nsum(lambda k: mp.exp(-((2 * k - 1) ** 2) * mp.pi**2 / (8 * t * t)), [1, 12])
    return 2 * mp.nsum(lambda k: (-1) ** (int(k) - 1) * mp.exp(-2 * k * k * t * t), [1, 12])


def smirnov_sf(n, d):
    """P(D_n+ >= d): the sum of Birnbaum and Tingey."""
    d = mp.mpf(d)
    total = mp.mpf(0)
    for j in range(int(mp.floor(n * (1 - d))) + 1):
        p = d + mp.mpf(j) / n
        if p < 1:
            total += mp.binomial(n, j) * p ** (j - 1) * (1 - p) ** (n - j)
    return d * total


def smirnov_sf_smooth(n, d, nodes=3000):
    """The same for large n: the sum over every n/nodes-th term, which are smooth and vanish at both ends."""
    with mp.workdps(40):
        d, n = mp.mpf(d), mp.mpf(n)
        stride = n * (1 - d) / nodes
        total = mp.mpf(0)
        for index in range(nodes):
            j = (index + mp.mpf(1) / 2) * stride
            p = d + j / n
            log = mp.loggamma(n + 1) - mp.loggamma(j + 1) - mp.loggamma(n - j + 1)
            total += mp.exp(log + (j - 1) * mp.log(p) + (n - j) * mp.log(1 - p))
        return d * total * stride


def lattice_paths(n, m, distance):
    """The share of the paths from (0, 0) to (n, m) that reach |i*m - j*n| >= distance, in whole numbers."""
    if distance == 0:
        return mp.mpf(1)
    within = [0] * (m + 1)
    for i in range(n + 1):
        for j in range(m + 1):
            if abs(i * m - j * n) >= distance:
                within[j] = 0
            else:
                within[j] = 1 if i == j == 0 else within[j] + (within[j - 1] if j else 0)
    every = math.comb(n + m, n)
    return mp.mpf(every - within[m]) / mp.mpf(every)


def inverse_erfc(y):
    """The x with erfc(x) = y."""
    y = mp.mpf(y)
    x = mp.mpf(0) if y > 0.01 else mp.sqrt(-mp.log(y))
    for _ in range(60):
        step = (mp.erfc(x) - y) * mp.sqrt(mp.pi) / 2 * mp.exp(x * x)
        x += step / (1 - x * step)
        if abs(step) < mp.mpf(10) ** -40 * (1 + abs(x)):
            break
    return x


def alternating(first_interval, x):
    """Sum over k of (-1)^(k-1) times the integral that `first_interval(k, x)` gives."""
    total, k = mp.mpf(0), 1
    while True:
        term = first_interval(k, x)
        total += term if k % 2 else -term
        if term < abs(total) * mp.mpf(10) ** -18:
            return total / mp.pi
        k += 1


def cramer_von_mises_limit_sf(x):
    """Smirnov's formula with u = v^2; ends of the interval made harmless by v = m + h sin(s)."""
    if x < 0.003:
        return mp.mpf(1)

    def interval(k, x):
        middle, half = mp.pi * (2 * k - mp.mpf(1) / 2), mp.pi / 2

        def f(s):
            v = middle + half * mp.sin(s)
            return mp.exp(-x * v * v / 2) * 2 / mp.sqrt(v * abs(mp.sin(v))) * half * mp.cos(s)

        return quadrature(f)

    return alternating(interval, mp.mpf(x))


def anderson_darling_limit_sf(x):
    if x < 0.03:
        return mp.mpf(1)

    def interval(k, x):
        def f(s):
            w = 2 * k + mp.sin(s) / 2
            u = w * w - mp.mpf(1) / 4
            return mp.exp(-x * u / 2) * 2 * w * mp.sqrt(mp.pi / u) / mp.sqrt(abs(mp.cos(mp.pi * w))) * mp.cos(s) / 2

        return quadrature(f)

    return alternating(interval, mp.mpf(x))


def quadrature(f):
    """Over -pi/2 to pi/2 by the midpoint rule, which converges exponentially for these integrands."""
    previous, nodes = None, 40
    with mp.workdps(35):
        while True:
            step = mp.pi / nodes
            value = step * mp.fsum(f(-mp.pi / 2 + (index + mp.mpf(1) / 2) * step) for index in range(nodes))
            if previous is not None and abs(value - previous) <= abs(value) * mp.mpf(10) ** -16:
                return value
            previous, nodes = value, 2 * nodes


def fast_limit_sf(integrand, certain, x, nodes=600):
    """The same limit laws in numpy's doubles: all intervals and nodes at once."""
    x = float(x)
    if x < certain:
        return 1.0
    theta = np.pi * ((np.arange(nodes) + 0.5) / nodes - 0.5)
    sine, cosine = np.sin(theta), np.cos(theta)
    # |sin| of the angle to the nearer end of the interval, without cancellation.
    singular = np.sin(np.pi / 2 * cosine**2 / (1 + np.abs(sine)))
    k = np.arange(1, 80)[:, None]
    terms = (integrand(k, sine, x) * cosine / np.sqrt(singular)).sum(axis=1) / nodes
    return float(np.sum(terms * np.where(k[:, 0] % 2 == 1, 1, -1)))


def cramer_von_mises_integrand(k, sine, x):
    v = np.pi * (2 * k - 0.5 + sine / 2)
    return np.exp(-x * v * v / 2) * np.pi / np.sqrt(v)


def anderson_darling_integrand(k, sine, x):
    w = 2 * k + sine / 2
    u = w * w - 0.25
    return np.exp(-x * u / 2) * w * np.sqrt(np.pi / u)


def check():
    """Other routes to the same numbers."""
    close = lambda a, b, within: abs(a / b - 1) < within
    assert close(beta_lower(30, 40, 0.1), mp.betainc(30, 40, 0, 0.1, regularized=True), 1e-30)
    assert close(gamma_upper(3.5, 20), mp.gammainc(3.5, 20, regularized=True), 1e-30)
    # Critical values of Anderson and Darling (1952, 1954).
    assert close(cramer_von_mises_limit_sf(mp.mpf("0.46136")), mp.mpf("0.05"), 1e-4)
    assert close(anderson_darling_limit_sf(mp.mpf("2.492")), mp.mpf("0.05"), 1e-3)
    for x in (0.04, 0.3, 1.5, 20.0, 130.0):
        assert close(fast_limit_sf(cramer_von_mises_integrand, 0.003, x), cramer_von_mises_limit_sf(x), 1e-12)
        assert close(fast_limit_sf(anderson_darling_integrand, 0.03, 4 * x), anderson_darling_limit_sf(4 * x), 1e-12)
    assert close(smirnov_sf_smooth(5000, mp.mpf("0.03"), 1500), smirnov_sf(5000, mp.mpf("0.03")), 1e-15)
    assert close(fisher_two_sided(30, 70, 55, 65), fisher_two_sided(70, 30, 65, 55), 1e-30)
