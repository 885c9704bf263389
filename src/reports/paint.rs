//! Colour for terminals.

use std::fmt::Display;

/// What a piece of text means; a colour only repeats what its words say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Heading,
    Good,
    Doubtful,
    Bad,
    Aside,
}

/// Puts text into colour, or leaves it as it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    pub(super) color: bool,
}

impl Paint {
    /// `text` in the colour of its meaning: "select graphic rendition" of ECMA-48, section 8.3.117. Pad before
    /// painting; escape sequences have a length but no width.
    pub(super) fn paint(self, meaning: Meaning, text: impl Display) -> String {
        let code = match meaning {
            Meaning::Heading => 1,
            Meaning::Good => 32,
            Meaning::Doubtful => 33,
            Meaning::Bad => 31,
            Meaning::Aside => 2,
        };
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}
