//! A PostgreSQL server for tests: in a temporary folder, on a socket there and on a loopback port, gone afterwards.

#![allow(dead_code, reason = "each test binary uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod run;

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The role whose password the server asks for, and the password.
pub const LOCKED_ROLE: (&str, &str) = ("locked", "open-sesame");
/// The role that may connect, and nothing else.
pub const POOR_ROLE: &str = "poor";
/// User and group `nobody`: the server refuses to run as root.
const NOBODY: u32 = 65_534;
/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
pub struct Server {
    folder: PathBuf,
    port: u16,
    process: Option<Child>,
    keeper: Child,
}

impl Server {
    /// Makes a database cluster and starts it.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("pg-").tempdir().unwrap().keep();
        let keeper = keep(&folder);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { folder, port, process: None, keeper };
        if is_root() {
            fs::set_permissions(&server.folder, fs::Permissions::from_mode(0o755)).unwrap();
            chown(&server.folder, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let data = server.data();
        let made = as_nobody(&program("initdb"))
            .args(["-U", "postgres", "-A", "trust", "--no-sync", "--encoding=UTF8", "--locale=C", "-D"])
            .arg(&data)
            .current_dir(&server.folder)
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut rules = File::create(data.join("pg_hba.conf")).unwrap();
        write!(
            rules,
            "local all all trust\nhost all {} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n",
            LOCKED_ROLE.0
        )
        .unwrap();
        server.run();
        let (role, password) = LOCKED_ROLE;
        server.psql(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD '{password}'; CREATE ROLE {POOR_ROLE} LOGIN; \
             REVOKE CREATE ON SCHEMA public FROM PUBLIC"
        ));
        server
    }

    /// Starts the server process, and waits until it answers.
    pub fn run(&mut self) {
        let log = File::create(self.folder.join("log")).unwrap();
        let settings = [
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("unix_socket_directories={}", self.folder.display()),
            "shared_buffers=256MB".to_owned(),
            "max_wal_size=4GB".to_owned(),
            "fsync=off".to_owned(),
        ];
        let mut command = as_nobody(&program("postgres"));
        command.arg("-D").arg(self.data()).current_dir(&self.folder);
        for setting in settings {
            command.args(["-c", &setting]);
        }
        command.stdout(Stdio::null()).stderr(log);
        self.process = Some(command.spawn().unwrap());
        let started = Instant::now();
        while self.try_psql("SELECT 1").is_err() {
            let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(started.elapsed() < PATIENCE, "the server does not start: {log}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends the server with everything that is under way, as in a crash; `run` recovers it.
    pub fn crash(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let _ = Command::new("kill").args(["-QUIT", &process.id().to_string()]).status();
        let _ = process.wait();
    }

    /// The superuser's URL.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// The URL with another user, or user and password.
    pub fn url_of(&self, user: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/postgres", self.port)
    }

    /// The superuser's URL by the socket.
    pub fn socket_url(&self) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{folder}:{}/postgres", self.port)
    }

    /// The port on the loopback address.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What `psql` answers, values without decoration.
    #[track_caller]
    pub fn psql(&self, sql: &str) -> String {
        self.try_psql(sql).unwrap_or_else(|problem| panic!("{sql}: {problem}"))
    }

    /// What `psql` answers, or what the server refuses with.
    pub fn try_psql(&self, sql: &str) -> Result<String, String> {
        let output = Command::new(program("psql"))
            .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", "postgres"])
            .arg("-h")
            .arg(&self.folder)
            .args(["-p", &self.port.to_string(), "-c", sql])
            .output()
            .unwrap();
        match output.status.success() {
            true => Ok(String::from_utf8(output.stdout).unwrap().trim_end().to_owned()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

/// Waits, in a process of its own, for this process to end or to drop the server, however that comes about; then
/// stops the server and removes its folder.
fn keep(folder: &Path) -> Child {
    let script = "cat; kill -INT $(head -n 1 \"$0/data/postmaster.pid\"); \
                  for _ in $(seq 100); do [ -e \"$0/data/postmaster.pid\" ] || break; sleep 0.1; done; rm -rf \"$0\"";
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.starts_with(b"0\n")
}

/// A program of PostgreSQL: from the path, or where Debian keeps those that are not on it.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push("/usr/local/bin".into());
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    let found = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is missing: install PostgreSQL, or run ./test.sh, which does"))
}

/// A command that runs without the rights of root.
fn as_nobody(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let id = NOBODY.to_string();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]).arg(program);
    command
}
