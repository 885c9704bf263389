//! The record as JSON.

use std::io::{self, Write};

use super::Report;
use crate::measure::Record;

/// The whole record as exactly one indented JSON document, as `schemas/report.schema.json` describes it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json;

impl Report for Json {
    fn render(&self, record: &Record, out: &mut dyn Write) -> io::Result<()> {
        record.write_json(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::example;

    #[test]
    fn it_is_one_document_that_reads_back_equal() {
        let record = example::two_sizes();
        let mut out = Vec::new();
        Json.render(&record, &mut out).unwrap();
        assert_eq!(serde_json::from_slice::<Record>(&out).unwrap(), record);
        assert!(out.ends_with(b"}\n"));
    }
}
