//! Floating-point numbers, in the fewest digits that read back as the same number.

use std::io::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::ScalarBuffer;

use super::digits::Backwards;
use super::frame::Frame;
use super::{Cells, Style, type_mismatch};

pub(super) struct Floats {
    frame: Frame,
    values: ScalarBuffer<f64>,
}

impl Floats {
    pub(super) fn new(style: Style, before: &[u8]) -> Self {
        Self { frame: Frame::bare(style, before), values: ScalarBuffer::default() }
    }
}

impl Cells for Floats {
    fn load(&mut self, array: &ArrayRef) -> Result<(), String> {
        let numbers =
            array.as_primitive_opt::<Float64Type>().ok_or_else(|| type_mismatch(array, "Float64"))?;
        self.frame.load(numbers.nulls());
        self.values = numbers.values().clone();
        let unwritable = |&row: &usize| !self.values[row].is_finite() && !self.frame.is_null(row);
        match (0..self.values.len()).find(unwritable) {
            None => Ok(()),
            Some(row) => Err(format!(
                "{} in row {row} of a batch: only finite numbers can be written",
                self.values[row]
            )),
        }
    }

    #[inline]
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        self.frame.write(row, out, |out| write_float(self.values[row], out));
    }
}

/// Digits behind the point that are tried by arithmetic before the general algorithm is asked.
const FEW_DIGITS: usize = 3;
const FEW_DIGITS_UNIT: f64 = 1_000.0;
/// Below it, a number of [`FEW_DIGITS`] has at most 15 digits.
const FEW_DIGITS_LIMIT: f64 = 1e12;

/// Appends a finite number, with a point or an exponent, so that readers take it for no integer.
///
/// Measured values have few digits behind the point, and for those there is a short way. When the number is the
/// double next to `n / 1000`, that decimal has at most 15 digits; no two decimals of 15 digits share a double
/// (IEEE 754: 15 is what `DBL_DIG` is), so without zeros at its end it is the shortest. `n` and 1000 are exact, so
/// the division rounds as reading the decimal would (W. Clinger, "How to Read Floating Point Numbers Accurately",
/// PLDI 1990).
fn write_float(value: f64, out: &mut Vec<u8>) {
    let thousandths = (value * FEW_DIGITS_UNIT).round();
    if value.abs() < FEW_DIGITS_LIMIT && thousandths / FEW_DIGITS_UNIT == value {
        return write_thousandths(thousandths.abs() as u64, value.is_sign_negative(), out);
    }
    // Rust's own form is the shortest too, and switches to an exponent where the digits would be many.
    write_general(value, out);
}

fn write_thousandths(thousandths: u64, negative: bool, out: &mut Vec<u8>) {
    let mut text = Backwards::new();
    let (mut fraction, mut digits) = (thousandths % 1_000, FEW_DIGITS);
    while digits > 1 && fraction.is_multiple_of(10) {
        (fraction, digits) = (fraction / 10, digits - 1);
    }
    text.put_digits(fraction, digits);
    text.put(b'.');
    text.put_number(thousandths / 1_000);
    if negative {
        text.put(b'-');
    }
    text.append_to(out);
}

#[cold]
fn write_general(value: f64, out: &mut Vec<u8>) {
    // Writing to a vector does not fail.
    let _ = write!(out, "{value:?}");
}
