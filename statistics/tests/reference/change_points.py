"""What ruptures says of the series of streams_input.py: changes, and the cost of the cut.

    python -m venv /tmp/venv && /tmp/venv/bin/pip install ruptures==1.1.10
    /tmp/venv/bin/python statistics/tests/reference/change_points.py          # writes change_points.json
    /tmp/venv/bin/python statistics/tests/reference/change_points.py --check  # compares

The costs of counts, which ruptures has not, are the deviances that scipy's log probabilities give.
"""

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import ruptures
from scipy.stats import binom, poisson

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


def main():
    warnings.simplefilter("ignore")
    found = {
        "series": SERIES,
        "cuts": {cost: cuts_of(cost) for cost in PENALTIES},
        "cuts_of_counts": {cost: cuts_of(cost, of_counts=True) for cost in ("l2", "l1")},
        "deviances": deviances(),
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
