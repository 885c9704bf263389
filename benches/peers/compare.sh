#!/usr/bin/env bash
# Times bench-drift and its peers on the same claims, alternately in one run, and prints a table with ratios.
#
#   benches/peers/compare.sh DATA_DIR [--rounds N] [--runs N] [--threads N]
#
# DATA_DIR is what `datagen --out DATA_DIR` wrote. PYTHON names an interpreter that has the packages of
# tests/requirements.txt; by default it is the one that ./test.sh sets up.
set -euo pipefail

if [[ $# -lt 1 || $1 == -* ]]; then
    echo "usage: benches/peers/compare.sh DATA_DIR [--rounds N] [--runs N] [--threads N]" >&2
    exit 2
fi

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
python="${PYTHON:-${XDG_CACHE_HOME:-$HOME/.cache}/driftforge/venv/bin/python}"
if ! "$python" -c 'import duckdb, polars' 2>/dev/null; then
    echo "$python has no duckdb and polars: run ./test.sh once, or set PYTHON" >&2
    exit 2
fi

cargo build --quiet --release --manifest-path "$repository/Cargo.toml" --bin bench-drift
bench_drift="${CARGO_TARGET_DIR:-$repository/target}/release/bench-drift"
exec "$python" "$repository/benches/peers/compare.py" "$bench_drift" "$@"
