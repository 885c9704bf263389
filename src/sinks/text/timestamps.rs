//! Instants, as RFC 3339 has them: `2026-01-31T08:05:00.000250Z`, always in UTC and with six digits of the second.

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::ScalarBuffer;

use super::dates::write_day;
use super::digits::pair;
use super::frame::Frame;
use super::{Cells, Style, type_mismatch};

const DAY_MICROSECONDS: i64 = 86_400_000_000;

/// Whether a time zone's name is one of UTC's.
pub(super) fn is_utc(zone: &str) -> bool {
    matches!(zone, "UTC" | "Z" | "+00:00")
}

pub(super) struct Timestamps {
    frame: Frame,
    /// Microseconds since 1970-01-01T00:00:00Z.
    instants: ScalarBuffer<i64>,
}

impl Timestamps {
    pub(super) fn new(style: Style, before: &[u8]) -> Self {
        Self { frame: Frame::quoted(style, before), instants: ScalarBuffer::default() }
    }
}

impl Cells for Timestamps {
    fn load(&mut self, array: &ArrayRef) -> Result<(), String> {
        let instants = array.as_primitive_opt::<TimestampMicrosecondType>();
        let instants = instants.ok_or_else(|| type_mismatch(array, "Timestamp(µs, UTC)"))?;
        self.frame.load(instants.nulls());
        self.instants = instants.values().clone();
        Ok(())
    }

    #[inline]
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        self.frame.write(row, out, |out| write_instant(self.instants[row], out));
    }
}

#[inline]
fn write_instant(instant: i64, out: &mut Vec<u8>) {
    write_day(instant.div_euclid(DAY_MICROSECONDS), out);
    let microsecond = instant.rem_euclid(DAY_MICROSECONDS).unsigned_abs();
    let (second, fraction) = (microsecond / 1_000_000, microsecond % 1_000_000);
    let ([h0, h1], [m0, m1], [s0, s1]) = (pair(second / 3_600), pair(second / 60 % 60), pair(second % 60));
    let ([f0, f1], [f2, f3], [f4, f5]) = (pair(fraction / 10_000), pair(fraction / 100), pair(fraction));
    out.extend_from_slice(&[b'T', h0, h1, b':', m0, m1, b':', s0, s1, b'.', f0, f1, f2, f3, f4, f5, b'Z']);
}
