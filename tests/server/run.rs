//! Runs of `datagen`, and what they left in a table.

#![allow(dead_code, reason = "each test binary uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;
use tempfile::TempDir;

use super::Server;

/// The program, for a folder in which nothing may appear.
pub fn command(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("datagen").unwrap();
    command.current_dir(folder.path()).args(arguments).env_remove("DATABASE_URL");
    command
}

fn datagen(arguments: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    let output = command(&folder, arguments).output().unwrap();
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "a load leaves no files");
    output
}

/// What a run says that does what it was asked to.
#[track_caller]
pub fn succeeds(arguments: &[&str]) -> String {
    let output = datagen(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The message of a run that ends with this code.
#[track_caller]
pub fn fails(code: i32, arguments: &[&str]) -> String {
    let output = datagen(arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
    assert_eq!(errors.lines().count(), 1, "one line: {errors}");
    errors
}

/// The number and a digest of a table's rows, whatever their order.
#[track_caller]
pub fn digest(server: &Server, table: &str) -> String {
    server.psql(&format!("SELECT count(*), md5(string_agg(r::text, E'\\n' ORDER BY r::text)) FROM {table} r"))
}
