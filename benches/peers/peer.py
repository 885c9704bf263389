"""What the two peers share: the command line, the clock, peak memory, and the JSON they print.

A peer names its tool and its query forms, and opens a form as a closure that runs the query once. Every form
is measured in a process of its own, so that none inherits the memory, caches or thread pool of another.
"""

import argparse
import datetime as dt
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ["payer", "cpt_group", "submitted_date", "decided_date", "outcome"]
SOURCES = ("parquet", "memory")

# One row of an answer: payer, cpt_group, is_current, paid, denied, median decision days.
Row = tuple[str, str, bool, int, int, float]
Query = Callable[[], list[Row]]


@dataclass(frozen=True)
class Windows:
    """Two half-open ranges of submitted_date: [baseline_start, current_start) and [current_start, as_of)."""

    as_of: dt.date
    baseline_days: int
    current_days: int

    @property
    def current_start(self) -> dt.date:
        return self.as_of - dt.timedelta(days=self.current_days)

    @property
    def baseline_start(self) -> dt.date:
        return self.current_start - dt.timedelta(days=self.baseline_days)


@dataclass(frozen=True)
class Peer:
    """A tool to compare with. `open_form(form, source, files, windows)` loads what the source needs."""

    tool: str
    version: str
    forms: tuple[str, ...]
    last_submitted: Callable[[list[str]], dt.date]
    row_count: Callable[[list[str]], int]
    open_form: Callable[[str, str, list[str], Windows], Query]


def parquet_files(path: Path) -> list[str]:
    """The Parquet files of a file or folder; names that start with `_` or `.` are no data."""
    if path.is_file():
        return [str(path)]
    files = sorted(p for p in path.rglob("*.parquet") if not p.name.startswith(("_", ".")))
    if not files:
        sys.exit(f"{path}: no Parquet file there")
    return [str(p) for p in files]


def reset_peak_memory() -> None:
    """Lower the system's high-water mark to what is resident now (proc(5), value 5 of clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_rss_bytes() -> int:
    """The high-water mark of resident memory, interpreter included (VmHWM counts units of 1,024 bytes)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    sys.exit("/proc/self/status has no VmHWM line")


def answer_of(rows: list[Row]) -> dict:
    """What two right answers share, whatever the order of their rows."""
    return {
        "groups": len(rows),
        "paid": int(sum(row[3] for row in rows)),
        "denied": int(sum(row[4] for row in rows)),
        "sum_of_medians_days": float(sum(row[5] for row in rows)),
    }


def measure_form(peer: Peer, args: argparse.Namespace) -> dict:
    """One warm-up, then the timed runs of one form from one source, in this process."""
    files = parquet_files(args.path)
    as_of = args.as_of or peer.last_submitted(files) + dt.timedelta(days=1)
    query = peer.open_form(args.form, args.source, files, Windows(as_of, args.baseline_days, args.current_days))
    rows = query()
    reset_peak_memory()
    seconds = []
    for _ in range(args.runs):
        start = time.perf_counter()
        query()
        seconds.append(time.perf_counter() - start)
    peak = peak_rss_bytes()
    median, row_count = statistics.median(seconds), peer.row_count(files)
    return {
        "tool": peer.tool,
        "version": peer.version,
        "source": args.source,
        "form": args.form,
        "threads": args.threads,
        "rows": row_count,
        "seconds": seconds,
        "median_seconds": median,
        "rows_per_second": row_count / median,
        "peak_rss_bytes": peak,
        "answer": answer_of(rows),
    }


def measure_in_fresh_process(args: argparse.Namespace, source: str, form: str) -> dict:
    """Run this very script again for one form, and read what it prints."""
    command = [sys.executable, sys.argv[0], str(args.path), "--source", source, "--form", form]
    command += ["--runs", str(args.runs), "--threads", str(args.threads)]
    command += ["--baseline-days", str(args.baseline_days), "--current-days", str(args.current_days)]
    if args.as_of:
        command += ["--as-of", args.as_of.isoformat()]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{source} {form}: failed with exit code {done.returncode}")
    return json.loads(done.stdout)[0]


def parse_arguments(tool: str, forms: tuple[str, ...]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=f"Time the threshold rule's metrics in {tool}.")
    parser.add_argument("path", type=Path, help="a Parquet file, or a folder of them")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, help="default: the day after the last claim")
    parser.add_argument("--baseline-days", type=int, default=351)
    parser.add_argument("--current-days", type=int, default=14)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--source", choices=SOURCES, help="default: each in turn")
    parser.add_argument("--form", choices=forms, help="default: each in turn")
    args = parser.parse_args()
    if min(args.runs, args.threads, args.baseline_days, args.current_days) < 1:
        parser.error("--runs, --threads, --baseline-days and --current-days must be at least 1")
    if not args.path.exists():
        parser.error(f"{args.path}: no such file or folder")
    return args


def run(peer: Peer, args: argparse.Namespace) -> None:
    """Print a JSON list with one entry per source and form."""
    if args.source and args.form:
        results = [measure_form(peer, args)]
    else:
        sources = [args.source] if args.source else SOURCES
        forms = [args.form] if args.form else peer.forms
        results = [measure_in_fresh_process(args, source, form) for source in sources for form in forms]
        if any(result["answer"] != results[0]["answer"] for result in results):
            sys.exit("the forms disagree: " + json.dumps([[r["form"], r["answer"]] for r in results]))
    json.dump(results, sys.stdout, indent=1)
    print()
