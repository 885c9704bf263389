//! `datagen --to`, `ddl` and `clean` with a real server.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal64Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_schema::DataType;
use chrono::DateTime;
use driftforge::datasets::{BUILT_IN, Dataset};
use driftforge::generators::Run;
use serde_json::{Map, Value, json};
use server::Server;
use server::run::{digest, fails, succeeds};

/// A value as JSON, whatever its type.
fn value(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Boolean => json!(array.as_boolean().value(row)),
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        DataType::Float64 => json!(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal64(_, 2) => json!(array.as_primitive::<Decimal64Type>().value(row) as f64 / 100.0),
        DataType::Date32 => json!(array.as_primitive::<Date32Type>().value_as_date(row).unwrap().to_string()),
        DataType::Timestamp(..) => {
            let instant = array.as_primitive::<TimestampMicrosecondType>().value_as_datetime(row).unwrap();
            json!(instant.and_utc().timestamp_micros().to_string())
        }
        DataType::Dictionary(_, values) => value(&cast(&array.slice(row, 1), values).unwrap(), 0),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            (0..items.len()).map(|item| value(&items, item)).collect()
        }
        DataType::Struct(fields) => {
            let members = fields.iter().zip(array.as_struct().columns());
            Value::Object(members.map(|(field, column)| (field.name().clone(), value(column, row))).collect())
        }
        kind if kind.is_integer() => {
            json!(cast(&array.slice(row, 1), &DataType::Int64).unwrap().as_primitive::<Int64Type>().value(0))
        }
        other => panic!("{other}"),
    }
}

/// What the server says, with whole numbers and instants in one form.
fn normal(value: Value, kind: &DataType) -> Value {
    match (value, kind) {
        (Value::String(text), DataType::Timestamp(..)) => {
            json!(DateTime::parse_from_rfc3339(&text).unwrap().timestamp_micros().to_string())
        }
        (Value::Number(number), DataType::Float64 | DataType::Decimal64(..)) => json!(number.as_f64()),
        (value, DataType::Dictionary(_, values)) => normal(value, values),
        (Value::Array(items), DataType::List(item)) => {
            items.into_iter().map(|value| normal(value, item.data_type())).collect()
        }
        (Value::Object(mut members), DataType::Struct(fields)) => {
            let member = |field: &arrow_schema::FieldRef| {
                let value = members.remove(field.name()).unwrap();
                (field.name().clone(), normal(value, field.data_type()))
            };
            Value::Object(fields.iter().map(member).collect::<Map<_, _>>())
        }
        (value, _) => value,
    }
}

#[test]
fn every_value_of_every_table_arrives_as_it_was_generated() {
    const RECORDS: u64 = 3_000;
    let server = Server::start();
    for built_in in BUILT_IN {
        let records = RECORDS.to_string();
        // Some datasets have tables of one name; a schema each keeps them apart.
        let schema = built_in.name;
        server.psql(&format!("CREATE SCHEMA \"{schema}\""));
        let dataset = ["--dataset", built_in.name, "--records", &records, "--seed", "7"];
        succeeds(&[&dataset[..], &["--schema", schema, "--to", &server.url()]].concat());
        let run = Run { records: RECORDS, seed: 7, customer: 1, as_of: None, drift: true, dirt: false };
        let planned = Dataset::built_in(built_in.name).unwrap().plan(&run).unwrap();
        for plan in planned.collection().tables() {
            let (batch, table) = (plan.batch(0..RECORDS), plan.table());
            for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
                let (name, kind) = (field.name(), field.data_type());
                let sql = format!(
                    "SELECT coalesce(to_jsonb(\"{name}\"), 'null')::text FROM \"{schema}\".\"{table}\" ORDER BY ctid"
                );
                let there = server.psql(&sql);
                let there: Vec<&str> = there.lines().collect();
                assert_eq!(there.len(), array.len(), "rows of {table}");
                for (row, text) in there.into_iter().enumerate() {
                    let found = normal(serde_json::from_str(text).unwrap(), kind);
                    assert_eq!(found, value(array, row), "{table}, column {name}, row {row}");
                }
            }
            let comment =
                server.psql(&format!("SELECT obj_description('\"{schema}\".\"{table}\"'::regclass)"));
            assert_eq!(comment, plan.about());
        }
    }
}

#[test]
fn the_same_load_again_changes_nothing_and_another_is_refused() {
    let server = Server::start();
    let url = server.url();
    succeeds(&["--records", "30000", "--to", &url]);
    let before = digest(&server, "claims");
    succeeds(&["--records", "30000", "--to", &server.socket_url()]);
    assert_eq!(digest(&server, "claims"), before);
    for (other, difference) in [
        (&["--seed", "43"][..], "--seed 43 instead of 42"),
        (&["--records", "40000"], "--records 40000 instead of 30000"),
        (&["--no-drift"], "drift false instead of true"),
        (&["--seed", "43", "--mode", "append"], "--seed 43 instead of 42"),
        (&["--records", "20000", "--mode", "append"], "--records 20000 instead of 30000"),
    ] {
        let arguments = [&["--records", "30000", "--to", &url][..], other].concat();
        let arguments =
            if other[0] == "--records" { [&["--to", &url][..], other].concat() } else { arguments };
        let message = fails(2, &arguments);
        assert!(message.contains(difference) && message.contains("--mode replace"), "{message}");
        assert_eq!(digest(&server, "claims"), before);
    }
}

#[test]
fn append_goes_on_with_the_row_numbers_and_customers_live_side_by_side() {
    let server = Server::start();
    let url = server.url();
    succeeds(&["--records", "10000", "--to", &url]);
    let first = digest(&server, "(SELECT * FROM claims WHERE customer_id = 1)");
    succeeds(&["--records", "25000", "--mode", "append", "--to", &url]);
    assert_eq!(server.psql("SELECT count(*), max(claim_id) FROM claims"), "25000|CLM-1-00025000");
    let kept = "(SELECT * FROM claims WHERE claim_id <= 'CLM-1-00010000')";
    assert_eq!(digest(&server, kept), first);
    succeeds(&["--records", "25000", "--mode", "append", "--to", &url]);
    assert_eq!(server.psql("SELECT count(*) FROM claims"), "25000");

    let ours = "(SELECT * FROM claims WHERE customer_id = 1)";
    let before = digest(&server, ours);
    succeeds(&["--records", "5000", "--customer", "7", "--to", &url]);
    succeeds(&["--records", "6000", "--customer", "7", "--seed", "9", "--mode", "replace", "--to", &url]);
    assert_eq!(digest(&server, ours), before);
    assert_eq!(server.psql("SELECT count(*) FROM claims WHERE customer_id = 7"), "6000");

    let told = succeeds(&["clean", "--customer", "7", "--to", &url]);
    assert!(told.contains("6,000 rows removed"), "{told}");
    assert_eq!(digest(&server, ours), before);
    assert_eq!(server.psql("SELECT count(*) FROM claims"), "25000");
    let told = succeeds(&["clean", "--customer", "7", "--to", &url]);
    assert!(told.contains("nothing of customer 7 in the schema public"), "{told}");
    let told = succeeds(&["clean", "--customer", "1", "--dataset", "clams", "--to", &url]);
    assert!(told.contains("nothing of customer 1 and dataset clams"), "{told}");
    succeeds(&["clean", "--customer", "1", "--to", &url]);
    assert_eq!(server.psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
}

#[test]
fn appended_rows_are_spread_over_the_same_days() {
    let server = Server::start();
    let url = server.url();
    let load = ["--dataset", "claimx-events", "--to", &url];
    let append = [&load[..], &["--records", "6000", "--mode", "append"]].concat();
    succeeds(&[&load[..], &["--records", "2000"]].concat());
    succeeds(&append);
    let months = |rows: &str| {
        server.psql(&format!(
            "SELECT string_agg(n::text, ' ' ORDER BY month) FROM (SELECT date_trunc('month', event_date) AS month, \
             round(100.0 * count(*) / sum(count(*)) OVER ()) AS n \
             FROM (SELECT event_date FROM claimx_events ORDER BY ctid {rows}) AS e GROUP BY 1) AS m"
        ))
    };
    assert_eq!(months("LIMIT 2000"), months("OFFSET 2000"));
    // What the ledger of the load counts is there, and every row can be made again.
    let stored = "SELECT ledger -> 'tables' -> 'claimx_projects' ->> 'rows', (SELECT count(*) FROM claimx_projects) \
                  FROM driftforge_loads WHERE table_name = 'claimx_events'";
    let counts = server.psql(stored);
    assert!(counts.split_once('|').is_some_and(|(told, there)| told == there), "{counts}");
    assert!(succeeds(&["verify", &url]).contains("equal"));
    // No event is before its project.
    let early = "SELECT count(*) FROM claimx_events AS e JOIN claimx_projects AS p USING (project_id) \
                 WHERE e.ingested_at < p.created_at";
    assert_eq!(server.psql(early), "0");
    let before = digest(&server, "claimx_events");
    succeeds(&append);
    assert_eq!(digest(&server, "claimx_events"), before);
    let message = fails(2, &[&load[..], &["--records", "6000"]].concat());
    assert!(message.contains("rows appended to nothing instead of 2000"), "{message}");
    let message = fails(2, &[&load[..], &["--records", "1000", "--mode", "append"]].concat());
    assert!(message.contains("--records 1000 instead of 6000"), "{message}");
    succeeds(&[&load[..], &["--records", "7000", "--mode", "append"]].concat());
    assert_eq!(server.psql("SELECT count(*) FROM claimx_events"), "7000");
    assert!(succeeds(&["verify", &url]).contains("equal"));
}

#[test]
fn tables_with_different_loads_are_not_appended_to_together() {
    let server = Server::start();
    let url = server.url();
    let load = ["--dataset", "claims-platform", "--to", &url, "--records"];
    succeeds(&[&load[..], &["300", "--tables", "claims"]].concat());
    succeeds(&[&load[..], &["200", "--tables", "xact_faults"]].concat());
    let before = (digest(&server, "claims"), digest(&server, "xact_faults"));
    let message = fails(2, &[&load[..], &["400", "--mode", "append"]].concat());
    assert!(message.contains("different --records") && message.contains("xact_faults"), "{message}");
    assert_eq!((digest(&server, "claims"), digest(&server, "xact_faults")), before);
}

#[test]
fn customers_share_the_tables_of_every_dataset() {
    let server = Server::start();
    let url = server.url();
    for built_in in BUILT_IN {
        let schema = built_in.name;
        server.psql(&format!("CREATE SCHEMA \"{schema}\""));
        let load = ["--dataset", schema, "--schema", schema, "--records", "700", "--to", &url];
        succeeds(&load);
        let tables = "SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM";
        let tables = server.psql(&format!("{tables} \"{schema}\".driftforge_loads"));
        let digests = || {
            let digest = |table: &str| digest(&server, &format!("\"{schema}\".\"{table}\""));
            tables.split(' ').map(digest).collect::<Vec<_>>()
        };
        let alone = digests();
        succeeds(&[&load[..], &["--customer", "7"]].concat());
        for table in tables.split(' ') {
            let each = "SELECT string_agg(DISTINCT customer_id::text, ' ') FROM";
            assert_eq!(server.psql(&format!("{each} \"{schema}\".\"{table}\"")), "1 7", "{schema}: {table}");
        }
        assert!(succeeds(&["verify", &url, "--schema", schema]).contains("equal"));
        succeeds(&["clean", "--customer", "7", "--schema", schema, "--to", &url]);
        assert_eq!(digests(), alone, "{schema}");
    }
}

#[test]
fn replace_puts_all_rows_there_at_once_and_keeps_what_hangs_on_the_table() {
    let server = Server::start();
    let url = server.url();
    succeeds(&["--records", "9000", "--to", &url]);
    server.psql(
        "CREATE TABLE notes (claim_id text REFERENCES claims); INSERT INTO notes VALUES ('CLM-1-00000003'); \
         GRANT SELECT ON claims TO poor",
    );
    let indexes =
        "SELECT string_agg(indexname, ',' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'claims'";
    let before = server.psql(indexes);
    succeeds(&["--records", "8000", "--seed", "5", "--mode", "replace", "--to", &url]);
    assert_eq!(server.psql("SELECT count(*) FROM claims"), "8000");
    assert_eq!(server.psql(indexes), before);
    assert_eq!(server.psql("SET ROLE poor; SELECT count(*) FROM claims"), "8000");
    let tie = "SELECT count(*) FROM pg_constraint WHERE confrelid = 'claims'::regclass AND contype = 'f'";
    assert_eq!(server.psql(tie), "1");
    let fresh = digest(&server, "claims");
    succeeds(&["--records", "8000", "--seed", "5", "--table", "fresh", "--to", &url]);
    assert_eq!(digest(&server, "fresh"), fresh);
    assert_eq!(server.psql("SELECT to_regclass('claims_driftforge_new') IS NULL"), "t");
    // The new table may have partitions, which are named after it.
    succeeds(&["--records", "8000", "--seed", "5", "--mode", "replace", "--connections", "2", "--to", &url]);
    assert_eq!(digest(&server, "claims"), fresh);
    assert_eq!(
        server.psql("SELECT count(*) FROM claims_p0"),
        server.psql("SELECT count(*) FROM claims c WHERE c.tableoid = 'claims_p0'::regclass")
    );
    succeeds(&["--records", "9000", "--seed", "5", "--customer", "2", "--to", &url]);
    succeeds(&["clean", "--customer", "2", "--to", &url]);
    assert_eq!(digest(&server, "claims"), fresh);
    // Something that a new table cannot carry on keeps the old one as it is.
    server.psql("CREATE VIEW seen AS SELECT * FROM claims");
    let message = fails(2, &["--records", "100", "--mode", "replace", "--to", &url]);
    assert!(message.contains("seen"), "{message}");
    assert_eq!(digest(&server, "claims"), fresh);
}

#[test]
fn replace_refuses_a_table_that_cannot_tell_customers_apart() {
    let server = Server::start();
    let url = server.url();
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/clinic_visits.toml");
    let first = ["--spec", spec, "--records", "300", "--to", &url];
    succeeds(&first);
    let table = server.psql("SELECT table_name FROM driftforge_loads ORDER BY table_name LIMIT 1");
    let before = digest(&server, &table);
    for mode in ["append", "replace"] {
        let message = fails(2, &[&first[..], &["--customer", "2", "--mode", mode]].concat());
        assert!(message.contains("a table serves one customer"), "{message}");
        assert_eq!(digest(&server, &table), before);
    }
    succeeds(&[&first[..], &["--seed", "5", "--mode", "replace"]].concat());
}

#[test]
fn replace_of_tables_that_refer_to_one_another_leaves_other_customers_rows() {
    let server = Server::start();
    let url = server.url();
    let load = ["--dataset", "claimx-events", "--records", "300", "--to", &url];
    succeeds(&load);
    succeeds(&[&load[..], &["--customer", "2"]].concat());
    let ties = "SELECT string_agg(conrelid::regclass || conname, ',' ORDER BY conname, conrelid) \
                FROM pg_constraint WHERE contype = 'f'";
    let before = server.psql(ties);
    assert!(!before.is_empty());
    succeeds(&[&load[..], &["--customer", "2", "--seed", "5", "--mode", "replace"]].concat());
    assert_eq!(server.psql(ties), before);
    let left = "SELECT count(*) FROM pg_tables WHERE tablename LIKE '%driftforge_new%'";
    assert_eq!(server.psql(left), "0");
    let told = succeeds(&["verify", &url]);
    assert!(told.contains("equal"), "{told}");
}

#[test]
fn replace_ties_partitioned_tables_again() {
    let server = Server::start();
    let url = server.url();
    let load = ["--dataset", "claimx-events", "--connections", "2", "--to", &url];
    let all = ["--records", "300"];
    let load_all = [&load[..], &all].concat();
    let again = [&load_all[..], &["--seed", "5", "--mode", "replace"]].concat();
    let ties = "SELECT string_agg(conrelid::regclass || conname || convalidated, ',' ORDER BY conname, conrelid) \
                FROM pg_constraint JOIN pg_class AS c ON c.oid = conrelid \
                WHERE contype = 'f' AND conparentid = 0 AND relkind = 'p'";
    succeeds(&load_all);
    let before = server.psql(ties);
    assert!(before.contains("true") && !before.contains("false"), "{before}");
    succeeds(&again);
    assert_eq!(server.psql(ties), before);
    succeeds(&[&load_all[..], &["--customer", "2"]].concat());
    succeeds(&[&again[..], &["--customer", "2"]].concat());
    assert_eq!(server.psql(ties), before);
    assert!(succeeds(&["verify", &url]).contains("equal"));
    // A table of somebody else's that would be left with keys that lead nowhere keeps the rows as they are.
    server.psql(
        "CREATE TABLE notes (project_id text REFERENCES claimx_projects) PARTITION BY HASH (project_id); \
         CREATE TABLE notes_p PARTITION OF notes FOR VALUES WITH (MODULUS 1, REMAINDER 0); \
         INSERT INTO notes SELECT project_id FROM claimx_projects WHERE customer_id = 2",
    );
    let projects = digest(&server, "claimx_projects");
    let message =
        fails(2, &[&load[..], &["--customer", "2", "--records", "20", "--mode", "replace"]].concat());
    assert!(message.contains("notes"), "{message}");
    assert_eq!(digest(&server, "claimx_projects"), projects);
}

#[test]
fn options_shape_the_table() {
    let server = Server::start();
    let url = server.url();
    server.psql(r#"CREATE SCHEMA "odd ""schema""""#);
    let odd = [
        "--records",
        "50000",
        "--connections",
        "3",
        "--unlogged",
        "--no-indexes",
        "--schema",
        "odd \"schema\"",
        "--table",
        "it's \"mine\"",
        "--to",
        &url,
    ];
    succeeds(&odd);
    let table = r#""odd ""schema"""."it's ""mine""""#;
    let quoted = table.replace('\'', "''");
    let shape = format!(
        "SELECT string_agg(DISTINCT c.relpersistence::text, ''), count(*), \
             (SELECT count(*) FROM pg_index WHERE indrelid = '{quoted}'::regclass) \
         FROM pg_class c JOIN pg_inherits ON inhrelid = c.oid WHERE inhparent = '{quoted}'::regclass"
    );
    assert_eq!(server.psql(&shape), "u|3|0");
    let sizes = format!("SELECT count(*) > 10000 FROM {table} GROUP BY tableoid");
    assert_eq!(server.psql(&sizes), "t\nt\nt");
    // Parts can be loaded one after the other, and a table that `ddl` made can be loaded.
    server.psql(&succeeds(&["ddl", "claims"]));
    for part in ["2", "1", "3"] {
        let state = "SELECT state FROM driftforge_loads";
        if part != "2" {
            assert_eq!(server.psql(state), "loading");
        }
        succeeds(&["--records", "50000", "--parts", "3", "--part", part, "--to", &url]);
    }
    assert_eq!(server.psql("SELECT state, rows FROM driftforge_loads"), "complete|50000");
    assert_eq!(digest(&server, "claims"), digest(&server, table));
}
