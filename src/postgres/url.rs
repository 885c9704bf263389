//! Where a database is, and with which password, which nothing here shows.

use std::fmt;

use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::{Error, Result};

/// The environment variable that a missing URL is taken from.
pub const URL_VARIABLE: &str = "DATABASE_URL";

/// What may stand behind `?`.
const PARAMETERS: [&str; 11] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
];
/// Values of `sslmode`.
const SSL_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// What is told of a URL whose password ends it early.
const ENDS_EARLY: &str =
    "a # / ? or @ in a user's name, password or database is written as %23 %2F %3F or %40";

/// A database and who connects to it. `Display` and `Debug` leave the password out.
#[derive(Clone)]
pub struct DatabaseUrl {
    options: PgConnectOptions,
}

impl DatabaseUrl {
    /// Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE`, where everything behind `//` may be
    /// missing: the variables `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE` and `PGSSLMODE` and the
    /// file `~/.pgpass` fill in, as with other clients. An empty text stands for `DATABASE_URL`.
    ///
    /// # Errors
    /// [`Error::Option`] for anything else. No message repeats the text, since there may be a password in it.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_option("to", text)
    }

    /// The same, for another option than `--to`.
    ///
    /// # Errors
    /// As [`DatabaseUrl::parse`], naming that option.
    pub fn parse_option(option: &'static str, text: &str) -> Result<Self> {
        if !text.is_empty() {
            return Self::read(option, text, "what was given");
        }
        match std::env::var(URL_VARIABLE) {
            Ok(url) if !url.is_empty() => Self::read(option, &url, URL_VARIABLE),
            _ => Err(Error::option(
                option,
                "",
                format!("give a URL such as postgres://host/database, or set {URL_VARIABLE}"),
            )),
        }
    }

    fn read(option: &'static str, text: &str, origin: &str) -> Result<Self> {
        let refuse =
            |problem: String| Error::option(option, "postgres://...", format!("{origin}: {problem}"));
        if ends_early(text) {
            return Err(refuse(ENDS_EARLY.to_owned()));
        }
        let url = Url::parse(text).map_err(|error| refuse(format!("not a URL: {error}")))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(refuse("a database's URL begins with postgres:// or postgresql://".to_owned()));
        }
        for (key, value) in url.query_pairs() {
            if !PARAMETERS.contains(&&*key) {
                return Err(refuse(format!(
                    "there is no parameter {key:?}; there are {}",
                    PARAMETERS.join(", ")
                )));
            }
            if key == "sslmode" && !SSL_MODES.contains(&&*value) {
                return Err(refuse(format!("sslmode {value:?}: use one of {}", SSL_MODES.join(", "))));
            }
        }
        let options = text.parse::<PgConnectOptions>();
        // The parser's own message may repeat a value.
        let options =
            options.map_err(|_| refuse("not a URL that PostgreSQL can be reached by".to_owned()))?;
        Ok(Self { options })
    }

    pub(crate) fn options(&self) -> &PgConnectOptions {
        &self.options
    }
}

/// Whether a character in a password was taken for the end of the address: what stands behind it would then be the
/// name of a host, database or parameter, which messages may tell.
fn ends_early(text: &str) -> bool {
    let behind = text.split_once("://").map_or(text, |(_, behind)| behind);
    let rest = behind.find(['/', '?', '#']).map_or("", |end| &behind[end..]);
    let address = &behind[..behind.len() - rest.len()];
    rest.contains('#') || rest.contains('@') || address.matches('@').count() > 1
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.options;
        write!(f, "postgres://{}@", options.get_username())?;
        match options.get_socket() {
            Some(folder) => write!(f, "{}:{}", folder.display(), options.get_port())?,
            None => write!(f, "{}:{}", options.get_host(), options.get_port())?,
        }
        write!(f, "/{}", options.get_database().unwrap_or(options.get_username()))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_a_url_shows_the_password() {
        for text in [
            "postgres://ann:s3cret@db.example.com:5433/claims",
            "postgresql://ann@db.example.com:5433/claims?password=s3cret&sslmode=require",
        ] {
            let url = DatabaseUrl::parse(text).unwrap();
            assert_eq!(url.to_string(), "postgres://ann@db.example.com:5433/claims");
            assert!(!format!("{url:?}").contains("s3cret"));
        }
    }

    #[test]
    fn characters_that_end_an_address_are_named_and_the_password_is_not() {
        for password in
            ["1234#s3cret", "12/s3cret", "12?port=s3cret", "s3cret?", "s3@cret", "#s3cret", "s3cret#"]
        {
            let text = format!("postgres://ann:{password}@db.example.com:5433/claims");
            let error = DatabaseUrl::parse(&text).unwrap_err().to_string();
            assert!(error.contains("%23") && !error.contains("cret"), "{error}");
            let encoded =
                password.replace('#', "%23").replace('/', "%2F").replace('?', "%3F").replace('@', "%40");
            let url = DatabaseUrl::parse(&text.replace(password, &encoded)).unwrap();
            assert_eq!(url.to_string(), "postgres://ann@db.example.com:5433/claims");
        }
        assert!(DatabaseUrl::parse("postgres://ann@host/db#fragment").is_err());
    }

    #[test]
    fn what_cannot_be_read_is_refused_without_repeating_it() {
        for text in [
            "mysql://ann:s3cret@host/db",
            "ann:s3cret@host",
            "postgres://ann:s3cret@host:99999/db",
            "postgres://ann:s3cret@host/db?sslmode=maybe",
            "postgres://ann:s3cret@host/db?pool=3",
            "postgres://ann:s3cret@host/db?port=x",
        ] {
            let error = DatabaseUrl::parse(text).unwrap_err();
            assert_eq!(error.exit_code(), crate::ExitCode::BadInput, "{text}");
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
    }
}
