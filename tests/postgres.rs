//! `datagen --to`, `ddl` and `clean` with a real server.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType;
use driftforge::datasets::Dataset;
use driftforge::generators::Run;
use server::Server;
use server::run::{digest, fails, succeeds};

/// What `psql` shows of a value.
fn shown(array: &ArrayRef, row: usize) -> String {
    if array.is_null(row) {
        return "~".to_owned();
    }
    match array.data_type() {
        DataType::Boolean => if array.as_boolean().value(row) { "t" } else { "f" }.to_owned(),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            let items: Vec<String> = (0..items.len()).map(|item| shown(&items, item)).collect();
            format!("{{{}}}", items.join(","))
        }
        _ => {
            let options = FormatOptions::default();
            let text = ArrayFormatter::try_new(array, &options).unwrap().value(row).to_string();
            // The server shows a whole number without its point.
            match array.data_type() {
                DataType::Dictionary(_, values) if values.is_floating() => {
                    text.trim_end_matches(".0").to_owned()
                }
                _ => text,
            }
        }
    }
}

fn claims(records: u64, seed: u64, customer: u32) -> RecordBatch {
    let run = Run { records, seed, customer, as_of: None, drift: true, dirt: false };
    Dataset::built_in("claims").unwrap().plan(&run).unwrap().plan().batch(0..records)
}

#[test]
fn every_value_arrives_as_it_was_generated() {
    let server = Server::start();
    let told = succeeds(&["--records", "20000", "--seed", "7", "--to", &server.url()]);
    assert!(told.contains("20,000 rows"), "{told}");
    let batch = claims(20_000, 7, 1);
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let name = field.name();
        let sql = format!("SELECT coalesce(\"{name}\"::text, '~') FROM claims ORDER BY claim_id");
        let sql = if *field.data_type() == DataType::Boolean {
            sql.replace("::text, '~')", "::text::char, '~')")
        } else {
            sql
        };
        let there = server.psql(&sql);
        let expected: Vec<String> = (0..array.len()).map(|row| shown(array, row)).collect();
        assert!(there.lines().eq(expected.iter().map(String::as_str)), "column {name} differs");
    }
    let comment = server.psql("SELECT obj_description('claims'::regclass)");
    assert!(comment.starts_with("Health insurance claims"), "{comment}");
    let described = "SELECT count(*) FROM pg_description WHERE objoid = 'claims'::regclass AND objsubid > 0";
    assert_eq!(server.psql(described), batch.num_columns().to_string());
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
    assert!(told.contains("nothing of customer 7"), "{told}");
    succeeds(&["clean", "--customer", "1", "--to", &url]);
    assert_eq!(server.psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
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
