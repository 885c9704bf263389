//! `datagen describe postgres://…` with a real server.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use serde_json::Value;
use server::run::{command, fails, succeeds};
use server::{POOR_ROLE, Server};
use tempfile::TempDir;

/// The profile of a place, as a program reads it.
fn profile(arguments: &[&str]) -> Value {
    let text = succeeds(&[&["describe", "--format", "json", "--top", "5"], arguments].concat());
    serde_json::from_str(&text).unwrap()
}

/// The columns of a profile, by table, without their types: a database has its own.
fn figures(profile: &Value) -> Vec<(String, u64, Vec<Value>)> {
    let table = |table: &Value| {
        let mut columns = table["columns"].as_array().unwrap().clone();
        for column in &mut columns {
            column.as_object_mut().unwrap().remove("data_type");
        }
        (table["name"].as_str().unwrap().to_owned(), table["rows"].as_u64().unwrap(), columns)
    };
    profile["tables"].as_array().unwrap().iter().map(table).collect()
}

#[test]
fn tables_are_described_as_their_files_are() {
    let server = Server::start();
    let url = server.url();
    let folder = TempDir::new().unwrap();
    for (dataset, records) in [("claims-platform", "3000"), ("audio-files", "900"), ("claimx-events", "700")]
    {
        let schema = dataset.replace('-', "_");
        server.psql(&format!("CREATE SCHEMA {schema}"));
        let made = ["--dataset", dataset, "--records", records, "--out", dataset, "--to", &url];
        let made = command(&folder, &made).args(["--schema", &schema, "--quiet"]).status().unwrap();
        assert!(made.success());
        let place = folder.path().join(dataset).display().to_string();
        let (files, tables) = (profile(&[&place]), profile(&[&url, "--schema", &schema]));
        let (files_figures, mut tables_figures) = (figures(&files), figures(&tables));
        // The ledger of faults that a dataset always has is a table among the others.
        tables_figures.retain(|(table, ..)| !table.ends_with("_dirt"));
        assert_eq!(files_figures.len(), tables_figures.len());
        for (files, tables) in files_figures.iter().zip(&tables_figures) {
            assert_eq!((&files.0, files.1, files.2.len()), (&tables.0, tables.1, tables.2.len()));
            for (files, tables) in files.2.iter().zip(&tables.2) {
                assert_eq!(files, tables, "{dataset}");
            }
        }
        assert_eq!(files["drifts"], tables["drifts"]);
        assert_eq!(files["dataset"], tables["dataset"]);
        assert!(!tables["drifts"].as_array().unwrap().is_empty() || dataset != "claims-platform");
        assert!(
            tables["tables"].as_array().unwrap().iter().all(|table| table["bytes"].as_u64().unwrap() > 0)
        );
    }
}

#[test]
fn a_text_has_the_drift_of_every_customer() {
    let server = Server::start();
    let url = server.url();
    succeeds(&["--records", "20000", "--connections", "2", "--to", &url]);
    let alone = succeeds(&["describe", &url]);
    let parts = ["claims: 20,000 rows, 28 columns, ", "Decimal64(12, 2)", "claims: 12 drifts"];
    for part in parts {
        assert!(alone.contains(part), "{part:?} is not in:\n{alone}");
    }
    assert!(!alone.contains("of customer") && !alone.contains("driftforge_loads"), "{alone}");
    succeeds(&["--records", "9000", "--customer", "7", "--to", &url]);
    let both = succeeds(&["describe", &url, "--table", "claims"]);
    for part in ["claims: 29,000 rows", "(of customer 1)", "(of customer 7)"] {
        assert!(both.contains(part), "{part:?} is not in:\n{both}");
    }
    // The drift is that of the ledger which was stored with the load.
    server.psql(
        "UPDATE driftforge_loads SET ledger = jsonb_set(ledger, '{drifts}', ledger->'drifts'->0 || '[]'::jsonb)",
    );
    let changed = succeeds(&["describe", &url]);
    assert!(changed.contains("claims: 2 drifts"), "{changed}");
    assert!(succeeds(&["describe", &url, "--table", "claims_p0"]).contains("claims_p0: "), "a partition");
}

#[test]
fn tables_of_anyone_are_described_whatever_their_types() {
    let server = Server::start();
    let url = server.url();
    server.psql(
        r#"CREATE DOMAIN cents AS numeric(9,2);
        CREATE TABLE "it's ""odd""" ("Flag" bool, small int2, "big " int8, r float4, d float8, n numeric, c cents,
            day date, at timestamptz, local timestamp, words text[], days date[], who uuid, whole jsonb, code char(3),
            bits bytea, span int4range);
        INSERT INTO "it's ""odd""" VALUES
            (true, 1, 9007199254740993, 0.1, 'NaN', 0.1, 1.50, '2025-03-01', '2025-03-01 12:00+02', '2025-03-01 12:00',
             '{a,NULL,"b ,"}', '{2025-03-01}', '00000000-0000-0000-0000-000000000001', '{"a": [1, "x"]}', 'ab', '\x00ff',
             '[1,3)'),
            (false, -1, NULL, 'Infinity', 2.5, 'NaN', -2.25, 'infinity', '-infinity', 'infinity', '{}', NULL, NULL,
             '"text"', NULL, NULL, NULL),
            (NULL, NULL, 3, NULL, NULL, 12345678901234567890123, NULL, '0044-03-15 BC', '20000-01-01', NULL, NULL,
             NULL, NULL, 'null', NULL, NULL, 'empty');
        CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; CREATE TABLE none (a int);
        CREATE VIEW seen AS SELECT small FROM "it's ""odd""""#,
    );
    let whole = profile(&[&url]);
    assert_eq!((&whole["dataset"], &whole["drifts"]), (&Value::Null, &Value::Null));
    let names: Vec<&str> =
        whole["tables"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["it's \"odd\"", "none", "nothing"]);
    assert_eq!((&whole["tables"][1]["rows"], &whole["tables"][2]["rows"]), (&0.into(), &1.into()));
    let columns = whole["tables"][0]["columns"].as_array().unwrap();
    let column = |name: &str| columns.iter().find(|column| column["name"] == name).unwrap();
    let null_rate = |name: &str| (column(name)["null_rate"].as_f64().unwrap() * 3.0).round();
    assert_eq!(null_rate("Flag"), 1.0);
    assert_eq!((null_rate("day"), null_rate("at"), null_rate("local"), null_rate("n")), (1.0, 1.0, 2.0, 1.0));
    assert_eq!(column("big ")["top"][1]["value"], "9007199254740993");
    assert_eq!(column("day")["min"], "-0043-03-15");
    assert_eq!(column("at")["data_type"], "Timestamp(µs, \"+00:00\")");
    assert_eq!(column("c")["data_type"], "Decimal64(9, 2)");
    assert_eq!(column("c")["min"], "-2.25000");
    assert_eq!((&column("words")["max"], &column("words[]")["rows"]), (&"3".into(), &3.into()));
    assert_eq!(column("whole")["distinct"]["number"], 3);
    let seen = succeeds(&["describe", &url, "--table", "seen"]);
    assert!(seen.contains("seen: 3 rows, 1 column") && seen.contains("nothing here says"), "{seen}");
}

#[test]
fn what_cannot_be_described_is_bad_input() {
    let server = Server::start();
    let url = server.url();
    assert!(fails(2, &["describe", &url]).contains("no tables in the schema \"public\""));
    server.psql("CREATE TABLE mine (a int)");
    for (arguments, part) in [
        (&["--table", "Mine"][..], "no table \"Mine\""),
        (&["--schema", "nowhere"], "no tables in the schema \"nowhere\""),
        (&["--threads", "0"], "--threads"),
    ] {
        let told = fails(2, &[&["describe", &url], arguments].concat());
        assert!(told.contains(part), "{told}");
    }
    let told = fails(2, &["describe", &server.url_of(POOR_ROLE)]);
    assert!(told.contains("permission denied for table mine"), "{told}");
    for url in
        ["postgres://nobody:do-not-print@127.0.0.1:1/none", "postgres://nobody:1#do-not-print@127.0.0.1/none"]
    {
        assert!(!fails(2, &["describe", url]).contains("do-not-print"));
    }
}

#[test]
fn a_role_that_may_read_a_table_alone_gets_its_rows() {
    let server = Server::start();
    succeeds(&["--records", "300", "--to", &server.url()]);
    server.psql(&format!("GRANT SELECT ON claims TO {POOR_ROLE}"));
    let told = succeeds(&["describe", &server.url_of(POOR_ROLE)]);
    assert!(told.contains("claims: 300 rows") && told.contains("nothing here says"), "{told}");
}
