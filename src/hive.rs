//! Folders that stand for a column's value, as Apache Hive names them: `column=value`.
//!
//! Source: Apache Hive, `FileUtils.escapePathName` and `FileUtils.makePartName`: characters that a path or a
//! shell could mistake are written as `%` and two hexadecimal digits, and null as [`NULL`]. Spark, DuckDB, polars
//! and pyarrow read folders of these names.

/// What stands for null in a folder's name.
pub(crate) const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The name of the folder for rows whose `column` has this value; `None` is null.
pub(crate) fn folder_name(column: &str, value: Option<&str>) -> String {
    let value = value.map_or_else(|| NULL.to_owned(), escaped);
    format!("{}={value}", escaped(column))
}

/// The column and the value that a folder's name stands for; `None` for another folder.
pub(crate) fn parse(folder: &str) -> Option<(String, Option<String>)> {
    let (column, value) = folder.split_once('=')?;
    let value = (value != NULL).then(|| unescaped(value));
    Some((unescaped(column), value))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_control() || "\"#%'*/:=?\\{[]^".contains(character) {
            escaped.push_str(&format!("%{:02X}", u32::from(character)));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// A text in which `%41` stands for the byte 0x41.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let byte = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match byte.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_those_of_hive() {
        assert_eq!(folder_name("payer", Some("Blue Cross")), "payer=Blue Cross");
        assert_eq!(folder_name("payer", Some("A/B: 50%")), "payer=A%2FB%3A 50%25");
        assert_eq!(folder_name("payer", None), "payer=__HIVE_DEFAULT_PARTITION__");
        assert_eq!(parse("a=b%20c"), Some(("a".to_owned(), Some("b c".to_owned()))));
        assert_eq!(parse("a=100%"), Some(("a".to_owned(), Some("100%".to_owned()))));
        assert_eq!(parse("claims"), None);
    }

    proptest! {
        #[test]
        fn every_value_comes_back_and_is_one_folder(column in "\\PC{1,8}", value in proptest::option::of("(?s).{0,12}")) {
            let name = folder_name(&column, value.as_deref());
            prop_assert!(!name.contains('/') && name != "." && name != "..");
            prop_assert_eq!(parse(&name), Some((column, value)));
        }
    }
}
