//! What was written, or would be.

use std::io::{self, Write};

use super::options::DatagenOptions;
use crate::mappings::Mapping;
use crate::reports::numbers;
use crate::sinks::{self, Job, Receipt};

/// Files that are listed by name; of more, the first and the last tell enough.
const MOST_LISTED_FILES: usize = 12;

/// What a run has to tell at its end.
pub(super) struct Summary<'a> {
    pub(super) receipts: &'a [Receipt],
    pub(super) seconds: f64,
    pub(super) peak_rss_bytes: Option<u64>,
    pub(super) options: &'a DatagenOptions,
}

impl Summary<'_> {
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let rows = self.receipts.iter().map(|receipt| receipt.rows).max().unwrap_or(0);
        let plan = self.options.planned.plan();
        writeln!(out, "{}: {} rows as of {}", plan.name(), numbers::grouped(rows), plan.as_of())?;
        if self.receipts.iter().all(|receipt| receipt.was_complete) {
            writeln!(out, "  already complete, verified; nothing was written")?;
        }
        let bytes: u64 = self.receipts.iter().map(Receipt::bytes).sum();
        if bytes > 0 && rows > 0 {
            let per_row = bytes as f64 / rows as f64;
            writeln!(out, "  size        {} ({per_row:.1} bytes/row)", numbers::memory(bytes as f64))?;
        }
        let speed = numbers::grouped((rows as f64 / self.seconds) as u64);
        writeln!(out, "  time        {:.2} s, {speed} rows/s", self.seconds)?;
        if let Some(peak) = self.peak_rss_bytes {
            writeln!(out, "  peak memory {}", numbers::memory(peak as f64))?;
        }
        self.receipts.iter().try_for_each(|receipt| write_receipt(receipt, out))?;
        match self.next_command() {
            Some(command) => writeln!(out, "next: {command}"),
            None => Ok(()),
        }
    }

    /// What to do with the files, where there is a tool for them.
    fn next_command(&self) -> Option<String> {
        let mapping = Mapping::claims();
        let plan = self.options.planned.plan();
        let is_there = |name: &str| plan.columns().any(|known| known.name == name);
        let files = &self.options.files;
        let is_for_drift = files.format.name == sinks::FORMATS[0].name
            && mapping.columns().iter().all(|column| is_there(&column.name));
        let folder = quoted(files.folder()?.to_str()?);
        is_for_drift.then(|| format!("cargo run --release --bin bench-drift -- --input={folder}"))
    }
}

fn write_receipt(receipt: &Receipt, out: &mut dyn Write) -> io::Result<()> {
    if receipt.resumed_files > 0 {
        let files = if receipt.resumed_files == 1 { "file" } else { "files" };
        writeln!(out, "  continued an interrupted run: {} {files} of it hold", receipt.resumed_files)?;
    }
    if !receipt.unpartitioned.is_empty() {
        let tables = receipt.unpartitioned.join(", ");
        writeln!(out, "  not partitioned, for want of the columns: {tables}")?;
    }
    receipt.loaded.iter().try_for_each(|place| writeln!(out, "  {place}"))?;
    let files = &receipt.files;
    if files.len() > MOST_LISTED_FILES {
        if let [first, .., last] = &files[..] {
            let count = numbers::grouped(files.len() as u64);
            writeln!(out, "  {count} files, {} to {}", first.path.display(), last.path.display())?;
        }
    } else {
        files.iter().try_for_each(|file| writeln!(out, "  {}", file.path.display()))?;
    }
    receipt
        .sidecars
        .iter()
        .chain(&receipt.manifest)
        .try_for_each(|path| writeln!(out, "  {}", path.display()))
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    if path.bytes().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// Says what a run would write.
pub(super) fn write_intent(options: &DatagenOptions, job: &Job, out: &mut dyn Write) -> io::Result<()> {
    let plan = options.planned.plan();
    let tables = options.tables();
    for table in &tables.data {
        let columns = table.columns().count();
        // Only of the first table the number of rows is known before they are made.
        let rows =
            if table.is_child() { "the".to_owned() } else { numbers::grouped(options.places_of_table()) };
        let name = if tables.data.len() == 1 { plan.name() } else { table.table() };
        writeln!(out, "{name}: would write {rows} rows of {columns} columns as of {}", plan.as_of())?;
    }
    for ledger in &tables.ledgers {
        writeln!(out, "{}: would write what dirt there is in them", ledger.table())?;
    }
    let files = sinks::planned_files(job);
    for (path, places) in files.iter().take(MOST_LISTED_FILES) {
        writeln!(out, "  {} ({} rows)", path.display(), numbers::grouped(places.end - places.start))?;
    }
    if let Some(more) = files.len().checked_sub(MOST_LISTED_FILES).filter(|more| *more > 0) {
        writeln!(out, "  and {} more", numbers::grouped(more as u64))?;
    }
    writeln!(out, "  {} drifts in the truth", options.planned.collection().truth().drifts.len())?;
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
