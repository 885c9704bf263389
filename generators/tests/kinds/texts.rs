//! Kinds that make text.

use super::{batch_of, column, refused, texts};
use arrow_array::Array;
use std::collections::BTreeSet;

#[test]
fn a_template_has_the_text_of_other_columns() {
    let keys = r#"text = "{upper:site}|{lower:site}|{site}|{day}|{day:%d.%m.%Y}|{billed}|{visits:03}|{row:4}|{{{customer}}}""#;
    let batch = batch_of(&column("template", keys), 500);
    let (sites, days) = (texts(&batch, "site"), batch.column_by_name("day").unwrap());
    let first_day = days.slice(0, 1);
    assert!(format!("{first_day:?}").contains("2025-12-02"), "the basis starts 30 days before as_of");
    for (row, text) in texts(&batch, "x").into_iter().flatten().enumerate() {
        let parts: Vec<&str> = text.split('|').collect();
        let site = sites[row].clone().unwrap();
        assert_eq!(parts[..3], [site.to_uppercase(), site.to_lowercase(), site]);
        let date: Vec<&str> = parts[3].split('-').collect();
        assert_eq!(parts[4], format!("{}.{}.{}", date[2], date[1], date[0]));
        assert!(parts[5].split_once('.').is_some_and(|(_, cents)| cents.len() == 2), "{text}");
        assert!(["-001", "000", "001"].contains(&parts[6]), "{text}");
        assert_eq!(parts[7..], [format!("{:04}", row + 1), "{7}".to_owned()]);
    }
}

#[test]
fn a_null_in_a_template_makes_it_null_unless_it_may_be_missing() {
    let strict = batch_of(&column("template", "text = \"<{code}>\""), 1_000);
    let lenient = batch_of(&column("template", "text = \"<{code?}>\""), 1_000);
    for ((code, strict), lenient) in
        texts(&strict, "code").iter().zip(texts(&strict, "x")).zip(texts(&lenient, "x"))
    {
        assert_eq!(strict, code.as_ref().map(|code| format!("<{code}>")));
        assert_eq!(lenient, Some(format!("<{}>", code.as_deref().unwrap_or_default())));
    }
    assert_eq!(lenient.column_by_name("x").unwrap().null_count(), 0);
    assert!(!lenient.schema().field_with_name("x").unwrap().is_nullable());
}

#[test]
fn random_places_of_a_template_are_drawn_apart() {
    let keys = "text = \"{hex:8} {hex:8} {digits:8} {digits:8} {alnum:8} {token:8}\"";
    let batch = batch_of(&column("template", keys), 300);
    for text in texts(&batch, "x").into_iter().flatten() {
        let parts: BTreeSet<&str> = text.split(' ').collect();
        assert_eq!(parts.len(), 6, "{text}");
    }
}

#[test]
fn templates_are_refused_with_what_is_allowed() {
    for (text, parts) in [
        ("{rows}", &["{rows}", "\"rows\"", "\"site\"", "{digits:COUNT}"][..]),
        ("{row", &["without its }", "{{"]),
        ("row}", &["without its {"]),
        ("{row:0}", &["{row:0}", "1 to 18"]),
        ("{row:19}", &["{row:19}"]),
        ("{digits}", &["{digits}", "{digits:COUNT}"]),
        ("{customer:3}", &["{customer:3}"]),
        ("{hex:0}", &["{hex:0}", "1 to 1200"]),
        ("{hex:700}{hex:700}", &["1400 bytes", "1200"]),
        ("{day:%H}", &["{day:%H}", "time"]),
        ("{day:%Q}", &["%Q", "%Y"]),
        ("{site:3}", &["{site:3}", "no format"]),
        ("{upper:visits}", &["\"visits\"", "no text"]),
        ("{}", &["{}"]),
    ] {
        refused("template", &format!("text = {text:?}"), parts);
    }
}

#[test]
fn a_uuid5_is_the_one_of_its_name() {
    // Python 3.13: uuid.uuid5(uuid.NAMESPACE_URL, "North:7") and "South:7".
    let columns = format!(
        "[[column]]\nname = \"seven\"\nkind = \"constant\"\nvalue = \"{{customer}}\"\n{}",
        column("uuid5", "namespace = \"url\"\nof = [\"site\", \"seven\"]")
    );
    let batch = batch_of(&columns, 200);
    for (site, id) in texts(&batch, "site").iter().flatten().zip(texts(&batch, "x").into_iter().flatten()) {
        let name = format!("{site}:7");
        assert_eq!(id, if site == "North" { NORTH } else { SOUTH }, "{name}");
    }
    let spelt = columns.replace("of = [\"site\", \"seven\"]", "text = \"{site}:{customer}\"");
    assert_eq!(texts(&batch, "x"), texts(&batch_of(&spelt, 200), "x"));
}

const NORTH: &str = "79c7b29b-58bc-5a52-ab21-b2e61e306535";
const SOUTH: &str = "24d299f0-68bf-5d7b-80b7-362510a6b4e1";

#[test]
fn uuids_are_unique_and_random() {
    let batch = batch_of(&column("uuid", ""), 5_000);
    let ids: BTreeSet<String> = texts(&batch, "x").into_iter().flatten().collect();
    assert_eq!(ids.len(), 5_000);
    for id in &ids {
        assert!(id.len() == 36 && id.as_bytes()[14] == b'4' && b"89ab".contains(&id.as_bytes()[19]), "{id}");
    }
}

#[test]
fn uuid5_keys_are_checked() {
    refused("uuid5", "namespace = \"url\"", &["`of`", "`text`"]);
    refused("uuid5", "namespace = \"uri\"\nof = [\"site\"]", &["namespace", "\"uri\"", "x500"]);
    refused("uuid5", "namespace = \"url\"\nof = []", &["of", "at least one"]);
    refused("uuid5", "namespace = \"url\"\nof = [\"sight\"]", &["of", "\"sight\"", "\"site\""]);
    refused("uuid", "version = 4", &["version", "null_rate"]);
}
