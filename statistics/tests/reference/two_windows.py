#!/usr/bin/env python3
"""Writes the reference numbers for tests/two_windows*.rs: two_windows_*.json beside this file.

    pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0 mpmath==1.4.1
    python two_windows.py [rates | tables | numbers | histograms | families | special ...]

Every number comes from the package that its column names. Each is also computed at 50 digits, by mpmath or in whole numbers
of any size; where the package is off by more than 1e-10 of itself, a cell holds {"mpmath": right, "package": wrong}
instead of a number. Columns named "mpmath ..." have no package behind them; nor have those named "numpy ... limit law", which
are sums of numpy's doubles, held against mpmath. null: undefined.
"""

import json
import math
import random
import sys
import warnings
from pathlib import Path

import mpmath as mp
import numpy as np
import scipy
import statsmodels
from scipy import special, stats
from scipy.spatial import distance
from scipy.stats import contingency
from statsmodels.stats import multitest, proportion

import two_windows_truth as truth
from two_windows_samples import histogram_samples, family_samples, number_samples, rate_samples, table_samples

warnings.simplefilter("ignore")
np.seterr(all="ignore")
OFF = 1e-10
FOLDER = Path(__file__).parent
VERSIONS = {
    "python": ".".join(map(str, sys.version_info[:3])), "numpy": np.__version__, "scipy": scipy.__version__,
    "statsmodels": statsmodels.__version__, "mpmath": mp.__version__,
}


def cell(package, right):
    """The package's number, or the right one beside it where they differ; `package` None: there is none."""
    if right is None:
        return None
    right = mp.mpf(right)
    if package is None:
        return float(right)
    package = float(package)
    if not math.isfinite(package):
        return {"mpmath": float(right), "package": str(package)}
    if abs(package - right) <= OFF * abs(right) or abs(right) < mp.mpf(10) ** -300 and abs(package) < 1e-300:
        return package
    return {"mpmath": float(right), "package": package}


def tried(function):
    """What `function` gives, NaN where the package refuses."""
    try:
        return float(function())
    except (ValueError, ZeroDivisionError, FloatingPointError, OverflowError, RuntimeError):
        return math.nan


def write(name, columns, rows):
    document = {"versions": VERSIONS, "columns": columns}
    lines = ",\n".join(json.dumps(row, separators=(",", ":"), allow_nan=False) for row in rows)
    text = json.dumps(document)[:-1] + ', "rows": [\n' + lines + "\n]}\n"
    (FOLDER / f"two_windows_{name}.json").write_text(text, encoding="utf-8")
    off = {}
    for row in rows:
        for column, value in zip(columns, row):
            off[column] = off.get(column, 0) + isinstance(value, dict)
    print(f"{name}: {len(rows)} rows, {len(text)} bytes; cells where the package is off: "
          + ", ".join(f"{column} {count}" for column, count in off.items() if count))


# --- rates ---------------------------------------------------------------------------------------------------------------


def wilson_truth(hits, n, z):
    p, z = mp.mpf(hits) / n, mp.mpf(z)
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * mp.sqrt(p * (1 - p) / n + z * z / (4 * mp.mpf(n) ** 2))
    return middle - half, middle + half


def beta_quantile_truth(a, b, tail, guess):
    """Polishes a guess with Newton steps at 50 digits."""
    x = mp.mpf(guess)
    for _ in range(6):
        density = mp.exp((a - 1) * mp.log(x) + (b - 1) * mp.log(1 - x) + mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b))
        step = (truth.beta_lower(a, b, x) - tail) / density
        x -= step
        if abs(step) < abs(x) * mp.mpf(10) ** -25:
            break
    return x


def rate_intervals(b, n, c, m):
    z = mp.sqrt(2) * mp.erfinv(mp.mpf("0.95"))
    low, high = proportion.proportion_confint(c, m, 0.05, "wilson")
    wilson = wilson_truth(c, m, z)
    out = [cell(low if c else 0.0, wilson[0] if c else 0), cell(high, wilson[1])]
    low, high = proportion.proportion_confint(c, m, 0.05, "beta")
    tail = mp.mpf("0.025")
    exact_low = beta_quantile_truth(c, m - c + 1, tail, low) if c else 0
    exact_high = beta_quantile_truth(c + 1, m - c, 1 - tail, high) if c < m else 1
    out += [cell(low if c else 0.0, exact_low), cell(high if c < m else 1.0, exact_high)]
    other = wilson_truth(b, n, z)
    p, q = mp.mpf(c) / m, mp.mpf(b) / n
    below = mp.sqrt((p - wilson[0]) ** 2 + (other[1] - q) ** 2)
    above = mp.sqrt((wilson[1] - p) ** 2 + (q - other[0]) ** 2)
    low, high = proportion.confint_proportions_2indep(c, m, b, n, compare="diff", method="newcomb", alpha=0.05)
    return out + [cell(low, p - q - below), cell(high, p - q + above)]


def literal_p(b, n, c, m):
    """The original's p-value, in its order of operations."""
    pooled = (b + c) / (n + m)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    if error == 0:
        return 1.0
    return float(2 * (1 - special.ndtr(abs(c / m - b / n) / error)))


def rate_row(b, n, c, m):
    if n == 0 or m == 0:
        return [b, n, c, m] + [None] * (len(RATE_COLUMNS) - 4)
    p, q = mp.mpf(c) / m, mp.mpf(b) / n
    effect = 2 * mp.asin(mp.sqrt(p)) - 2 * mp.asin(mp.sqrt(q))
    row = [b, n, c, m]
    hits = b + c
    if 0 < hits < n + m:
        pooled = mp.mpf(hits) / (n + m)
        z = (p - q) / mp.sqrt(pooled * (1 - pooled) * (mp.mpf(1) / n + mp.mpf(1) / m))
        package = proportion.proportions_ztest([c, b], [m, n]) if max(n, m) < 2**53 else (math.nan, math.nan)
        row += [cell(package[0], z), cell(package[1], truth.normal_two_sided(z)), literal_p(b, n, c, m)]
        small = n + m <= 10**6
        package = tried(lambda: stats.fisher_exact([[c, m - c], [b, n - b]]).pvalue) if small else math.nan
        row += [cell(package, truth.fisher_two_sided(c, m - c, b, n - b))]
    else:
        row += [None, None, 1.0, None]
    package = tried(lambda: proportion.proportion_effectsize(c / m, b / n))
    return row + [cell(package, effect), cell(None, p - q)] + rate_intervals(b, n, c, m)


RATE_COLUMNS = [
    "baseline hits", "baseline trials", "current hits", "current trials", "statsmodels proportions_ztest z",
    "statsmodels proportions_ztest p", "scipy 2(1-ndtr)", "scipy fisher_exact p", "statsmodels proportion_effectsize",
    "mpmath difference", "statsmodels wilson low", "statsmodels wilson high", "statsmodels beta low", "statsmodels beta high",
    "statsmodels newcomb low", "statsmodels newcomb high",
]

# --- categories -----------------------------------------------------------------------------------------------------------


def psi_truth(baseline, current):
    added = mp.mpf("1e-4")
    n, m = sum(baseline) + added * len(baseline), sum(current) + added * len(current)
    pairs = [((c + added) / m, (b + added) / n) for b, c in zip(baseline, current)]
    return sum((p - q) * mp.log(p / q) for p, q in pairs)


def psi_floor_truth(baseline, current):
    def filled(counts):
        shares = [mp.mpf(count) / sum(counts) for count in counts]
        smallest = min(share for share in shares if share > 0)
        floor = smallest * mp.mpf(10) ** -6 if smallest <= mp.mpf("0.0001") else mp.mpf("0.0001")
        return [share if share > 0 else floor for share in shares]

    return sum((p - q) * mp.log(p / q) for q, p in zip(filled(baseline), filled(current)))


def table_row(baseline, current):
    row = [baseline, current]
    pairs = [(b, c) for b, c in zip(baseline, current) if b + c]
    n, m = sum(baseline), sum(current)
    if n == 0 or m == 0:
        return row + [None] * (len(TABLE_COLUMNS) - 2)
    b, c = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    shares = [(mp.mpf(y) / m, mp.mpf(x) / n) for x, y in pairs]
    table = np.array([c, b], dtype=float).T
    if len(pairs) > 1:
        df = len(pairs) - 1
        square = sum((mp.mpf(x) * m - mp.mpf(y) * n) ** 2 / (x + y) for x, y in pairs) / n / m
        package = stats.chi2_contingency(table, correction=False)
        row += [cell(package.statistic, square), cell(package.pvalue, truth.chi_square_sf(square, df))]
        corrected = square
        if df == 1:
            difference = max(abs(mp.mpf(b[0]) * m - mp.mpf(c[0]) * n) / (n + m) - mp.mpf(1) / 2, 0)
            corrected = difference**2 * mp.mpf(n + m) ** 3 / (mp.mpf(n) * m * (b[0] + c[0]) * (b[1] + c[1]))
        package = stats.chi2_contingency(table, correction=True)
        row += [cell(package.statistic, corrected), cell(package.pvalue, truth.chi_square_sf(corrected, df))]
        expected = lambda x, y, rows: mp.mpf(x + y) * rows / (n + m)
        g = 2 * sum(k * mp.log(k / expected(x, y, rows)) for x, y in pairs for k, rows in ((x, n), (y, m)) if k)
        package = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
        row += [cell(package.statistic, g), cell(package.pvalue, truth.chi_square_sf(g, df))]
        whole = np.array([c, b]).T
        row += [cell(tried(lambda: contingency.association(whole, method="cramer")), mp.sqrt(square / (n + m)))]
    else:
        row += [None] * 7
    row += [cell(None, psi_truth(b, c)), cell(None, psi_floor_truth(b, c))]
    middle = lambda p, q: p * mp.log(2 * p / (p + q), 2) if p else mp.mpf(0)
    js = mp.sqrt(sum(middle(p, q) + middle(q, p) for p, q in shares) / 2)
    row += [cell(distance.jensenshannon(np.array(c) / m, np.array(b) / n, base=2), js)]
    if all(q for p, q in shares if p):
        kl = sum(p * mp.log(p / q) for p, q in shares if p)
        row += [cell(stats.entropy(np.array(c, float), np.array(b, float)), kl)]
    else:
        row += [None]
    hellinger = mp.sqrt(sum((mp.sqrt(p) - mp.sqrt(q)) ** 2 for p, q in shares) / 2)
    return row + [cell(None, hellinger), cell(None, sum(abs(p - q) for p, q in shares) / 2)]


TABLE_COLUMNS = [
    "baseline", "current", "scipy chi2", "scipy chi2 p", "scipy yates", "scipy yates p", "scipy g", "scipy g p", "scipy cramer",
    "mpmath psi", "mpmath psi floor", "scipy jensenshannon", "scipy entropy", "mpmath hellinger", "mpmath total variation",
]

# --- numbers --------------------------------------------------------------------------------------------------------------


def number_row(baseline, current, unit):
    """`baseline` and `current` are (n, sum, sum of squares)."""
    row = [list(map(str, baseline)), list(map(str, current)), unit]
    (n, s, q), (m, t, r) = baseline, current
    if n < 2 or m < 2 or n * q == s * s and m * r == t * t:
        return row + [None] * 5
    unit = mp.mpf(unit)
    variance = lambda n, s, q: mp.mpf(n * q - s * s) / (n * (n - 1)) * unit**2
    difference = mp.mpf(t * n - s * m) / (n * m) * unit
    v, w = variance(n, s, q), variance(m, t, r)
    error = v / n + w / m
    statistic = difference / mp.sqrt(error)
    df = error**2 / ((v / n) ** 2 / (n - 1) + (w / m) ** 2 / (m - 1))
    p = truth.student_t_two_sided(statistic, df)
    mean = lambda n, s: float(mp.mpf(s) / n * unit)
    package = stats.ttest_ind_from_stats(
        mean(m, t), math.sqrt(w), m, mean(n, s), math.sqrt(v), n, equal_var=False
    )
    d = difference / mp.sqrt(((n - 1) * v + (m - 1) * w) / (n + m - 2))
    half = mp.mpf(n + m - 2) / 2
    g = d * mp.exp(mp.loggamma(half) - mp.loggamma(half - mp.mpf(1) / 2)) / mp.sqrt(half)
    return row + [cell(package.statistic, statistic), cell(package.pvalue, p), cell(None, df), cell(None, d), cell(None, g)]


NUMBER_COLUMNS = ["baseline", "current", "unit", "scipy ttest t", "scipy ttest p", "mpmath df", "mpmath d", "mpmath g"]

# --- histograms -----------------------------------------------------------------------------------------------------------

EXPANDED = 30_000


def cumulated(counts):
    total, below = 0, []
    for count in counts:
        below.append(total)
        total += count
    return below


def mann_whitney_truth(b, c, n, m):
    below_b, below_c = cumulated(b), cumulated(c)
    twice_u = sum(y * (2 * k + x) for x, y, k in zip(b, c, below_b))
    rows = n + m
    tied = sum((x + y) ** 3 - (x + y) for x, y in zip(b, c))
    if tied == rows**3 - rows:
        return None
    spread = mp.sqrt(mp.mpf(n) * m / 12 * (rows + 1 - mp.mpf(tied) / (rows * (rows - 1))))
    z = (mp.mpf(abs(twice_u - n * m)) / 2 - mp.mpf(1) / 2) / spread
    return mp.mpf(twice_u) / 2, min(2 * truth.normal_sf(z), mp.mpf(1)), mp.mpf(twice_u - n * m) / (n * m)


def anderson_truth(b, c, n, m):
    rows = n + m
    if rows < 4 or any(x + y == rows for x, y in zip(b, c)):
        return None
    total = mp.mpf(0)
    for x, y, i, j in zip(b, c, cumulated(b), cumulated(c)):
        if x + y:
            twice = 2 * (i + j) + x + y
            difference = m * (2 * i + x) - n * (2 * j + y)
            total += mp.mpf(x + y) / rows * difference**2 / (twice * (2 * rows - twice) - rows * (x + y))
    square = total * (mp.mpf(1) / n + mp.mpf(1) / m) * (rows - 1) / rows
    inverse = mp.mpf(1) / n + mp.mpf(1) / m
    h, g = mp.harmonic(rows - 1), None
    g = mp.zeta(2) - mp.psi(1, rows + 1) - (2 * mp.harmonic(rows) - mp.mpf(1) / rows) / rows
    p = (4 * g - 6) + (10 - 6 * g) * inverse
    q = (2 * g - 4) * 4 + 16 * h + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6
    r = (6 * h + 2 * g - 2) * 4 + (4 * h - 4 * g + 6) * 2 + (2 * h - 6) * inverse + 4 * h
    s = (2 * h + 6) * 4 - 8 * h
    variance = (p * mp.mpf(rows) ** 3 + q * mp.mpf(rows) ** 2 + r * rows + s) / (mp.mpf(rows - 1) * (rows - 2) * (rows - 3))
    statistic = (square - 1) / mp.sqrt(variance)
    limit_variance = 2 * (mp.pi**2 - 9) / 3
    tied = tied_anderson_variance(b, c) + variance - limit_variance - mp.mpf(2) / rows
    if tied <= 0:
        return None
    limit = 1 + (square - 1) * mp.sqrt(limit_variance / tied)
    return statistic, truth.fast_limit_sf(truth.anderson_darling_integrand, 0.03, limit)


def tied_anderson_variance(b, c):
    """Twice the sum of the squared correlations of all pairs of rows."""
    sizes = [x + y for x, y in zip(b, c) if x + y]
    rows, variance = sum(sizes), mp.mpf(0)
    middle = [2 * below + size for below, size in zip(cumulated(sizes), sizes)]
    weight = [k * (2 * rows - k) - rows * size for k, size in zip(middle, sizes)]
    for i, size in enumerate(sizes):
        variance += mp.mpf(size) ** 2
        below = sum(mp.mpf(sizes[k] * middle[k] ** 2) / weight[k] for k in range(i))
        variance += 2 * below * size * mp.mpf(2 * rows - middle[i]) ** 2 / weight[i]
    return 2 * variance / mp.mpf(rows) ** 2


def cramer_truth(b, c, n, m):
    rows = n + m
    if rows < 3:
        return None
    twelve_u = sum(
        n * (3 * x * (2 * j + y) ** 2 + x**3 - x) + m * (3 * y * (2 * i + x) ** 2 + y**3 - y)
        for x, y, i, j in zip(b, c, cumulated(b), cumulated(c))
    )
    statistic = mp.mpf(twelve_u) / (12 * n * m * rows) - mp.mpf(4 * n * m - 1) / (6 * rows)
    mean = (1 + mp.mpf(1) / rows) / 6
    variance = mp.mpf((rows + 1) * (4 * n * m * rows - 3 * (n * n + m * m) - 2 * n * m)) / (45 * rows**2 * 4 * n * m)
    if variance <= 0:
        return None
    standardised = mp.mpf(1) / 6 + (statistic - mean) / mp.sqrt(45 * variance)
    return statistic, truth.fast_limit_sf(truth.cramer_von_mises_integrand, 0.003, standardised)


def tied_cramer_truth(b, c, n, m):
    """With the mean and variance that T has for these ties: sums over all pairs of values, in whole numbers."""
    rows = n + m
    sizes = [x + y for x, y in zip(b, c) if x + y]
    if rows < 3 or len(sizes) < 2:
        return None
    after = [below + size for below, size in zip(cumulated(sizes), sizes)]
    squares = i = j = 0
    for x, y in zip(b, c):
        i, j = i + x, j + y
        squares += (x + y) * (i * m - j * n) ** 2
    statistic = mp.mpf(squares) / (mp.mpf(rows) ** 2 * n * m)
    mean = mp.mpf(sum(size * k * (rows - k) for size, k in zip(sizes, after))) / (mp.mpf(rows) ** 2 * (rows - 1))
    tied = below = 0
    for size, k in zip(sizes, after):
        tied += size * (rows - k) ** 2 * (2 * below + size * k * k)
        below += size * k * k
    untied = mp.mpf(rows**2 * (rows**2 - 1) * (2 * rows**2 + 7)) / 180
    variance = mp.mpf((rows + 1) * (4 * n * m * rows - 3 * (n * n + m * m) - 2 * n * m)) / (45 * rows**2 * 4 * n * m)
    variance *= tied / untied
    if variance <= 0:
        return None
    standardised = mp.mpf(1) / 6 + (statistic - mean) / mp.sqrt(45 * variance)
    return statistic, truth.fast_limit_sf(truth.cramer_von_mises_integrand, 0.003, standardised)


def kolmogorov_cells(b, c, n, m, samples):
    largest = i = j = 0
    for x, y in zip(b, c):
        i, j = i + x, j + y
        largest = max(largest, abs(i * m - j * n))
    d = mp.mpf(largest) / (n * m)
    effective = int(np.round(max(n, m) * min(n, m) / (n + m)))
    package = float(stats.kstwo.sf(float(d), effective)) if effective else math.nan
    square = effective * d * d
    if effective > 10**6 and square >= 2.2:
        # scipy.special.smirnov is approximate above a million.
        asymptotic = cell(package, min(2 * truth.smirnov_sf_smooth(effective, d), 1))
    elif effective == 0:
        # One value in each window: no distance could be surprising.
        asymptotic = cell(package, 1)
    else:
        asymptotic = package
    exact = None
    if n * m <= 20_000:
        package = tried(lambda: stats.ks_2samp(*samples, method="exact").pvalue)
        exact = cell(package, truth.lattice_paths(n, m, largest))
    return d, asymptotic, exact


def histogram_row(values, b, c):
    row = [values, b, c]
    n, m = sum(b), sum(c)
    if n == 0 or m == 0:
        return row + [None] * (len(HISTOGRAM_COLUMNS) - 3)
    small = n + m <= EXPANDED
    x, y = (np.repeat(values, b), np.repeat(values, c)) if small else (None, None)
    package = lambda function: tried(function) if small else math.nan
    ranks = mann_whitney_truth(b, c, n, m)
    if ranks:
        test = stats.mannwhitneyu(y, x, method="asymptotic") if small else None
        row += [cell(package(lambda: test.statistic), ranks[0]), cell(package(lambda: test.pvalue), ranks[1]), cell(None, ranks[2])]
    else:
        row += [None, None, cell(None, 0)]
    d, asymptotic, exact = kolmogorov_cells(b, c, n, m, (x, y))
    row += [cell(package(lambda: stats.ks_2samp(x, y, method="asymp").statistic), d), asymptotic, exact]
    squares = anderson_truth(b, c, n, m)
    if squares:
        test = package(lambda: stats.anderson_ksamp([x, y], variant="midrank").statistic)
        table = package(lambda: stats.anderson_ksamp([x, y], variant="midrank").pvalue)
        row += [cell(test, squares[0]), cell(None, squares[1]), None if math.isnan(table) else table]
    else:
        row += [None, None, None]
    squares = cramer_truth(b, c, n, m)
    if squares:
        test = stats.cramervonmises_2samp(x, y, method="asymptotic") if small and min(n, m) > 1 else None
        of = lambda name: math.nan if test is None else float(getattr(test, name))
        row += [cell(of("statistic"), squares[0]), cell(of("pvalue"), squares[1])]
    else:
        row += [None, None]
    moved, energy, i, j = mp.mpf(0), mp.mpf(0), 0, 0
    for k in range(len(values) - 1):
        i, j = i + b[k], j + c[k]
        gap = mp.mpf(values[k + 1]) - mp.mpf(values[k])
        share = mp.mpf(i * m - j * n) / (n * m)
        moved, energy = moved + gap * abs(share), energy + gap * share**2
    row += [cell(float(stats.wasserstein_distance(values, values, b, c)), moved)]
    row += [cell(float(stats.energy_distance(values, values, b, c)), mp.sqrt(2 * energy))]
    row += welch_cells(values, b, c, n, m, x, y)
    return row + brunner_cells(b, c, n, m, x, y) + levene_cells(values, b, c, n, m, x, y) + tied_cells(b, c, n, m)


def tied_cells(b, c, n, m):
    return [None if part is None else cell(None, part) for part in tied_cramer_truth(b, c, n, m) or (None, None)]


def brunner_cells(b, c, n, m, x, y):
    if n < 2 or m < 2:
        return [None, None]
    placed_b = [j + mp.mpf(k) / 2 for j, k in zip(cumulated(c), c)]
    placed_c = [i + mp.mpf(k) / 2 for i, k in zip(cumulated(b), b)]
    mean = lambda counts, placed, total: sum(k * place for k, place in zip(counts, placed)) / total
    p, q = mean(b, placed_b, n), mean(c, placed_c, m)
    spread = lambda counts, placed, total, mean: sum(k * (place - mean) ** 2 for k, place in zip(counts, placed)) / (total - 1)
    v, w = n * spread(b, placed_b, n, p), m * spread(c, placed_c, m, q)
    if v + w < mp.mpf(10) ** -40:
        return [None, None]
    # The mean combined ranks differ by as much as the placements leave of all ranks.
    difference = (q + mp.mpf(m + 1) / 2) - (p + mp.mpf(n + 1) / 2)
    statistic = mp.mpf(n) * m * difference / ((n + m) * mp.sqrt(v + w))
    df = (v + w) ** 2 / (v**2 / (n - 1) + w**2 / (m - 1))
    test = stats.brunnermunzel(x, y) if x is not None else None
    of = lambda name: math.nan if test is None else float(getattr(test, name))
    return [cell(of("statistic"), statistic), cell(of("pvalue"), truth.student_t_two_sided(statistic, df))]


def levene_cells(values, b, c, n, m, x, y):
    if n + m < 3:
        return [None, None]
    exact = [mp.mpf(value) for value in values]

    def distances(counts, total):
        at = lambda rank: next(v for v, below, k in zip(exact, cumulated(counts), counts) if below + k > rank)
        median = (at((total - 1) // 2) + at(total // 2)) / 2
        mean = sum(k * abs(v - median) for k, v in zip(counts, exact)) / total
        return mean, sum(k * (abs(v - median) - mean) ** 2 for k, v in zip(counts, exact))

    (p, v), (q, w) = distances(b, n), distances(c, m)
    if v + w == 0:
        return [None, None]
    statistic = (q - p) ** 2 / ((v + w) / (n + m - 2) * (mp.mpf(1) / n + mp.mpf(1) / m))
    test = stats.levene(x, y, center="median") if x is not None else None
    of = lambda name: math.nan if test is None else float(getattr(test, name))
    p_value = truth.student_t_two_sided(mp.sqrt(statistic), n + m - 2)
    return [cell(of("statistic"), statistic), cell(of("pvalue"), p_value)]


def welch_cells(values, b, c, n, m, x, y):
    if n < 2 or m < 2:
        return [None, None]
    exact = [mp.mpf(value) for value in values]
    mean = lambda counts, total: sum(k * value for k, value in zip(counts, exact)) / total
    p, q = mean(b, n), mean(c, m)
    spread = lambda counts, total, mean: sum(k * (value - mean) ** 2 for k, value in zip(counts, exact)) / (total - 1) / total
    v, w = spread(b, n, p), spread(c, m, q)
    if v + w == 0:
        return [None, None]
    t = (q - p) / mp.sqrt(v + w)
    df = (v + w) ** 2 / (v**2 / (n - 1) + w**2 / (m - 1))
    test = stats.ttest_ind(y, x, equal_var=False) if x is not None else None
    of = lambda name: math.nan if test is None else float(getattr(test, name))
    return [cell(of("statistic"), t), cell(of("pvalue"), truth.student_t_two_sided(t, df))]


HISTOGRAM_COLUMNS = [
    "values", "baseline", "current", "scipy mannwhitneyu U", "scipy mannwhitneyu p", "mpmath delta", "scipy ks D",
    "scipy kstwo.sf", "scipy ks_2samp exact p", "scipy anderson_ksamp", "numpy anderson limit law p", "scipy anderson_ksamp p",
    "scipy cramervonmises_2samp", "scipy cramervonmises_2samp p", "scipy wasserstein", "scipy energy", "scipy ttest t",
    "scipy ttest p", "scipy brunnermunzel", "scipy brunnermunzel p", "scipy levene", "scipy levene p",
    "mpmath cramer-von-mises", "numpy cramer-von-mises limit law p",
]

# --- families of p-values, special functions --------------------------------------------------------------------------------

METHODS = ["fdr_bh", "fdr_by", "holm", "bonferroni", "simes-hochberg", "hommel"]


def family_row(p_values):
    present = [p for p in p_values if p is not None]
    row = [p_values]
    for method in METHODS:
        adjusted = iter(multitest.multipletests(present, method=method)[1] if present else [])
        row.append([None if p is None else float(next(adjusted)) for p in p_values])
    if not present or 0 in present:
        return row + [None] * 4
    square = -2 * sum(mp.log(p) for p in present)
    package = stats.combine_pvalues(present, "fisher")
    row += [cell(package.statistic, square), cell(package.pvalue, truth.chi_square_sf(square, 2 * len(present)))]
    if 1 in present:
        return row + [None] * 2
    z = sum(mp.sqrt(2) * truth.inverse_erfc(2 * mp.mpf(p)) for p in present) / mp.sqrt(len(present))
    package = stats.combine_pvalues(present, "stouffer")
    return row + [cell(package.statistic, z), cell(package.pvalue, truth.normal_sf(z))]


FAMILY_COLUMNS = ["p"] + [f"statsmodels {method}" for method in METHODS] + [
    "scipy fisher", "scipy fisher p", "scipy stouffer", "scipy stouffer p",
]


def special_rows():
    """[name, arguments, value], at 50 digits."""
    draw = random.Random(7)
    rows = []

    def add(name, arguments, value):
        if value > mp.mpf(10) ** -300:
            rows.append([name, arguments, float(value)])

    for _ in range(200):
        z = draw.uniform(-8, 37)
        add("normal sf", [z], truth.normal_sf(z))
        z = draw.uniform(-9, 60)
        rows.append(["normal log sf", [z], float(mp.log(truth.normal_sf(z)))])
        p = draw.choice([draw.random(), 10 ** draw.uniform(-300, 0)])
        rows.append(["normal quantile", [p], float(-mp.sqrt(2) * truth.inverse_erfc(2 * mp.mpf(p)))])
    for _ in range(300):
        a = 10 ** draw.uniform(-0.3, 6)
        x = max(1e-3, a + draw.uniform(-5, 35) * a**0.5) if draw.random() < 0.7 else a * 10 ** draw.uniform(-1, 0.3)
        add("gamma upper", [a, x], truth.gamma_upper(a, x))
        df = draw.choice([1, 2, 3, 10, 20, 137])
        x = df * 10 ** draw.uniform(-1, 2)
        add("chi-square sf", [x, df], truth.chi_square_sf(x, df))
        df, t = 10 ** draw.uniform(-0.3, draw.choice([3, 12])), 10 ** draw.uniform(-2, 1.6)
        add("student t two-sided", [t, df], truth.student_t_two_sided(t, df))
        a, b = 10 ** draw.uniform(-0.3, 5.5), 10 ** draw.uniform(-0.3, 5.5)
        middle = a / (a + b)
        x = middle + draw.uniform(-35, 5) * (middle * (1 - middle) / (a + b + 1)) ** 0.5
        x = x if 1e-12 < x < 1 - 1e-9 else middle * draw.random()
        add("beta lower", [a, b, x], truth.beta_lower(a, b, x))
    for _ in range(100):
        add("kolmogorov limit sf", [t := draw.uniform(0.25, 18)], truth.kolmogorov_limit_sf(t))
        add("cramer-von-mises limit sf", [x := 10 ** draw.uniform(-1.7, 2.1)], truth.cramer_von_mises_limit_sf(x))
        add("anderson-darling limit sf", [x := 10 ** draw.uniform(-0.9, 2.8)], truth.anderson_darling_limit_sf(x))
    for _ in range(200):
        n, p = int(10 ** draw.uniform(0, 4)), draw.choice([draw.random(), 10 ** draw.uniform(-6, 0)])
        k = min(n, max(0, round(n * p + draw.uniform(-10, 25) * (n * p * (1 - p)) ** 0.5)))
        sf = mp.mpf(0) if k == n else truth.beta_lower(k + 1, n - k, p)
        add("binomial sf", [k, n, p], sf)
        add("binomial cdf", [k, n, p], mp.mpf(1) if k == n else truth.beta_lower(n - k, k + 1, 1 - mp.mpf(p), mp.mpf(p)))
        total = int(10 ** draw.uniform(0.5, 5))
        marked, drawn = draw.randint(0, total), draw.randint(0, total)
        low, high = max(0, drawn + marked - total), min(drawn, marked)
        spread = (drawn * marked / total * (1 - marked / total) * (1 - drawn / total)) ** 0.5
        k = min(high, max(low, round(drawn * marked / total + draw.uniform(-20, 20) * spread)))
        add("hypergeometric sf", [total, marked, drawn, k], truth.hypergeometric_tail(total, marked, drawn, k + 1, high))
        add("hypergeometric cdf", [total, marked, drawn, k], truth.hypergeometric_tail(total, marked, drawn, low, k))
    for exponent in (7, 8, 9):
        for sign in (-1, 1):
            # Exact in binary, so that 1 - x is, too.
            x, a = 0.5 + sign * 2.0**-17, 10.0**exponent
            add("beta lower", [a, a, x], truth.beta_lower(a, a, x))
    for _ in range(600):
        n = int(10 ** draw.uniform(0, 3.3 if draw.random() < 0.7 else 6))
        d = draw.choice([draw.uniform(0.2, 2.5), draw.uniform(0.3, 1.2), draw.uniform(1.4, 18)]) / n**0.5
        if d < 1:
            add("scipy kstwo.sf", [n, d], float(stats.kstwo.sf(d, n)))
    return rows


if __name__ == "__main__":
    truth.check()
    makers = {
        "rates": (RATE_COLUMNS, lambda: [rate_row(*sample) for sample in rate_samples()]),
        "tables": (TABLE_COLUMNS, lambda: [table_row(*sample) for sample in table_samples()]),
        "numbers": (NUMBER_COLUMNS, lambda: [number_row(*sample) for sample in number_samples()]),
        "histograms": (HISTOGRAM_COLUMNS, lambda: [histogram_row(*sample) for sample in histogram_samples()]),
        "families": (FAMILY_COLUMNS, lambda: [family_row(sample) for sample in family_samples()]),
        "special": (["function", "arguments", "mpmath"], special_rows),
    }
    for name in sys.argv[1:] or makers:
        columns, make = makers[name]
        write(name, columns, make())
