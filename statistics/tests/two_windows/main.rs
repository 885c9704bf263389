//! Comparisons of two windows and corrections against scipy, statsmodels and mpmath, and their properties.
//!
//! The numbers are in `../reference/two_windows_*.json`, written by `two_windows.py` there; versions are in
//! each file.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod categories;
mod families;
mod histograms;
mod numbers;
mod properties;
mod rates;
mod reference;
mod special;
