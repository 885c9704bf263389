//! What there is, read off the registries.

use std::io::{self, Write};

use crate::datasets::{BUILT_IN, Dataset};
use crate::generators::{KINDS, SHAPES};
use crate::sinks::FORMATS;

/// Writes every registry: names, and what each is.
pub(super) fn write(out: &mut dyn Write) -> io::Result<()> {
    let datasets = BUILT_IN.iter().map(|built_in| {
        let about = Dataset::built_in(built_in.name).map(|dataset| dataset.about().to_owned());
        (built_in.name, about.unwrap_or_default())
    });
    section(out, "Datasets (--dataset)", datasets)?;
    section(out, "\nFormats (--format)", FORMATS.iter().map(|format| (format.name, format.about)))?;
    section(out, "\nColumn kinds of a spec", KINDS.iter().map(|kind| (kind.name, kind.about)))?;
    section(out, "\nDrift shapes of a spec", SHAPES.iter().map(|shape| (shape.name, shape.about)))
}

fn section<About: std::fmt::Display>(
    out: &mut dyn Write,
    title: &str,
    entries: impl Iterator<Item = (&'static str, About)>,
) -> io::Result<()> {
    writeln!(out, "{title}")?;
    for (name, about) in entries {
        writeln!(out, "  {name:<10}  {about}")?;
    }
    Ok(())
}
