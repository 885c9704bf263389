//! The command line: what was typed, checked, and the run that it asks for.
//!
//! Each tool is a folder: `args` mirrors what was typed, `options` is what the run trusts, `mod` is the run.

pub mod bench_drift;
pub mod datagen;
pub mod detect_drift;
mod generation;
mod interrupt;
mod progress;
mod terminal;
mod values;

use std::io;
use std::panic;
use std::process;

use clap::Parser;

use crate::{Error, ExitCode, Result, sources};

/// The whole of a program: reads the arguments, does the run, prints an error where there is one.
///
/// A closed standard output ends the run as a success: whoever closed it has what they wanted.
pub fn main<Args: Parser>(run: fn(Args) -> Result<()>) -> process::ExitCode {
    silence_guarded_panics();
    keep_size_limits_from_ending_the_program();
    let code = match run(Args::parse()) {
        Ok(()) => ExitCode::Fine,
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => ExitCode::Fine,
        Err(error) => {
            terminal::print_error(&error);
            error.exit_code()
        }
    };
    process::ExitCode::from(code as u8)
}

/// A write beyond the largest size that files may have (`ulimit -f`) is to fail as on a full disk, with a message and
/// nothing left behind. The system sends a signal first, which ends the program unless it is held back; threads hold
/// back what the one that starts them does.
fn keep_size_limits_from_ending_the_program() {
    #[cfg(unix)]
    {
        use nix::sys::signal::{SigSet, Signal};
        let mut signals = SigSet::empty();
        signals.add(Signal::SIGXFSZ);
        // Without it, the program ends as others do.
        let _ = signals.thread_block();
    }
}

/// A panic that a source turns into an error is reported once, as that error.
fn silence_guarded_panics() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !sources::is_guarded() {
            report(info);
        }
    }));
}
