//! What there is, read off the registries.

use std::io::{self, Write};

use crate::detectors;
use crate::engines::ENGINES;
use crate::reports::REPORTS;
use crate::sources::SOURCES;

/// Writes every registry: names, what each is, and where a detector's method comes from.
pub(super) fn write(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Detectors")?;
    for entry in detectors::detectors() {
        line(out, entry.about.name, entry.about.about)?;
        line(out, "", &format!("after {}", entry.about.reference))?;
    }
    writeln!(out, "\nEngines")?;
    for entry in ENGINES {
        line(out, entry.about.name, entry.about.about)?;
    }
    writeln!(out, "\nSources (--input, --in-memory)")?;
    for source in SOURCES {
        line(out, source.name, source.about)?;
    }
    writeln!(out, "\nReports (--format)")?;
    for entry in REPORTS {
        line(out, entry.name, entry.about)?;
    }
    Ok(())
}

fn line(out: &mut dyn Write, name: &str, about: &str) -> io::Result<()> {
    writeln!(out, "  {name:<10}  {about}")
}
