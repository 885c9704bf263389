#!/usr/bin/env bash
# Times loads of the same claims into PostgreSQL, alternately in one run, and prints a table: datagen over one and
# two connections, psql's \copy of a binary file, and INSERTs of 1,000 rows each.
#
#   benches/peers/postgres.sh [--records N] [--rounds N] [--logged]
#
# Starts a server of its own in a temporary folder and removes it. Tables have no indexes, and are not logged unless
# --logged is given; every load ends with ANALYZE. DATAGEN names the program; by default it is built. CPU times are
# the least of the rounds: other load on the machine spoils them less than it spoils rates.
set -euo pipefail

records=1000000
rounds=3
unlogged=UNLOGGED
while [[ $# -gt 0 ]]; do
    case $1 in
        --records) records=$2; shift 2 ;;
        --rounds) rounds=$2; shift 2 ;;
        --logged) unlogged=; shift ;;
        *) echo "usage: benches/peers/postgres.sh [--records N] [--rounds N] [--logged]" >&2; exit 2 ;;
    esac
done
# INSERTs are slow: fewer rows tell their speed as well.
insert_records=$((records / 10))

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
datagen="${DATAGEN:-}"
if [[ -z $datagen ]]; then
    cargo build --quiet --release --manifest-path "$repository/Cargo.toml" --bin datagen
    datagen="${CARGO_TARGET_DIR:-$repository/target}/release/datagen"
fi
PATH="$PATH:/usr/local/bin:$(printf '%s:' /usr/lib/postgresql/*/bin)"
folder="$(mktemp -d)"
port=$((20000 + RANDOM % 20000))
server=

finish() {
    [[ -z $server ]] || { kill -INT "$server" && wait "$server"; } 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

# The server refuses to run as root.
without_root() {
    if [[ $(id -u) -eq 0 ]]; then
        exec setpriv --reuid nobody --regid nogroup --clear-groups "$@"
    fi
    exec "$@"
}

start_server() {
    if [[ $(id -u) -eq 0 ]]; then
        chown nobody:nogroup "$folder"
        chmod 755 "$folder"
    fi
    cd "$folder"
    (without_root initdb -U postgres -A trust --no-sync -D "$folder/data" >/dev/null)
    (without_root postgres -D "$folder/data" -c "port=$port" -c "unix_socket_directories=$folder" \
        -c listen_addresses= -c shared_buffers=1GB -c max_wal_size=8GB -c autovacuum=off 2>"$folder/log") &
    server=$!
    for _ in {1..200}; do
        query "SELECT 1" >/dev/null 2>&1 && return
        sleep 0.1
    done
    cat "$folder/log" >&2
    exit 1
}

psql_here() {
    psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$folder" -p "$port" -U postgres -d postgres "$@"
}

query() {
    psql_here -c "$1"
}

# The CPU seconds of the server's processes that have ended (proc_pid_stat(5): cutime, cstime), which are those of
# connections. One that has just been closed may take a moment to end.
server_seconds() {
    sleep 0.3
    awk -v hertz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($14 + $15) / hertz }' "/proc/$server/stat"
}

# Runs a command; prints its wall time, its CPU time, and the server's for it, all in seconds.
timed() {
    local TIMEFORMAT='%R %U %S' before
    before="$(server_seconds)"
    { time "$@" >/dev/null 2>"$folder/errors"; } 2>&1 | awk '{printf "%s %s ", $1, $2 + $3}'
    awk -v before="$before" '{ print $1 - before }' <<<"$(server_seconds)"
    [[ ! -s $folder/errors ]] || { cat "$folder/errors" >&2; exit 1; }
}

load() {
    local connections=$1
    query "DROP TABLE IF EXISTS claims"
    timed "$datagen" --records "$records" --connections "$connections" --no-indexes ${unlogged:+--unlogged} \
        --to "postgres://postgres@${folder//\//%2F}:$port/postgres"
}

copy_file() {
    query "DROP TABLE IF EXISTS copied; CREATE $unlogged TABLE copied (LIKE claims)"
    timed psql_here -c "\\copy copied from '$folder/claims.bin' with (format binary)" -c "ANALYZE copied"
}

insert_file() {
    query "DROP TABLE IF EXISTS inserted; CREATE $unlogged TABLE inserted (LIKE claims)"
    timed psql_here -1 -f "$folder/inserts.sql" -c "ANALYZE inserted"
}

# The rows as a binary file, and some of them as INSERTs of 1,000 rows.
write_peers_files() {
    query "\\copy (SELECT * FROM claims ORDER BY claim_id) to '$folder/claims.bin' with (format binary)"
    local columns
    columns="$(query "SELECT string_agg(format('quote_nullable(%I::text)', attname), ', ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = 'claims'::regclass AND attnum > 0")"
    query "SELECT 'INSERT INTO inserted VALUES ' || string_agg(line, ',' || chr(10)) || ';' FROM (
        SELECT '(' || concat_ws(', ', $columns) || ')' AS line, (row_number() OVER (ORDER BY claim_id) - 1) / 1000 AS part
        FROM claims ORDER BY claim_id LIMIT $insert_records) lines GROUP BY part ORDER BY part" >"$folder/inserts.sql"
}

report() {
    awk -v records="$records" -v insert_records="$insert_records" '
        { rows = $1 == "insert" ? insert_records : records
          rate = rows / $2
          if (rate > best[$1]) best[$1] = rate
          client = $3 / rows * 1e6
          if (!($1 in cpu) || client < cpu[$1]) cpu[$1] = client
          server = $4 / rows * 1e6
          if (!($1 in backend) || server < backend[$1]) backend[$1] = server }
        END {
            printf "%-34s %12s %16s %16s %10s\n", "load", "rows/s", "client us/row", "server us/row", "ratio"
            split("datagen-1 datagen-2 copy insert", order, " ")
            names["datagen-1"] = "datagen, 1 connection"; names["datagen-2"] = "datagen, 2 connections"
            names["copy"] = "psql \\copy, binary file"; names["insert"] = "INSERT, 1,000 rows each"
            for (i = 1; i <= 4; i++) { key = order[i]
                printf "%-34s %12.0f %16.2f %16.2f %10.2f\n", names[key], best[key], cpu[key], backend[key],
                    best[key] / best["datagen-1"] }
        }' "$folder/times"
}

start_server
load 1 >/dev/null
write_peers_files
for ((round = 0; round < rounds; round++)); do
    echo "datagen-1 $(load 1)" >>"$folder/times"
    echo "copy $(copy_file)" >>"$folder/times"
    echo "datagen-2 $(load 2)" >>"$folder/times"
    echo "insert $(insert_file)" >>"$folder/times"
done
echo "$records claims (INSERT: $insert_records), best of $rounds rounds, ${unlogged:-logged} tables, $(postgres --version)"
report
