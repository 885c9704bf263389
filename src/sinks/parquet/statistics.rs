//! Chunk statistics: smallest and largest value and the number of nulls, by which readers skip row groups.
//!
//! All are exact, and absent rather than wrong: text longer than [`LONGEST_TEXT_BYTES`] and floating
//! point columns with a NaN have none. Orders are those of the format's `ColumnOrder`: signed for
//! integers, bytewise for text.

use parquet::data_type::{ByteArray, Int64Type};
use parquet::file::statistics::{Statistics, ValueStatistics};

/// The longest text that is kept as a bound: longer ones would swell every footer.
pub(super) const LONGEST_TEXT_BYTES: usize = 64;

/// The smallest and the largest value met so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extremes<T>(Option<(T, T)>);

impl<T> Default for Extremes<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Copy + Ord> Extremes<T> {
    /// Takes values in.
    pub(super) fn include(&mut self, values: &[T]) {
        let Some(&first) = values.first() else { return };
        let (mut smallest, mut largest) = self.0.unwrap_or((first, first));
        for &value in values {
            smallest = smallest.min(value);
            largest = largest.max(value);
        }
        self.0 = Some((smallest, largest));
    }

    /// The smallest and the largest value, `None` when there was none; the next chunk starts.
    pub(super) fn take(&mut self) -> Option<(T, T)> {
        self.0.take()
    }
}

/// The smallest and the largest floating point number met so far. With a NaN there are none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FloatExtremes {
    bounds: Bounds<f64>,
    has_nan: bool,
}

impl FloatExtremes {
    /// Takes values in.
    pub(super) fn include(&mut self, values: &[f64]) {
        let Some(&first) = values.first() else { return };
        let (mut smallest, mut largest) = self.bounds.unwrap_or((first, first));
        for &value in values {
            smallest = smallest.min(value);
            largest = largest.max(value);
            self.has_nan |= value.is_nan();
        }
        self.bounds = Some((smallest, largest));
    }

    /// The bounds; the next chunk starts. A zero bound may stand for either zero, so it comes with the sign
    /// that excludes neither (`parquet.thrift`, `ColumnOrder`).
    pub(super) fn take(&mut self) -> Bounds<f64> {
        let Self { bounds, has_nan } = std::mem::take(self);
        let (smallest, largest) = bounds.filter(|_| !has_nan)?;
        Some((if smallest == 0.0 { -0.0 } else { smallest }, if largest == 0.0 { 0.0 } else { largest }))
    }
}

type Bounds<T> = Option<(T, T)>;

fn values<T>(bounds: Bounds<T>, nulls: usize) -> ValueStatistics<T> {
    let (smallest, largest) = bounds.unzip();
    ValueStatistics::new(smallest, largest, None, Some(nulls as u64), false)
}

/// Statistics of a column stored as INT32.
pub(super) fn int32(bounds: Bounds<i32>, nulls: usize) -> Statistics {
    Statistics::Int32(values(bounds, nulls))
}

/// Statistics of a column stored as INT64.
pub(super) fn int64(bounds: Bounds<i64>, nulls: usize) -> Statistics {
    Statistics::new::<<Int64Type as parquet::data_type::DataType>::T>(
        bounds.map(|bounds| bounds.0),
        bounds.map(|bounds| bounds.1),
        None,
        Some(nulls as u64),
        false,
    )
}

/// Statistics of a BOOLEAN column that holds `trues` and `falses`.
pub(super) fn boolean(trues: usize, falses: usize, nulls: usize) -> Statistics {
    let bounds = (trues + falses > 0).then_some((falses == 0, trues > 0));
    Statistics::Boolean(values(bounds, nulls))
}

/// Statistics of a DOUBLE column.
pub(super) fn double(bounds: Bounds<f64>, nulls: usize) -> Statistics {
    Statistics::Double(values(bounds, nulls))
}

/// Statistics of a text column with these bounds, which must be the exact ones.
pub(super) fn text(bounds: Bounds<&[u8]>, nulls: usize) -> Statistics {
    let short = |text: &&[u8]| text.len() <= LONGEST_TEXT_BYTES;
    let bounds = bounds.filter(|(smallest, largest)| short(smallest) && short(largest));
    let bounds = bounds.map(|(smallest, largest)| (owned(smallest), owned(largest)));
    Statistics::ByteArray(values(bounds, nulls))
}

fn owned(text: &[u8]) -> ByteArray {
    ByteArray::from(text.to_vec())
}
