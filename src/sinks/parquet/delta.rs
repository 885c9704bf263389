//! DELTA_BINARY_PACKED: whole numbers stored as bit-packed differences, and the column encoder for amounts.
//!
//! Source: Apache Parquet format, `Encodings.md`, "Delta Encoding (DELTA_BINARY_PACKED = 5)". A page
//! holds blocks of 128 differences, each block in four miniblocks of 32 with their own bit width. These
//! are the smallest sizes the format allows: one outlier then widens 32 values, not 256.
//!
//! Blocks are packed as soon as they are full, while their values are still in the cache.

use std::marker::PhantomData;

use arrow_array::cast::AsArray;
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, PrimitiveArray};
use arrow_buffer::NullBuffer;
use parquet::basic::Encoding;

use super::bitpack::write_varint;
use super::chunk::{ChunkEnd, DataPage, Worth};
use super::column::ValueEncoder;
use super::levels::compact;
use super::statistics::{self, Extremes};
use super::{Result, type_mismatch};

/// Differences in a block.
const BLOCK: usize = 128;
/// Differences in a miniblock: 32 is the smallest count the format allows.
const MINIBLOCK: usize = 32;
/// Miniblocks in a block.
const MINIBLOCKS: usize = BLOCK / MINIBLOCK;

/// A number that DELTA_BINARY_PACKED can hold.
pub(super) trait Number: Copy + Ord {
    /// `self − previous`, wrapping in the number's own width, as readers add it back.
    fn difference(self, previous: Self) -> i64;

    /// The number widened to 64 bits.
    fn widened(self) -> i64;
}

impl Number for i32 {
    fn difference(self, previous: Self) -> i64 {
        i64::from(self.wrapping_sub(previous))
    }

    fn widened(self) -> i64 {
        i64::from(self)
    }
}

impl Number for i64 {
    fn difference(self, previous: Self) -> i64 {
        self.wrapping_sub(previous)
    }

    fn widened(self) -> i64 {
        self
    }
}

/// Packs the numbers of one page, a block at a time.
pub(super) struct DeltaPacker<N> {
    first: Option<N>,
    previous: Option<N>,
    count: usize,
    pending: [i64; BLOCK],
    pending_count: usize,
    blocks: Vec<u8>,
}

impl<N: Number> DeltaPacker<N> {
    pub(super) fn new() -> Self {
        Self {
            first: None,
            previous: None,
            count: 0,
            pending: [0; BLOCK],
            pending_count: 0,
            blocks: Vec::new(),
        }
    }

    /// Whether the page in progress has no number yet.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds one number.
    #[inline]
    pub(super) fn push(&mut self, number: N) {
        self.count += 1;
        match self.previous.replace(number) {
            None => self.first = Some(number),
            Some(previous) => {
                self.pending[self.pending_count] = number.difference(previous);
                self.pending_count += 1;
                if self.pending_count == BLOCK {
                    self.pack_block();
                }
            }
        }
    }

    /// Adds numbers in order.
    pub(super) fn extend(&mut self, numbers: &[N]) {
        let Some((&first, mut rest)) = numbers.split_first() else { return };
        self.push(first);
        let mut previous = first;
        self.count += rest.len();
        while !rest.is_empty() {
            let room = &mut self.pending[self.pending_count..];
            let taken = rest.len().min(room.len());
            let (now, later) = rest.split_at(taken);
            for (difference, number) in room.iter_mut().zip(now) {
                *difference = number.difference(previous);
                previous = *number;
            }
            self.pending_count += taken;
            if self.pending_count == BLOCK {
                self.pack_block();
            }
            rest = later;
        }
        self.previous = Some(previous);
    }

    /// Appends the page's encoded numbers to `out` and starts the next page.
    pub(super) fn finish_page(&mut self, out: &mut Vec<u8>) {
        self.pack_block();
        write_varint(BLOCK as u64, out);
        write_varint(MINIBLOCKS as u64, out);
        write_varint(self.count as u64, out);
        write_varint(zigzag(self.first.map_or(0, N::widened)), out);
        out.extend_from_slice(&self.blocks);
        self.blocks.clear();
        (self.first, self.previous, self.count) = (None, None, 0);
    }

    fn pack_block(&mut self) {
        let count = self.pending_count;
        let Some(&smallest) = self.pending[..count].iter().min() else { return };
        // Padding repeats the smallest difference, so that it packs as zeros.
        self.pending[count..].fill(smallest);
        write_varint(zigzag(smallest), &mut self.blocks);
        let widths_at = self.blocks.len();
        self.blocks.extend_from_slice(&[0; MINIBLOCKS]);
        let mut offsets = [0; MINIBLOCK];
        for (index, miniblock) in self.pending.chunks(MINIBLOCK).enumerate() {
            if index * MINIBLOCK >= count {
                break;
            }
            let mut all_bits = 0;
            for (offset, difference) in offsets.iter_mut().zip(miniblock) {
                *offset = difference.wrapping_sub(smallest) as u64;
                all_bits |= *offset;
            }
            let width = (u64::BITS - all_bits.leading_zeros()) as usize;
            self.blocks[widths_at + index] = width as u8;
            pack_miniblock(&offsets, width, &mut self.blocks);
        }
        self.pending_count = 0;
    }
}

/// Maps −1, 1, −2, 2, … to 1, 2, 3, 4, … so that small magnitudes take few bytes.
fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

/// Widths up to this one are packed by [`pack_narrow`].
const NARROW_BITS: usize = 32;

/// Packs a miniblock of offsets at one width into bytes.
type Pack = fn(&[u64; MINIBLOCK], &mut [u8]);

/// One [`pack_narrow`] per width: as a constant, the width makes every shift an immediate one.
#[rustfmt::skip]
const NARROW: [Pack; NARROW_BITS + 1] = [
    pack_narrow::<0>, pack_narrow::<1>, pack_narrow::<2>, pack_narrow::<3>, pack_narrow::<4>,
    pack_narrow::<5>, pack_narrow::<6>, pack_narrow::<7>, pack_narrow::<8>, pack_narrow::<9>,
    pack_narrow::<10>, pack_narrow::<11>, pack_narrow::<12>, pack_narrow::<13>, pack_narrow::<14>,
    pack_narrow::<15>, pack_narrow::<16>, pack_narrow::<17>, pack_narrow::<18>, pack_narrow::<19>,
    pack_narrow::<20>, pack_narrow::<21>, pack_narrow::<22>, pack_narrow::<23>, pack_narrow::<24>,
    pack_narrow::<25>, pack_narrow::<26>, pack_narrow::<27>, pack_narrow::<28>, pack_narrow::<29>,
    pack_narrow::<30>, pack_narrow::<31>, pack_narrow::<32>,
];

fn pack_miniblock(offsets: &[u64; MINIBLOCK], width: usize, out: &mut Vec<u8>) {
    let start = out.len();
    let end = start + width * MINIBLOCK / 8;
    // The packers write whole words; what lies beyond the miniblock is cut off again.
    out.resize(end + size_of::<u128>(), 0);
    match NARROW.get(width) {
        Some(pack) => pack(offsets, &mut out[start..]),
        None => pack_wide(offsets, width, &mut out[start..]),
    }
    out.truncate(end);
}

/// Packs eight offsets at a time into `WIDTH` bytes: pairs, then fours, then the two halves, of which
/// the second starts in the middle of a byte when the width is odd.
fn pack_narrow<const WIDTH: usize>(offsets: &[u64; MINIBLOCK], out: &mut [u8]) {
    const WORD: usize = size_of::<u128>();
    let half_bytes = WIDTH / 2;
    for (index, group) in offsets.as_chunks::<8>().0.iter().enumerate() {
        let four = |at: usize| {
            let low = group[at] | group[at + 1] << WIDTH;
            let high = group[at + 2] | group[at + 3] << WIDTH;
            u128::from(low) | u128::from(high) << (2 * WIDTH)
        };
        let first = four(0);
        let second = match WIDTH % 2 {
            0 => four(4),
            _ => four(4) << 4 | first >> (8 * half_bytes),
        };
        let at = index * WIDTH;
        out[at..at + WORD].copy_from_slice(&first.to_le_bytes());
        out[at + half_bytes..at + half_bytes + WORD].copy_from_slice(&second.to_le_bytes());
    }
}

fn pack_wide(offsets: &[u64; MINIBLOCK], width: usize, out: &mut [u8]) {
    let (mut word, mut filled, mut at) = (0u128, 0, 0);
    for offset in offsets {
        word |= u128::from(*offset) << filled;
        filled += width;
        while filled >= 32 {
            out[at..at + 4].copy_from_slice(&(word as u32).to_le_bytes());
            (word, filled, at) = (word >> 32, filled - 32, at + 4);
        }
    }
}

/// Encodes `Int64`, `Decimal64` and `Timestamp` columns, all of which the format stores as INT64.
///
/// Amounts are close to random, so the packed differences are close to their entropy: a general
/// compressor takes 37 ns a value to save nothing, and slows every reader down. They stay uncompressed.
pub(super) struct DeltaColumn<T: ArrowPrimitiveType<Native = i64>> {
    packer: DeltaPacker<i64>,
    valid: Vec<i64>,
    extremes: Extremes<i64>,
    kind: PhantomData<T>,
}

impl<T: ArrowPrimitiveType<Native = i64>> DeltaColumn<T> {
    pub(super) fn new() -> Self {
        Self {
            packer: DeltaPacker::new(),
            valid: Vec::new(),
            extremes: Extremes::default(),
            kind: PhantomData,
        }
    }
}

impl<T: ArrowPrimitiveType<Native = i64>> ValueEncoder for DeltaColumn<T> {
    fn push(&mut self, array: &dyn Array, present: Option<&NullBuffer>) -> Result<()> {
        let array: &PrimitiveArray<T> =
            array.as_primitive_opt().ok_or_else(|| type_mismatch(array, &T::DATA_TYPE))?;
        let values = match present.filter(|present| present.null_count() > 0) {
            Some(present) => {
                self.valid.clear();
                compact(array.values(), present, &mut self.valid);
                &self.valid
            }
            None => array.values().as_ref(),
        };
        self.extremes.include(values);
        self.packer.extend(values);
        Ok(())
    }

    fn end_page(&mut self, levels: Vec<u8>, value_count: usize) -> Option<DataPage> {
        let mut body = levels;
        self.packer.finish_page(&mut body);
        Some(DataPage::new(body, value_count, Encoding::DELTA_BINARY_PACKED, Worth::Never))
    }

    fn end_chunk(&mut self, absent: usize) -> ChunkEnd {
        ChunkEnd::of_plain(statistics::int64(self.extremes.take(), absent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads a page back, one bit at a time, straight from the format's description.
    fn unpack(page: &[u8]) -> Vec<i64> {
        let mut at = 0;
        let varint = |at: &mut usize| {
            let (mut number, mut shift) = (0u64, 0);
            loop {
                let byte = page[*at];
                *at += 1;
                number |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    return number;
                }
            }
        };
        let unzigzag = |number: u64| (number >> 1) as i64 ^ -((number & 1) as i64);
        let (block, miniblocks, count) = (varint(&mut at), varint(&mut at), varint(&mut at));
        let per_miniblock = (block / miniblocks) as usize;
        let mut numbers = vec![unzigzag(varint(&mut at))];
        while numbers.len() < count as usize {
            let smallest = unzigzag(varint(&mut at));
            let widths = page[at..at + miniblocks as usize].to_vec();
            at += widths.len();
            for width in widths.into_iter().map(usize::from) {
                for index in 0..per_miniblock {
                    if numbers.len() == count as usize {
                        break;
                    }
                    let bit = |bit: usize| {
                        let place = index * width + bit;
                        u64::from(page[at + place / 8] >> (place % 8) & 1) << bit
                    };
                    let offset: u64 = (0..width).map(bit).sum();
                    let last = numbers[numbers.len() - 1];
                    numbers.push(last.wrapping_add(smallest).wrapping_add(offset as i64));
                }
                at += width * per_miniblock / 8;
            }
        }
        numbers.truncate(count as usize);
        numbers
    }

    fn numbers() -> impl Strategy<Value = Vec<i64>> {
        (0u32..64).prop_flat_map(|shift| {
            prop::collection::vec(any::<i64>().prop_map(move |number| number >> shift), 0..400)
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_reads_back(numbers in numbers(), cut in 0usize..400) {
            let mut packer = DeltaPacker::new();
            let (before, after) = numbers.split_at(cut.min(numbers.len()));
            packer.extend(before);
            for number in after {
                packer.push(*number);
            }
            let mut page = Vec::new();
            packer.finish_page(&mut page);
            prop_assert_eq!(unpack(&page), numbers);
        }

        #[test]
        fn narrow_and_wide_packing_agree(width in 0usize..=32, raw in prop::array::uniform32(any::<u64>())) {
            let offsets = raw.map(|offset| offset & ((1 << width) - 1));
            let (mut narrow, mut wide) = ([0; 144], [0; 144]);
            NARROW[width](&offsets, &mut narrow);
            pack_wide(&offsets, width, &mut wide);
            prop_assert_eq!(&narrow[..width * 4], &wide[..width * 4]);
        }
    }

    #[test]
    fn equal_numbers_take_almost_nothing() {
        let mut packer = DeltaPacker::new();
        packer.extend(&[16; 65_536]);
        let mut page = Vec::new();
        packer.finish_page(&mut page);
        assert!(page.len() < 65_536 / BLOCK * 6, "{}", page.len());
    }
}
