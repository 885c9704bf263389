"""Windows to compare: random ones with fixed seeds, and the edges."""

import math
import random


def rate_samples():
    """(baseline hits, baseline trials, current hits, current trials)."""
    draw = random.Random(1)
    edges = [
        (98, 822, 27, 128), (0, 0, 1, 2), (1, 2, 0, 0), (0, 10, 0, 20), (10, 10, 20, 20), (0, 10, 20, 20), (10, 10, 0, 20),
        (0, 10, 3, 20), (10, 10, 17, 20), (1, 1, 0, 1), (0, 1, 1, 1), (5, 10, 5, 10), (6, 12, 3, 6), (3, 7, 4, 7), (1, 2, 2, 3),
        (0, 500, 500, 500), (10, 1000, 990, 1000), (400, 1000, 600, 1000), (0, 10**12, 40, 10**6), (200, 10**12, 90, 10**11),
        (300, 10**12, 30, 10**9), (5 * 10**8, 10**9, 500_080_000, 10**9), (2 * 10**6, 10**8, 2_030_000, 10**8),
        (1, 10**12, 1, 10**12), (10**12 - 30, 10**12, 10**9 - 30, 10**9), (700, 2000, 1400, 2100), (600, 5000, 2500, 5000),
    ]
    samples = list(edges)
    while len(samples) < 260:
        n, m = int(10 ** draw.uniform(0, 4)), int(10 ** draw.uniform(0, 3.5))
        rate = draw.choice([draw.random(), draw.uniform(0, 0.05)])
        other = min(1.0, max(0.0, rate + draw.gauss(0, draw.choice([0.01, 0.1, 0.4]))))
        samples.append((binomial(draw, n, rate), n, binomial(draw, m, other), m))
    return samples


def binomial(draw, n, p):
    return min(n, max(0, round(draw.gauss(n * p, math.sqrt(n * p * (1 - p))))))


def table_samples():
    """(baseline counts, current counts) of the same categories."""
    draw = random.Random(2)
    samples = [
        ([0, 0], [1, 2]), ([], []), ([5], [7]), ([5, 0], [7, 0]), ([10, 20, 0], [0, 0, 30]), ([0, 10], [10, 0]), ([3, 3], [3, 3]),
        ([1, 2, 3], [2, 4, 6]), ([1, 0, 0], [0, 1, 0]), ([100, 0, 0, 1], [0, 3, 0, 70]), ([7, 1], [1, 0]), ([1, 1], [1, 1]),
        ([10**12, 2 * 10**12, 5], [10**12 + 3 * 10**6, 2 * 10**12, 9]), ([10**12, 10**12], [10**12 + 10**7, 10**12 - 10**7]),
        ([500, 500], [10, 990]), ([900, 50, 50], [50, 50, 900]), ([30] * 11, [1, 60] * 5 + [30]),
        ([10**12, 3, 0], [10**12, 0, 4]), ([10**6, 1], [10**6, 0]),
    ]
    while len(samples) < 240:
        categories = draw.choice([2, 2, 3, 5, 11, 24])
        weights = [draw.gammavariate(draw.choice([0.3, 1, 4]), 1) for _ in range(categories)]
        n, m = 10 ** draw.uniform(1, 4.5), 10 ** draw.uniform(0.5, 4)
        shift = draw.choice([0, 0.1, 1])
        other = [weight * math.exp(draw.gauss(0, shift)) for weight in weights]
        samples.append((multinomial(draw, n, weights), multinomial(draw, m, other)))
    return samples


def multinomial(draw, n, weights):
    total = sum(weights)
    counts = [binomial(draw, int(n), weight / total) for weight in weights]
    return counts if sum(counts) else [1] + counts[1:]


def number_samples():
    """((n, sum, sum of squares), the same of the current window, unit)."""
    draw = random.Random(3)
    of = lambda values: (len(values), sum(values), sum(value * value for value in values))
    far = 10**15
    samples = [
        (of([]), of([1, 2]), 1.0), (of([1]), of([1, 2]), 1.0), (of([1, 2]), of([3]), 1.0), (of([4, 4]), of([4, 4]), 1.0),
        (of([4, 4]), of([5, 5, 5]), 1.0), (of([4, 4, 4]), of([4, 5]), 1.0), (of([-3, 8, 1]), of([2, 2, 2, 2]), 0.01),
        (of([far + 1, far + 2, far + 4]), of([far + 2, far + 5, far + 9, far + 1]), 1.0), (of([1, 2, 3]), of([1, 2, 3]), 0.01),
        ((10**12, 10**12 * 25_000, 10**12 * (25_000**2 + 9_000**2)), (10**9, 10**9 * 25_003, 10**9 * (25_003**2 + 9_100**2)), 0.01),
        ((10**12, 0, 10**12), (10**12, 10**7, 10**12 + 7), 1.0), ((10**12, 0, 10**12), (10**12, 3 * 10**7, 10**12), 1.0),
        ((10**6, 0, 10**6), (2000, 1300, 2900), 1.0), ((900, 0, 900), (900, 900, 1800), 1.0), ((40, 0, 40), (30, 400, 5500), 1.0),
    ]
    while len(samples) < 240:
        n, m = int(10 ** draw.uniform(0.4, 3)), int(10 ** draw.uniform(0.4, 2.5))
        centre, spread = draw.choice([(5, 3), (25_000, 12_000), (0, 1), (10**9, 50)])
        shift = draw.choice([0, 0.1, 0.5, 3, 10]) * spread
        window = lambda n, centre: [round(draw.gauss(centre, spread)) for _ in range(n)]
        samples.append((of(window(n, centre)), of(window(m, centre + shift)), draw.choice([1.0, 0.01])))
    return samples


def histogram_samples():
    """(values, baseline counts, current counts)."""
    draw = random.Random(4)
    three = [1.0, 2.0, 5.0]
    samples = [
        ([], [], []), (three, [0, 0, 0], [1, 2, 3]), (three, [1, 2, 3], [0, 0, 0]), (three, [0, 7, 0], [0, 9, 0]),
        (three, [1, 0, 0], [0, 0, 1]), (three, [0, 1, 0], [0, 1, 1]), (three, [9, 0, 0], [0, 0, 8]), (three, [1, 2, 3], [1, 2, 3]),
        (three, [40, 0, 0], [0, 0, 30]), (three, [300, 0, 0], [0, 0, 300]), (three, [9000, 10, 0], [0, 10, 4000]),
        (three, [10**12, 10**12, 5], [10**12, 10**12 + 3 * 10**6, 9]), (three, [10**12, 1, 0], [10**12, 0, 40]),
        (three, [10**9, 10**9, 10**9], [10**9 + 10**5, 10**9, 10**9 - 10**5]), (three, [0, 0, 1], [1, 0, 0]),
        ([-1e6, 0.0, 1e6], [5, 6, 7], [9, 2, 1]), (three, [1, 1, 1], [2, 2, 2]), ([0.1, 0.25, 7.5], [4, 5, 6], [11, 1, 0]),
        ([float(k) for k in range(40)], [1, 0] * 20, [0, 1] * 20), ([float(k) for k in range(60)], [1] * 30 + [0] * 30, [0] * 30 + [1] * 30),
        (three, [4 * 10**6, 4 * 10**6, 4 * 10**6], [4_010_000, 3_990_000, 4 * 10**6]), (three, [10**7, 0, 10**7], [9_900_000, 10**6, 9_100_000]),
        (three, [3 * 10**6, 3 * 10**6, 0], [3 * 10**6, 3_001_000, 0]),
    ]
    while len(samples) < 270:
        samples.append(random_histogram(draw))
    while len(samples) < 320:
        # No ties.
        n, m, shift = draw.randint(2, 40), draw.randint(2, 40), draw.choice([0, 0.5, 2])
        rows = sorted([(draw.gauss(0, 1), 1, 0) for _ in range(n)] + [(draw.gauss(shift, 1), 0, 1) for _ in range(m)])
        samples.append(tuple(list(column) for column in zip(*((round(v, 6), b, c) for v, b, c in rows))))
    return samples


def random_histogram(draw):
    n, m = int(10 ** draw.uniform(0.3, 3.3)), int(10 ** draw.uniform(0.3, 2.6))
    step, spread = draw.choice([(1.0, 3), (1.0, 12), (0.25, 40), (100.0, 1)])
    shift, stretch = draw.choice([0, 0, 0.2, 1, 4]), draw.choice([1, 1, 1.3, 3])
    window = lambda n, shift, stretch: [round(spread * (draw.gauss(0, 1) * stretch + shift)) for _ in range(n)]
    baseline, current = window(n, 0, 1), window(m, shift, stretch)
    steps = sorted(set(baseline) | set(current))
    count = lambda rows: [rows.count(step) for step in steps]
    return [step * k for k in steps], count(baseline), count(current)


def family_samples():
    """p-values, None where a test had no answer."""
    draw = random.Random(5)
    samples = [[], [None], [0.04], [1.0, 1.0], [0.0, 1e-300, 0.5], [0.01] * 5, [None, 0.03, None, 0.2, 0.001], [1e-300, 1e-299, 1.0],
               [0.05, 0.05, 0.05, 1.0], [0.0, 0.0]]
    while len(samples) < 230:
        size = draw.choice([1, 2, 3, 5, 8, 13, 21])
        p = lambda: draw.choice([draw.random(), draw.random(), 10 ** draw.uniform(-6, 0), 10 ** draw.uniform(-280, 0), None])
        samples.append([p() for _ in range(size)])
    return samples
