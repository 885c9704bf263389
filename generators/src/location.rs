//! Where in the text of a spec a place is.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The line, from 1, of a place such as `table "visits": column "fee": kind "amount": median`: of its last part that is
/// in the text itself. `None` for a place in a dataset that the text includes.
///
/// `unknown` is a key that the place should not have, where that is what is wrong with it.
pub(crate) fn line_of(text: &str, place: &str, unknown: Option<&str>) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut here = root.get_ref();
    let mut start = None;
    for part in place.split(": ") {
        let Some((kind, name)) = entry_name(part) else {
            // Keys of tables in tables have dots between them.
            let key = part.split('.').next().unwrap_or(part);
            // Keys of the root table stand beside the dataset's name.
            let known = [Some(here), dataset(&root)].into_iter().flatten();
            if let Some((table, at)) = known.filter_map(|table| Some((table, start_of(table, key)?))).next() {
                start = Some(at);
                here = table.get(key).and_then(|value| value.get_ref().as_table()).unwrap_or(here);
            }
            continue;
        };
        match find(here, kind, name) {
            Some((entry, at)) => (here, start) = (entry, Some(at)),
            None if kind == "table" && is_root(&root, name) => {}
            // Kinds and shapes only say which keys there are.
            None if kind == "kind" || kind == "shape" => {}
            None => return None,
        }
    }
    let start = unknown.and_then(|key| start_of(here, key)).or(start)?;
    Some(text[..start].matches('\n').count() + 1)
}

/// `column "fee"` → `column`, `fee`.
fn entry_name(part: &str) -> Option<(&str, &str)> {
    let (kind, name) = part.split_once(' ')?;
    Some((kind, name.strip_prefix('"')?.strip_suffix('"')?))
}

/// The entry of a list of tables, and where its name stands. Columns of lists are called items.
fn find<'t, 'i>(here: &'t DeTable<'i>, kind: &str, name: &str) -> Option<(&'t DeTable<'i>, usize)> {
    let kinds = if kind == "column" { &["column", "item"][..] } else { &[kind] };
    let entries = kinds.iter().filter_map(|kind| here.get(*kind)?.get_ref().as_array()).flatten();
    entries.filter_map(|entry| entry.get_ref().as_table()).find_map(|entry| {
        let key = if entry.contains_key("id") { "id" } else { "name" };
        (text_of(entry.get(key)?) == Some(name)).then_some((entry, start_of(entry, key)?))
    })
}

fn dataset<'t, 'i>(root: &'t Spanned<DeTable<'i>>) -> Option<&'t DeTable<'i>> {
    root.get_ref().get("dataset")?.get_ref().as_table()
}

fn is_root(root: &Spanned<DeTable>, name: &str) -> bool {
    let named = dataset(root).and_then(|dataset| dataset.get("table").or_else(|| dataset.get("name")));
    named.and_then(text_of).is_some_and(|known| known.replace('-', "_") == name)
}

fn text_of<'t>(value: &'t Spanned<DeValue>) -> Option<&'t str> {
    value.get_ref().as_str()
}

/// Where a key of a table stands.
fn start_of(here: &DeTable, key: &str) -> Option<usize> {
    here.keys().find(|known| known.get_ref() == key).map(|known| known.span().start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"
[dataset]
name = "two-visits"
primary_key = ["fee"]

[[column]]
name = "fee"
kind = "amount"
median = "many"

[[table]]
name = "notes"

[[table.column]]
name = "fee"
kind = "items"

[[table.column.item]]
name = "words"
tables = { long = { mean = 3 } }

[[drift]]
id = "more"
effect = { factor = 0 }
"#;

    #[test]
    fn places_have_lines() {
        for (place, unknown, line) in [
            (r#"column "fee": kind "amount": median"#, None, Some(9)),
            (r#"table "two_visits": column "fee": kind "amount": median"#, None, Some(9)),
            (r#"column "fee": kind "amount""#, None, Some(7)),
            (r#"column "fee": kind "amount""#, Some("kind"), Some(8)),
            (r#"table "notes": column "fee""#, None, Some(15)),
            (r#"table "notes": column "fee": kind "items": column "words": tables.long"#, None, Some(20)),
            (r#"drift "more": effect"#, None, Some(24)),
            (r#"column "other""#, None, None),
            (r#"table "other": column "fee""#, None, None),
            ("dataset", None, Some(2)),
            ("dataset: primary_key", None, Some(4)),
            (r#"table "two_visits": primary_key"#, None, Some(4)),
            ("", None, None),
        ] {
            assert_eq!(line_of(SPEC, place, unknown), line, "{place}");
        }
    }
}
