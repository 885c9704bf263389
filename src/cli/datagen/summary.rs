//! What was written, or would be.

use std::io::{self, Write};

use super::options::DatagenOptions;
use crate::measure::peak_rss_bytes;
use crate::reports::numbers;
use crate::sinks::Written;
use crate::sinks::postgres::TableLoad;
use crate::sources::{Column, ColumnNames};

/// What a load has to tell at its end: the rows of each table, those of an interrupted load among them.
pub(super) fn write_loads(
    loads: &[TableLoad],
    rows: &[u64],
    seconds: f64,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (load, rows) in loads.iter().zip(rows) {
        let (table, url) = (&load.options.table, &load.options.url);
        writeln!(out, "{table}: {} rows in {url}", numbers::grouped(*rows))?;
    }
    writeln!(out, "  time        {seconds:.2} s")?;
    match peak_rss_bytes() {
        Some(peak) => writeln!(out, "  peak memory {}", numbers::memory(peak as f64)),
        None => Ok(()),
    }
}

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
        match self.next_command() {
            Some(command) => writeln!(out, "next: {command}"),
            None => Ok(()),
        }
    }

    /// What to do with the files, where there is a tool for them.
    fn next_command(&self) -> Option<String> {
        let names = ColumnNames::default();
        let plan = self.options.planned.plan();
        let is_there = |column: Column| plan.columns().any(|known| known.name == names.of(column));
        let is_for_drift = !self.written.files.is_empty() && Column::ALL.into_iter().all(is_there);
        let folder = quoted(&self.options.folder.display().to_string());
        is_for_drift.then(|| format!("cargo run --release --bin bench-drift -- --input={folder}"))
    }
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    if path.bytes().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// Says what a run would write.
pub(super) fn write_intent(options: &DatagenOptions, out: &mut dyn Write) -> io::Result<()> {
    let plan = options.planned.plan();
    let rows = numbers::grouped(options.rows());
    let columns = plan.columns().count();
    writeln!(out, "{}: would write {rows} rows of {columns} columns as of {}", plan.name(), plan.as_of())?;
    if let Some(extension) = options.format.extension(options.writing.compression) {
        for part in options.parts.ranges(plan.row_count()) {
            let path = options.folder.join(part.file_name(plan.name(), &extension));
            let rows = numbers::grouped(part.rows.end - part.rows.start);
            writeln!(out, "  {} ({rows} rows)", path.display())?;
        }
    }
    writeln!(out, "  {} drifts in the truth", plan.truth().drifts.len())?;
    writeln!(out, "nothing was written (--dry-run)")
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn paths_are_quoted_for_the_shell_where_they_need_it() {
        assert_eq!(quoted("data/claims-1"), "data/claims-1");
        assert_eq!(quoted("my data"), "'my data'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
