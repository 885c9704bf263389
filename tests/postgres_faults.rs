//! What goes wrong between `datagen` and a server: killed loads, lost servers, refusals.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use server::run::{command, digest, fails, succeeds};
use server::{LOCKED_ROLE, POOR_ROLE, Server};
use tempfile::TempDir;

/// Kills of one load.
const KILLS: u32 = 20;

/// The next number of a linear congruential sequence (Numerical Recipes, "quick and dirty"), from 0 up to 1.
fn next_share(state: &mut u32) -> f64 {
    *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    f64::from(*state) / f64::from(u32::MAX)
}

#[test]
fn a_load_killed_twenty_times_is_the_load_that_was_not() {
    let server = Server::start();
    let url = server.url();
    let undisturbed = ["--records", "160000", "--commit-rows", "1", "--table", "calm", "--to", &url];
    let started = Instant::now();
    succeeds(&undisturbed);
    let duration = started.elapsed();
    let arguments = ["--records", "160000", "--commit-rows", "1", "--connections", "2", "--to", &url];
    let folder = TempDir::new().unwrap();
    let (mut state, mut moments) = (20, 0);
    for _ in 0..KILLS {
        let mut run =
            command(&folder, &arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        thread::sleep(duration.mul_f64(0.35 * next_share(&mut state)));
        run.kill().unwrap();
        let output = run.wait_with_output().unwrap();
        assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
        if server.psql("SELECT to_regclass('claims') IS NOT NULL") == "t" {
            moments += 1;
            let noted =
                "SELECT coalesce(sum(rows), 0) FROM driftforge_load_chunks WHERE table_name = 'claims'";
            // A killed program's last transaction may be ending yet; two answers alike are final.
            let consistent = (0..50).any(|_| {
                thread::sleep(Duration::from_millis(20));
                let there = server.psql(&format!("SELECT (SELECT count(*) FROM claims) = ({noted})"));
                there == "t"
            });
            assert!(consistent, "rows and notes differ");
        }
    }
    assert!(moments > KILLS / 4, "only {moments} kills came after the table was made");
    succeeds(&arguments);
    assert_eq!(server.psql("SELECT count(*), count(DISTINCT claim_id) FROM claims"), "160000|160000");
    assert_eq!(digest(&server, "claims"), digest(&server, "calm"));
    let keys = "SELECT count(*) FROM pg_index WHERE indrelid = 'claims'::regclass";
    assert_eq!(server.psql(keys), "3");
}

#[test]
fn a_replacement_that_is_killed_shows_nobody_half_of_it() {
    let server = Server::start();
    let url = server.url();
    succeeds(&["--records", "20000", "--to", &url]);
    let before = digest(&server, "claims");
    let arguments =
        ["--records", "120000", "--seed", "4", "--commit-rows", "1", "--mode", "replace", "--to", &url];
    let folder = TempDir::new().unwrap();
    let mut run = command(&folder, &arguments).stdout(Stdio::null()).spawn().unwrap();
    wait_until(&server, "SELECT count(*) > 2 FROM driftforge_load_chunks WHERE table_name <> 'claims'");
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(digest(&server, "claims"), before);
    succeeds(&arguments);
    succeeds(&["--records", "120000", "--seed", "4", "--table", "calm", "--to", &url]);
    assert_eq!(digest(&server, "claims"), digest(&server, "calm"));
}

/// Waits for a query to say yes, which it may refuse to do at first.
fn wait_until(server: &Server, sql: &str) {
    let started = Instant::now();
    while server.try_psql(sql).as_deref() != Ok("t") {
        assert!(started.elapsed() < Duration::from_secs(60), "{sql} never became true");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_server_that_crashes_ends_the_load_which_then_goes_on() {
    let mut server = Server::start();
    let url = server.url();
    let arguments = ["--records", "300000", "--commit-rows", "1", "--to", &url];
    let folder = TempDir::new().unwrap();
    let run = command(&folder, &arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(&server, "SELECT count(*) > 3 FROM driftforge_load_chunks");
    server.crash();
    let output = run.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("the same command goes on") || message.contains("SQLSTATE 57"), "{message}");
    server.run();
    succeeds(&arguments);
    succeeds(&["--records", "300000", "--table", "calm", "--to", &url]);
    assert_eq!(digest(&server, "claims"), digest(&server, "calm"));
}

#[test]
fn what_cannot_be_done_is_said_and_leaves_nothing() {
    let server = Server::start();
    let (url, port) = (server.url(), server.port().to_string());
    let (locked, password) = LOCKED_ROLE;
    server.psql(
        "CREATE TABLE other (id int NOT NULL, payer int); CREATE TABLE full_one AS SELECT 1 AS x; \
                 CREATE VIEW seen AS SELECT 1 AS x; CREATE SEQUENCE counter",
    );
    let wrong = url.replace("postgres@", "locked:s3cret@");
    let closed = url.replace(&port, "1");
    let poor = server.url_of(POOR_ROLE);
    let nowhere =
        url.replace("/postgres", "/nowhere").replace("//postgres", "//x").replace("//x@", "//postgres@");
    let cases: &[(&[&str], &[&str])] = &[
        (&["--to", &closed], &["cannot connect", "refused"]),
        (&["--to", &wrong], &["password authentication failed", locked]),
        (&["--to", &nowhere], &["\"nowhere\" does not exist"]),
        (&["--to", "postgres://no-such-host.invalid/x"], &["cannot connect"]),
        (&["--to", "mysql://a:s3cret@b/c"], &["postgres://"]),
        (&["--to"], &["DATABASE_URL"]),
        (&["--to", &poor], &["permission denied for schema public"]),
        (&["--to", &url, "--schema", "nope"], &["no schema \"nope\"", "CREATE SCHEMA"]),
        (
            &["--to", &url, "--table", "other"],
            &["other columns", "\"payer\" is integer instead of text", "and"],
        ),
        (&["--to", &url, "--table", ""], &["--table", "at least one character"]),
        (&["--to", &url, "--table", "driftforge_loads"], &["--table driftforge_loads", "another name"]),
        (&["--to", &url, "--table", "seen"], &["\"seen\": is a view, and no table"]),
        (&["--to", &url, "--table", "seen", "--mode", "replace"], &["is a view, and no table"]),
        (&["--to", &url, "--table", "counter"], &["is a sequence, and no table"]),
        (&["--to", &url, "--connections", "0"], &["--connections 0", "from 1 to"]),
        (&["clean", "--to", &wrong, "--customer", "1"], &["password authentication failed"]),
    ];
    for (arguments, parts) in cases {
        let message = fails(2, arguments);
        for part in *parts {
            assert!(message.contains(part), "{arguments:?}: {part:?} is not in {message}");
        }
        assert!(!message.contains("s3cret") && !message.contains(password), "{message}");
    }
    let right = server.url_of(&format!("{locked}:{password}"));
    assert!(fails(2, &["--to", &right]).contains("permission denied"), "the right password is taken");
    assert_eq!(server.psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "2");
}

#[test]
fn rows_of_others_are_left_alone() {
    let server = Server::start();
    let url = server.url();
    server.psql(&succeeds(&["ddl", "claims", "--table", "mine"]));
    succeeds(&["--records", "100", "--customer", "3", "--table", "made", "--to", &url]);
    server.psql("INSERT INTO mine SELECT * FROM made");
    let message = fails(2, &["--records", "100", "--table", "mine", "--to", &url]);
    assert!(message.contains("datagen did not load") && message.contains("--mode append"), "{message}");
    succeeds(&["--records", "100", "--table", "mine", "--mode", "append", "--to", &url]);
    assert_eq!(server.psql("SELECT count(*) FROM mine"), "200");
    // The same keys again: refused by the table, and nothing of it stays.
    let message = fails(
        2,
        &["--records", "100", "--customer", "3", "--table", "mine", "--mode", "append", "--to", &url],
    );
    assert!(message.contains("mine_pkey"), "{message}");
    assert_eq!(server.psql("SELECT count(*) FROM mine"), "200");
    succeeds(&["clean", "--customer", "1", "--to", &url]);
    assert_eq!(server.psql("SELECT count(*), min(customer_id) FROM mine"), "100|3");
}

#[test]
fn a_table_that_is_being_loaded_is_not_loaded_by_another() {
    let server = Server::start();
    let url = server.url();
    let folder = TempDir::new().unwrap();
    let arguments = ["--records", "100000000", "--to", &url];
    let mut run = command(&folder, &arguments).stdout(Stdio::null()).spawn().unwrap();
    wait_until(&server, "SELECT count(*) = 1 FROM driftforge_loads");
    let message = fails(2, &["--records", "100", "--customer", "2", "--to", &url]);
    for part in
        ["is being loaded by datagen claims, customer 1", "role postgres", "server process", "since 20"]
    {
        assert!(message.contains(part), "{part:?} is not in {message}");
    }
    assert!(fails(2, &["clean", "--customer", "1", "--to", &url]).contains("is being loaded"));
    succeeds(&["--records", "100", "--table", "another", "--to", &url]);
    run.kill().unwrap();
    run.wait().unwrap();
}
