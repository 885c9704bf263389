#!/usr/bin/env bash
# Checks everything: style, lints, documentation, tests, examples, benches, and that other tools read what we write.
#
#   ./test.sh
#
# Needs Rust. What else the checks need (a C compiler, rustfmt, clippy, PostgreSQL, Azurite, Python with pyarrow, DuckDB
# and polars) is installed where it is missing. Stops at the first failure; nothing is skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly CACHE_DIR="${XDG_CACHE_HOME:-$HOME/.cache}/driftforge"
readonly VENV_DIR="$CACHE_DIR/venv"
readonly AZURITE_DIR="$CACHE_DIR/azurite"
readonly AZURITE=azurite@3.37.0
readonly READ_BACK_ROWS=20000
readonly DATASET_ROWS=1500
STEPS="$(grep -c '^step "' test.sh)"
readonly STEPS

SCRATCH_DIR="$(mktemp -d)"
readonly SCRATCH_DIR
step_number=0
step_name="start"
# Python would leave compiled files in the checkout.
export PYTHONDONTWRITEBYTECODE=1

step() {
    step_number=$((step_number + 1))
    step_name="$1"
    echo "[$step_number/$STEPS] $step_name"
}

die() {
    echo "test.sh: $*" >&2
    exit 1
}

# Runs at every exit, so that a failure always says where it was.
finish() {
    local status=$?
    rm -rf "$SCRATCH_DIR"
    if [[ $status -ne 0 ]]; then
        echo "FAILED after ${SECONDS} s in step $step_number: $step_name" >&2
    fi
}
trap finish EXIT

# --- what the checks need ----------------------------------------------------------------------------------------

as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        die "'$*' needs root, and sudo asks for a password: run it yourself, then ./test.sh again"
    fi
}

install_packages() {
    command -v apt-get >/dev/null || die "please install: $* (or what your system calls them)"
    echo "    installing $*"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

need_rust_component() {
    cargo "$2" --version >/dev/null 2>&1 && return
    command -v rustup >/dev/null || die "cargo $2 is missing, and rustup is not here to add the component $1"
    rustup component add "$1"
}

need_rust() {
    command -v cargo >/dev/null || die "cargo is missing: install Rust from https://rustup.rs"
    need_rust_component rustfmt fmt
    need_rust_component clippy clippy
}

# zstd is C, and rustc links through the C compiler.
need_c_compiler() {
    command -v cc >/dev/null || install_packages gcc libc6-dev
}

# Prints the name of a Python that the pinned packages have builds for.
find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    return 1
}

# The tests start a server of their own; the package's server is not used.
need_postgres() {
    local folder
    for folder in ${PATH//:/ } /usr/local/bin /usr/lib/postgresql/*/bin; do
        [[ -x $folder/initdb && -x $folder/postgres ]] && command -v psql >/dev/null && return
    done
    install_packages postgresql postgresql-client
}

# Microsoft's emulator of Azure Blob Storage, which is an npm package.
need_azurite() {
    [[ -x $AZURITE_DIR/node_modules/.bin/azurite-blob && $(cat "$AZURITE_DIR/installed.txt" 2>/dev/null) == "$AZURITE" ]] && return
    command -v npm >/dev/null || install_packages nodejs npm
    rm -rf "$AZURITE_DIR"
    mkdir -p "$AZURITE_DIR"
    npm install --silent --no-audit --no-fund --prefix "$AZURITE_DIR" "$AZURITE"
    echo "$AZURITE" >"$AZURITE_DIR/installed.txt"
}

# A virtual environment with the packages of tests/requirements.txt; made anew when that file changes.
need_python_packages() {
    cmp -s tests/requirements.txt "$VENV_DIR/installed.txt" && "$VENV_DIR/bin/python" -c '' && return
    find_python >/dev/null || install_packages python3 python3-venv
    local python
    python="$(find_python)" || die "Python 3.11 to 3.14 is needed to read Parquet back with pyarrow, DuckDB and polars"
    # Debian ships Python without ensurepip, which a virtual environment starts from.
    "$python" -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
    rm -rf "$VENV_DIR"
    "$python" -m venv "$VENV_DIR"
    "$VENV_DIR/bin/pip" install --quiet --disable-pip-version-check --requirement tests/requirements.txt
    cp tests/requirements.txt "$VENV_DIR/installed.txt"
}

# --- the checks --------------------------------------------------------------------------------------------------

run_tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --workspace --all-features
    else
        cargo test --workspace --all-features --lib --bins --tests
    fi
}

run_examples() {
    local file
    for file in examples/*.rs; do
        [[ -f $file ]] || die "no example found in examples/"
        echo "    $file"
        cargo run --quiet --all-features --example "$(basename "$file" .rs)" >"$SCRATCH_DIR/example.txt" ||
            die "$file failed"
        [[ -s $SCRATCH_DIR/example.txt ]] || die "$file printed nothing"
    done
}

# Small row groups and several files, so that reading across both is covered.
read_back() {
    cargo run --quiet --all-features --bin datagen -- \
        --records "$READ_BACK_ROWS" --row-group-rows 4096 --parts 2 --out "$SCRATCH_DIR/claims" --quiet
    "$VENV_DIR/bin/python" tests/read_back.py "$SCRATCH_DIR/claims"
}

# Every other file format, compressed and not; small chunks, so that files are made of several.
read_back_formats() {
    local form codec folders=()
    for form in csv:none csv:gzip csv:zstd jsonl:none jsonl:gzip arrow:none arrow:lz4 arrow:zstd; do
        codec="${form#*:}"
        form="${form%:*}"
        folders+=("$SCRATCH_DIR/$form-$codec")
        cargo run --quiet --all-features --bin datagen -- --records "$READ_BACK_ROWS" --row-group-rows 3000 \
            --format "$form" --compression "$codec" --parts 2 --out "$SCRATCH_DIR/$form-$codec" --quiet
    done
    "$VENV_DIR/bin/python" tests/read_back_formats.py "$SCRATCH_DIR/claims" "${folders[@]}"
}

# Every table of every dataset in every file format, with dirt, so that its ledgers are there too.
read_back_datasets() {
    local spec name form folders
    for spec in schemas/datasets/*.toml; do
        name="$(basename "$spec" .toml)"
        folders=()
        for form in parquet csv jsonl arrow; do
            folders+=("$SCRATCH_DIR/datasets/$name/$form")
            cargo run --quiet --all-features --bin datagen -- --dataset "$name" --records "$DATASET_ROWS" --dirt \
                --row-group-rows 600 --format "$form" --out "$SCRATCH_DIR/datasets/$name/$form" --quiet
        done
        "$VENV_DIR/bin/python" tests/read_back_formats.py "${folders[@]}"
    done
}

# The segments of so few claims are small, hence the lower volume: it leaves events to compare.
recompute_events() {
    cargo run --quiet --all-features --bin bench-drift -- --input "$SCRATCH_DIR/claims" \
        --runs 1 --min-volume 10 --format json --out "$SCRATCH_DIR/record.json" >"$SCRATCH_DIR/bench.txt" 2>&1 ||
        die "bench-drift failed: $(cat "$SCRATCH_DIR/bench.txt")"
    "$VENV_DIR/bin/python" tests/reference/compare_events.py \
        "$SCRATCH_DIR/claims" "$SCRATCH_DIR/record.json" --min-volume 10
}

# Fails when polars, DuckDB or two forms of one of them disagree; the times of one run mean nothing and are not shown.
run_peers() {
    cargo build --quiet --all-features --bin bench-drift
    "$VENV_DIR/bin/python" benches/peers/compare.py "${CARGO_TARGET_DIR:-target}/debug/bench-drift" \
        "$SCRATCH_DIR/claims" --rounds 1 --runs 1 >"$SCRATCH_DIR/peers.txt"
    "$VENV_DIR/bin/python" benches/peers/generation.py --records "$READ_BACK_ROWS" \
        --out "$SCRATCH_DIR/peer.parquet" >>"$SCRATCH_DIR/peers.txt"
}

step "what the checks need: Rust components, C compiler, PostgreSQL, Azurite, Python packages"
need_rust
need_c_compiler
need_postgres
need_azurite
need_python_packages

step "scripts parse (bash -n)"
for script in test.sh .ci/run benches/peers/compare.sh benches/peers/postgres.sh; do
    bash -n "$script"
done

step "formatting (cargo fmt)"
cargo fmt --all --check

step "lints (clippy, warnings are errors)"
cargo clippy --quiet --workspace --all-targets --all-features -- -D warnings

step "documentation (rustdoc, warnings are errors)"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps --all-features

step "the default features alone build"
cargo check --quiet --workspace

step "tests"
run_tests

step "examples in the documentation"
cargo test --quiet --workspace --all-features --doc

step "examples"
run_examples

step "benches, one pass each"
cargo test --quiet --workspace --all-features --bench '*'

step "$READ_BACK_ROWS claims read back by pyarrow, DuckDB and polars"
read_back

step "the same claims as CSV, JSON Lines and Arrow, read back equal"
read_back_formats

step "every table of every dataset in every format, read back equal"
read_back_datasets

step "drift events recomputed by DuckDB from the same claims"
recompute_events

step "peers: polars and DuckDB agree on the same aggregation; numpy generates"
run_peers

echo "All $STEPS steps passed in $SECONDS s."
