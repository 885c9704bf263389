use super::*;

const ORDERS: &str = r#"
name = "orders"
time = "day"
segments = ["shop"]
[[metric]]
name = "returned"
kind = "rate"
hit = { state = "returned" }
[[metric]]
name = "price"
kind = "amount"
column = "price"
strata = "article"
"#;

fn refused(text: &str) -> String {
    Mapping::parse(text, Path::new("m.toml")).unwrap_err().to_string()
}

#[test]
fn built_in_mappings_are_consistent_and_have_their_names() {
    for known in BUILT_IN {
        let mapping = Mapping::built_in(known.name).unwrap();
        assert_eq!(mapping.name(), known.name);
        assert!(
            !mapping.about().is_empty() && mapping.metrics().iter().all(|metric| !metric.about.is_empty())
        );
    }
}

#[test]
fn the_columns_are_those_of_the_metrics() {
    let mapping = Mapping::parse(ORDERS, Path::new("m.toml")).unwrap();
    let names: Vec<&str> = mapping.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["day", "shop", "state", "article", "price"]);
    let less = mapping.only(&["price"], false).unwrap();
    let names: Vec<&str> = less.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["day", "shop", "price"]);
    assert!(mapping.only(&["prize"], false).unwrap_err().to_string().contains("returned, price"));
}

#[test]
fn what_stands_in_for_a_segment_is_read_too() {
    let instead = "time = \"day\"\ninstead = { shop = { column = \"web_shop\", value = \"-\" } }";
    let mapping = ORDERS.replace("time = \"day\"", instead);
    let mapping = mapping.replace("kind = \"rate\"", "kind = \"rate\"\npresent = [\"sent\", \"price\"]");
    let mapping = Mapping::parse(&mapping, Path::new("m.toml")).unwrap();
    let columns: Vec<(&str, bool)> =
        mapping.columns().iter().map(|column| (column.name.as_str(), column.is_required)).collect();
    let expected = ["day", "shop", "web_shop", "state", "article", "price", "sent"];
    assert_eq!(columns, expected.map(|name| (name, name == "day")));
    assert_eq!(mapping.metrics()[0].present, ["sent", "price"]);
    assert_eq!(mapping.instead_of("shop").unwrap().value, "-");
}

#[test]
fn what_is_wrong_is_named() {
    for (from, to, problem) in [
        ("kind = \"rate\"", "kind = \"ratio\"", "unknown variant `ratio`"),
        ("hit = { state = \"returned\" }", "", "metric \"returned\": hit is missing"),
        ("hit = { state = \"returned\" }", "hit = { state = 1.5 }", "hit.state: a float is no text"),
        ("hit = { state = \"returned\" }", "hit = { state = [] }", "hit.state: an empty list"),
        ("time = \"day\"", "time = \"day\"\nzone = \"UTC\"", "unknown field `zone`"),
        ("segments = [\"shop\"]", "segments = []", "segments: 0 columns; 1 to 4 are allowed"),
        ("segments = [\"shop\"]", "segments = [\"shop\", \"shop\"]", "\"shop\" is there twice"),
        ("segments = [\"shop\"]", "segments = [\"price\"]", "column \"price\" cannot be both"),
        (
            "time = \"day\"",
            "time = \"day\"\ninstead = { size = { value = \"-\" } }",
            "\"size\" is no segment",
        ),
        (
            "time = \"day\"",
            "time = \"day\"\ninstead = { shop = { value = \"\" } }",
            "instead.shop: the value is",
        ),
        (
            "time = \"day\"",
            "time = \"day\"\ninstead = { shop = { column = \"shop\", value = \"-\" } }",
            "instead.shop: the column is the one",
        ),
        ("name = \"price\"", "name = \"returned\"", "metric \"returned\" is there twice"),
        ("name = \"price\"", "name = \"the price\"", "a name has letters"),
        ("column = \"price\"", "column = \"price\"\ndecimals = 9", "decimals 9: at most 6"),
        ("column = \"price\"", "column = \"price\"\nto = \"day\"", "to: a metric of this kind has none"),
    ] {
        assert!(ORDERS.contains(from), "{from}");
        let message = refused(&ORDERS.replace(from, to));
        assert!(message.starts_with("m.toml: ") && message.contains(problem), "{problem}: {message}");
    }
}
