//! Texts that were cut off.

use super::target::Target;
use super::{Build, Cell, DirtKind, Fault, Site, keys};
use crate::error::{Result, ensure};
use arrow_schema::DataType;
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: DirtKind = DirtKind {
    name: "truncated",
    about: "a text cut off after `chars` characters; shorter ones stay as they are",
    keys: "column; chars",
    build: Build::Value(|_, target, _, params| {
        Truncated::new(target, params).map(|fault| Box::new(fault) as Box<dyn Fault>)
    }),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// Unicode scalar values that are left.
    chars: usize,
}

#[derive(Debug)]
struct Truncated {
    chars: usize,
    /// Of a category: the code that takes the place of each code.
    codes: Vec<u16>,
}

impl Truncated {
    fn new(target: &mut Target, params: toml::Table) -> Result<Self> {
        let Params { chars } = keys(params)?;
        ensure(chars > 0, "chars", "0 leaves nothing of a text: use kind = \"null\"")?;
        if target.data_type == DataType::Utf8 {
            return Ok(Self { chars, codes: Vec::new() });
        }
        let texts = target.texts().ok_or_else(|| target.unfit("no cuts, which texts can have"))?;
        let whole: Vec<String> = texts.iter().flatten().map(str::to_owned).collect();
        let short: Vec<String> = whole.iter().map(|text| cut(text, chars).to_owned()).collect();
        let longest = whole.iter().map(|text| text.chars().count()).max().unwrap_or_default();
        let problem = format!("{chars} cuts nothing: the longest value has {longest} characters");
        ensure(whole != short, "chars", problem)?;
        Ok(Self { chars, codes: target.codes_of_texts(&short)? })
    }
}

/// The first characters of a text.
fn cut(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).map_or(text, |(end, _)| &text[..end])
}

impl Fault for Truncated {
    fn damage(&self, site: &Site<'_>) -> Option<Cell> {
        match site.value {
            Cell::Text(text) => Some(Cell::Text(cut(text, self.chars).to_owned())),
            Cell::Code(code) => self.codes.get(usize::from(*code)).map(|code| Cell::Code(*code)),
            _ => None,
        }
    }
}
