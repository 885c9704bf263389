//! Dirt that cannot be: each is refused with its place and what is allowed there.

use super::{SOILED, run};
use driftforge_generators::{Collection, Spec};

/// Replaces `from` with `to`, and expects a refusal that has every one of `parts`, asked for or not.
#[track_caller]
fn refused(from: &str, to: &str, parts: &[&str]) {
    assert!(SOILED.contains(from), "the spec has no {from:?}");
    let text = SOILED.replacen(from, to, 1);
    for dirt in [true, false] {
        let planned = Spec::parse(&text, "my.toml").and_then(|spec| Collection::new(&spec, &run(dirt)));
        let message = match planned {
            Ok(_) => panic!("this was accepted: {to}"),
            Err(error) => error.to_string(),
        };
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in: {message}");
        }
    }
}

#[test]
fn unknown_kinds_and_keys() {
    refused(
        "kind = \"late\"",
        "kind = \"tardy\"",
        &["dirt \"entered late\"", "kind", "\"tardy\"", "\"late\""],
    );
    refused("chars = 6", "letters = 6", &["dirt \"short ward\"", "letters", "chars", "where", "always"]);
    refused("lag_rows = 3", "lag = 3", &["dirt \"sent again, changed\"", "lag_rows", "typos"]);
    refused(
        "kind = \"duplicate\"",
        "kind = \"duplicate\"\ncolumn = \"ward\"",
        &["\"sent twice\"", "column", "lag_rows"],
    );
    refused("id = \"lost ward\"\n", "", &["dirt 1", "id"]);
    refused("column = \"ward\"\nrate = 0.05", "column = \"ward\"", &["dirt \"lost ward\"", "rate"]);
}

#[test]
fn names_that_are_not_there() {
    refused(
        "column = \"rooms\"",
        "column = \"room\"",
        &["dirt \"too many rooms\"", "column", "\"room\"", "\"rooms\""],
    );
    refused("column = \"rooms\"", "", &["dirt \"too many rooms\"", "column", "name the column"]);
    refused("column = \"rooms\"", "column = 3", &["dirt \"too many rooms\"", "column"]);
    refused("before = \"day\"", "before = \"night\"", &["before", "\"night\"", "\"day\""]);
    refused("before = \"day\"", "before = \"bill\"", &["before", "\"bill\"", "dates"]);
    refused(
        "where = { ward = \"north\" }",
        "where = { ward = \"attic\" }",
        &["where", "\"attic\"", "\"north\""],
    );
    refused("where = { ward = \"north\" }", "where = { bill = \"9\" }", &["where", "\"bill\""]);
    refused("values = [\"north\"]", "values = [\"attic\"]", &["values", "\"attic\"", "\"north\""]);
    refused("columns = [\"ward\", ", "columns = [\"wardd\", ", &["columns", "\"wardd\"", "\"ward\""]);
    refused("known_on = \"left_on\"", "known_on = \"left\"", &["\"still here\"", "known_on", "\"left\""]);
    refused("known_on = \"left_on\"", "known_on = \"bill\"", &["known_on", "\"bill\"", "dates"]);
    refused("\"east wing\", \"west wing\"]\n", "\"attic\"]\n", &["values", "\"attic\"", "\"north\""]);
    refused("[\"east wing\", \"west wing\"]\n", "[\"north\"]\n", &["values", "at least two"]);
    refused("id = \"a week late\"", "id = \"epoch\"", &["dirt \"epoch\"", "twice"]);
    refused("id = \"a week late\"", "id = \"\"", &["id", "empty"]);
    refused("name = \"rooms\"", "name = \"rooms\"\nhidden = true", &["\"rooms\"", "no column"]);
}

#[test]
fn numbers_out_of_range() {
    refused("rate = 0.06", "rate = 1.06", &["dirt \"bad ward\"", "rate", "1.06", "0 to 1"]);
    refused("rate = 0.06", "rate = nan", &["dirt \"bad ward\"", "rate", "NaN"]);
    refused("chars = 6", "chars = 0", &["chars", "null"]);
    refused("chars = 6", "chars = 40", &["chars", "40", "9"]);
    refused("factor = 100", "factor = inf", &["factor", "inf"]);
    refused("factor = 100", "factor = 1", &["factor", "1"]);
    refused("add = 900", "add = 0", &["add", "0"]);
    refused("add = -36500", "add = -40000", &["add", "-40000", "36500"]);
    refused("\ndays = 2\n", "\ndays = 0\n", &["days", "1 to 36500"]);
    refused("days = 7", "days = 0", &["days", "36500"]);
    refused("median_days = 20", "median_days = -1", &["median_days", "-1"]);
    refused("sigma = 0.8\n\n[[dirt]]", "sigma = -1\n\n[[dirt]]", &["sigma", "-1"]);
    refused("lag_rows = 3", "lag_rows = 0", &["lag_rows", "1 to"]);
    refused("lag_rows = [1, 40]", "lag_rows = [40, 1]", &["lag_rows", "40 to 1"]);
    refused("lag_rows = [1, 40]", "lag_rows = \"far\"", &["lag_rows", "[LEAST, MOST]"]);
    refused("above = 400", "above = nan", &["above", "NaN"]);
    refused("date = \"1900-01-01\"", "date = \"1900-02-30\"", &["dirt \"epoch\""]);
    refused("below = \"2025-07-01\"", "below = 2025", &["below", "2025", "date"]);
    refused("above = 400", "above = \"much\"", &["above", "\"much\"", "number"]);
}

#[test]
fn kinds_that_do_not_fit_the_column() {
    let unfit = |from: &str, column: &str, parts: &[&str]| {
        refused(from, &from.replacen(from.split('"').nth(1).unwrap(), column, 1), parts);
    };
    unfit(
        "column = \"rooms\"\nrate = 0.05\nadd",
        "ward",
        &["\"too many rooms\"", "column", "\"ward\"", "numbers"],
    );
    unfit("column = \"ward\"\nrate = 0.06", "bill", &["\"bad ward\"", "column", "\"bill\"", "Decimal"]);
    unfit("column = \"ward\"\nrate = 0.1", "day", &["\"short ward\"", "\"day\"", "texts"]);
    unfit("column = \"left_on\"\nrate = 0.05", "urgent", &["\"entered late\"", "\"urgent\"", "dates"]);
    unfit("column = \"left_on\"\nrate = 0.03", "urgent", &["\"epoch\"", "\"urgent\"", "dates"]);
    unfit("column = \"visit_id\"", "ward", &["\"lost visit\"", "\"ward\"", "bad_code"]);
    unfit(
        "column = \"bill\"\nrate = 0.4",
        "ward",
        &["\"large bills hidden\"", "above", "\"ward\"", "values"],
    );
    refused("values = [\"WARD?\", \"zzz\"]", "values = [\"north\"]", &["values", "\"north\""]);
    refused("values = [\"WARD?\", \"zzz\"]", "values = []", &["values", "no value"]);
    refused("values = [\"WARD?\", \"zzz\"]", "values = [\"a\", \"a\"]", &["values", "twice"]);
    refused("typos = [\"id\"]", "typos = [\"via\"]", &["typos", "\"via\"", "free text"]);
    refused("typos = [\"id\"]", "typos = [\"ward\"]", &["typos", "\"ward\""]);
    refused("\"urgent\", \"left_on\"]", "\"tags\"]", &["columns", "\"tags\"", "nested"]);
}

#[test]
fn keys_that_do_not_go_together() {
    refused("factor = 100", "factor = 100\nadd = 3", &["either `factor` or `add`"]);
    refused("add = 900", "", &["either `factor` or `add`"]);
    refused("add = -36500", "factor = 2", &["\"wrong century\"", "factor", "`add`"]);
    refused("date = \"1900-01-01\"", "", &["either `date`, or `before`"]);
    refused("date = \"1900-01-01\"", "date = \"1900-01-01\"\ndays = 4", &["either `date`, or `before`"]);
    refused("days = 7", "days = 7\nsigma = 1", &["either `days`, or `median_days` and `sigma`"]);
    refused("above = 400", "above = 400\nvalues = [\"x\"]", &["values", "above"]);
    refused(
        "columns = [\"ward\", \"bill\", \"urgent\", \"left_on\"]\ntypos = [\"id\"]",
        "",
        &["columns", "typos", "duplicate"],
    );
    refused(
        "columns = [\"cost\"]",
        "columns = [\"visit_id\"]\ntypos = [\"visit_id\"]",
        &["typos", "columns"],
    );
}
