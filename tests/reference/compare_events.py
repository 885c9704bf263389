#!/usr/bin/env python3
"""Says whether our events are those that DuckDB computes with threshold.sql, event by event and bit by bit.

    compare_events.py CLAIMS EVENTS.json [--min-volume 30]

CLAIMS is a Parquet file or a directory of them. EVENTS.json is a list of events, or a document with such a
list under the key "events" (the first is taken), as `bench-drift --format json` writes. The windows are those that
the events name; without events they must be given: --as-of, --baseline-days, --current-days. Needs duckdb.
Exit code 0 when all are equal, 1 when any differs.
"""

import argparse
import json
import sys
from datetime import date
from pathlib import Path

import duckdb


def find_events(document):
    """The first list of events in a JSON document."""
    if isinstance(document, list) and all(isinstance(item, dict) and "drift_type" in item for item in document):
        return document
    if isinstance(document, dict) and isinstance(document.get("events"), list):
        return document["events"]
    children = document.values() if isinstance(document, dict) else document if isinstance(document, list) else []
    return next((found for found in map(find_events, children) if found is not None), None)


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("claims", type=Path)
    parser.add_argument("events", type=Path)
    parser.add_argument("--as-of", type=date.fromisoformat)
    parser.add_argument("--baseline-days", type=int)
    parser.add_argument("--current-days", type=int)
    parser.add_argument("--min-volume", type=int, default=30)
    return parser.parse_args()


def windows(asked, events):
    """as_of, baseline days and current days: as asked, else as the events say."""
    if asked.as_of and asked.baseline_days and asked.current_days:
        return asked.as_of, asked.baseline_days, asked.current_days
    if not events:
        sys.exit("without events, --as-of, --baseline-days and --current-days are needed")
    start, split, end = (date.fromisoformat(events[0][key]) for key in ("baseline_start", "current_start", "current_end"))
    return end, (split - start).days, (end - split).days


def expected_events(claims, as_of, baseline_days, current_days, min_volume):
    connection = duckdb.connect()
    files = str(claims / "**" / "*.parquet") if claims.is_dir() else str(claims)
    for name, value in (
        ("claims", files), ("as_of", as_of), ("baseline_days", baseline_days),
        ("current_days", current_days), ("min_volume", min_volume),
    ):
        connection.execute(f"SET VARIABLE {name} = $1", [value])
    result = connection.execute((Path(__file__).parent / "threshold.sql").read_text(encoding="utf-8"))
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


def by_key(events):
    return {(event["payer"], event["cpt_group"], event["drift_type"]): event for event in events}


def differences(ours, theirs):
    """One line per event that is only on one side, and per field that differs."""
    for key in sorted(ours.keys() | theirs.keys()):
        if key not in theirs:
            yield f"{key}: ours only: {ours[key]}"
        elif key not in ours:
            yield f"{key}: DuckDB only: {theirs[key]}"
        else:
            # Floats are compared with ==: both sides are doubles, and shortest texts read back exactly.
            fields = ours[key].keys() | theirs[key].keys()
            for field in sorted(fields):
                if ours[key].get(field) != theirs[key].get(field):
                    yield f"{key}: {field}: ours {ours[key].get(field)!r}, DuckDB {theirs[key].get(field)!r}"


def main():
    asked = options()
    ours = find_events(json.loads(asked.events.read_text(encoding="utf-8")))
    if ours is None:
        sys.exit(f"{asked.events}: no list of events in it")
    theirs = expected_events(asked.claims, *windows(asked, ours), asked.min_volume)
    found = list(differences(by_key(ours), by_key(theirs)))
    if len(ours) != len(by_key(ours)):
        found.append("our events have a segment and type more than once")
    print("\n".join(found) or f"equal: {len(ours)} events")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
