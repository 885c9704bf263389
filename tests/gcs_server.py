"""A stand-in for Google Cloud Storage on loopback: the part of its XML API that clients of object stores use.

    python tests/gcs_server.py PORT BUCKET

It knows objects (PUT, GET with ranges, HEAD, DELETE), conditions on the generation of an object, listings (version 2) and
multipart uploads, as https://cloud.google.com/storage/docs/xml-api/reference-methods describes them. Everything is kept in
memory, and nobody is asked for credentials. It is here because the emulators that can be installed speak the JSON API
only, or lack uploads by the XML API (fake-gcs-server 1.54, gcp-storage-emulator 2026.7).
"""

import hashlib
import sys
import threading
import xml.etree.ElementTree as ElementTree
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = sys.argv[2] if len(sys.argv) == 3 else ""
LOCK = threading.Lock()
# Name → bytes and generation; upload → its object's name and parts.
OBJECTS: dict[str, tuple[bytes, int]] = {}
UPLOADS: dict[str, tuple[str, dict[int, bytes]]] = {}
COUNTER = iter(range(1, 1 << 62))


def etag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body go out together; a body alone would wait for the answer to the head.
    wbufsize = 1 << 16

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status: int, code: str) -> None:
        self.answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        bucket, _, name = parts.path.lstrip("/").partition("/")
        query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        with LOCK:
            if bucket != BUCKET:
                self.refuse(404, "NoSuchBucket")
            elif not name:
                self.list(query)
            elif "uploads" in query or "uploadId" in query:
                self.upload(unquote(name), query, body)
            else:
                getattr(self, self.command.lower())(unquote(name), body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_request

    def get(self, name: str, _: bytes) -> None:
        if name not in OBJECTS:
            return self.refuse(404, "NoSuchKey")
        content, generation = OBJECTS[name]
        headers = {"ETag": etag(content), "x-goog-generation": str(generation), "Last-Modified": formatdate(usegmt=True)}
        asked = self.headers.get("Range")
        if not asked:
            return self.answer(200, content, headers)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, len(content) - int(last))
        end = min(int(last) + 1, len(content)) if first and last else len(content)
        if start >= end:
            return self.refuse(416, "InvalidRange")
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
        return self.answer(206, content[start:end], headers)

    head = get

    def put(self, name: str, body: bytes) -> None:
        # Generation 0 stands for an object that is not there.
        expected = self.headers.get("x-goog-if-generation-match")
        if expected is not None and int(expected) != OBJECTS.get(name, (b"", 0))[1]:
            return self.refuse(412, "PreconditionFailed")
        return self.answer(200, b"", self.store(name, body))

    def delete(self, name: str, _: bytes) -> None:
        if OBJECTS.pop(name, None) is None:
            return self.refuse(404, "NoSuchKey")
        return self.answer(204)

    def store(self, name: str, content: bytes) -> dict[str, str]:
        OBJECTS[name] = (content, next(COUNTER))
        return {"ETag": etag(content), "x-goog-generation": str(OBJECTS[name][1])}

    def upload(self, name: str, query: dict[str, str], body: bytes) -> None:
        if "uploads" in query:
            number = f"upload-{next(COUNTER)}"
            UPLOADS[number] = (name, {})
            tags = f"<Bucket>{BUCKET}</Bucket><Key>{escape(name)}</Key><UploadId>{number}</UploadId>"
            return self.answer(200, f"<InitiateMultipartUploadResult>{tags}</InitiateMultipartUploadResult>".encode())
        if query["uploadId"] not in UPLOADS or UPLOADS[query["uploadId"]][0] != name:
            return self.refuse(404, "NoSuchUpload")
        pieces = UPLOADS[query["uploadId"]][1]
        if self.command == "PUT":
            pieces[int(query["partNumber"])] = body
            return self.answer(200, b"", {"ETag": etag(body)})
        del UPLOADS[query["uploadId"]]
        if self.command == "DELETE":
            return self.answer(204)
        named = [
            (int(part.findtext("{*}PartNumber") or 0), (part.findtext("{*}ETag") or "").strip('"'))
            for part in ElementTree.fromstring(body).iter() if part.tag.endswith("Part")
        ]
        if any(number not in pieces or etag(pieces[number]).strip('"') != tag for number, tag in named):
            return self.refuse(400, "InvalidPart")
        headers = self.store(name, b"".join(pieces[number] for number, _ in named))
        tags = f"<Bucket>{BUCKET}</Bucket><Key>{escape(name)}</Key><ETag>{escape(headers['ETag'])}</ETag>"
        return self.answer(200, f"<CompleteMultipartUploadResult>{tags}</CompleteMultipartUploadResult>".encode(), headers)

    def list(self, query: dict[str, str]) -> None:
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        found, folders = [], set()
        for name in sorted(name for name in OBJECTS if name.startswith(prefix)):
            head, mark, _ = name.removeprefix(prefix).partition(delimiter) if delimiter else ("", "", "")
            if mark:
                folders.add(prefix + head + mark)
            elif name > query.get("start-after", ""):
                found.append(name)
        entries = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(OBJECTS[name][0])}</Size>"
            f"<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>{escape(etag(OBJECTS[name][0]))}</ETag></Contents>"
            for name in found
        )
        entries += "".join(f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" for name in sorted(folders))
        self.answer(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>".encode())


if __name__ == "__main__":
    if not BUCKET:
        sys.exit(__doc__)
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
