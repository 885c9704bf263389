"""The threshold rule's metrics in polars: one lazy query over a Parquet file or a frame in memory.

Three forms, each on the in-memory and on the streaming engine:
  by_name     group by payer, cpt_group and window; `median` of the decision days. What one would write first.
  histogram   group by decision days too, then take exact medians from the counts: no list of days per group.
  packed_key  as by_name, but the three keys packed into one integer from the categorical codes, which saves
              polars from encoding three keys per row. Needs at most 32,768 CPT groups.
"""

import os

from peer import COLUMNS, Peer, Query, Windows, parse_arguments, run

QUERIES = ("by_name", "histogram", "packed_key")
ENGINES = ("in-memory", "streaming")
FORMS = tuple(f"{query} {engine}" for query in QUERIES for engine in ENGINES)
TEXT_COLUMNS = ["payer", "cpt_group", "outcome"]

args = parse_arguments("polars", FORMS)
os.environ["POLARS_MAX_THREADS"] = str(args.threads)  # read once, when polars is imported
import polars as pl  # noqa: E402

IS_DENIED = (pl.col("outcome") == "DENIED").alias("is_denied")
# Days as 16-bit integers halve what the median has to move; claims are decided within decades.
DAYS = (pl.col("decided_date").to_physical() - pl.col("submitted_date").to_physical()).cast(pl.Int16).alias("days")
COUNTS = [pl.len().alias("decided"), pl.col("is_denied").sum().alias("denied")]


def decided_claims(claims: pl.LazyFrame, windows: Windows) -> tuple[pl.LazyFrame, pl.Expr]:
    """Complete paid and denied claims of both windows, and the expression that tells the windows apart."""
    in_windows = pl.col("submitted_date").is_between(windows.baseline_start, windows.as_of, closed="left")
    is_current = (pl.col("submitted_date") >= windows.current_start).alias("is_current")
    is_complete = pl.all_horizontal(pl.col("payer", "cpt_group", "decided_date").is_not_null())
    return claims.filter(in_windows & is_complete & pl.col("outcome").is_in(["PAID", "DENIED"])), is_current


def answer_columns(grouped: pl.LazyFrame, is_current: pl.Expr) -> pl.LazyFrame:
    paid = (pl.col("decided") - pl.col("denied")).alias("paid")
    return grouped.select("payer", "cpt_group", is_current, paid, "denied", "median_days")


def by_name(claims: pl.LazyFrame, windows: Windows) -> pl.LazyFrame:
    decided, is_current = decided_claims(claims, windows)
    rows = decided.select("payer", "cpt_group", is_current, IS_DENIED, DAYS)
    median = pl.col("days").median().alias("median_days")
    return answer_columns(rows.group_by("payer", "cpt_group", "is_current").agg(*COUNTS, median), pl.col("is_current"))


def histogram(claims: pl.LazyFrame, windows: Windows) -> pl.LazyFrame:
    decided, is_current = decided_claims(claims, windows)
    counts = [pl.len().alias("n"), IS_DENIED.sum().alias("denied")]
    bins = decided.group_by("payer", "cpt_group", is_current, DAYS).agg(counts)
    n, below = pl.col("n").sum(), pl.col("n").cum_sum()
    # The median of n values lies between the ones where the running count first reaches and first passes n / 2.
    lower = pl.col("days").filter(below * 2 >= n).first().cast(pl.Float64)
    upper = pl.col("days").filter(below * 2 > n).first().cast(pl.Float64)
    grouped = bins.sort("days").group_by("payer", "cpt_group", "is_current")
    medians = grouped.agg(n.alias("decided"), pl.col("denied").sum(), ((lower + upper) / 2).alias("median_days"))
    return answer_columns(medians, pl.col("is_current"))


def packed_key(claims: pl.LazyFrame, windows: Windows) -> pl.LazyFrame:
    decided, is_current = decided_claims(claims, windows)
    payer, group = (pl.col(name).to_physical().cast(pl.UInt32) for name in ("payer", "cpt_group"))
    key = (payer * 65_536 + group * 2 + is_current.cast(pl.UInt32)).alias("key")
    rows = decided.select("payer", "cpt_group", key, IS_DENIED, DAYS)
    names = [pl.col("payer").first(), pl.col("cpt_group").first()]
    grouped = rows.group_by("key").agg(*names, *COUNTS, pl.col("days").median().alias("median_days"))
    return answer_columns(grouped, (pl.col("key") % 2 == 1).alias("is_current"))


def with_enums(claims: pl.DataFrame) -> pl.DataFrame:
    """Text as Enum, polars' fastest type for a closed set of names."""
    text = [pl.col(name).cast(pl.String) for name in TEXT_COLUMNS]
    claims = claims.with_columns(text)
    return claims.with_columns(
        pl.col(name).cast(pl.Enum(claims[name].unique().drop_nulls().sort())) for name in TEXT_COLUMNS
    )


def scan(files: list[str]) -> pl.LazyFrame:
    """A lazy scan with text as Categorical, which is what a dictionary column already is."""
    claims = pl.scan_parquet(files).select(COLUMNS)
    schema = claims.collect_schema()
    plain = [name for name in TEXT_COLUMNS if schema[name] == pl.String]
    return claims.with_columns(pl.col(plain).cast(pl.Categorical)) if plain else claims


def open_form(form: str, source: str, files: list[str], windows: Windows) -> Query:
    query, engine = form.split()
    build = {"by_name": by_name, "histogram": histogram, "packed_key": packed_key}[query]
    if source == "memory":
        frame = with_enums(pl.scan_parquet(files).select(COLUMNS).collect())
        return lambda: build(frame.lazy(), windows).collect(engine=engine).rows()
    return lambda: build(scan(files), windows).collect(engine=engine).rows()


def last_submitted(files: list[str]):
    return pl.scan_parquet(files).select(pl.col("submitted_date").max()).collect().item()


def row_count(files: list[str]) -> int:
    return pl.scan_parquet(files).select(pl.len()).collect().item()


run(Peer("polars", pl.__version__, FORMS, last_submitted, row_count, open_form), args)
