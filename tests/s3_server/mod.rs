//! A server of the S3 protocol on loopback, and a proxy before it that refuses some connections.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take to start, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

/// A moto server with one bucket. It ends with the value, and at the latest with the test.
pub struct S3Server {
    child: Child,
    port: u16,
    bucket: String,
}

impl S3Server {
    /// Starts a server on a free port and makes the bucket.
    pub fn start(bucket: &str) -> Self {
        let program = cache_folder().join("venv/bin/moto_server");
        assert!(program.exists(), "{} is missing: ./test.sh installs it", program.display());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        // Whatever ends the test also ends its end of the pipe, and with it the server.
        let mut command = Command::new("sh");
        command.args(["-c", "\"$0\" \"$@\" </dev/null & cat; kill -9 $!"]).arg(program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdin(Stdio::piped());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Self { child, port, bucket: bucket.to_owned() };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "the server does not start");
            thread::sleep(Duration::from_millis(50));
        }
        let (status, _) = server.request("PUT", &format!("/{bucket}"));
        assert_eq!(status, 200);
        server
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends the server while it may be at work.
    pub fn stop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }

    /// The objects below a prefix with their bytes, by their names below it.
    pub fn objects(&self, prefix: &str) -> BTreeMap<String, Vec<u8>> {
        let (_, listing) = self.request("GET", &format!("/{}?list-type=2&prefix={prefix}", self.bucket));
        let listing = String::from_utf8(listing).unwrap();
        assert!(listing.contains("<IsTruncated>false"), "{listing}");
        let keys = listing.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap());
        let object = |key: &str| {
            let (status, bytes) = self.request("GET", &format!("/{}/{key}", self.bucket));
            (status == 200).then(|| (key.strip_prefix(prefix).unwrap().to_owned(), bytes))
        };
        keys.filter_map(object).collect()
    }

    /// Uploads that were begun and neither completed nor taken back.
    pub fn unfinished_uploads(&self) -> usize {
        let (_, listing) = self.request("GET", &format!("/{}?uploads", self.bucket));
        String::from_utf8(listing).unwrap().matches("<UploadId>").count()
    }

    /// The status and the body of an answer.
    fn request(&self, method: &str, target: &str) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        // Without it moto takes the first request for one to another of its services.
        let credential = "AWS4-HMAC-SHA256 Credential=tester/20260101/us-east-1/s3/aws4_request, Signature=0";
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {credential}\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        assert!(!head.to_lowercase().contains("transfer-encoding: chunked"), "{head}");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_off(end))
    }
}

fn cache_folder() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("driftforge")
}

/// A proxy that answers each second new connection with "503 Slow Down" and passes the others on.
pub struct Throttle {
    port: u16,
    refused: Arc<AtomicUsize>,
}

impl Throttle {
    pub fn before(server: &S3Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let refused = Arc::new(AtomicUsize::new(0));
        let (counter, target) = (Arc::clone(&refused), server.port);
        // It ends with the process.
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { continue };
                if number % 2 == 0 {
                    counter.fetch_add(1, Ordering::Relaxed);
                    thread::spawn(move || refuse(stream));
                } else {
                    thread::spawn(move || pass_on(stream, target));
                }
            }
        });
        Self { port, refused }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many connections were refused.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }
}

/// Reads the whole request before it answers: a client that is still sending would see a broken connection.
fn refuse(mut stream: TcpStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 65_536];
    loop {
        let Ok(read @ 1..) = stream.read(&mut buffer) else { return };
        request.extend_from_slice(&buffer[..read]);
        let Some(end) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
        if request.len() >= end + 4 + length.unwrap_or(0) {
            break;
        }
    }
    let body = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
    let _ = write!(
        stream,
        "HTTP/1.1 503 Slow Down\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

/// One request for each connection, so that the next one makes a new connection.
fn pass_on(client: TcpStream, port: u16) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { return };
    let (Ok(mut from_client), Ok(mut to_server)) = (client.try_clone(), server.try_clone()) else { return };
    thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let (mut from_server, mut to_client) = (server, client);
    let _ = std::io::copy(&mut from_server, &mut to_client);
    let _ = to_client.shutdown(Shutdown::Both);
}
