//! The detectors there are, read off the registry.

use std::io::{self, Write};

use crate::detectors::{self, Settings};

/// Writes every detector: what it is, what it looks at, its parameters, and where it comes from.
pub(super) fn write(out: &mut dyn Write) -> io::Result<()> {
    for entry in detectors::detectors() {
        let about = entry.about;
        writeln!(out, "{}", about.name)?;
        writeln!(out, "  {}", about.about)?;
        writeln!(out, "  looks at    {}", about.data)?;
        if let Ok(detector) = entry.build(&Settings::default()) {
            let parameters = detector.parameters();
            let listed: Vec<String> =
                parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            writeln!(out, "  parameters  {}", listed.join(", "))?;
        }
        writeln!(out, "  after       {}", about.reference)?;
    }
    Ok(())
}
