//! Numbers as people read them: grouped digits, few decimals, units named.

/// A whole number with a comma between groups of three digits: `1,234,567`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A rate as a whole number with grouped digits; below 100 with one decimal.
#[must_use]
pub fn rate(per_second: f64) -> String {
    if per_second < 99.95 {
        format!("{per_second:.1}")
    } else {
        // The conversion saturates, and no rate of this world comes near its end.
        grouped(per_second.round() as u64)
    }
}

/// How many decimals show a duration in seconds with at least three significant digits: from 2 for whole
/// seconds to 6 for microseconds. Zero, which has none, gets 2.
#[must_use]
pub fn second_decimals(seconds: f64) -> usize {
    if seconds <= 0.0 {
        return 2;
    }
    [0.999_5, 0.099_95, 0.009_995, 0.000_999_5].iter().filter(|limit| seconds < **limit).count() + 2
}

/// Bytes in MB of 10⁶ bytes with one decimal, from 1,000 MB on in GB of 10⁹ bytes with two: `41.3 MB`.
#[must_use]
pub fn memory(bytes: f64) -> String {
    if bytes < 999_950_000.0 { format!("{} MB", megabytes(bytes)) } else { format!("{:.2} GB", bytes / 1e9) }
}

/// Bytes in MB of 10⁶ bytes with one decimal and no unit, for a column that names it.
#[must_use]
pub fn megabytes(bytes: f64) -> String {
    format!("{:.1}", bytes / 1e6)
}

/// A limit in bytes as short as it is exact: `50 MB`, `1 GB`.
#[must_use]
pub fn memory_limit(bytes: u64) -> String {
    for (unit_bytes, unit) in [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")] {
        if bytes >= unit_bytes && bytes.is_multiple_of(unit_bytes) {
            return format!("{} {unit}", grouped(bytes / unit_bytes));
        }
    }
    format!("{} bytes", grouped(bytes))
}

/// A count with its noun, given in the singular of a noun whose plural takes an s: `1 event`, `12 events`.
#[must_use]
pub fn counted(count: u64, singular: &str) -> String {
    format!("{} {singular}{}", grouped(count), if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn grouping_changes_no_digit_and_groups_by_three(number: u64) {
            let text = grouped(number);
            prop_assert_eq!(text.replace(',', "").parse(), Ok(number));
            let groups: Vec<&str> = text.split(',').collect();
            prop_assert!((1..=3).contains(&groups[0].len()));
            prop_assert!(groups[1..].iter().all(|group| group.len() == 3));
        }

        #[test]
        fn seconds_keep_three_digits(magnitude in -4.0_f64..3.0) {
            let seconds = 10_f64.powf(magnitude);
            let shown: f64 = format!("{seconds:.*}", second_decimals(seconds)).parse().unwrap();
            prop_assert!((shown - seconds).abs() <= seconds * 0.005 + 1e-15, "{seconds} as {shown}");
        }
    }

    #[test]
    fn units_change_where_rounding_would_add_a_digit() {
        assert_eq!(memory(41_312_256.0), "41.3 MB");
        assert_eq!(memory(999_949_999.0), "999.9 MB");
        assert_eq!(memory(999_950_000.0), "1.00 GB");
        assert_eq!(rate(99.94), "99.9");
        assert_eq!(rate(99.95), "100");
        assert_eq!(rate(1_234_567.4), "1,234,567");
    }

    #[test]
    fn seconds_have_two_to_six_decimals() {
        let shown = |seconds: f64| format!("{seconds:.*}", second_decimals(seconds));
        assert_eq!(shown(0.0), "0.00");
        assert_eq!(shown(75.0), "75.00");
        assert_eq!(shown(0.999_4), "0.999");
        assert_eq!(shown(0.999_6), "1.00");
        assert_eq!(shown(0.099_94), "0.0999");
        assert_eq!(shown(0.099_96), "0.100");
        assert_eq!(shown(0.021_34), "0.0213");
        assert_eq!(shown(0.009_994), "0.00999");
        assert_eq!(shown(0.000_999_6), "0.00100");
        assert_eq!(shown(0.000_999_4), "0.000999");
        assert_eq!(shown(0.000_000_4), "0.000000");
    }

    #[test]
    fn limits_are_exact() {
        assert_eq!(memory_limit(50_000_000), "50 MB");
        assert_eq!(memory_limit(1_000_000_000), "1 GB");
        assert_eq!(memory_limit(1_500_000_000), "1,500 MB");
        assert_eq!(memory_limit(0), "0 bytes");
    }

    #[test]
    fn a_single_one_is_singular() {
        assert_eq!(counted(1, "event"), "1 event");
        assert_eq!(counted(0, "event"), "0 events");
        assert_eq!(counted(1_200, "event"), "1,200 events");
    }
}
