//! Tells the program the commit that it is built from, where there is one.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=.git/HEAD");
    println!("cargo::rerun-if-changed=.git/refs");
    println!("cargo::rerun-if-env-changed=DRIFTFORGE_GIT_COMMIT");
    let output = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output();
    let commit = output.ok().filter(|output| output.status.success());
    let commit = commit.and_then(|output| String::from_utf8(output.stdout).ok());
    if let (None, Some(commit)) = (std::env::var_os("DRIFTFORGE_GIT_COMMIT"), commit) {
        println!("cargo::rustc-env=DRIFTFORGE_GIT_COMMIT={}", commit.trim());
    }
}
