"""What ruptures says of the series of streams_input.py: changes, and the cost of the cut.

    python -m venv /tmp/venv && /tmp/venv/bin/pip install ruptures==1.1.10
    /tmp/venv/bin/python statistics/tests/reference/change_points.py          # writes change_points.json
    /tmp/venv/bin/python statistics/tests/reference/change_points.py --check  # compares

The costs of counts, which ruptures has not, are the deviances that scipy's log probabilities give. Run lengths are
those of the recursion of Adams and MacKay with scipy's predictive distributions.
"""

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import ruptures
from scipy.special import logsumexp
from scipy.stats import betabinom, binom, nbinom, poisson, t

from streams_input import counts, series

FILE = Path(__file__).with_suffix(".json")
SERIES = 240
# Penalties that suit the scale of each cost.
PENALTIES = {"l2": (4.0, 9.0, 15.0), "l1": (2.0, 5.0, 8.0), "normal": (4.0, 9.0, 15.0), "rbf": (0.5, 1.0, 2.0)}
CUTS = ({"min_size": 2, "jump": 1}, {"min_size": 5, "jump": 1}, {"min_size": 3, "jump": 5}, {"min_size": 7, "jump": 4})


def settings(number, cost):
    """The cuts, penalty and number of changes for series `number`."""
    penalty = PENALTIES[cost][number % 3]
    return CUTS[number % 4], penalty, 1 + number % 3


def methods(cost, cuts, penalty, changes, length):
    model = {"model": cost} | cuts
    budget = penalty * length / 10
    yield "pelt", ruptures.Pelt(**model), {"pen": penalty}
    yield "binseg-penalty", ruptures.Binseg(**model), {"pen": penalty}
    yield "binseg-changes", ruptures.Binseg(**model), {"n_bkps": changes}
    yield "binseg-budget", ruptures.Binseg(**model), {"epsilon": budget}
    yield "dynp", ruptures.Dynp(**model), {"n_bkps": changes}
    yield "bottom-up-penalty", ruptures.BottomUp(**model), {"pen": penalty}
    yield "bottom-up-changes", ruptures.BottomUp(**model), {"n_bkps": changes}
    yield "bottom-up-budget", ruptures.BottomUp(**model), {"epsilon": budget}
    yield "window-penalty", ruptures.Window(width=20, **model), {"pen": penalty}
    yield "window-changes", ruptures.Window(width=14, **model), {"n_bkps": changes}


def cuts_of(cost, of_counts=False):
    """By method and series: the changes, and the sum of costs. Series of counts have many cuts that are equal."""
    found = {}
    for number in range(SERIES):
        values = np.array(counts(number)[0] if of_counts else series(number), dtype=float)
        for name, method, stop in methods(cost, *settings(number, cost), len(values)):
            if of_counts and name not in ("pelt", "binseg-penalty", "dynp"):
                continue
            try:
                ends = method.fit(values).predict(**stop)
            except ruptures.exceptions.BadSegmentationParameters:
                found.setdefault(name, []).append(None)
                continue
            total = float(method.cost.sum_of_costs(ends))
            found.setdefault(name, []).append([[int(end) for end in ends[:-1]], total])
    return found


def deviances():
    """Binomial and Poisson deviance of whole series and of their second halves."""
    found = []
    for number in range(SERIES):
        events, trials = map(np.array, counts(number))
        row = []
        for start in (0, len(events) // 2):
            k, n = events[start:], trials[start:]
            single = np.divide(k, n, out=np.zeros(len(k)), where=n > 0)
            row.append(2 * float(np.sum(binom.logpmf(k, n, single) - binom.logpmf(k, n, k.sum() / n.sum()))))
            exposure = n + 0.5
            row.append(2 * float(np.sum(
                poisson.logpmf(k, k) - poisson.logpmf(k, k.sum() / len(k)))))
            row.append(2 * float(np.sum(
                poisson.logpmf(k, k) - poisson.logpmf(k, exposure * k.sum() / exposure.sum()))))
        found.append(row)
    return found


class Normal:
    """Normal-gamma prior (mean 0, kappa 0.1, shape 1, rate 1), updated value by value for all runs at once."""

    def __init__(self):
        self.mu, self.kappa, self.alpha, self.beta = (np.array([it]) for it in (0.0, 0.1, 1.0, 1.0))

    def log_predictive(self, x):
        scale = np.sqrt(self.beta * (self.kappa + 1) / (self.alpha * self.kappa))
        return t.logpdf(x, 2 * self.alpha, self.mu, scale)

    def update(self, x):
        mu = (self.kappa * self.mu + x) / (self.kappa + 1)
        beta = self.beta + self.kappa * (x - self.mu) ** 2 / (2 * (self.kappa + 1))
        self.mu, self.kappa = np.append(mu, 0.0), np.append(self.kappa + 1, 0.1)
        self.alpha, self.beta = np.append(self.alpha + 0.5, 1.0), np.append(beta, 1.0)


class Events:
    """Beta prior (1/2, 1/2)."""

    def __init__(self):
        self.alpha, self.beta = np.array([0.5]), np.array([0.5])

    def log_predictive(self, x):
        return betabinom.logpmf(x[0], x[1], self.alpha, self.beta)

    def update(self, x):
        self.alpha = np.append(self.alpha + x[0], 0.5)
        self.beta = np.append(self.beta + x[1] - x[0], 0.5)


class Counts:
    """Gamma prior (shape 1, rate 0.1)."""

    def __init__(self):
        self.shape, self.rate = np.array([1.0]), np.array([0.1])

    def log_predictive(self, x):
        return nbinom.logpmf(x[0], self.shape, self.rate / (self.rate + x[1]))

    def update(self, x):
        self.shape, self.rate = np.append(self.shape + x[0], 1.0), np.append(self.rate + x[1], 0.1)


def run_lengths(model, values, mean_run_length=50.0):
    """The most probable length of the last run, its probability, that of a change within ten values, the best cut."""
    hazard = 1 / mean_run_length
    log_p, best, starts = np.array([0.0]), np.array([0.0]), [0]
    for value in values:
        predictive = model.log_predictive(value)
        model.update(value)
        log_p, best = log_p + predictive, best + predictive
        starts.append(int(np.argmax(best)))
        ended = logsumexp(log_p) + np.log(hazard)
        log_p = np.append(log_p + np.log1p(-hazard), ended)
        log_p -= logsumexp(log_p)
        best = np.append(best + np.log1p(-hazard), best.max() + np.log(hazard))
    p = np.exp(log_p)
    changes, start = [], int(np.argmax(best[:-1]))
    while start > 0:
        changes.insert(0, start)
        start = starts[start]
    most = int(np.argmax(p))
    return [len(values) - most, float(p[most]), float(p[-11:].sum()), changes]


def bocpd():
    found = []
    for number in range(SERIES):
        events, trials = counts(number)
        found.append([
            run_lengths(Normal(), series(number)),
            # A trial more, since places without trials make equal cuts.
            run_lengths(Events(), [(event, trial + 1) for event, trial in zip(events, trials)]),
            run_lengths(Counts(), [(count, trial + 0.5) for count, trial in zip(events, trials)]),
        ])
    return found


def main():
    warnings.simplefilter("ignore")
    found = {
        "series": SERIES,
        "cuts": {cost: cuts_of(cost) for cost in PENALTIES},
        "cuts_of_counts": {cost: cuts_of(cost, of_counts=True) for cost in ("l2", "l1")},
        "deviances": deviances(),
        "bocpd": bocpd(),
    }
    if "--check" in sys.argv:
        stored = json.loads(FILE.read_text())
        different = [key for key in found if stored[key] != json.loads(json.dumps(found[key]))]
        print("ruptures", version("ruptures"), "differs in" if different else "agrees", *different)
        sys.exit(bool(different))
    packages = {name: version(name) for name in ("ruptures", "numpy", "scipy")}
    versions = packages | {"python": sys.version.split()[0]}
    FILE.write_text(json.dumps({"versions": versions} | found, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
