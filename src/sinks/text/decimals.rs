//! Decimals, with as many digits behind the point as their type has.

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal64Type;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::ScalarBuffer;

use super::digits::Backwards;
use super::frame::Frame;
use super::{Cells, Style, type_mismatch};

pub(super) struct Decimals {
    frame: Frame,
    digits: usize,
    /// 10 to the power of `digits`.
    one: u64,
    values: ScalarBuffer<i64>,
}

impl Decimals {
    /// For a scale from 0 to 18.
    pub(super) fn new(scale: i8, style: Style, before: &[u8]) -> Self {
        let digits = usize::from(scale.unsigned_abs());
        let one = 10_u64.pow(u32::from(scale.unsigned_abs()));
        Self { frame: Frame::bare(style, before), digits, one, values: ScalarBuffer::default() }
    }

    #[inline]
    fn write_decimal(&self, value: i64, out: &mut Vec<u8>) {
        let mut text = Backwards::new();
        let units = value.unsigned_abs();
        match self.digits {
            0 => text.put_number(units),
            // Amounts of money: a division by a constant is a multiplication.
            2 => put_fixed(&mut text, units / 100, units % 100, 2),
            digits => put_fixed(&mut text, units / self.one, units % self.one, digits),
        }
        if value < 0 {
            text.put(b'-');
        }
        text.append_to(out);
    }
}

#[inline]
fn put_fixed(text: &mut Backwards, whole: u64, fraction: u64, digits: usize) {
    text.put_digits(fraction, digits);
    text.put(b'.');
    text.put_number(whole);
}

impl Cells for Decimals {
    fn load(&mut self, array: &ArrayRef) -> Result<(), String> {
        let decimals = array
            .as_primitive_opt::<Decimal64Type>()
            .filter(|array| usize::from(array.scale().unsigned_abs()) == self.digits);
        let decimals =
            decimals.ok_or_else(|| type_mismatch(array, &format!("Decimal64 of scale {}", self.digits)))?;
        self.frame.load(decimals.nulls());
        self.values = decimals.values().clone();
        Ok(())
    }

    #[inline]
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        self.frame.write(row, out, |out| self.write_decimal(self.values[row], out));
    }
}
