"""Read the same dataset back from every file format with pyarrow, DuckDB and polars: each must equal the Parquet files.

    python tests/read_back_formats.py PARQUET_DIR OTHER_DIR ...     folders written by datagen, one format in each

The manifests say which files hold which table; every table is read, ledgers of dirt too. The Parquet file, as pyarrow
reads it, says what the values and types are (`datagen verify` holds it against the generator, tests/read_back.py claims
against the rules of the domain). Files are Parquet, CSV, JSON Lines (both also as .gz and .zst) and Arrow IPC. A reader
is told the types of the columns where text cannot say them; nested columns of a CSV are JSON text.

Exits 1 and names each column that differs; exits 2 when a folder cannot be used.
"""

import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc
import pyarrow.json
import pyarrow.parquet as pq


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type without dictionaries."""
    if pa.types.is_dictionary(kind):
        return plain_type(kind.value_type)
    if pa.types.is_list(kind):
        return pa.list_(plain_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, plain_type(field.type)) for field in kind])
    return kind


def plain(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table in this schema, each column in one piece; text of any width and numbers of any width are cast."""
    columns = [table[name].cast(schema.field(name).type).combine_chunks() for name in schema.names]
    return pa.Table.from_arrays(columns, schema=schema)


class Folder:
    """What the manifest of a folder says: the format, and the files of each table, in order."""

    def __init__(self, path: Path):
        manifest = json.loads((path / "_manifest.json").read_text())
        self.name = f"{manifest['dataset']}, {path.name}"
        self.format = manifest["format"]
        # The manifest of a dataset of one table, and no more, has its files at the top.
        tables = manifest.get("tables") or [{"name": manifest["dataset"], "files": manifest["files"]}]
        self.tables = {
            table["name"]: [str(path / file["name"]) for file in table["files"]] for table in tables
        }


def read_truth(files: list[str]) -> pa.Table:
    table = pa.concat_tables([arrow_parquet(file) for file in files], promote_options="default")
    schema = pa.schema([(field.name, plain_type(field.type)) for field in table.schema])
    return plain(table.unify_dictionaries(), schema)


def is_nested(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_struct(kind)


def restored(value: object, kind: pa.DataType) -> object:
    """What a value of JSON text stands for: dates and instants are text there."""
    if value is None:
        return None
    if pa.types.is_list(kind):
        return [restored(entry, kind.value_type) for entry in value]
    if pa.types.is_struct(kind):
        # A member too many or too few is not to pass unnoticed.
        if set(value) != {field.name for field in kind}:
            raise pa.ArrowInvalid(f"members {sorted(value)}, expected those of {kind}")
        return {field.name: restored(value[field.name], field.type) for field in kind}
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if pa.types.is_date(kind) else value


def decoded(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table of a CSV, with its nested columns read from their JSON text."""
    columns = {}
    for field in schema:
        column = table[field.name]
        if is_nested(field.type):
            values = [None if text is None else restored(json.loads(text), field.type) for text in column.to_pylist()]
            column = pa.chunked_array([pa.array(values, field.type)])
        columns[field.name] = column
    return pa.table(columns)


def flat_schema(schema: pa.Schema) -> pa.Schema:
    """The types of a CSV's columns, where nested ones are text."""
    return pa.schema([(field.name, pa.string() if is_nested(field.type) else field.type) for field in schema])


# --- readers: a file and the schema in, a table out -----------------------------------------------------------------


def arrow_parquet(file: str) -> pa.Table:
    # One file, whatever the names of its folders: they are no columns.
    return pq.ParquetFile(file).read()


def duckdb_parquet(file: str, schema: pa.Schema) -> pa.Table:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection.sql(f"FROM read_parquet('{file}', hive_partitioning = false)").to_arrow_table()


def polars_parquet(file: str, schema: pa.Schema) -> pa.Table:
    return pl.read_parquet(file, hive_partitioning=False).to_arrow()


def arrow_csv(file: str, schema: pa.Schema) -> pa.Table:
    types = pa.csv.ConvertOptions(
        column_types=flat_schema(schema), strings_can_be_null=True, quoted_strings_can_be_null=False,
        null_values=[""], timestamp_parsers=[pa.csv.ISO8601],
    )
    lines = pa.csv.ParseOptions(newlines_in_values=True)
    return decoded(pa.csv.read_csv(file, convert_options=types, parse_options=lines), schema)


def arrow_json_type(kind: pa.DataType) -> pa.DataType:
    """What pyarrow takes for a value in JSON text: dates and instants as text, decimals as floats."""
    if pa.types.is_temporal(kind):
        return pa.string()
    if pa.types.is_decimal(kind):
        return pa.float64()
    if pa.types.is_list(kind):
        return pa.list_(arrow_json_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, arrow_json_type(field.type)) for field in kind])
    return kind


def arrow_json(file: str, schema: pa.Schema) -> pa.Table:
    types = pa.schema([(field.name, arrow_json_type(field.type)) for field in schema])
    options = pa.json.ParseOptions(explicit_schema=types, unexpected_field_behavior="error")
    table = pa.json.read_json(file, parse_options=options)
    columns = {}
    for field in schema:
        column = table[field.name]
        if pa.types.is_decimal(field.type):
            column = pc.round(column, field.type.scale).cast(field.type)
        columns[field.name] = column
    return pa.table(columns)


def arrow_ipc(file: str, schema: pa.Schema) -> pa.Table:
    with pa.memory_map(file) as source:
        return pa.ipc.open_file(source).read_all().unify_dictionaries()


def duckdb_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"{duckdb_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return "STRUCT(" + ", ".join(f'"{field.name}" {duckdb_type(field.type)}' for field in kind) + ")"
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    names = {
        "string": "VARCHAR", "bool": "BOOLEAN", "date32[day]": "DATE", "double": "DOUBLE", "int8": "TINYINT",
        "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT", "uint8": "UTINYINT", "uint16": "USMALLINT",
    }
    return "TIMESTAMPTZ" if pa.types.is_timestamp(kind) else names[str(kind)]


def duckdb_read(function: str, file: str, schema: pa.Schema, options: str) -> pa.Table:
    types = {field.name: duckdb_type(field.type) for field in schema}
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection.sql(f"FROM {function}('{file}', columns = {types} {options})").to_arrow_table()


def duckdb_csv(file: str, schema: pa.Schema) -> pa.Table:
    options = ", header = true, delim = ',', quote = '\"', escape = '\"', strict_mode = true, allow_quoted_nulls = false"
    return decoded(duckdb_read("read_csv", file, flat_schema(schema), options), schema)


def duckdb_json(file: str, schema: pa.Schema) -> pa.Table:
    return duckdb_read("read_json", file, schema, ", format = 'newline_delimited'")


def polars_schema(schema: pa.Schema) -> dict[str, pl.DataType]:
    return dict(pl.from_arrow(schema.empty_table()).schema)


def polars_csv(file: str, schema: pa.Schema) -> pa.Table:
    types = polars_schema(flat_schema(schema))
    # polars has no type for an instant with a zone here; it reads them as such by itself.
    types = {name: kind for name, kind in types.items() if not isinstance(kind, pl.Datetime)}
    return decoded(pl.read_csv(file, schema_overrides=types, try_parse_dates=True).to_arrow(), schema)


def polars_json(file: str, schema: pa.Schema) -> pa.Table:
    """polars reads whole numbers of 64 bits, decimals as floats, dates as text; all are exact once they are cast."""
    types = polars_schema(schema)
    loose = {pl.Decimal: pl.Float64, pl.Date: pl.String, pl.Datetime: pl.String}
    read_as = {
        name: pl.Int64 if kind.is_integer() else loose.get(kind.base_type(), kind) for name, kind in types.items()
    }
    frame = pl.read_ndjson(file, schema=read_as)
    casts = []
    for name, kind in types.items():
        if isinstance(kind, pl.Decimal):
            casts.append(pl.col(name).round(kind.scale).cast(kind))
        elif kind == pl.Date:
            casts.append(pl.col(name).str.to_date("%Y-%m-%d", strict=True))
        elif isinstance(kind, pl.Datetime):
            casts.append(pl.col(name).str.to_datetime(time_unit="us", time_zone="UTC", strict=True))
    return frame.with_columns(casts).to_arrow()


def polars_ipc(file: str, schema: pa.Schema) -> pa.Table:
    return pl.read_ipc(file).to_arrow()


Reader = Callable[[str, pa.Schema], pa.Table]
READERS: dict[str, dict[str, Reader]] = {
    "parquet": {"DuckDB": duckdb_parquet, "polars": polars_parquet},
    "csv": {"pyarrow": arrow_csv, "DuckDB": duckdb_csv, "polars": polars_csv},
    "jsonl": {"pyarrow": arrow_json, "DuckDB": duckdb_json, "polars": polars_json},
    "arrow": {"pyarrow": arrow_ipc, "polars": polars_ipc},
}


def differences(truth: pa.Table, table: pa.Table) -> list[str]:
    if set(table.column_names) != set(truth.column_names):
        return [f"columns {table.column_names}, expected {truth.column_names}"]
    if len(table) != len(truth):
        return [f"{len(table):,} rows, expected {len(truth):,}"]
    found = []
    for name in truth.column_names:
        try:
            column = table[name].cast(truth.schema.field(name).type)
        except pa.ArrowException as error:
            found.append(f"{name}: {error}")
            continue
        if not column.equals(truth[name]):
            pairs = zip(truth[name].to_pylist(), column.to_pylist())
            row = next((row for row, (true, seen) in enumerate(pairs) if true != seen), None)
            at = "" if row is None else f", first in row {row}: {column[row]} is not {truth[name][row]}"
            found.append(f"{name}: differs{at}")
    return found


def check(folder: Folder, truths: dict[str, pa.Table]) -> list[str]:
    if set(folder.tables) != set(truths):
        return [f"{folder.name}: tables {sorted(folder.tables)}, expected {sorted(truths)}"]
    wrong = []
    for table, truth in truths.items():
        for reader, read in READERS[folder.format].items():
            place = f"{folder.name}, {table} as {folder.format} by {reader}"
            try:
                pieces = [plain(read(file, truth.schema), truth.schema) for file in folder.tables[table]]
                wrong += [f"{place}: {text}" for text in differences(truth, pa.concat_tables(pieces))]
            except (pa.ArrowException, duckdb.Error, pl.exceptions.PolarsError) as error:
                wrong.append(f"{place}: {error}")
    return wrong


def main() -> int:
    paths = [Path(name) for name in sys.argv[1:]]
    if len(paths) < 2 or not all((path / "_manifest.json").is_file() for path in paths):
        print(__doc__, file=sys.stderr)
        return 2
    folders = [Folder(path) for path in paths]
    truths = {table: read_truth(files) for table, files in folders[0].tables.items()}
    wrong = [text for folder in folders for text in check(folder, truths)]
    for text in wrong:
        print(text, file=sys.stderr)
    if not wrong:
        rows = sum(len(truth) for truth in truths.values())
        columns = sum(truth.num_columns for truth in truths.values())
        print(f"{rows:,} rows in {len(truths)} table(s) of {columns} columns equal in {len(folders)} form(s)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
