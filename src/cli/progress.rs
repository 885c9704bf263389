//! A bar of rows on standard error, on terminals only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::sinks::Progress;

/// Rows written so far, rows per second and the time left.
#[derive(Debug)]
pub(super) struct RowsBar(ProgressBar);

impl RowsBar {
    /// A bar for `rows` rows; it draws nothing when `quiet` or when standard error is no terminal.
    pub(super) fn new(rows: u64, label: &str, quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(rows), target).with_message(label.to_owned());
        let template = "{msg} [{bar:32}] {human_pos}/{human_len} rows, {per_sec}, {eta} left";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(bar.with_style(style.progress_chars("=> ")))
    }

    /// Takes the bar off the terminal.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for RowsBar {
    fn rows_written(&self, rows: u64) {
        self.0.inc(rows);
    }
}
