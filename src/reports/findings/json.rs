//! Findings as JSON.

use std::io::{self, Write};

use super::FindingReport;
use crate::findings::Findings;

/// Everything as exactly one indented JSON document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Json;

impl FindingReport for Json {
    fn render(&self, found: &Findings, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, found)?;
        writeln!(out)
    }
}
