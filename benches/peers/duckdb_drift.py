"""The threshold rule's metrics in DuckDB: one SQL query over a Parquet file or a table in memory.

Three forms:
  median      group by payer, cpt_group and window; `median` of the decision days. What one would write first.
  quantile    the same with 32-bit days, one pass of flags below the aggregation, and `quantile_cont`.
  histogram   group by decision days too, then take exact medians from the counts with window functions.
"""

import datetime as dt

import duckdb
from peer import COLUMNS, Peer, Query, Windows, parse_arguments, run

FORMS = ("median", "quantile", "histogram")
TEXT_COLUMNS = ["payer", "cpt_group", "outcome"]

DECIDED = """FROM {claims} WHERE submitted_date >= DATE '{baseline_start}' AND submitted_date < DATE '{as_of}'
    AND outcome IN ('PAID', 'DENIED') AND payer IS NOT NULL AND cpt_group IS NOT NULL AND decided_date IS NOT NULL"""

SQL = {
    "median": """
SELECT payer, cpt_group, submitted_date >= DATE '{current_start}' AS is_current,
    count(*) FILTER (outcome = 'PAID') AS paid, count(*) FILTER (outcome = 'DENIED') AS denied,
    median(decided_date - submitted_date) AS median_days
{decided} GROUP BY ALL""",
    "quantile": """
SELECT payer, cpt_group, is_current, count(*) - sum(is_denied) AS paid, sum(is_denied) AS denied,
    quantile_cont(days, 0.5) AS median_days
FROM (SELECT payer, cpt_group, submitted_date >= DATE '{current_start}' AS is_current,
    (outcome = 'DENIED')::INTEGER AS is_denied, (decided_date - submitted_date)::INTEGER AS days {decided})
GROUP BY ALL""",
    # The median of n values lies between the ones where the running count first reaches and first passes n / 2.
    "histogram": """
WITH bins AS (
    SELECT payer, cpt_group, submitted_date >= DATE '{current_start}' AS is_current,
        decided_date - submitted_date AS days, count(*) AS n, count(*) FILTER (outcome = 'DENIED') AS denied
    {decided} GROUP BY ALL),
running AS (
    SELECT *, sum(n) OVER (PARTITION BY payer, cpt_group, is_current ORDER BY days) AS below,
        sum(n) OVER (PARTITION BY payer, cpt_group, is_current) AS total FROM bins)
SELECT payer, cpt_group, is_current, sum(n) - sum(denied) AS paid, sum(denied) AS denied,
    (min(days) FILTER (below * 2 >= total) + min(days) FILTER (below * 2 > total)) / 2 AS median_days
FROM running GROUP BY ALL""",
}

args = parse_arguments("DuckDB", FORMS)


def connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"SET threads = {args.threads}")
    # Results are sorted by whoever wants them sorted; keeping the order of the rows costs time for nothing.
    connection.execute("SET preserve_insertion_order = false")
    return connection


def parquet_relation(files: list[str]) -> str:
    quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in files)
    return f"read_parquet([{quoted}])"


def load_table(connection: duckdb.DuckDBPyConnection, files: list[str]) -> str:
    """The five columns as a table in memory, text as ENUM: DuckDB's type for a closed set of names."""
    source = parquet_relation(files)
    columns = []
    for name in COLUMNS:
        if name in TEXT_COLUMNS:
            connection.execute(f"CREATE TYPE {name}_names AS ENUM (SELECT DISTINCT {name} FROM {source} ORDER BY 1)")
        columns.append(f"{name}::{name}_names AS {name}" if name in TEXT_COLUMNS else name)
    connection.execute(f"CREATE TABLE claims AS SELECT {', '.join(columns)} FROM {source}")
    return "claims"


def open_form(form: str, source: str, files: list[str], windows: Windows) -> Query:
    connection = connect()
    claims = load_table(connection, files) if source == "memory" else parquet_relation(files)
    decided = DECIDED.format(claims=claims, baseline_start=windows.baseline_start, as_of=windows.as_of)
    sql = SQL[form].format(decided=decided, current_start=windows.current_start)
    return lambda: connection.execute(sql).fetchall()


def last_submitted(files: list[str]) -> dt.date:
    return connect().execute(f"SELECT max(submitted_date)::DATE FROM {parquet_relation(files)}").fetchone()[0]


def row_count(files: list[str]) -> int:
    return connect().execute(f"SELECT count(*) FROM {parquet_relation(files)}").fetchone()[0]


run(Peer("duckdb", duckdb.__version__, FORMS, last_submitted, row_count, open_form), args)
