//! Results on standard output, errors and progress on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use crate::{Error, Result};

/// Writes a line to standard output.
///
/// # Errors
/// [`Error::Io`] when it cannot be written, a closed pipe among the reasons.
pub(super) fn print_line(line: impl Display) -> Result<()> {
    print(|out| writeln!(out, "{line}"))
}

/// Writes to standard output.
///
/// # Errors
/// As [`print_line`].
pub(super) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut out = io::stdout().lock();
    write(&mut out).and_then(|()| out.flush()).map_err(|error| Error::io("standard output", "write", error))
}

/// Writes an error to standard error, as far as that is possible.
pub(super) fn print_error(error: &Error) {
    let label =
        if io::stderr().is_terminal() && colors_wanted() { "\u{1b}[1;31merror:\u{1b}[0m" } else { "error:" };
    let _ = writeln!(io::stderr(), "{label} {error}");
}

/// Whether results may be coloured: on a terminal, unless `NO_COLOR` is set to something.
pub(super) fn color() -> bool {
    io::stdout().is_terminal() && colors_wanted()
}

/// The convention of <https://no-color.org>.
fn colors_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
