//! What there is, read off the registries.

use std::io::{self, Write};

use crate::datasets::{BUILT_IN, Dataset};
use crate::generators::{COMMON_COLUMN_KEYS, COMMON_DIRT_KEYS, DIRT, KINDS, SHAPES, What};
use crate::sinks::FORMATS;
use crate::sinks::object_store::SCHEMES;

/// Writes every registry: names, and what each is.
pub(super) fn write(out: &mut dyn Write) -> io::Result<()> {
    let datasets = BUILT_IN.iter().map(|built_in| {
        let about = Dataset::built_in(built_in.name).map(|dataset| dataset.about().to_owned());
        (built_in.name, about.unwrap_or_default())
    });
    section(out, "Datasets (--dataset)", datasets)?;
    writeln!(out, "\nFormats (--format), with their compressions (--compression)")?;
    for format in FORMATS {
        entry(out, format.name, format.about, &format.compressions.join(", "))?;
    }
    writeln!(out, "\nObject stores (--out NAME://BUCKET/PREFIX); credentials come from the environment")?;
    for scheme in SCHEMES {
        entry(out, scheme.name, scheme.about, "")?;
    }
    writeln!(out, "\nColumn kinds of a spec, with their keys; every column also takes {COMMON_COLUMN_KEYS}")?;
    for kind in KINDS {
        entry(out, kind.name, kind.about, kind.keys)?;
    }
    writeln!(out, "\nDrift shapes of a spec, with their keys")?;
    for shape in SHAPES {
        entry(out, shape.name, shape.about, shape.keys)?;
    }
    writeln!(out, "\nWhat can drift, with the key of its effect, and the column kinds that it fits")?;
    for what in What::ALL {
        let kinds = KINDS.iter().filter(|kind| what == What::NullRate || kind.drifts.contains(&what));
        let kinds: Vec<&str> = kinds.map(|kind| kind.name).collect();
        let fits = if kinds.len() == KINDS.len() { "every kind".to_owned() } else { kinds.join(", ") };
        writeln!(out, "  {:<10}  {}: {fits}", what.name(), what.effect_keys())?;
    }
    writeln!(
        out,
        "\nDirt kinds of a spec (--dirt), with their keys; every entry also takes {COMMON_DIRT_KEYS}"
    )?;
    for kind in DIRT {
        entry(out, kind.name, kind.about, kind.keys)?;
    }
    Ok(())
}

/// A name with what it is, and its keys on a line of their own.
fn entry(out: &mut dyn Write, name: &str, about: &str, keys: &str) -> io::Result<()> {
    writeln!(out, "  {name:<10}  {about}")?;
    if keys.is_empty() { Ok(()) } else { writeln!(out, "              {keys}") }
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
