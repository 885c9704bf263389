//! `datagen --to` with a real server.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use std::process::Output;

use assert_cmd::Command;
use server::Server;
use tempfile::TempDir;

fn datagen(arguments: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    let output = Command::cargo_bin("datagen").unwrap().current_dir(folder.path()).args(arguments).output();
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "a load leaves no files");
    output.unwrap()
}

#[track_caller]
fn succeeds(arguments: &[&str]) -> String {
    let output = datagen(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The message of a run that ends with this code.
#[track_caller]
fn fails(code: i32, arguments: &[&str]) -> String {
    let output = datagen(arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
    assert_eq!(errors.lines().count(), 1, "one line: {errors}");
    errors
}

/// A digest of a table's rows, whatever their order.
fn digest(server: &Server, table: &str) -> String {
    server.psql(&format!("SELECT count(*), md5(string_agg(r::text, E'\\n' ORDER BY r::text)) FROM {table} r"))
}

#[test]
fn a_load_makes_table_comments_keys_and_rows() {
    let server = Server::start();
    let url = server.url();
    let told = succeeds(&["--records", "30000", "--to", &url]);
    assert!(told.contains("30,000 rows"), "{told}");
    assert_eq!(server.psql("SELECT count(*), count(DISTINCT claim_id) FROM claims"), "30000|30000");
    assert_eq!(
        server.psql("SELECT conname FROM pg_constraint WHERE conrelid = 'claims'::regclass"),
        "claims_pkey"
    );
    // The same again finds everything done.
    let before = digest(&server, "claims");
    succeeds(&["--records", "30000", "--to", &server.socket_url()]);
    assert_eq!(digest(&server, "claims"), before);
}
