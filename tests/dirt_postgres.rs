//! `datagen --dirt --to` with a real server.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use driftforge::datasets::Dataset;
use driftforge::generators::Run;
use driftforge::ledger::Ledger;
use server::Server;
use server::run::{digest, fails, succeeds};

#[test]
fn clean_claims_are_loaded_with_their_ledger() {
    let server = Server::start();
    succeeds(&["--records", "2000", "--to", &server.url()]);
    let kept = server.psql("SELECT ledger::text FROM driftforge_loads WHERE table_name = 'claims'");
    let kept: Ledger = serde_json::from_str(&kept).unwrap();
    assert_eq!((kept.records, kept.tables["claims"].rows, kept.drifts.len()), (2000, 2000, 12));
}

fn ledger(customer: u32) -> Ledger {
    let run = Run { records: 20_000, seed: 42, customer, as_of: None, drift: true, dirt: true };
    let planned = Dataset::built_in("claims").unwrap().plan(&run).unwrap();
    Ledger::count(&planned, 2, &std::sync::atomic::AtomicBool::new(false)).unwrap()
}

fn constraints(server: &Server) -> String {
    server.psql("SELECT string_agg(contype::text, '') FROM pg_constraint WHERE conrelid = 'claims'::regclass AND contype <> 'n'")
}

#[test]
fn all_dirty_rows_are_loaded_with_their_ledger() {
    let server = Server::start();
    let url = server.url();
    succeeds(&["--records", "20000", "--dirt", "--to", &url]);
    let expected = ledger(1);
    let rows = expected.tables["claims"].rows;
    assert!(rows > 20_000);
    assert_eq!(server.psql("SELECT count(*) FROM claims"), rows.to_string());
    let faults: u64 = expected.tables["claims"].dirt.values().map(|count| count.copies + count.values).sum();
    assert_eq!(server.psql("SELECT count(*) FROM claims_dirt"), faults.to_string());
    // Keys occur twice, so there is no constraint on them; an index is.
    assert_eq!(constraints(&server), "");
    assert_eq!(server.psql("SELECT count(*) FROM pg_indexes WHERE indexname = 'claims_key_idx'"), "1");
    let kept = server.psql("SELECT ledger::text FROM driftforge_loads WHERE table_name = 'claims'");
    assert_eq!(serde_json::from_str::<Ledger>(&kept).unwrap(), expected);
    for id in ["location-lost", "sent-twice"] {
        let count = &expected.tables["claims"].dirt[id];
        let there = server.psql(&format!("SELECT count(*) FROM claims_dirt WHERE dirt_id = '{id}'"));
        assert_eq!(there, (count.copies + count.values).to_string(), "{id}");
    }
    // The last value of each chain of faults is the one in the table.
    let differing = "SELECT count(*) FROM claims_dirt d WHERE d.column = 'location' AND d.after IS NULL AND NOT EXISTS \
                     (SELECT FROM claims c WHERE c.claim_id = d.key AND c.location IS NULL)";
    assert_eq!(server.psql(differing), "0");
    let before = digest(&server, "claims");
    succeeds(&["--records", "20000", "--dirt", "--to", &url]);
    assert_eq!(digest(&server, "claims"), before);
}

#[test]
fn the_ledger_undoes_the_faults_of_a_table() {
    let server = Server::start();
    let url = server.url();
    succeeds(&["--records", "20000", "--dirt", "--to", &url]);
    server.psql("CREATE SCHEMA clean");
    succeeds(&["--records", "20000", "--schema", "clean", "--to", &url]);
    // Of each column: the value before its first fault is the clean one, and whatever differs is in the ledger.
    let columns = server.psql(
        "SELECT string_agg(DISTINCT \"column\", ' ') FROM claims_dirt WHERE \"column\" IS NOT NULL AND place = row",
    );
    assert!(columns.split(' ').count() > 5, "{columns}");
    for column in columns.split(' ') {
        let differing = format!(
            "WITH first AS (SELECT DISTINCT ON (key) key, before, after FROM \
               (SELECT *, row_number() OVER () AS n FROM claims_dirt) d \
               WHERE \"column\" = '{column}' AND place = row ORDER BY key, n) \
             SELECT count(*) FROM clean.claims c JOIN first f ON f.key = c.claim_id \
             WHERE c.{column}::text IS DISTINCT FROM f.before"
        );
        assert_eq!(server.psql(&differing), "0", "{column}");
        let untold = format!(
            "SELECT count(*) FROM claims d JOIN clean.claims c USING (claim_id) \
             WHERE d.{column} IS DISTINCT FROM c.{column} AND NOT EXISTS \
               (SELECT FROM claims_dirt l WHERE l.key = c.claim_id AND l.\"column\" = '{column}' \
                AND l.after IS NOT DISTINCT FROM d.{column}::text)"
        );
        assert_eq!(server.psql(&untold), "0", "{column}");
    }
}

#[test]
fn tables_without_a_key_are_verified_as_a_whole() {
    let server = Server::start();
    let url = server.url();
    succeeds(&["--records", "20000", "--dirt", "--to", &url, "--connections", "2"]);
    succeeds(&["--records", "9000", "--customer", "7", "--dirt", "--to", &url]);
    let told = succeeds(&["verify", &url]);
    assert!(told.contains("equal"), "{told}");
    server.psql("UPDATE claims SET payer = 'NOBODY' WHERE claim_id = 'CLM-1-00012345'");
    let told = fails(1, &["verify", &url]);
    assert!(told.contains("column payer (of claim_id = CLM-1-00012345): NOBODY instead of"), "{told}");
    server.psql("DELETE FROM claims WHERE customer_id = 1");
    let told = fails(1, &["verify", &url]);
    assert!(told.contains("claims of customer 1"), "{told}");
    succeeds(&["--records", "20000", "--dirt", "--to", &url, "--mode", "replace"]);
    assert!(succeeds(&["verify", &url]).contains("equal"));
    // A row less and another one twice: the number of rows says nothing.
    let of_customer = |which: &str| {
        format!("ctid = (SELECT {which}(ctid) FROM claims_dirt WHERE customer_id = 1) AND customer_id = 1")
    };
    server.psql(&format!("INSERT INTO claims_dirt SELECT * FROM claims_dirt WHERE {}", of_customer("max")));
    server.psql(&format!("DELETE FROM claims_dirt WHERE {}", of_customer("min")));
    let told = fails(1, &["verify", &url]);
    assert!(
        told.contains("claims_dirt of customer 1: row 1 is missing or was changed: customer_id = 1"),
        "{told}"
    );
    succeeds(&["clean", "--to", &url, "--customer", "1"]);
    assert_eq!(server.psql("SELECT DISTINCT customer_id FROM claims_dirt"), "7");
    assert!(succeeds(&["verify", &url]).contains("equal"));
}

#[test]
fn dirty_rows_are_refused_where_a_key_forbids_them() {
    let server = Server::start();
    let url = server.url();
    succeeds(&["--records", "2000", "--to", &url, "--schema", "public"]);
    let nullable = "SELECT 'ALTER TABLE claims ' || string_agg(format('ALTER %I DROP NOT NULL', attname), ', ') \
                    FROM pg_attribute WHERE attrelid = 'claims'::regclass AND attnum > 0 AND attname <> 'claim_id'";
    let statement = server.psql(nullable);
    server.psql(&statement);
    let told = fails(2, &["--records", "2000", "--dirt", "--customer", "2", "--to", &url]);
    assert!(told.contains("has a primary key, and dirt repeats keys"), "{told}");
    assert_eq!(server.psql("SELECT to_regclass('claims_dirt') IS NULL"), "t");
    // Replaced as a whole, the key goes; a clean customer's rows may come beside them.
    succeeds(&["--records", "2000", "--dirt", "--to", &url, "--mode", "replace"]);
    assert_eq!(constraints(&server), "");
    succeeds(&["--records", "2000", "--customer", "3", "--to", &url]);
    assert_eq!(constraints(&server), "");
    assert!(succeeds(&["verify", &url]).contains("equal"));
}
