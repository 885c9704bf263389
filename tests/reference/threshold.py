#!/usr/bin/env python3
"""Reference events of the payer drift rule, computed with Python's standard library alone.

Run without arguments, it makes the claims and the events that `tests/threshold.rs` compares with, beside
itself: `threshold_claims.csv` and `threshold_events.json`. The claims come from `random.Random(2026)`, so
running it again (Python 3.8 or later) gives the same bytes.

The rule is written here from its description: rates and medians per payer and CPT group in two half-open
windows of the submitted date, `statistics.median` for medians, every floating-point operation in the order
of the product that the rule comes from. Nothing is shared with the Rust code.
"""

import csv
import json
import random
import statistics
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

AS_OF = date(2026, 11, 20)
SPLIT = AS_OF - timedelta(days=14)
START = SPLIT - timedelta(days=90)
BASELINE_DAYS, CURRENT_DAYS = (SPLIT - START).days, (AS_OF - SPLIT).days
# Baseline days, current days, minimum volume: the rule's own, and two others.
RUNS = [(90, 14, 30), (60, 21, 7), (30, 10, 1)]

# Payer, CPT group, (paid, denied) in the baseline, (paid, denied) now, decision days in the baseline and now.
# Days are a list that is cycled through.
EXACT = [
    # 0.15 - 0.10 = 0.04999999999999999 is below 0.05, and its ratio to 0.10 below 0.5: neither arm fires.
    ("Exact", "rate 10 to 15", (90, 10), (85, 15), [5], [5]),
    ("Exact", "rate 15 to 10", (85, 15), (90, 10), [5], [5]),
    # 0.35 - 0.30 = 0.04999999999999999, 0.80 - 0.75 = 0.050000000000000044.
    ("Exact", "rate 30 to 35", (70, 30), (65, 35), [5], [5]),
    ("Exact", "rate 75 to 80", (25, 75), (20, 80), [5], [5]),
    ("Exact", "rate 80 to 75", (20, 80), (25, 75), [5], [5]),
    # 0.05 / 1: the threshold itself, from 0.0 and from 0.95 on both sides.
    ("Exact", "rate 0 to 5", (100, 0), (95, 5), [5], [5]),
    ("Exact", "rate 5 to 0", (95, 5), (100, 0), [5], [5]),
    ("Exact", "rate 0 to 4", (100, 0), (96, 4), [5], [5]),
    # Relative arm alone: 2 % to 3 % is exactly half more, give or take a rounding.
    ("Exact", "rate 2 to 3", (98, 2), (97, 3), [5], [5]),
    ("Exact", "rate 4 to 2", (96, 4), (98, 2), [5], [5]),
    ("Exact", "rate 1 in 64", (63, 1), (125, 3), [5], [5]),
    ("Exact", "rate all denied", (0, 60), (60, 0), [5], [5]),
    ("Exact", "rate none denied", (60, 0), (60, 0), [5], [5]),
    # Decision time: 3 days exactly, just below, and the relative arm.
    ("Exact", "days 20 to 23", (60, 0), (60, 0), [20], [23]),
    ("Exact", "days 20 to 22.5", (60, 0), (60, 0), [20], [22, 23]),
    ("Exact", "days 23 to 20", (60, 0), (60, 0), [23], [20]),
    ("Exact", "days 4 to 6", (60, 0), (60, 0), [4], [6]),
    ("Exact", "days 5 to 7", (60, 0), (60, 0), [5], [7]),
    ("Exact", "days 1 to 1.5", (60, 0), (60, 0), [1], [1, 2]),
    ("Exact", "days 0 to 2", (60, 0), (60, 0), [0], [2]),
    ("Exact", "days 0 to 3", (60, 0), (60, 0), [0], [3]),
    ("Exact", "days -2 to 0", (60, 0), (60, 0), [-2], [0]),
    ("Exact", "days -2 to 2", (60, 0), (60, 0), [-2], [2]),
    ("Exact", "days odd counts", (31, 2), (30, 1), [1, 9, 400], [2, 3, 1000]),
    ("Exact", "days 255 to 256", (40, 0), (40, 0), [255], [256]),
    ("Exact", "days 254 to 300", (40, 0), (40, 0), [254, 255], [300, 301]),
    ("Exact", "days far apart", (40, 0), (40, 0), [-100000], [100000]),
    ("Exact", "days even halves", (40, 0), (40, 0), [-3, 256], [-300, 12]),
    # Volume: just enough, one short, one window only, OTHER that does not count.
    ("Volume", "30 and 30", (25, 5), (20, 10), [5], [9]),
    ("Volume", "29 and 30", (25, 4), (20, 10), [5], [9]),
    ("Volume", "30 and 29", (25, 5), (20, 9), [5], [9]),
    ("Volume", "59 and 60", (50, 9), (30, 30), [5], [5]),
    ("Volume", "60 and 60", (50, 10), (30, 30), [5], [5]),
    ("Volume", "baseline only", (40, 20), (0, 0), [5], [5]),
    ("Volume", "current only", (0, 0), (40, 20), [5], [5]),
]
PAYERS = ["Aetna", "Blue Ünion", "Cigna", "medi,care", "Zenith \"Z\""]
GROUPS = ["Imaging", "Lab", "Surgery", "évaluation"]


def rows_of_exact_segments():
    for payer, group, baseline, current, days_before, days_now in EXACT:
        for (paid, denied), first, length, days in (
            (baseline, START, BASELINE_DAYS, days_before),
            (current, SPLIT, CURRENT_DAYS, days_now),
        ):
            for number in range(paid + denied):
                submitted = first + timedelta(days=number * 7 % length)
                outcome = "PAID" if number < paid else "DENIED"
                yield payer, group, submitted, submitted + timedelta(days=days[number % len(days)]), outcome


def rows_at_the_edges():
    """Claims that would tip a segment if a window were a day longer on either side, and OTHER outcomes."""
    edges = [START - timedelta(days=1), START, SPLIT - timedelta(days=1), SPLIT, AS_OF - timedelta(days=1), AS_OF]
    for day in edges:
        for number in range(40):
            denied = number < 4 + 2 * edges.index(day)
            yield "Edge", "every edge", day, day + timedelta(days=edges.index(day) * 5), "DENIED" if denied else "PAID"
    for number in range(35):
        yield "Edge", "outside only", AS_OF, AS_OF + timedelta(days=1), "PAID"
        yield "Edge", "outside only", START - timedelta(days=1), START, "PAID"
        yield "Edge", "other only", START, START + timedelta(days=9), "OTHER"
        yield "Edge", "other only", SPLIT, SPLIT + timedelta(days=90), "OTHER"


def rows_at_random(generator):
    for payer in PAYERS:
        for group in GROUPS:
            rates = [generator.choice([0.05, 0.1, 0.2]), generator.choice([0.05, 0.1, 0.3])]
            typical = [generator.choice([3, 10, 25]), generator.choice([3, 10, 28])]
            for _ in range(generator.randrange(100, 220)):
                # Half of them now, so that most segments have the volume to be judged.
                recent = generator.random() < 0.5
                first, last = (90, 106) if recent else (-10, 90)
                submitted = START + timedelta(days=generator.randrange(first, last))
                now = int(submitted >= SPLIT)
                outcome = "DENIED" if generator.random() < rates[now] else "PAID"
                outcome = "OTHER" if generator.random() < 0.06 else outcome
                days = int(generator.gauss(typical[now], 4)) + generator.choice([0, 0, 0, 0, 0, 0, 0, 0, 0, 250])
                yield payer, group, submitted, submitted + timedelta(days=days), outcome


def events_of(rows, baseline_days, current_days, min_volume):
    """The rule itself: (segments considered, events)."""
    split = AS_OF - timedelta(days=current_days)
    start = split - timedelta(days=baseline_days)
    windows = defaultdict(lambda: ([0, 0, []], [0, 0, []]))
    for payer, group, submitted, decided, outcome in rows:
        if outcome not in ("PAID", "DENIED") or not start <= submitted < AS_OF:
            continue
        window = windows[payer, group][1 if submitted >= split else 0]
        window[0] += outcome == "PAID"
        window[1] += outcome == "DENIED"
        window[2].append((decided - submitted).days)
    events = []
    # Sorted as UTF-8, which for Python's strings of code points is the plain order.
    for (payer, group), (before, now) in sorted(windows.items()):
        n_before, n_now = before[0] + before[1], now[0] + now[1]
        if n_before < min_volume or n_now < min_volume:
            continue
        confidence = min((n_before + n_now) / (min_volume * 4), 1.0)

        def judge(kind, old, new, threshold, severity):
            delta = new - old
            if abs(delta) >= threshold or (old > 0 and abs(delta / old) >= 0.5):
                events.append({
                    "payer": payer, "cpt_group": group, "drift_type": kind,
                    "baseline_value": repr(float(old)), "current_value": repr(float(new)),
                    "delta_value": repr(float(delta)), "severity": repr(float(severity(abs(delta)))),
                    "confidence": repr(float(confidence)),
                    "baseline_start": start.isoformat(), "baseline_end": split.isoformat(),
                    "current_start": split.isoformat(), "current_end": AS_OF.isoformat(),
                    "baseline_n": n_before, "current_n": n_now,
                })

        judge("DECISION_TIME", statistics.median(before[2]), statistics.median(now[2]), 3,
              lambda size: min(size / 10.0, 1.0))
        judge("DENIAL_RATE", before[1] / n_before, now[1] / n_now, 0.05, lambda size: min(size * 2.0, 1.0))
    return len(windows), events


def main():
    generator = random.Random(2026)
    rows = [*rows_of_exact_segments(), *rows_at_the_edges(), *rows_at_random(generator)]
    generator.shuffle(rows)
    here = Path(__file__).parent
    with open(here / "threshold_claims.csv", "w", encoding="utf-8", newline="") as file:
        file.write("# Synthetic claims made by threshold.py beside this file: random.Random(2026), no real data.\n")
        writer = csv.writer(file, delimiter="|", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n")
        writer.writerow(["payer", "cpt_group", "submitted_date", "decided_date", "outcome"])
        writer.writerows(rows)
    runs = []
    for baseline_days, current_days, min_volume in RUNS:
        considered, events = events_of(rows, baseline_days, current_days, min_volume)
        print(f"{len(rows)} claims, {considered} segments considered, {len(events)} events")
        runs.append({
            "baseline_days": baseline_days, "current_days": current_days, "min_volume": min_volume,
            "groups_considered": considered, "events": events,
        })
    reference = {
        "origin": "threshold.py beside this file, Python standard library; floats are Python repr texts, "
                  "because they are compared bit for bit and not every JSON reader keeps the last bit",
        "as_of": AS_OF.isoformat(), "claims": len(rows), "runs": runs,
    }
    text = json.dumps(reference, ensure_ascii=False, indent=1)
    (here / "threshold_events.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
