//! Dates, as ISO 8601 has them: `2026-01-31`.

use std::sync::LazyLock;

use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::ScalarBuffer;

use super::digits::{Backwards, pair};
use super::frame::Frame;
use super::slot::append_cut;
use super::{Cells, Style, type_mismatch};

pub(super) struct Dates {
    frame: Frame,
    days: ScalarBuffer<i32>,
}

impl Dates {
    pub(super) fn new(style: Style, before: &[u8]) -> Self {
        Self { frame: Frame::quoted(style, before), days: ScalarBuffer::default() }
    }
}

impl Cells for Dates {
    fn load(&mut self, array: &ArrayRef) -> Result<(), String> {
        let dates = array.as_primitive_opt::<Date32Type>().ok_or_else(|| type_mismatch(array, "Date32"))?;
        self.frame.load(dates.nulls());
        self.days = dates.values().clone();
        Ok(())
    }

    #[inline]
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        self.frame.write(row, out, |out| write_day(i64::from(self.days[row]), out));
    }
}

/// The days that lie ready: 1970-01-01 and a century of them. Of these, a dataset's own year or two stay in the cache.
static READY_DAYS: LazyLock<Vec<[u8; 10]>> = LazyLock::new(|| (0..36_525).map(four_digit_date).collect());

/// Appends a day, counted from 1970-01-01. A year beyond four digits gets a sign and as many as it needs, which
/// ISO 8601 calls the expanded form.
#[inline]
pub(super) fn write_day(day: i64, out: &mut Vec<u8>) {
    match usize::try_from(day).ok().and_then(|day| READY_DAYS.get(day)) {
        Some(date) => append_cut(date, date.len(), out),
        None => write_any_day(day, out),
    }
}

#[cold]
fn write_any_day(day: i64, out: &mut Vec<u8>) {
    let date = Date::from_day(day);
    if (0..=9999).contains(&date.year) {
        return out.extend_from_slice(&four_digit_date(day));
    }
    let mut text = Backwards::new();
    text.put_number(date.year.unsigned_abs());
    // At least four digits, with zeros before them.
    for least in [1000, 100, 10] {
        if date.year.unsigned_abs() < least {
            text.put(b'0');
        }
    }
    text.put(if date.year < 0 { b'-' } else { b'+' });
    text.append_to(out);
    out.extend_from_slice(&four_digit_date(day)[4..]);
}

/// The date of a day; of its year the last four digits.
fn four_digit_date(day: i64) -> [u8; 10] {
    let date = Date::from_day(day);
    let year = date.year.unsigned_abs();
    let ([c0, c1], [y0, y1]) = (pair(year / 100), pair(year));
    let ([m0, m1], [d0, d1]) = (pair(date.month), pair(date.day));
    [c0, c1, y0, y1, b'-', m0, m1, b'-', d0, d1]
}

/// A date of the Gregorian calendar, also before there was one.
struct Date {
    /// Year 0 is the one before year 1.
    year: i64,
    month: u64,
    day: u64,
}

impl Date {
    /// The date of a day, counted from 1970-01-01.
    ///
    /// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013), `civil_from_days`. Years are
    /// counted from March, so that the leap day is the last of its year, and in eras of 400 years, after which the
    /// calendar repeats.
    fn from_day(day: i64) -> Self {
        const DAYS_FROM_0000_03_01: i64 = 719_468;
        const ERA_DAYS: i64 = 146_097;
        let day = day + DAYS_FROM_0000_03_01;
        let era = day.div_euclid(ERA_DAYS);
        let day_of_era = day.rem_euclid(ERA_DAYS);
        let leap_corrected = day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096;
        let year_of_era = leap_corrected / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // Five months of March to July, and again from August, have 153 days.
        let months_from_march = (5 * day_of_year + 2) / 153;
        let day_of_month = day_of_year - (153 * months_from_march + 2) / 5 + 1;
        let month = if months_from_march < 10 { months_from_march + 3 } else { months_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month: month.unsigned_abs(), day: day_of_month.unsigned_abs() }
    }
}
