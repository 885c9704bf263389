//! `datagen --out az://…` against Azurite, Microsoft's own emulator, and `gs://…` against the stand-in of
//! `tests/gcs_server.py`, both on loopback.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to start, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);
/// Lets whoever has it do anything with containers and blobs of Azurite's well-known account, which exists in emulators
/// only: a shared access signature by the key that Azurite's documentation publishes.
const AZURITE_SIGNATURE: &str = "sv=2019-12-12&ss=b&srt=sco&sp=racwdl&se=2099-01-01T00%3A00%3A00Z&sig=2pkJXCObn046UQDi3dRf2pHrCO318lxmZvl898hsqAc%3D";

/// A server, and what makes `datagen` speak to it.
struct Server {
    _folder: TempDir,
    /// Its end of a pipe, with which the server ends.
    _child: Child,
    port: u16,
    environment: Vec<(&'static str, String)>,
}

impl Server {
    /// Starts a program, which is told a free port; it ends with the test, however that comes about.
    fn start(
        program: &Path,
        arguments: impl FnOnce(u16) -> Vec<String>,
        environment: impl FnOnce(u16) -> Vec<(&'static str, String)>,
    ) -> Self {
        assert!(program.exists(), "{} is missing: ./test.sh installs it", program.display());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = TempDir::new().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "\"$0\" \"$@\" </dev/null & cat; kill -9 $!"]).arg(program).args(arguments(port));
        command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "the server does not start");
            thread::sleep(Duration::from_millis(50));
        }
        Self { _folder: folder, _child: child, port, environment: environment(port) }
    }

    /// Azurite with a container `lake`.
    fn azure() -> Self {
        let arguments = |port: u16| {
            let port = port.to_string();
            let options =
                ["--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"];
            let places = ["--blobHost", "127.0.0.1", "--blobPort", &port];
            options.iter().chain(&places).map(|argument| (*argument).to_owned()).collect()
        };
        let environment = |port| {
            let url = format!("http://127.0.0.1:{port}");
            vec![("AZURE_STORAGE_USE_EMULATOR", "true".to_owned()), ("AZURITE_BLOB_STORAGE_URL", url)]
        };
        let program = cache_folder().join("azurite/node_modules/.bin/azurite-blob");
        let server = Self::start(&program, arguments, environment);
        let target = format!("/devstoreaccount1/lake?restype=container&{AZURITE_SIGNATURE}");
        assert_eq!(server.request("PUT", &target).0, 201);
        server
    }

    /// The stand-in for Google Cloud Storage, with a bucket `lake`.
    fn google() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gcs_server.py");
        let arguments = |port: u16| vec![script.to_owned(), port.to_string(), "lake".to_owned()];
        let environment = |port| {
            let url = format!("http://127.0.0.1:{port}");
            vec![("GOOGLE_SKIP_SIGNATURE", "true".to_owned()), ("GOOGLE_BASE_URL", url)]
        };
        Self::start(&cache_folder().join("venv/bin/python"), arguments, environment)
    }

    /// The exit code and everything that was printed.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("datagen"));
        let output = command.args(arguments).envs(self.environment.iter().cloned()).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code().unwrap_or(-1), text)
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let (code, text) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {text}");
        text
    }

    /// The status and the body of an answer.
    fn request(&self, method: &str, target: &str) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nx-ms-version: 2021-12-02\r\nContent-Length: 0\r\n\
             Connection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        // Only refusals come in chunks, and of those nobody looks at the body.
        assert!(status >= 400 || !head.to_lowercase().contains("transfer-encoding: chunked"), "{head}");
        (status, answer.split_off(end))
    }
}

fn cache_folder() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("driftforge")
}

/// A dataset of several files and row groups.
const SHAPE: [&str; 7] = ["--records", "6000", "--row-group-rows", "1000", "--parts", "3", "--quiet"];

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file =
        |path: PathBuf| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap());
    entries.map(file).collect()
}

/// Writes to `lake/a` below the scheme; the objects are the files of a folder, `target` says where each is.
fn round_trip(server: &Server, scheme: &str, target: impl Fn(&str) -> String) {
    let folder = TempDir::new().unwrap();
    server.succeeds(&[&SHAPE[..], &["--out", folder.path().to_str().unwrap()]].concat());
    let expected = files(folder.path());
    assert_eq!(expected.len(), 6);
    let out = format!("{scheme}://lake/a");
    let write = [&SHAPE[..], &["--out", &out]].concat();
    server.succeeds(&write);
    let same =
        || expected.iter().all(|(name, bytes)| server.request("GET", &target(name)) == (200, bytes.clone()));
    assert!(same(), "other bytes than in a folder");
    assert_eq!(server.request("GET", &target("_manifest.json.journal")).0, 404);
    // Read back, all of it, by the same client.
    assert!(server.succeeds(&["verify", &out]).contains("equal"));
    assert!(server.succeeds(&["describe", &out]).contains("6,000"));
    // A complete run is left alone, and another one is refused.
    server.succeeds(&write);
    let (code, text) = server.run(&[&write[..], &["--seed", "3"]].concat());
    assert!(code == 2 && text.contains("--seed") && text.contains("--overwrite"), "{code}: {text}");
    assert!(same(), "a refused run changed something");
    server.succeeds(&[&write[..], &["--seed", "3", "--overwrite"]].concat());
    assert!(!same());
    // Nothing is there, and no such bucket.
    assert_eq!(server.run(&["verify", &format!("{scheme}://lake/nothing")]).0, 2);
    let (code, text) = server.run(&["--records", "10", "--out", &format!("{scheme}://nowhere/a")]);
    assert!(code == 2 && text.contains("nowhere"), "{code}: {text}");
}

#[test]
fn azure_holds_the_files_of_a_folder() {
    let server = Server::azure();
    round_trip(&server, "az", |name| format!("/devstoreaccount1/lake/a/{name}?{AZURITE_SIGNATURE}"));
}

#[test]
fn google_holds_the_files_of_a_folder() {
    let server = Server::google();
    round_trip(&server, "gs", |name| format!("/lake/a/{name}"));
}
