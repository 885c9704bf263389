//! Plain text: DELTA_BYTE_ARRAY for ids that share a beginning, DELTA_LENGTH_BYTE_ARRAY for all else.
//!
//! Source: Apache Parquet format, `Encodings.md`, "Delta-length byte array (6)" and "Delta Strings (7)". The
//! first stores, per value, how much of the previous value it repeats and the rest of it; the second
//! stores lengths and then the values verbatim. The choice is made once per chunk, on its first
//! [`SAMPLE_VALUES`] values that are not null, so it does not depend on how rows come in batches.

use std::mem::take;

use arrow_array::cast::AsArray;
use arrow_array::{Array, StringArray};
use arrow_buffer::{Buffer, NullBuffer};
use arrow_schema::DataType;
use parquet::basic::Encoding;

use super::chunk::{ChunkEnd, DataPage, Worth};
use super::column::ValueEncoder;
use super::delta::DeltaPacker;
use super::levels::for_each_valid_range;
use super::{Result, statistics, type_mismatch};

/// How many values decide on the encoding of a chunk.
const SAMPLE_VALUES: usize = 64;
/// Prefixes pay when they make up more than one byte in this many: below, two streams of lengths and a
/// copy per value cost the reader more than the bytes are worth.
const WORTHWHILE_SHARE: usize = 3;

/// Text of so many bytes a value is long: it repeats itself over short distances, and a quick search finds that.
const LONG_VALUE_BYTES: usize = 64;

/// Encodes `Utf8` columns.
pub(super) struct TextColumn {
    state: State,
    lengths: DeltaPacker<i32>,
    prefixes: DeltaPacker<i32>,
    /// The lengths of the rows at hand: differences of many numbers at once are quick to take.
    lengths_now: Vec<i32>,
    prefixes_now: Vec<i32>,
    /// What is left of prefixed values, one after the other.
    suffixes: Vec<u8>,
    /// Values verbatim, as parts of the arrays they came in.
    verbatim: Vec<Buffer>,
    page_bytes: usize,
    page_values: usize,
    order: Order,
}

/// Which encoding the chunk has.
enum State {
    /// Not known yet: the values met so far, one after the other, and where each ends.
    Sampling {
        bytes: Vec<u8>,
        ends: Vec<usize>,
    },
    Prefixed,
    Verbatim,
}

/// Whether the chunk's values ascend, which makes its first and last value its bounds.
#[derive(Default)]
struct Order {
    first: Vec<u8>,
    last: Vec<u8>,
    is_begun: bool,
    descends: bool,
}

impl State {
    fn sampling() -> Self {
        Self::Sampling { bytes: Vec::new(), ends: Vec::new() }
    }
}

impl TextColumn {
    pub(super) fn new() -> Self {
        Self {
            state: State::sampling(),
            lengths: DeltaPacker::new(),
            prefixes: DeltaPacker::new(),
            lengths_now: Vec::new(),
            prefixes_now: Vec::new(),
            suffixes: Vec::new(),
            verbatim: Vec::new(),
            page_bytes: 0,
            page_values: 0,
            order: Order::default(),
        }
    }

    /// Adds values, none of them null: the bytes between each offset and the next.
    fn push_values(&mut self, data: &Buffer, mut offsets: &[i32]) {
        while let (State::Sampling { bytes, ends }, &[from, to, ..]) = (&mut self.state, offsets) {
            bytes.extend_from_slice(part(data, from, to));
            ends.push(bytes.len());
            offsets = &offsets[1..];
            if ends.len() == SAMPLE_VALUES {
                self.decide();
            }
        }
        match self.state {
            State::Sampling { .. } => {}
            State::Prefixed => self.push_prefixed(data, offsets),
            State::Verbatim => self.push_verbatim(data, offsets),
        }
    }

    /// Ends the sampling: chooses the encoding and encodes the sample.
    fn decide(&mut self) {
        let State::Sampling { bytes, ends } = &mut self.state else { return };
        let (bytes, ends) = (take(bytes), take(ends));
        let offsets: Vec<i32> = std::iter::once(0).chain(ends).map(|end| end as i32).collect();
        let shared: usize = offsets
            .array_windows()
            .map(|&[from, to, next]| shared_prefix(part(&bytes, from, to), part(&bytes, to, next)))
            .sum();
        if shared * WORTHWHILE_SHARE > bytes.len() {
            self.state = State::Prefixed;
            self.push_prefixed(&bytes, &offsets);
        } else {
            self.state = State::Verbatim;
            self.push_verbatim(&Buffer::from(bytes), &offsets);
        }
    }

    fn push_verbatim(&mut self, data: &Buffer, offsets: &[i32]) {
        let (Some(&first), Some(&last)) = (offsets.first(), offsets.last()) else { return };
        self.lengths_now.clear();
        self.lengths_now.extend(offsets.array_windows().map(|[from, to]| to - from));
        self.lengths.extend(&self.lengths_now);
        self.page_values += self.lengths_now.len();
        let bytes = (last - first) as usize;
        self.page_bytes += bytes;
        if bytes > 0 {
            self.verbatim.push(data.slice_with_length(first as usize, bytes));
        }
    }

    fn push_prefixed(&mut self, data: &[u8], offsets: &[i32]) {
        // The values before the first one of these lie in another array.
        let mut previous: &[u8] = &take(&mut self.order.last);
        let mut is_first_of_page = self.lengths.is_empty();
        self.lengths_now.clear();
        self.prefixes_now.clear();
        for &[from, to] in offsets.array_windows() {
            let value = part(data, from, to);
            if !self.order.is_begun {
                self.order.is_begun = true;
                self.order.first = value.to_vec();
            }
            let shared = shared_prefix(previous, value);
            // What ends first is the smaller one, and `None` is smaller than any byte.
            self.order.descends |= value.get(shared) < previous.get(shared);
            // The first value of a page stands alone.
            let shared = if is_first_of_page { 0 } else { shared };
            is_first_of_page = false;
            self.prefixes_now.push(shared as i32);
            self.lengths_now.push((value.len() - shared) as i32);
            append_short(&mut self.suffixes, &value[shared..]);
            previous = value;
        }
        self.prefixes.extend(&self.prefixes_now);
        self.lengths.extend(&self.lengths_now);
        self.order.last = previous.to_vec();
    }
}

/// The bytes of the values that are there, and their offsets. What the others span does not count.
fn present_values(array: &StringArray, present: &NullBuffer) -> (Buffer, Vec<i32>) {
    let offsets = array.value_offsets();
    let (first, last) = (offsets[0], offsets[array.len()]);
    let mut ends = Vec::with_capacity(array.len() + 1 - present.null_count());
    ends.push(first);
    let mut bytes = 0;
    for_each_valid_range(present, |start, end| {
        bytes += offsets[end] - offsets[start];
        ends.extend_from_slice(&offsets[start + 1..=end]);
    });
    // Whoever builds an array seldom gives bytes to a null.
    if bytes == last - first {
        return (array.values().clone(), ends);
    }
    let mut data = Vec::with_capacity(bytes as usize);
    ends.clear();
    ends.push(0);
    for_each_valid_range(present, |start, end| {
        let shift = data.len() as i32 - offsets[start];
        data.extend_from_slice(part(array.values(), offsets[start], offsets[end]));
        ends.extend(offsets[start + 1..=end].iter().map(|end| end + shift));
    });
    (Buffer::from(data), ends)
}

fn part(data: &[u8], from: i32, to: i32) -> &[u8] {
    &data[from as usize..to as usize]
}

/// Most suffixes are one byte long, for which a call to copy memory takes longer than the copy.
#[inline]
fn append_short(out: &mut Vec<u8>, bytes: &[u8]) {
    match bytes {
        [byte] => out.push(*byte),
        _ => out.extend_from_slice(bytes),
    }
}

/// The number of bytes at the beginning of which the two are equal.
#[inline]
fn shared_prefix(left: &[u8], right: &[u8]) -> usize {
    const WORD: usize = size_of::<u64>();
    let shortest = left.len().min(right.len());
    let word = |bytes: &[u8], at: usize| {
        bytes[at..at + WORD].first_chunk().map_or(0, |word: &[u8; WORD]| u64::from_le_bytes(*word))
    };
    if shortest < WORD {
        return left.iter().zip(right).take_while(|(left, right)| left == right).count();
    }
    // The last word may overlap the one before it: bytes seen equal once stay equal.
    let mut at = 0;
    loop {
        let difference = word(left, at) ^ word(right, at);
        if difference != 0 {
            return at + difference.trailing_zeros() as usize / 8;
        }
        if at + WORD == shortest {
            return shortest;
        }
        at = (at + WORD).min(shortest - WORD);
    }
}

impl ValueEncoder for TextColumn {
    fn push(&mut self, array: &dyn Array, present: Option<&NullBuffer>) -> Result<()> {
        let array = array.as_string_opt::<i32>().ok_or_else(|| type_mismatch(array, &DataType::Utf8))?;
        match present.filter(|present| present.null_count() > 0) {
            Some(present) => {
                let (data, offsets) = present_values(array, present);
                self.push_values(&data, &offsets);
            }
            None => self.push_values(array.values(), array.value_offsets()),
        }
        Ok(())
    }

    fn page_bytes(&self) -> usize {
        self.page_bytes + self.suffixes.len()
    }

    fn end_page(&mut self, levels: Vec<u8>, value_count: usize) -> Option<DataPage> {
        self.decide();
        let mut body = levels;
        let encoding = match self.state {
            State::Prefixed => {
                self.prefixes.finish_page(&mut body);
                Encoding::DELTA_BYTE_ARRAY
            }
            _ => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        };
        self.lengths.finish_page(&mut body);
        body.append(&mut self.suffixes);
        let (bytes, values) = (take(&mut self.page_bytes), take(&mut self.page_values));
        let is_long = bytes > values * LONG_VALUE_BYTES;
        let worth = if is_long { Worth::IfQuicklySmaller } else { Worth::IfSmaller };
        Some(DataPage { body, rest: take(&mut self.verbatim), value_count, encoding, worth })
    }

    fn end_chunk(&mut self, absent: usize) -> ChunkEnd {
        self.state = State::sampling();
        let order = take(&mut self.order);
        let bounds = (order.is_begun && !order.descends).then_some((&*order.first, &*order.last));
        ChunkEnd::of_plain(statistics::text(bounds, absent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shared_prefixes_are_counted_right(stem in "[ab]{0,20}", left in "[ab]{0,20}", right in "[ab]{0,20}") {
            let (left, right) = (format!("{stem}{left}"), format!("{stem}{right}"));
            let expected = left.bytes().zip(right.bytes()).take_while(|(left, right)| left == right).count();
            prop_assert_eq!(shared_prefix(left.as_bytes(), right.as_bytes()), expected);
        }
    }
}
