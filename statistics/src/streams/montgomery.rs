//! Data of a textbook, for the tests of control charts.

/// Twenty values of a process in control with mean 10 and deviation 1, and ten after its mean has become 11: Montgomery,
/// Introduction to statistical quality control, table 9.1.
pub(super) const SHIFTED: [f64; 30] = [
    9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40, 10.08, 9.37,
    10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52,
];
