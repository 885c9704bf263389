"""Read claims back with pyarrow, DuckDB and polars, and hold them against each other and the domain's rules.

    python tests/read_back.py PATH      a claims Parquet file, or a folder written by datagen

What is checked:
  types       each column has the right type, in each reader's own names
  agreement   the three readers see equal counts, nulls, distinct values, sums and ranges in each column
  rules       what makes a table of claims believable: dates in order, allowed <= billed, nothing paid on denials ...
  statistics  every row group says the true range of submitted_date, so that readers can skip it

Exits 1 and names each violated rule; exits 2 when PATH cannot be read at all.
"""

import math
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

KIND_OF_COLUMN = {
    "claim_id": "text",
    "customer_id": "integer",
    "payer": "category",
    "cpt": "category",
    "cpt_group": "category",
    "location": "category",
    "service_date": "date",
    "submitted_date": "date",
    "decided_date": "date",
    "payment_date": "date",
    "outcome": "category",
    "billed_amount": "amount",
    "allowed_amount": "amount",
    "paid_amount": "amount",
    "denial_reason_code": "category",
    "denial_reason_text": "category",
    "authorization_required": "flag",
    "authorization_obtained": "flag",
    "authorization_number": "text",
    "procedure_count": "integer",
    "modifier_codes": "list",
    "diagnosis_codes": "list",
    "submitted_via": "category",
    "data_quality_score": "score",
    "validation_passed": "flag",
    "source_data_hash": "text",
}

# Each holds for every row; a row where SQL says NULL (a value is missing) does not violate it.
ROW_RULES = {
    "allowed <= billed": "allowed_amount <= billed_amount",
    "paid <= allowed": "paid_amount <= allowed_amount",
    "amounts are not negative": "billed_amount >= 0 AND allowed_amount >= 0 AND paid_amount >= 0",
    "nothing is paid on a denied claim": "outcome <> 'DENIED' OR coalesce(paid_amount, 0) = 0",
    "a denial reason only on denied claims":
        "outcome = 'DENIED' OR (denial_reason_code IS NULL AND denial_reason_text IS NULL)",
    "service <= submitted": "service_date <= submitted_date",
    "submitted <= decided": "submitted_date <= decided_date",
    "decided <= payment": "decided_date <= payment_date",
    "an authorization number only where one was obtained":
        "authorization_number IS NULL OR coalesce(authorization_obtained, false)",
    "an authorization is obtained only where required":
        "NOT coalesce(authorization_obtained, false) OR coalesce(authorization_required, true)",
    "outcome is PAID, DENIED or OTHER": "outcome IN ('PAID', 'DENIED', 'OTHER')",
    "key columns are never null":
        "claim_id IS NOT NULL AND customer_id IS NOT NULL AND payer IS NOT NULL AND cpt IS NOT NULL"
        " AND cpt_group IS NOT NULL AND submitted_date IS NOT NULL AND outcome IS NOT NULL",
}

# Each is one boolean over the whole table.
TABLE_RULES = {
    "claim_id is unique": "count(DISTINCT claim_id) = count(*)",
    "at least 14 payers": "count(DISTINCT payer) >= 14",
    "at least 70 CPT codes": "count(DISTINCT cpt) >= 70",
    "at least 14 CPT groups": "count(DISTINCT cpt_group) >= 14",
    "each CPT code is in one group": "count(DISTINCT (cpt, cpt_group)) = count(DISTINCT cpt)",
    "some claims are paid, some denied, some neither": "count(DISTINCT outcome) = 3",
    "some columns have nulls where claims have none":
        "count(payment_date) < count(*) AND count(denial_reason_code) < count(*)",
}

# Denial rates of the field per payer and CPT group lie within 4 to 25 %; injected drift may widen that.
LOWEST_DENIAL_RATE, HIGHEST_DENIAL_RATE = 0.02, 0.40
# A segment breaks the rule only when its rate is out of bounds beyond chance: 4 standard errors, about 1 in
# 30,000 by luck for each segment and side.
DENIAL_RATE_STANDARD_ERRORS = 4.0


@dataclass(frozen=True)
class Claims:
    """One data set, open in each of the three readers."""

    files: list[Path]
    arrow: pa.Table
    duck: duckdb.DuckDBPyConnection
    frame: pl.DataFrame


def parquet_files(path: Path) -> list[Path]:
    """The data files in the order of their names; names that start with `_` or `.` are no data."""
    if path.is_file():
        return [path]
    return sorted(p for p in path.rglob("*.parquet") if not p.name.startswith(("_", ".")))


def open_claims(files: list[Path]) -> Claims:
    names = [str(file) for file in files]
    duck = duckdb.connect()
    duck.from_parquet(names).create_view("claims")
    arrow = pa.concat_tables([pq.read_table(name) for name in names], promote_options="default")
    return Claims(files, arrow.unify_dictionaries(), duck, pl.read_parquet(names))


# --- types -------------------------------------------------------------------------------------------------------


def is_arrow_text(kind: pa.DataType) -> bool:
    return kind in (pa.string(), pa.large_string(), pa.string_view())


def is_arrow_category(kind: pa.DataType) -> bool:
    return pa.types.is_dictionary(kind) and is_arrow_text(kind.value_type)


ARROW_TYPES = {
    "text": is_arrow_text,
    "category": is_arrow_category,
    "integer": pa.types.is_integer,
    "date": pa.types.is_date32,
    "amount": lambda kind: kind == pa.decimal128(12, 2),
    "flag": pa.types.is_boolean,
    "score": pa.types.is_float64,
    "list": lambda kind: pa.types.is_list(kind)
    and (is_arrow_text(kind.value_type) or is_arrow_category(kind.value_type)),
}
DUCKDB_TYPES = {
    "text": {"VARCHAR"},
    "category": {"VARCHAR"},
    "integer": {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"},
    "date": {"DATE"},
    "amount": {"DECIMAL(12,2)"},
    "flag": {"BOOLEAN"},
    "score": {"DOUBLE"},
    "list": {"VARCHAR[]"},
}
POLARS_TYPES = {
    "text": lambda kind: kind == pl.String,
    "category": lambda kind: kind == pl.Categorical,
    "integer": lambda kind: kind.is_integer(),
    "date": lambda kind: kind == pl.Date,
    "amount": lambda kind: kind == pl.Decimal(12, 2),
    "flag": lambda kind: kind == pl.Boolean,
    "score": lambda kind: kind == pl.Float64,
    "list": lambda kind: kind in (pl.List(pl.String), pl.List(pl.Categorical)),
}


def check_columns(claims: Claims) -> list[str]:
    found, wanted = set(claims.arrow.column_names), set(KIND_OF_COLUMN)
    missing = [f"column {name} is missing" for name in sorted(wanted - found)]
    return missing + [f"column {name} is not one of a claim" for name in sorted(found - wanted)]


def check_types(claims: Claims) -> list[str]:
    duck_types = {row[0]: row[1] for row in claims.duck.execute("DESCRIBE claims").fetchall()}
    wrong = []
    for name, kind in KIND_OF_COLUMN.items():
        arrow_type, polars_type = claims.arrow.schema.field(name).type, claims.frame.schema[name]
        if not ARROW_TYPES[kind](arrow_type):
            wrong.append(f"{name}: pyarrow reads {arrow_type}, which is no {kind}")
        if duck_types[name] not in DUCKDB_TYPES[kind]:
            wrong.append(f"{name}: DuckDB reads {duck_types[name]}, which is no {kind}")
        if not POLARS_TYPES[kind](polars_type):
            wrong.append(f"{name}: polars reads {polars_type}, which is no {kind}")
    return wrong


# --- agreement: the same figures by three routes --------------------------------------------------------------------


def flat_arrow(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text without its dictionary."""
    if pa.types.is_dictionary(column.type):
        return column.cast(pa.string())
    return column


def arrow_figures(table: pa.Table, name: str, kind: str) -> dict:
    column = flat_arrow(table[name])
    figures = {"rows": len(column), "nulls": column.null_count}
    if kind == "list":
        items = flat_arrow(pc.list_flatten(column))
        return figures | {"items": len(items), "distinct": len(pc.unique(items.drop_null()))}
    figures["distinct"] = len(pc.unique(column.drop_null()))
    if kind in ("integer", "amount", "score", "flag"):
        figures["sum"] = pc.sum(column).as_py()
    else:
        limits = pc.min_max(column).as_py()
        figures |= {"min": str(limits["min"]), "max": str(limits["max"])}
    return figures


def duckdb_figures(duck: duckdb.DuckDBPyConnection, name: str, kind: str) -> dict:
    rows, nulls = duck.execute(f"SELECT count(*), count(*) - count({name}) FROM claims").fetchone()
    figures = {"rows": rows, "nulls": nulls}
    if kind == "list":
        sql = f"SELECT count(*), count(DISTINCT item) FROM (SELECT unnest({name}) AS item FROM claims)"
        return figures | dict(zip(("items", "distinct"), duck.execute(sql).fetchone()))
    figures["distinct"] = duck.execute(f"SELECT count(DISTINCT {name}) FROM claims").fetchone()[0]
    if kind in ("integer", "amount", "score", "flag"):
        number = f"{name}::INTEGER" if kind == "flag" else name
        figures["sum"] = duck.execute(f"SELECT sum({number}) FROM claims").fetchone()[0]
    else:
        low, high = duck.execute(f"SELECT min({name}), max({name}) FROM claims").fetchone()
        figures |= {"min": str(low), "max": str(high)}
    return figures


def polars_figures(frame: pl.DataFrame, name: str, kind: str) -> dict:
    column = frame[name]
    figures = {"rows": len(column), "nulls": column.null_count()}
    if kind == "list":
        items = column.filter(column.list.len() > 0).explode().cast(pl.String)
        return figures | {"items": len(items), "distinct": items.drop_nulls().n_unique()}
    figures["distinct"] = column.drop_nulls().n_unique()
    if kind in ("integer", "amount", "score", "flag"):
        figures["sum"] = column.sum()
    else:
        values = column.cast(pl.String) if kind in ("category", "text") else column
        figures |= {"min": str(values.min()), "max": str(values.max())}
    return figures


def same_figures(left: dict, right: dict) -> bool:
    """Equal in everything; a sum of floats may differ in the last digits, by the order of adding."""
    if isinstance(left.get("sum"), float):
        if not math.isclose(left["sum"], right["sum"], rel_tol=1e-9):
            return False
        left = left | {"sum": right["sum"]}
    return left == right


def check_agreement(claims: Claims) -> list[str]:
    wrong = []
    for name, kind in KIND_OF_COLUMN.items():
        ours = arrow_figures(claims.arrow, name, kind)
        others = {
            "DuckDB": duckdb_figures(claims.duck, name, kind),
            "polars": polars_figures(claims.frame, name, kind),
        }
        for reader, figures in others.items():
            if not same_figures(ours, figures):
                wrong.append(f"{name}: pyarrow sees {ours}, {reader} sees {figures}")
    return wrong


# --- rules of the domain ----------------------------------------------------------------------------------------------


def check_row_rules(claims: Claims) -> list[str]:
    wrong = []
    for name, predicate in ROW_RULES.items():
        broken = claims.duck.execute(f"SELECT count(*), min(claim_id) FROM claims WHERE NOT ({predicate})").fetchone()
        if broken[0]:
            wrong.append(f"{name}: broken by {broken[0]:,} claims, {broken[1]} for one")
    return wrong


def check_table_rules(claims: Claims) -> list[str]:
    holds = {name: claims.duck.execute(f"SELECT {sql} FROM claims").fetchone()[0] for name, sql in TABLE_RULES.items()}
    return [name for name, true in holds.items() if not true]


def wilson_interval(hits: int, trials: int, standard_errors: float) -> tuple[float, float]:
    """Bounds of a proportion (Wilson 1927, J. Am. Stat. Assoc. 22:209, the score interval)."""
    z2, rate = standard_errors**2, hits / trials
    middle = (rate + z2 / (2 * trials)) / (1 + z2 / trials)
    half = standard_errors * math.sqrt(rate * (1 - rate) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return middle - half, middle + half


def check_denial_rates(claims: Claims) -> list[str]:
    sql = """SELECT payer, cpt_group, count(*) FILTER (outcome = 'DENIED'), count(*) FROM claims
        WHERE outcome IN ('PAID', 'DENIED') GROUP BY ALL ORDER BY ALL"""
    wrong = []
    for payer, group, denied, decided in claims.duck.execute(sql).fetchall():
        low, high = wilson_interval(denied, decided, DENIAL_RATE_STANDARD_ERRORS)
        if high < LOWEST_DENIAL_RATE or low > HIGHEST_DENIAL_RATE:
            wrong.append(f"denial rate within 2 to 40 %: {payer}, {group} has {denied} of {decided}")
    return wrong


def check_order(claims: Claims) -> list[str]:
    submitted = claims.arrow["submitted_date"].cast(pa.int32()).combine_chunks()
    steps_back = pc.sum(pc.less(submitted[1:], submitted[:-1])).as_py() or 0
    return [f"submitted dates ascend: {steps_back:,} rows are before their predecessor"] if steps_back else []


# --- statistics that readers skip row groups by ---------------------------------------------------------------------


def check_statistics(claims: Claims) -> list[str]:
    wrong = []
    for file in claims.files:
        opened = pq.ParquetFile(file)
        leaf = next(i for i in range(opened.metadata.num_columns) if opened.schema.column(i).path == "submitted_date")
        for group in range(opened.metadata.num_row_groups):
            said = opened.metadata.row_group(group).column(leaf).statistics
            seen = pc.min_max(opened.read_row_group(group, columns=["submitted_date"])["submitted_date"]).as_py()
            if said is None or not said.has_min_max:
                wrong.append(f"statistics of submitted_date: none in row group {group} of {file.name}")
            elif (said.min, said.max) != (seen["min"], seen["max"]):
                wrong.append(f"statistics of submitted_date: untrue in row group {group} of {file.name}")
    return wrong


def print_summary(claims: Claims) -> None:
    rows = claims.arrow.num_rows
    groups = sum(pq.ParquetFile(file).metadata.num_row_groups for file in claims.files)
    size = sum(file.stat().st_size for file in claims.files)
    first, last = claims.duck.execute("SELECT min(submitted_date), max(submitted_date) FROM claims").fetchone()
    print(f"{rows:,} claims in {len(claims.files)} file(s), {groups} row group(s), {size / rows:.1f} bytes per claim")
    print(f"submitted from {first} to {last}")
    for outcome, count in claims.duck.execute("SELECT outcome, count(*) FROM claims GROUP BY 1 ORDER BY 1").fetchall():
        print(f"  {outcome:7} {count:>12,}  {count / rows:6.1%}")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    files = parquet_files(Path(sys.argv[1]))
    if not files:
        print(f"{sys.argv[1]}: no Parquet file there", file=sys.stderr)
        return 2
    claims = open_claims(files)
    if claims.arrow.num_rows == 0:
        print("the table has no rows", file=sys.stderr)
        return 1
    # A column that is missing or of another type would only confuse the checks after it.
    wrong = check_columns(claims) or check_types(claims)
    if not wrong:
        checks = [check_agreement, check_row_rules, check_table_rules]
        checks += [check_denial_rates, check_order, check_statistics]
        wrong = [problem for check in checks for problem in check(claims)]
    print_summary(claims)
    for problem in wrong:
        print(f"VIOLATED  {problem}")
    if not wrong:
        rules = len(ROW_RULES) + len(TABLE_RULES) + 2
        print(f"pyarrow, DuckDB and polars agree on {len(KIND_OF_COLUMN)} columns; all {rules} rules hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
