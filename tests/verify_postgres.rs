//! `datagen verify postgres://…` with a real server.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use server::Server;
use server::run::{fails, succeeds};

#[test]
fn a_loaded_table_is_equal_until_a_value_changes() {
    let server = Server::start();
    let url = server.url();
    succeeds(&["--records", "20000", "--to", &url]);
    succeeds(&["--records", "9000", "--customer", "7", "--to", &url]);
    let told = succeeds(&["verify", &url]);
    assert!(told.contains("equal") && told.contains("29,000 rows"), "{told}");
    let told = succeeds(&["verify", &url, "--sample", "10%", "--sample-seed", "4"]);
    assert!(told.contains("sample"), "{told}");

    server.psql("UPDATE claims SET payer = 'NOBODY' WHERE claim_id = 'CLM-1-00012345'");
    let told = fails(1, &["verify", &url]);
    assert!(
        told.contains("row 12345, column payer (of claim_id = CLM-1-00012345): NOBODY instead of"),
        "{told}"
    );
    assert!(told.contains("claims of customer 1"), "{told}");
    server.psql("DELETE FROM claims WHERE claim_id = 'CLM-1-00012345'");
    let told = fails(1, &["verify", &url]);
    assert!(told.contains("19999 rows instead of 20000"), "{told}");
    server.psql("UPDATE claims SET billed_amount = 0.01 WHERE claim_id = 'CLM-7-00000001'");
    let told = fails(1, &["verify", &url]);
    assert!(told.contains("customer"), "{told}");
}

#[test]
fn appended_rows_are_those_of_their_own_run() {
    let server = Server::start();
    let url = server.url();
    for dataset in [&["--schema", "public"][..], &["--dirt", "--table", "dirty"]] {
        succeeds(&[dataset, &["--records", "5000", "--to", &url]].concat());
        succeeds(&[dataset, &["--records", "9000", "--mode", "append", "--to", &url]].concat());
    }
    let told = succeeds(&["verify", &url]);
    assert!(told.contains("equal"), "{told}");
    for claim in ["CLM-1-00000020", "CLM-1-00008999"] {
        server.psql(&format!("UPDATE claims SET payer = payer || '!' WHERE claim_id = '{claim}'"));
        let told = fails(1, &["verify", &url]);
        assert!(told.contains(claim), "{told}");
        server.psql(&format!("UPDATE claims SET payer = rtrim(payer, '!') WHERE claim_id = '{claim}'"));
    }
}

#[test]
fn a_database_without_loads_is_bad_input() {
    let server = Server::start();
    let told = fails(2, &["verify", &server.url()]);
    assert!(told.contains("nothing was loaded"), "{told}");
    let told = fails(2, &["verify", "postgres://nobody:do-not-print@127.0.0.1:1/none"]);
    assert!(!told.contains("do-not-print"), "{told}");
}
