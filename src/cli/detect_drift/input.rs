//! What is read: files, or a table of a database.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::sinks::postgres::{DatabaseUrl, TableName};
use crate::sources::{Columns, Postgres, Source, open_files};
use crate::{Error, Result};

/// Where the rows are.
#[derive(Debug, Clone)]
pub(super) enum Input {
    Files(Vec<PathBuf>),
    Table(Box<DatabaseUrl>, TableName),
}

impl Input {
    /// Files, folders and addresses of object stores, or one `postgres://` URL with a table; `None` for no paths.
    pub(super) fn check(paths: &[PathBuf], schema: &str, table: Option<&str>) -> Result<Option<Self>> {
        let is_url = |path: &PathBuf| {
            let scheme = path.to_str().and_then(|text| text.split_once("://")).map(|(scheme, _)| scheme);
            scheme.is_some_and(|scheme| ["postgres", "postgresql"].contains(&scheme))
        };
        match (paths, table) {
            ([], None) => Ok(None),
            ([url], Some(table)) if is_url(url) => {
                let url = DatabaseUrl::parse(&url.to_string_lossy())?;
                Ok(Some(Self::Table(Box::new(url), TableName::new(schema, table)?)))
            }
            (_, Some(table)) => Err(Error::option(
                "table",
                table,
                "a table is read from one URL such as postgres://host/database",
            )),
            (paths, None) if paths.iter().any(is_url) => {
                Err(Error::option("table", "", "which table of the database? Name it with --table"))
            }
            (paths, None) => Ok(Some(Self::Files(paths.to_vec()))),
        }
    }

    /// Opens the columns.
    pub(super) fn open(&self, columns: &Arc<Columns>) -> Result<Box<dyn Source>> {
        Ok(match self {
            Self::Files(paths) => open_files(paths, columns)?,
            Self::Table(url, table) => Box::new(Postgres::open(url, table, columns)?),
        })
    }

    /// The names for a report.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Files(paths) => paths.iter().map(|path| path.display().to_string()).collect(),
            Self::Table(..) => vec![self.to_string()],
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(_) => f.write_str(&self.names().join(" ")),
            // A URL shows itself without its password.
            Self::Table(url, table) => write!(f, "{url} {table}"),
        }
    }
}
