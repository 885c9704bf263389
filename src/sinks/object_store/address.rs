//! Where files go, as typed: a folder, or a prefix in an object store.

use std::fmt;
use std::path::PathBuf;

use object_store::path::Path as Key;
use url::Url;

use super::scheme::{SCHEMES, Scheme};

/// Where files go.
#[derive(Debug, Clone)]
pub enum Destination {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A prefix in an object store.
    Objects(Address),
}

/// A prefix in a bucket of an object store.
#[derive(Debug, Clone)]
pub struct Address {
    pub(super) scheme: &'static Scheme,
    pub(super) bucket: String,
    pub(super) prefix: Key,
}

impl Destination {
    /// Reads what was typed: `s3://bucket/prefix`, `file:///folder`, or a folder's path.
    ///
    /// # Errors
    /// What is wrong with it and what is allowed. The message repeats nothing of what was typed before an `@`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return path(text);
        };
        if scheme == "file" {
            return folder(text);
        }
        let Some(scheme) = Scheme::find(scheme) else {
            return Err(format!("no such kind of address; {}", allowed()));
        };
        Address::parse(scheme, rest).map(Self::Objects)
    }
}

impl Address {
    fn parse(scheme: &'static Scheme, rest: &str) -> Result<Self, String> {
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.contains('@') {
            return Err(
                "credentials do not belong into an address: they come from the environment".to_owned()
            );
        }
        let is_legal = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if bucket.is_empty() || !bucket.chars().all(is_legal) {
            let example = scheme.name;
            return Err(format!("a bucket's name is needed, as in {example}://bucket/prefix"));
        }
        if prefix.contains(['?', '#']) {
            return Err("a prefix of an object store has no ? and no #".to_owned());
        }
        let prefix = Key::parse(prefix).map_err(|_| {
            "a prefix is names with single slashes between them, without . and .. and control characters"
                .to_owned()
        })?;
        Ok(Self { scheme, bucket: bucket.to_owned(), prefix })
    }

    /// The object that a file of this name, which may have folders in it, becomes.
    ///
    /// # Errors
    /// A name that no object can have.
    pub(super) fn key(&self, name: &str) -> Result<Key, object_store::path::Error> {
        match self.prefix.as_ref() {
            "" => Key::parse(name),
            prefix => Key::parse(format!("{prefix}/{name}")),
        }
    }

    /// Whether there is more to it than the bucket.
    #[must_use]
    pub fn has_prefix(&self) -> bool {
        !self.prefix.as_ref().is_empty()
    }

    /// How a person writes the address of a file of this name; `""` is the prefix itself.
    #[must_use]
    pub fn of(&self, name: &str) -> String {
        if name.is_empty() { self.to_string() } else { format!("{self}/{name}") }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.prefix.as_ref().is_empty() { "" } else { "/" };
        write!(formatter, "{}://{}{slash}{}", self.scheme.name, self.bucket, self.prefix)
    }
}

/// The folder of a path. Half an address is none: it would be the name of a folder that nobody wants.
fn path(text: &str) -> Result<Destination, String> {
    if text.is_empty() {
        return Err("a folder's path, or an address such as s3://bucket/prefix, is needed".to_owned());
    }
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    match scheme.filter(|scheme| *scheme == "file" || Scheme::find(scheme).is_some()) {
        Some(scheme) => Err(format!("{scheme}:// is meant; a folder of this name is ./{text}")),
        None => Ok(Destination::Folder(PathBuf::from(text))),
    }
}

/// The folder of a `file://` address, whose path has percent-encoding as in any URL.
fn folder(text: &str) -> Result<Destination, String> {
    let path = Url::parse(text).ok().and_then(|url| url.to_file_path().ok());
    let problem = "an absolute path is needed, as in file:///data/claims";
    path.map(Destination::Folder).ok_or_else(|| problem.to_owned())
}

/// The forms of addresses, for messages and help texts.
fn allowed() -> String {
    let schemes: Vec<String> =
        SCHEMES.iter().map(|scheme| format!("{}://bucket/prefix", scheme.name)).collect();
    format!("there are: {}, file:///folder, or a folder's path", schemes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        match Destination::parse(text).unwrap() {
            Destination::Objects(address) => address,
            Destination::Folder(folder) => panic!("{text} is the folder {}", folder.display()),
        }
    }

    #[test]
    fn addresses_read_back() {
        for text in ["s3://bucket", "gs://my.bucket/a", "az://box/a/b=c%20d/e"] {
            assert_eq!(address(text).to_string(), text);
        }
        assert_eq!(address("s3://bucket/a/").to_string(), "s3://bucket/a");
        assert_eq!(address("s3://bucket/a").of("b/c.csv"), "s3://bucket/a/b/c.csv");
        assert_eq!(address("s3://bucket/a").key("b/c.csv").unwrap().as_ref(), "a/b/c.csv");
        assert_eq!(address("s3://bucket").key("c d=%20.csv").unwrap().as_ref(), "c d=%20.csv");
    }

    #[test]
    fn folders_are_folders() {
        for (text, path) in [
            ("data", "data"),
            ("/a b/c", "/a b/c"),
            ("file:///a%20b/c", "/a b/c"),
            ("file://localhost/a", "/a"),
        ] {
            match Destination::parse(text).unwrap() {
                Destination::Folder(folder) => assert_eq!(folder, PathBuf::from(path), "{text}"),
                Destination::Objects(address) => panic!("{text} is {address}"),
            }
        }
    }

    #[test]
    fn what_cannot_be_an_address_is_told_what_can() {
        for (text, part) in [
            ("", "a folder's path, or an address"),
            ("gs:bucket/a", "gs:// is meant; a folder of this name is ./gs:bucket/a"),
            ("s3:/bucket/a", "s3:// is meant"),
            ("file:data", "file:// is meant"),
            ("ftp://host/a", "s3://bucket/prefix"),
            ("S3://bucket/a", "s3://bucket/prefix"),
            ("http://host/a", "file:///folder"),
            ("s3://", "a bucket's name"),
            ("s3:///a", "a bucket's name"),
            ("s3://a b/c", "a bucket's name"),
            ("s3://host:9000/c", "a bucket's name"),
            ("s3://key:secret@bucket/c", "environment"),
            ("s3://bucket/a//b", "single slashes"),
            ("s3://bucket/../b", "single slashes"),
            ("s3://bucket/a\n", "control characters"),
            ("s3://bucket/a?versionId=1", "no ?"),
            ("file://host/a", "absolute"),
            ("file://a", "absolute"),
        ] {
            let problem = Destination::parse(text).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
            assert!(!problem.contains("secret"), "{problem}");
        }
    }
}
