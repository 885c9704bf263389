//! What was written, or would be.

use std::io::{self, Write};

use super::options::DatagenOptions;
use crate::reports::numbers;
use crate::sinks::Written;

/// What a run has to tell at its end.
pub(super) struct Summary<'a> {
    pub(super) written: &'a Written,
    pub(super) seconds: f64,
    pub(super) peak_rss_bytes: Option<u64>,
    pub(super) options: &'a DatagenOptions,
}

impl Summary<'_> {
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let rows = self.written.rows;
        let plan = self.options.planned.plan();
        writeln!(out, "{}: {} rows as of {}", plan.name(), numbers::grouped(rows), plan.as_of())?;
        let bytes = self.written.bytes();
        if bytes > 0 {
            let per_row = bytes as f64 / rows as f64;
            writeln!(out, "  size        {} ({per_row:.1} bytes/row)", numbers::memory(bytes as f64))?;
        }
        let speed = numbers::grouped((rows as f64 / self.seconds) as u64);
        writeln!(out, "  time        {:.2} s, {speed} rows/s", self.seconds)?;
        if let Some(peak) = self.peak_rss_bytes {
            writeln!(out, "  peak memory {}", numbers::memory(peak as f64))?;
        }
        for file in &self.written.files {
            writeln!(out, "  {}", file.path.display())?;
        }
        for path in self.written.sidecars.iter().chain(&self.written.manifest) {
            writeln!(out, "  {}", path.display())?;
        }
        if self.written.files.is_empty() {
            return Ok(());
        }
        let folder = self.options.folder.display();
        writeln!(out, "next: cargo run --release --bin bench-drift -- --input {folder}")
    }
}

/// Says what a run would write.
pub(super) fn write_intent(options: &DatagenOptions, out: &mut dyn Write) -> io::Result<()> {
    let plan = options.planned.plan();
    let rows = numbers::grouped(options.rows());
    let columns = plan.columns().count();
    writeln!(out, "{}: would write {rows} rows of {columns} columns as of {}", plan.name(), plan.as_of())?;
    if let Some(extension) = options.format.extension {
        for part in options.parts.ranges(plan.row_count()) {
            let path = options.folder.join(part.file_name(plan.name(), extension));
            let rows = numbers::grouped(part.rows.end - part.rows.start);
            writeln!(out, "  {} ({rows} rows)", path.display())?;
        }
    }
    writeln!(out, "  {} drifts in the truth", plan.truth().drifts.len())?;
    writeln!(out, "nothing was written (--dry-run)")
}
