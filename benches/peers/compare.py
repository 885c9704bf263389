"""Runs bench-drift, polars and DuckDB in turn on the same claims and prints a table; `compare.sh` calls it.

Every round runs each tool once, so that a slow spell of the machine falls on all of them. A tool's figure is
the median of all its runs in all rounds, in its fastest form.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
PEERS = {"polars": "polars_drift.py", "duckdb": "duckdb_drift.py"}
# 351 + 14 days take in every claim of the year; 90 + 14 days are the rule's own windows.
BASELINES_DAYS = (351, 90)


@dataclass
class Timing:
    """All runs of one tool, source and form."""

    seconds: list[float] = field(default_factory=list)
    peak_rss_bytes: list[int] = field(default_factory=list)
    rows: int = 0

    @property
    def median_seconds(self) -> float:
        return statistics.median(self.seconds)


# (source, tool, form) -> timing
Timings = dict[tuple[str, str, str], Timing]


def bench_drift(program: str, args: argparse.Namespace, baseline_days: int, source: str, rows: int) -> dict:
    """One process of bench-drift; from memory it makes as many claims as the files hold."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "record.json"
        command = [program, "--baseline-days", str(baseline_days), "--runs", str(args.runs)]
        command += ["--threads", str(args.threads), "--format", "json", "--out", str(out)]
        command += ["--input", str(args.data)] if source == "parquet" else ["--records", str(rows), "--in-memory"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}\nexit code {done.returncode}: {done.stderr}")
        return json.loads(out.read_text())["cases"][0]


def peer_results(script: str, args: argparse.Namespace, baseline_days: int) -> list[dict]:
    command = [sys.executable, str(HERE / script), str(args.data), "--baseline-days", str(baseline_days)]
    command += ["--runs", str(args.runs), "--threads", str(args.threads)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{script}: exit code {done.returncode}")
    return json.loads(done.stdout)


def add(timings: Timings, key: tuple[str, str, str], seconds: list[float], peak_bytes: int, rows: int) -> None:
    timing = timings.setdefault(key, Timing())
    timing.seconds += seconds
    timing.peak_rss_bytes.append(peak_bytes)
    timing.rows = rows


def run_round(args: argparse.Namespace, baseline_days: int, timings: Timings) -> None:
    """Each tool once. The peers answer first, because they say how many claims the files hold."""
    rows, answers = 0, set()
    for tool, script in PEERS.items():
        for result in peer_results(script, args, baseline_days):
            rows = result["rows"]
            answers.add(json.dumps(result["answer"], sort_keys=True))
            key = (result["source"], tool, result["form"])
            add(timings, key, result["seconds"], result["peak_rss_bytes"], rows)
    if len(answers) != 1:
        sys.exit(f"the peers disagree: {answers}")
    for source in ("parquet", "memory"):
        case = bench_drift(args.bench_drift, args, baseline_days, source, rows)
        seconds = [run["wall_seconds"] for run in case["runs"]]
        add(timings, (source, "driftforge", ""), seconds, max(run["peak_rss_bytes"] for run in case["runs"]), rows)


def table(timings: Timings, source: str) -> list[str]:
    """Rows sorted from fast to slow. Rates count all claims of the data set, for every tool alike."""
    chosen = sorted((t.median_seconds, tool, form, t) for (s, tool, form), t in timings.items() if s == source)
    ours = timings[source, "driftforge", ""].median_seconds
    lines = []
    for seconds, tool, form, timing in chosen:
        rate, peak = timing.rows / seconds / 1e6, max(timing.peak_rss_bytes) / 1e6
        figures = f"{seconds * 1e3:.1f} | {rate:.1f} | {peak:.0f} | {seconds / ours:.2f}"
        lines.append(f"| {source} | {tool} | {form} | {figures} |")
    return lines


def verdict(timings: Timings, source: str) -> str:
    """Our rate over the fastest peer's."""
    ours = timings[source, "driftforge", ""].median_seconds
    peers = [(t.median_seconds, f"{tool} {form}") for (s, tool, form), t in timings.items() if s == source and form]
    seconds, name = min(peers)
    return f"From {source}, driftforge runs at {seconds / ours:.2f} times the rate of the fastest peer ({name})."


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench_drift", help="the program, built with --release")
    parser.add_argument("data", type=Path, help="a folder written by datagen")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main() -> None:
    args = arguments()
    for baseline_days in BASELINES_DAYS:
        timings: Timings = {}
        for _ in range(args.rounds):
            run_round(args, baseline_days, timings)
        rows = max(timing.rows for timing in timings.values())
        print(f"\n{rows:,} claims, {args.threads} threads, baseline {baseline_days} days, current 14 days,")
        print(f"median of {args.rounds} rounds of {args.runs} runs; ratio: the time over driftforge's\n")
        print("| from | tool | form | ms | M claims/s | peak MB | ratio |")
        print("|---|---|---|---:|---:|---:|---:|")
        print("\n".join(table(timings, "parquet") + table(timings, "memory")))
        print("\n" + verdict(timings, "parquet") + "\n" + verdict(timings, "memory"), flush=True)


main()
