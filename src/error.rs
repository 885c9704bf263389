//! The one error type of the library: what went wrong, where, and whose fault it was.

use std::io;
use std::path::{Path, PathBuf};

/// The result of everything in this library that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How a program of the toolkit ends. The numbers are part of the command line's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Everything asked for was done.
    Fine = 0,
    /// The machine failed: a full disk, a lost device. Or what was compared differs.
    Failed = 1,
    /// The command line or the input cannot be used as given.
    BadInput = 2,
    /// The work was done, and a gate set by the user was missed.
    GateMissed = 3,
    /// The user interrupted the run.
    Interrupted = 130,
}

/// Everything that can go wrong, each with the place where it did.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A dataset spec that cannot be planned.
    #[error(transparent)]
    Spec(#[from] driftforge_generators::SpecError),
    /// A command-line option whose value cannot be used.
    #[error("--{option}{}: {problem}", behind_space(value))]
    Option {
        /// The option's long name, without dashes.
        option: &'static str,
        /// What was typed.
        value: String,
        /// What is wrong with it, and what is allowed.
        problem: String,
    },
    /// A file or folder whose content cannot be used.
    #[error("{}: {problem}", path.display())]
    Input {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it, where in it, and what is expected.
        problem: String,
    },
    /// The operating system refused an operation on a path.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as a verb phrase: "create the file".
        action: &'static str,
        /// The operating system's answer.
        source: io::Error,
    },
    /// A database that cannot be used as asked, or that failed.
    #[error("{place}: {problem}")]
    Database {
        /// The database's URL, without password.
        place: String,
        /// What is wrong, and what to do.
        problem: String,
        /// Whether another command line would have helped.
        users_fault: bool,
    },
    /// A gate set by the user was missed.
    #[error("{0}")]
    Gate(String),
    /// What was compared is not equal.
    #[error("{0}")]
    Different(String),
    /// The user interrupted the run; nothing was left under a final name.
    #[error("interrupted")]
    Interrupted,
}

/// A value as it stands behind its option; nothing for an option without one.
fn behind_space(value: &str) -> String {
    if value.is_empty() { String::new() } else { format!(" {value}") }
}

impl Error {
    /// An [`Error::Io`] for `path`; `action` is a verb phrase such as "create the file".
    pub fn io(path: impl AsRef<Path>, action: &'static str, source: io::Error) -> Self {
        Self::Io { path: path.as_ref().to_owned(), action, source }
    }

    /// An [`Error::Input`] for `path`.
    pub fn input(path: impl AsRef<Path>, problem: impl Into<String>) -> Self {
        Self::Input { path: path.as_ref().to_owned(), problem: problem.into() }
    }

    /// An [`Error::Database`]; `place` is a URL without password.
    pub fn database(place: impl ToString, problem: impl Into<String>, users_fault: bool) -> Self {
        Self::Database { place: place.to_string(), problem: problem.into(), users_fault }
    }

    /// An [`Error::Option`] for `--option value`.
    pub fn option(option: &'static str, value: impl ToString, problem: impl Into<String>) -> Self {
        Self::Option { option, value: value.to_string(), problem: problem.into() }
    }

    /// The exit code a program ends with on this error.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Spec(_) | Self::Option { .. } | Self::Input { .. } => ExitCode::BadInput,
            Self::Io { source, .. } if is_users_fault(source.kind()) => ExitCode::BadInput,
            Self::Database { users_fault: true, .. } => ExitCode::BadInput,
            Self::Io { .. } | Self::Database { .. } | Self::Different(_) => ExitCode::Failed,
            Self::Gate(_) => ExitCode::GateMissed,
            Self::Interrupted => ExitCode::Interrupted,
        }
    }
}

/// Whether another path on the command line would have helped.
fn is_users_fault(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        kind,
        Kind::NotFound
            | Kind::PermissionDenied
            | Kind::AlreadyExists
            | Kind::NotADirectory
            | Kind::IsADirectory
            | Kind::ReadOnlyFilesystem
            | Kind::InvalidInput
            | Kind::InvalidFilename
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_path_is_bad_input_and_a_full_disk_is_a_failure() {
        let missing = Error::io("x", "open the file", io::ErrorKind::NotFound.into());
        let full = Error::io("x", "write", io::ErrorKind::StorageFull.into());
        assert_eq!(missing.exit_code(), ExitCode::BadInput);
        assert_eq!(full.exit_code(), ExitCode::Failed);
    }

    #[test]
    fn messages_name_the_place() {
        let error = Error::option("threads", 0, "at least 1");
        assert_eq!(error.to_string(), "--threads 0: at least 1");
        assert_eq!(Error::option("stdout", "", "one table").to_string(), "--stdout: one table");
    }
}
