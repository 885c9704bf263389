"""What river says of the streams of streams_input.py: alarms, warnings, and the state of ADWIN.

    python -m venv /tmp/venv && /tmp/venv/bin/pip install river==0.23.0 typing_extensions==4.15.0
    /tmp/venv/bin/python statistics/tests/reference/streams.py          # writes streams.json
    /tmp/venv/bin/python statistics/tests/reference/streams.py --check  # compares
    /tmp/venv/bin/pip install river==0.26.1
    /tmp/venv/bin/python statistics/tests/reference/streams.py --newer  # compares all but HDDM-W, and adds that

The moving average of 0.23.0 starts again when it is exactly 0, which 0.26.1 has mended: HDDM-W differs.
KSWIN draws random numbers and is not compared value by value; what is compared is its limit, from scipy.
"""

import json
import sys
import warnings
from importlib.metadata import version
from itertools import product
from pathlib import Path

from river import drift
from scipy.stats import ks_2samp

from streams_input import stream

FILE = Path(__file__).with_suffix(".json")
STREAMS = 400
HDDM_A = getattr(drift.binary, "HDDM_A", None) or drift.binary.HDDMA
HDDM_W = getattr(drift.binary, "HDDM_W", None) or drift.binary.HDDMW

ADWIN = [
    {"delta": delta, "clock": clock, "max_buckets": buckets}
    for delta, clock, buckets in product((0.002, 0.05, 0.01), (32, 1), (5, 10))
] + [{"min_window_length": 20, "grace_period": 100, "clock": 3}, {"max_buckets": 2}]
PAGE_HINKLEY = [
    {},
    {"threshold": 10.0, "mode": "up"},
    {"threshold": 10.0, "mode": "down", "alpha": 1.0},
    {"threshold": 15.0, "delta": 0.1, "min_instances": 100, "alpha": 0.99},
]
DDM = [{}, {"warm_start": 100, "drift_threshold": 2.5}, {"warning_threshold": 1.5, "drift_threshold": 2.0}]
EDDM = [{}, {"alpha": 0.8, "beta": 0.75}, {"warm_start": 60, "alpha": 0.9, "beta": 0.85}]
FHDDM = [{}, {"short_window_size": 20}, {"sliding_window_size": 25, "confidence_level": 0.01}]
HDDM = [
    {},
    {"two_sided_test": True},
    {"drift_confidence": 0.05, "warning_confidence": 0.1, "two_sided_test": True},
]
DETECTORS = [
    ("adwin", drift.ADWIN, ADWIN, 1),
    ("page-hinkley", drift.PageHinkley, PAGE_HINKLEY, 1),
    ("ddm", drift.binary.DDM, DDM, 2),
    ("eddm", drift.binary.EDDM, EDDM, 2),
    ("fhddm", drift.binary.FHDDM, FHDDM, 2),
    ("hddm-a", HDDM_A, HDDM, 2),
    ("hddm-w", HDDM_W, HDDM + [{"lambda_val": 0.2}], 2),
]
# Names and values that are called otherwise here.
RENAMED = {"lambda_val": "lambda"}


def ours(given):
    given = {RENAMED.get(name, name): value for name, value in given.items()}
    if given.pop("two_sided_test", False):
        given["sides"] = "both"
    return given


def ours_of(name, given):
    """The parameters by our names. HDDM-W of 0.23.0 must be asked for."""
    given = ours(given)
    if name == "hddm-w" and version("river") == "0.23.0":
        given["zero"] = "restarts"
    return given


def run(detector, values):
    """The alarms, and the number and sum of the indexes with a warning and no alarm."""
    alarms, warnings = [], [0, 0]
    for index, value in enumerate(values):
        detector.update(value if isinstance(detector, (drift.ADWIN, drift.PageHinkley)) else int(value))
        if detector.drift_detected:
            alarms.append(index)
        elif getattr(detector, "warning_detected", False):
            warnings[0] += 1
            warnings[1] += index
    return alarms, warnings


def adwin_states(streams):
    """Width, total, variance and estimation of ADWIN at every 300th value, one setting for each stream."""
    states = []
    for number, values in enumerate(streams):
        given = ADWIN[number % len(ADWIN)]
        detector = drift.ADWIN(**given)
        for index, value in enumerate(values):
            detector.update(value)
            if index % 300 == 299 or detector.drift_detected:
                state = [detector.width, detector.total, detector.variance, detector.estimation]
                states.append([number, index] + state)
    return states


def kswin_limits():
    """For sizes and levels: the least distance D (in steps of 1/size) that scipy's exact p-value finds significant."""
    limits = []
    for size, alpha in product((5, 10, 30, 50, 100), (0.05, 0.01, 0.005, 0.0001)):
        def significant(steps):
            low = list(range(size))
            high = [value + steps - 0.5 for value in low]
            result = ks_2samp(low, high, method="exact")
            assert round(result.statistic * size) == steps
            return result.pvalue <= alpha
        limits.append([size, alpha, next((steps for steps in range(1, size + 1) if significant(steps)), None)])
    return limits


def main():
    # scipy warns where rounding lifts an exact p-value above 1.
    warnings.simplefilter("ignore")
    streams = [stream(index) for index in range(STREAMS)]
    detectors = []
    for name, kind, settings, step in DETECTORS:
        for given in settings:
            results = [run(kind(**given), values) for values in streams[::step]]
            detectors.append({
                "name": name,
                "given": ours_of(name, given),
                "step": step,
                "alarms": [alarms for alarms, _ in results],
                "warnings": [warnings for _, warnings in results],
            })
    found = {
        "streams": STREAMS,
        "detectors": detectors,
        "adwin_states": adwin_states(streams),
        "kswin_limits": kswin_limits(),
    }
    if "--check" in sys.argv or "--newer" in sys.argv:
        stored = json.loads(FILE.read_text())
        newer = {"river": version("river"), "detectors": []}
        if "--newer" in sys.argv:
            moved = [detector for detector in detectors if detector["name"] == "hddm-w"]
            newer["detectors"] = moved
            found["detectors"] = [detector for detector in detectors if detector not in moved]
            stored["detectors"] = [it for it in stored["detectors"] if it["name"] != "hddm-w"]
        different = [key for key in found if stored[key] != json.loads(json.dumps(found[key]))]
        print("river", version("river"), "differs in" if different else "agrees", *different)
        if "--newer" in sys.argv and not different:
            whole = json.loads(FILE.read_text()) | {"newer": newer}
            FILE.write_text(json.dumps(whole, separators=(",", ":")) + "\n")
        sys.exit(bool(different))
    versions = {"river": version("river"), "scipy": version("scipy"), "python": sys.version.split()[0]}
    FILE.write_text(json.dumps({"versions": versions} | found, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
