//! Ctrl-C.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{Error, ExitCode, Result};

static STOP: AtomicBool = AtomicBool::new(false);

/// From now on the first Ctrl-C (or termination) raises the returned flag, so that the run can clean up
/// behind itself; the second ends the program at once.
///
/// # Errors
/// [`Error::Io`] when the system refuses a handler.
pub(super) fn on_interrupt() -> Result<&'static AtomicBool> {
    let handler = || {
        if STOP.swap(true, Ordering::Relaxed) {
            process::exit(ExitCode::Interrupted as i32);
        }
    };
    match ctrlc::set_handler(handler) {
        Ok(()) | Err(ctrlc::Error::MultipleHandlers) => Ok(&STOP),
        Err(ctrlc::Error::System(error)) => Err(Error::io("signals", "install a handler", error)),
        Err(error) => Err(Error::io("signals", "install a handler", std::io::Error::other(error))),
    }
}

/// Ends the run when the user has asked for it.
///
/// # Errors
/// [`Error::Interrupted`].
pub(super) fn check(stop: &AtomicBool) -> Result<()> {
    if stop.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
}
