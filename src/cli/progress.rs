//! A bar of rows on standard error, on terminals only.

use std::fmt;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::reports::numbers;
use crate::sinks::Progress;

/// Rows written so far, rows per second and the time left.
#[derive(Debug)]
pub(super) struct RowsBar(ProgressBar);

impl RowsBar {
    /// A bar for `rows` rows; it draws nothing when `quiet` or when standard error is no terminal.
    pub(super) fn new(rows: u64, label: &str, quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(rows), target).with_message(label.to_owned());
        let template = "{msg} [{bar:32}] {human_pos}/{human_len} rows, {speed}, {eta} left";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let speed = |state: &ProgressState, out: &mut dyn fmt::Write| {
            // What cannot be written to a terminal is not missed.
            let _ = write!(out, "{} rows/s", numbers::rate(state.per_sec()));
        };
        Self(bar.with_style(style.with_key("speed", speed).progress_chars("=> ")))
    }

    /// A count of rows whose end nobody knows.
    pub(super) fn counting(label: &str, quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target).with_message(label.to_owned());
        let style = ProgressStyle::with_template("{msg} {human_pos} rows");
        Self(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner())))
    }

    /// Takes the bar off the terminal.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for RowsBar {
    fn places_written(&self, places: u64) {
        self.0.inc(places);
    }
}
