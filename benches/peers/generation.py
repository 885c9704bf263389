"""A table like `claims` made the way one would without driftforge: numpy for the values, pyarrow for the file.

    python benches/peers/generation.py --records 1000000 --out FILE

The same 26 columns, types, row groups (262,144 rows) and compression (zstd-1), written one row group at a time. It
does less than datagen: no calendar, no seasons, no conditional tables, no drift, no truth, and other values for
another chunk size. Prints rows per second and per CPU second, bytes and peak memory as JSON.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from peer import peak_rss_bytes

ROW_GROUP_ROWS = 262_144
PAYERS, CPT_CODES, CPT_PER_GROUP, LOCATIONS = 14, 70, 5, 12
FIRST_DAY, DAYS = 19_905, 365  # days since 1970-01-01: the year from 2024-07-01

REASON_CODES = ["16", "18", "22", "29", "50", "96", "97", "197"]
CHANNELS = ["api", "csv", "edi", "portal"]
MODIFIERS = ["25", "26", "50", "59", "LT", "RT", "TC"]
DIAGNOSES = [f"{letter}{number}.{digit}" for letter in "EIJMRZ" for number in range(10, 20) for digit in range(3)]


def category(codes: np.ndarray, names: list[str], missing: np.ndarray | None = None) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.uint8), mask=missing), pa.array(names))


def amount(cents: np.ndarray) -> pa.Array:
    """Whole cents as decimal128(12, 2), by laying out its 16-byte integers directly."""
    words = np.zeros((len(cents), 2), np.int64)
    words[:, 0] = cents
    return pa.Array.from_buffers(pa.decimal128(12, 2), len(cents), [None, pa.py_buffer(words)])


def date(days: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), pa.int32(), mask=missing).cast(pa.date32())


def numbered(prefix: str, numbers: np.ndarray) -> pa.Array:
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=8, padding="0")
    return pc.binary_join_element_wise(prefix, digits, "")


def hexadecimal(words: np.ndarray) -> pa.Array:
    """Each 64-bit word as 16 digits, by laying out the text directly."""
    nibbles = (words[:, None] >> np.arange(60, -4, -4, np.uint64)) & np.uint64(15)
    text = np.frombuffer(b"0123456789abcdef", np.uint8)[nibbles]
    offsets = np.arange(0, 16 * len(words) + 1, 16, np.int32)
    return pa.Array.from_buffers(pa.string(), len(words), [None, pa.py_buffer(offsets), pa.py_buffer(text)])


def code_lists(rng: np.random.Generator, rows: int, most: int, names: list[str]) -> pa.Array:
    offsets = np.concatenate([[0], np.cumsum(rng.integers(0, most + 1, rows))]).astype(np.int32)
    codes = pa.array(rng.integers(0, len(names), offsets[-1]).astype(np.uint8))
    return pa.ListArray.from_arrays(pa.array(offsets), pa.DictionaryArray.from_arrays(codes, pa.array(names)))


def claims(rng: np.random.Generator, first_row: int, rows: int, records: int) -> pa.RecordBatch:
    """One chunk of claims, in the order of submission."""
    row = np.arange(first_row, first_row + rows)
    weights = 1 / np.arange(1, PAYERS + 1)
    payer = rng.choice(PAYERS, rows, p=weights / weights.sum())
    cpt = rng.integers(0, CPT_CODES, rows)
    group = cpt // CPT_PER_GROUP
    submitted = FIRST_DAY + row * DAYS // records
    service = submitted - rng.gamma(2.0, 3.0, rows).astype(np.int64)
    decided = submitted + rng.lognormal(2.5 + 0.05 * payer, 0.5, rows).astype(np.int64)
    payment = decided + rng.integers(1, 21, rows)
    denied = rng.random(rows) < 0.04 + 0.014 * ((payer + group) % 15)
    other = ~denied & (rng.random(rows) < 0.03)
    paid = ~(denied | other)
    billed = rng.lognormal(10.0, 0.8, rows).astype(np.int64)
    allowed = (billed * rng.uniform(0.4, 0.95, rows)).astype(np.int64)
    reason = rng.integers(0, len(REASON_CODES), rows)
    required = rng.random(rows) < 0.02 * (1 + group)
    obtained = required & (rng.random(rows) < 0.9)
    number = pc.if_else(pa.array(obtained), numbered("AUTH-", row), pa.scalar(None, pa.string()))
    columns = {
        "claim_id": numbered("CLM-1-", row),
        "customer_id": pa.array(np.ones(rows, np.int64)),
        "payer": category(payer, [f"Payer {i}" for i in range(PAYERS)]),
        "cpt": category(cpt, [str(99_200 + i) for i in range(CPT_CODES)]),
        "cpt_group": category(group, [f"Group {i}" for i in range(CPT_CODES // CPT_PER_GROUP)]),
        "location": category(rng.integers(0, LOCATIONS, rows), [f"Clinic {i}" for i in range(LOCATIONS)]),
        "service_date": date(service),
        "submitted_date": date(submitted),
        "decided_date": date(decided),
        "payment_date": date(payment, ~paid),
        "outcome": category(np.select([paid, denied], [0, 1], 2), ["PAID", "DENIED", "OTHER"]),
        "billed_amount": amount(billed),
        "allowed_amount": amount(allowed),
        "paid_amount": amount(np.where(paid, (allowed * rng.uniform(0.7, 1.0, rows)).astype(np.int64), 0)),
        "denial_reason_code": category(reason, REASON_CODES, ~denied),
        "denial_reason_text": category(reason, [f"Reason {code}" for code in REASON_CODES], ~denied),
        "authorization_required": pa.array(required),
        "authorization_obtained": pa.array(obtained),
        "authorization_number": number,
        "procedure_count": pa.array(rng.integers(1, 7, rows).astype(np.int16)),
        "modifier_codes": code_lists(rng, rows, 2, MODIFIERS),
        "diagnosis_codes": code_lists(rng, rows, 4, DIAGNOSES),
        "submitted_via": category(rng.integers(0, len(CHANNELS), rows), CHANNELS),
        "data_quality_score": pa.array(rng.integers(60, 101, rows) / 100),
        "validation_passed": pa.array(rng.random(rows) < 0.98),
        "source_data_hash": hexadecimal(rng.integers(0, 2**64, rows, np.uint64)),
    }
    return pa.RecordBatch.from_pydict(columns)


def write(out: Path, records: int) -> None:
    rng, writer = np.random.default_rng(42), None
    for first_row in range(0, records, ROW_GROUP_ROWS):
        batch = claims(rng, first_row, min(ROW_GROUP_ROWS, records - first_row), records)
        if writer is None:
            writer = pq.ParquetWriter(out, batch.schema, compression="zstd", compression_level=1)
        writer.write_batch(batch, row_group_size=ROW_GROUP_ROWS)
    writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Time a plain numpy and pyarrow generator of claims.")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, required=True, help="the Parquet file to write")
    args = parser.parse_args()
    if args.records < 1:
        parser.error("--records must be at least 1")
    wall, cpu = time.perf_counter(), time.process_time()
    write(args.out, args.records)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    result = {
        "tool": "numpy and pyarrow",
        "version": f"{np.__version__}, {pa.__version__}",
        "rows": args.records,
        "bytes": args.out.stat().st_size,
        "wall_seconds": wall,
        "cpu_seconds": cpu,
        "rows_per_second": args.records / wall,
        "rows_per_cpu_second": args.records / cpu,
        "peak_rss_bytes": peak_rss_bytes(),
    }
    json.dump(result, sys.stdout, indent=1)
    print()


main()
