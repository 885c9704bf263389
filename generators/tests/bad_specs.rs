//! Specs that cannot be used: each is refused with its place and what is allowed there.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use arrow_array::cast::AsArray;
use driftforge_generators::{Plan, Run, Spec};

/// A small spec, sound but for what a test changes in it.
const SOUND: &str = r#"
[dataset]
name = "sound"
about = "Nothing wrong"
as_of = "2026-01-01"

[calendar]
days = 30

[[column]]
name = "day"
kind = "calendar"

[[column]]
name = "payer"
kind = "category"
weights = { A = 2, B = 1 }

[[column]]
name = "denied"
kind = "rate"
base = 0.1

[[column]]
name = "billed"
kind = "amount"
median = 100
sigma = 0.5

[[drift]]
id = "one"
what = "rate"
column = "denied"
segment = { payer = "A" }
start_days = -5
shape = { kind = "step" }
effect = { points = 0.1 }
"#;

fn refusal(text: &str) -> String {
    let run = Run { records: 100, seed: 1, customer: 1, as_of: None, drift: true, dirt: false };
    match Spec::parse(text, "my.toml")
        .and_then(|spec| Plan::new(&spec, &run).map_err(|error| error.in_file("my.toml")))
    {
        Ok(_) => panic!("this spec was accepted:\n{text}"),
        Err(error) => error.to_string(),
    }
}

/// Replaces `from` with `to`, and expects a refusal that has every one of `parts`.
#[track_caller]
fn refused(from: &str, to: &str, parts: &[&str]) {
    assert!(SOUND.contains(from), "the sound spec has no {from:?}");
    let message = refusal(&SOUND.replacen(from, to, 1));
    for part in parts.iter().chain(&["my.toml"]) {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

#[test]
fn the_sound_spec_is_accepted() {
    let run = Run { records: 100, seed: 1, customer: 1, as_of: None, drift: true, dirt: false };
    assert!(Plan::new(&Spec::parse(SOUND, "my.toml").unwrap(), &run).is_ok());
}

#[test]
fn a_value_of_another_type_or_range_is_refused_with_its_key() {
    refused("days = 30", "days = 99999999999999999999", &["line 8: days: "]);
    refused("days = 30", "days = -1", &["line 8: days: "]);
    refused("start_days = -5", "start_days = [\n  1,\n]", &["start_days: "]);
    refused("segment = { payer = \"A\" }", "segment = { payer = 1979-05-27 }", &["line 34", "payer: "]);
    // A key, or a table that lacks one, is named by the message.
    let message = refusal(&SOUND.replacen("id = \"one\"\n", "", 1));
    assert!(message.contains("my.toml: line 30: missing field `id`"), "{message}");
    let message = refusal(&SOUND.replacen("points = 0.1", "points = 0.1, pionts = 2", 1));
    assert!(message.contains("my.toml: line 37: unknown field `pionts`"), "{message}");
}

#[test]
fn unknown_keys_are_refused_with_the_allowed_ones() {
    refused("days = 30", "days = 30\nminutes = 2", &["line 9", "minutes", "weekday", "season"]);
    refused("[[drift]]", "[[drift]]\nwhen = 3", &["when", "start_days"]);
    refused(
        "weights =",
        "wieghts =",
        &["column \"payer\"", "kind \"category\"", "wieghts", "weights", "null_rate"],
    );
    refused("base = 0.1", "base = 0.1\nbaze = 1", &["column \"denied\"", "baze", "only_if"]);
    refused("{ points = 0.1 }", "{ point = 0.1 }", &["point", "points", "factor"]);
    refused(
        "{ kind = \"step\" }",
        "{ kind = \"step\", days = 2 }",
        &["drift \"one\"", "shape \"step\"", "days"],
    );
}

#[test]
fn missing_keys_and_wrong_types_are_named() {
    refused("as_of = \"2026-01-01\"", "", &["as_of"]);
    refused("as_of = \"2026-01-01\"", "as_of = \"2026-02-30\"", &["line 5"]);
    refused("base = 0.1", "", &["column \"denied\"", "base"]);
    refused("kind = \"calendar\"", "", &["column \"day\"", "kind"]);
    refused("base = 0.1", "base = \"high\"", &["column \"denied\"", "expected f64"]);
    refused("days = 30", "days = -3", &["line 8"]);
    refused("days = 30", "days = 99999999999", &["line 8"]);
}

#[test]
fn unknown_names_are_refused_with_the_known_ones() {
    refused(
        "kind = \"amount\"",
        "kind = \"money\"",
        &["column \"billed\"", "\"money\"", "\"amount\"", "\"template\""],
    );
    refused("column = \"denied\"", "column = \"denial\"", &["drift \"one\"", "\"denial\"", "\"denied\""]);
    refused("{ payer = \"A\" }", "{ payer = \"C\" }", &["drift \"one\"", "segment", "\"C\"", "\"A\", \"B\""]);
    refused("{ payer = \"A\" }", "{ payer = 3 }", &["use a text, true or false, or a list of texts"]);
    refused("{ payer = \"A\" }", "{ plan = \"A\" }", &["segment", "\"plan\"", "\"payer\""]);
    refused("kind = \"step\"", "kind = \"stairs\"", &["\"stairs\"", "\"ramp\""]);
    refused("what = \"rate\"", "what = \"median\"", &["median", "null_rate"]);
}

#[test]
fn impossible_numbers_are_refused() {
    refused("{ A = 2, B = 1 }", "{ A = 0, B = 0 }", &["column \"payer\"", "weights", "above 0"]);
    refused("{ A = 2, B = 1 }", "{ A = 2, B = -1 }", &["column \"payer\"", "-1"]);
    refused("{ A = 2, B = 1 }", "{ A = 2, B = nan }", &["column \"payer\"", "NaN"]);
    refused("{ A = 2, B = 1 }", "{}", &["column \"payer\"", "at least one"]);
    refused("{ A = 2, B = 1 }", "{ A = 1e308, B = 1e308 }", &["column \"payer\"", "too large"]);
    refused("days = 30", "days = 30\nweekday = [1e308, 1e308, 1, 1, 1, 1, 1]", &["too large"]);
    refused("base = 0.1", "base = 1.1", &["1.1", "0 to 1"]);
    refused("sigma = 0.5", "sigma = -1", &["sigma", "-1"]);
    refused("median = 100", "median = 0", &["median"]);
    refused("points = 0.1", "points = 2.0", &["effect.points", "-1 to 1"]);
    refused("days = 30", "days = 0", &["days = 0"]);
    refused("\n[calendar]", "current_days = 0\n[calendar]", &["current_days = 0", "1 to 36500"]);
    refused("days = 30", "days = 30\nweekday = [0, 0, 0, 0, 0, 0, 0]", &["weekday"]);
    refused("days = 30", "days = 30\nweekday = [1, 1]", &["line 9"]);
}

#[test]
fn columns_have_limits() {
    let long = format!(
        "[[column]]\nname = \"t\"\nkind = \"template\"\ntext = \"{}\"\n\n[[drift]]",
        "x".repeat(1_201)
    );
    refused("[[drift]]", &long, &["column \"t\"", "1201 bytes", "1200"]);
    let values: Vec<String> = (0..3_000).map(|value| format!("v{value} = 1")).collect();
    let wide = format!(
        "[[column]]\nname = \"w\"\nkind = \"category\"\nweights = {{ {0} }}\n\n[[column]]\nname = \"n\"\n\
         kind = \"category\"\nby = [\"w\"]\ntables = {{ \"*\" = {{ {0} }} }}\n\n[[drift]]",
        values.join(", ")
    );
    refused("[[drift]]", &wide, &["column \"n\"", "1048576"]);
}

#[test]
fn what_is_certain_or_impossible_stays_so_under_effects() {
    for (base, happens) in [("0", 0), ("1", 100)] {
        let text = SOUND.replace(
            "base = 0.1",
            &format!("base = {base}\neffects = {{ payer = {{ A = 800, B = -800 }} }}"),
        );
        let run = Run { records: 100, seed: 1, customer: 1, as_of: None, drift: false, dirt: false };
        let plan = Plan::new(&Spec::parse(&text, "my.toml").unwrap(), &run).unwrap();
        let batch = plan.batch(0..100);
        assert_eq!(batch.column_by_name("denied").unwrap().as_boolean().true_count(), happens, "base {base}");
    }
}

#[test]
fn drift_must_fit_its_column_and_the_calendar() {
    refused("start_days = -5", "start_days = -31", &["drift \"one\"", "start_days", "-30"]);
    refused("start_days = -5", "start_days = 0", &["start_days"]);
    refused("start_days = -5", "start_days = -5\nend_days = -9", &["end_days"]);
    refused("points = 0.1", "factor = 2", &["drift \"one\"", "points or odds"]);
    refused("points = 0.1", "points = 0.1, odds = 2", &["exactly one"]);
    refused("what = \"rate\"", "what = \"delay\"", &["\"denied\"", "kind rate", "\"rate\""]);
    refused("segment = { payer = \"A\" }", "segment = { denied = true }", &["only columns before"]);
    refused(
        "[[drift]]",
        &format!("{}\n[[drift]]", &SOUND[SOUND.find("[[drift]]").unwrap()..]),
        &["is there twice"],
    );
}

#[test]
fn volume_segments_must_be_drawn_independently() {
    let volume = "what = \"volume\"";
    let flags = SOUND
        .replace("what = \"rate\"", volume)
        .replace("column = \"denied\"", "column = \"day\"")
        .replace("points = 0.1", "factor = 2");
    let run = Run { records: 100, seed: 1, customer: 1, as_of: None, drift: true, dirt: false };
    assert!(Plan::new(&Spec::parse(&flags, "my.toml").unwrap(), &run).is_ok());
    let flags = flags.replace("{ payer = \"A\" }", "{ denied = true }");
    assert!(refusal(&flags).contains("\"denied\" is no category"), "{}", refusal(&flags));
}

#[test]
fn columns_see_only_columns_before_them() {
    let late = "[[column]]\nname = \"late\"\nkind = \"lookup\"\nof = \"after\"\nmap = { A = \"x\", B = \"y\" }\n\n[[drift]]";
    refused("[[drift]]", late, &["column \"late\"", "\"after\"", "before this one"]);
    let partial =
        "[[column]]\nname = \"half\"\nkind = \"lookup\"\nof = \"payer\"\nmap = { A = \"x\" }\n\n[[drift]]";
    refused("[[drift]]", partial, &["column \"half\"", "nothing is said for", "\"B\""]);
    refused("name = \"billed\"", "name = \"payer\"", &["column \"payer\"", "there twice"]);
    refused("name = \"billed\"", "name = \"Billed Amount\"", &["lower-case"]);
}

#[test]
fn text_that_is_no_toml_is_refused_with_its_line() {
    refused("days = 30", "days = = 30", &["line 8"]);
    assert!(refusal("").contains("dataset"));
}
