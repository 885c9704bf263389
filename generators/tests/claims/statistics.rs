//! How far data is from a parameter, in standard errors of the data.

/// The standard errors that data may be away from the truth. The seed is fixed, so a test either always
/// passes or never; of 1,000 correct comparisons, 0.007 would fall outside.
pub const TOLERANCE: f64 = 4.5;

/// How far `events` of `rows` are from a probability.
///
/// Where the rows have different probabilities whose mean is `rate`, the true standard error is at most
/// this binomial one.
pub fn from_rate(events: usize, rows: usize, rate: f64) -> f64 {
    assert!(rows > 0, "there are no rows to compare with a rate of {rate}");
    let rows = rows as f64;
    (events as f64 - rows * rate) / (rows * rate * (1.0 - rate)).sqrt()
}

/// How far a number of rows is from the number expected, by Poisson's standard error.
///
/// Rows that are a fixed share of a fixed number vary less than that, and those that the calendar places not at all.
pub fn from_count(rows: usize, expected: f64) -> f64 {
    (rows as f64 - expected) / expected.sqrt()
}

/// How far values that were rounded to whole numbers are from a median of the values before rounding.
///
/// By the sign test: half of the values lie below their median, whatever their distribution. A whole number
/// *v* stands for values spread evenly from *v* − ½ to *v* + ½. They are not quite even: for a log-normal with
/// σ = 0.45 and a median of at least 7, the share below the median is off by less than 0.0025.
pub fn from_median(values: &[i64], median: f64) -> f64 {
    const UNEVEN: f64 = 0.0025;
    assert!(!values.is_empty(), "there are no values to compare with a median of {median}");
    let part_below = |value: &i64| (median - (*value as f64 - 0.5)).clamp(0.0, 1.0);
    let count = values.len() as f64;
    let share = values.iter().map(part_below).sum::<f64>() / count;
    ((share - 0.5).abs() - UNEVEN).max(0.0) / (0.5 / count.sqrt())
}

/// The middle value, or the mean of the two middle ones.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { 0.5 * (values[middle - 1] + values[middle]) }
}
