//! The RLE / bit-packing hybrid of the Parquet format, for dictionary indices and levels.
//!
//! Source: Apache Parquet format, `Encodings.md`, "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)".
//! Values of `width` bits are packed from the least significant bit on, in groups of eight, so a
//! group fills exactly `width` bytes. That is what makes a fast packer simple: eight codes are merged
//! by shifts inside one or two machine words, and the output advances by whole bytes.

use arrow_array::types::{ArrowDictionaryKeyType, UInt8Type, UInt16Type};

/// The longest header of a run: a 32-bit number in groups of seven bits.
const LONGEST_VARINT_BYTES: usize = 5;

/// A dictionary code or level: a small unsigned number that can be bit-packed.
pub(super) trait Code: Copy + Eq {
    /// How many different codes the type has.
    const COUNT: usize;

    /// The code with this number; the caller keeps `number` below [`Code::COUNT`].
    fn from_number(number: usize) -> Self;

    /// The number of the code.
    fn number(self) -> usize;

    /// Appends the codes at `width` bits each (1 to 16, and wide enough), padded to whole groups of eight.
    fn pack(codes: &[Self], width: u8, out: &mut Vec<u8>);
}

/// A key type whose native number is a [`Code`].
pub(super) trait CodeKey: ArrowDictionaryKeyType<Native: Code> {}

impl CodeKey for UInt8Type {}
impl CodeKey for UInt16Type {}

impl Code for u8 {
    const COUNT: usize = 1 << 8;

    fn from_number(number: usize) -> Self {
        number as Self
    }

    fn number(self) -> usize {
        usize::from(self)
    }

    fn pack(codes: &[Self], width: u8, out: &mut Vec<u8>) {
        // The width as a constant turns every shift into an immediate one: 2.5 times as fast.
        match width {
            0 | 1 => pack_groups::<u8, 1>(codes, out),
            2 => pack_groups::<u8, 2>(codes, out),
            3 => pack_groups::<u8, 3>(codes, out),
            4 => pack_groups::<u8, 4>(codes, out),
            5 => pack_groups::<u8, 5>(codes, out),
            6 => pack_groups::<u8, 6>(codes, out),
            7 => pack_groups::<u8, 7>(codes, out),
            _ => pack_groups::<u8, 8>(codes, out),
        }
    }
}

impl Code for u16 {
    const COUNT: usize = 1 << 16;

    fn from_number(number: usize) -> Self {
        number as Self
    }

    fn number(self) -> usize {
        usize::from(self)
    }

    fn pack(codes: &[Self], width: u8, out: &mut Vec<u8>) {
        match width {
            0 | 1 => pack_groups::<u16, 1>(codes, out),
            2 => pack_groups::<u16, 2>(codes, out),
            3 => pack_groups::<u16, 3>(codes, out),
            4 => pack_groups::<u16, 4>(codes, out),
            5 => pack_groups::<u16, 5>(codes, out),
            6 => pack_groups::<u16, 6>(codes, out),
            7 => pack_groups::<u16, 7>(codes, out),
            8 => pack_groups::<u16, 8>(codes, out),
            9 => pack_groups::<u16, 9>(codes, out),
            10 => pack_groups::<u16, 10>(codes, out),
            11 => pack_groups::<u16, 11>(codes, out),
            12 => pack_groups::<u16, 12>(codes, out),
            13 => pack_groups::<u16, 13>(codes, out),
            14 => pack_groups::<u16, 14>(codes, out),
            15 => pack_groups::<u16, 15>(codes, out),
            _ => pack_groups::<u16, 16>(codes, out),
        }
    }
}

/// Eight codes of one type, merged into the `8 × WIDTH` low bits of a word.
trait Group: Code {
    fn merge<const WIDTH: usize>(codes: &[Self; 8]) -> u128;
}

impl Group for u8 {
    fn merge<const WIDTH: usize>(codes: &[Self; 8]) -> u128 {
        // Neighbouring lanes are pushed together three times: 8 lanes of 8 bits → 4 of 16 → 2 of 32 → 1.
        let lanes = u64::from_le_bytes(*codes);
        let pairs = (lanes & 0x00ff_00ff_00ff_00ff) | ((lanes & 0xff00_ff00_ff00_ff00) >> (8 - WIDTH));
        let fours = (pairs & 0x0000_ffff_0000_ffff) | ((pairs & 0xffff_0000_ffff_0000) >> (16 - 2 * WIDTH));
        let all = (fours & 0xffff_ffff) | ((fours >> 32) << (4 * WIDTH));
        u128::from(all)
    }
}

impl Group for u16 {
    fn merge<const WIDTH: usize>(codes: &[Self; 8]) -> u128 {
        let four = |at: usize| {
            let lanes = u64::from(codes[at])
                | u64::from(codes[at + 1]) << 16
                | u64::from(codes[at + 2]) << 32
                | u64::from(codes[at + 3]) << 48;
            let pairs = (lanes & 0x0000_ffff_0000_ffff) | ((lanes & 0xffff_0000_ffff_0000) >> (16 - WIDTH));
            (pairs & 0xffff_ffff) | ((pairs >> 32) << (2 * WIDTH))
        };
        u128::from(four(0)) | (u128::from(four(4)) << (4 * WIDTH))
    }
}

fn pack_groups<C: Group, const WIDTH: usize>(codes: &[C], out: &mut Vec<u8>) {
    let start = out.len();
    let end = start + codes.len().div_ceil(8) * WIDTH;
    // A whole word is written per group; the bytes beyond the group are overwritten by the next one.
    out.resize(end + size_of::<u128>(), 0);
    let (groups, rest) = codes.as_chunks::<8>();
    let mut at = start;
    for group in groups {
        put_word(out, at, C::merge::<WIDTH>(group));
        at += WIDTH;
    }
    if !rest.is_empty() {
        let mut last = [C::from_number(0); 8];
        last[..rest.len()].copy_from_slice(rest);
        put_word(out, at, C::merge::<WIDTH>(&last));
    }
    out.truncate(end);
}

fn put_word(out: &mut [u8], at: usize, word: u128) {
    out[at..at + size_of::<u128>()].copy_from_slice(&word.to_le_bytes());
}

/// The number of bits that hold every number from 0 to `largest`; at least 1, because some readers
/// mistake a width of 0 for an empty page.
pub(super) fn width_of(largest: usize) -> u8 {
    (usize::BITS - largest.leading_zeros()).max(1) as u8
}

/// Appends `codes` at `width` bits, as repeated runs where those take at most half the room, else as
/// one bit-packed run.
///
/// One choice per page keeps the writer branch-free and the reader fast: short repeats inside a
/// bit-packed run cost a reader nothing, while alternating run kinds cost it a branch each.
pub(super) fn write_hybrid<C: Code>(codes: &[C], width: u8, out: &mut Vec<u8>) {
    if codes.is_empty() {
        return;
    }
    let value_bytes = usize::from(width.div_ceil(8));
    let packed_bytes = codes.len().div_ceil(8) * usize::from(width);
    let most_runs = (packed_bytes / 2 / (LONGEST_VARINT_BYTES + value_bytes)).max(1);
    if has_at_most_runs(codes, most_runs) {
        for run in codes.chunk_by(|code, next| code == next) {
            write_repeated_run(run[0].number() as u64, run.len(), width, out);
        }
    } else {
        write_packed_header(codes.len(), out);
        C::pack(codes, width, out);
    }
}

/// Whether the codes are at most `most` runs of equal ones. Random codes are through after a few blocks.
fn has_at_most_runs<C: Code>(codes: &[C], most: usize) -> bool {
    // The changes in a block fit a byte, which lets the compiler compare many codes at once.
    const BLOCK: usize = u8::MAX as usize;
    let mut runs = 1;
    for (block, next) in codes.chunks(BLOCK).zip(codes[1..].chunks(BLOCK)) {
        let changes: u8 = block.iter().zip(next).map(|(code, next)| u8::from(code != next)).sum();
        runs += usize::from(changes);
        if runs > most {
            return false;
        }
    }
    runs <= most
}

/// Appends one run that repeats `value` `count` times.
pub(super) fn write_repeated_run(value: u64, count: usize, width: u8, out: &mut Vec<u8>) {
    write_varint((count as u64) << 1, out);
    out.extend_from_slice(&value.to_le_bytes()[..usize::from(width.div_ceil(8))]);
}

/// Appends the header of a bit-packed run of `count` values; the packed groups follow it.
pub(super) fn write_packed_header(count: usize, out: &mut Vec<u8>) {
    write_varint((count.div_ceil(8) as u64) << 1 | 1, out);
}

/// Appends an unsigned number as ULEB-128: seven bits a byte, the lowest first.
pub(super) fn write_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition in the format's own words: value `i` takes bits `i × width ..`, lowest bit first.
    fn pack_bit_by_bit(codes: &[u16], width: u8) -> Vec<u8> {
        let width = usize::from(width);
        let mut out = vec![0; codes.len().div_ceil(8) * width];
        for (index, code) in codes.iter().enumerate() {
            for bit in 0..width {
                let at = index * width + bit;
                out[at / 8] |= ((code >> bit & 1) as u8) << (at % 8);
            }
        }
        out
    }

    proptest! {
        #[test]
        fn packing_follows_the_definition(width in 1u8..=16, raw in prop::collection::vec(any::<u16>(), 0..100)) {
            let codes: Vec<u16> = raw.iter().map(|code| (u32::from(*code) & ((1 << width) - 1)) as u16).collect();
            let mut packed = vec![7];
            u16::pack(&codes, width, &mut packed);
            prop_assert_eq!(&packed[1..], pack_bit_by_bit(&codes, width));
            if width <= 8 {
                let narrow: Vec<u8> = codes.iter().map(|code| *code as u8).collect();
                let mut packed = Vec::new();
                u8::pack(&narrow, width, &mut packed);
                prop_assert_eq!(packed, pack_bit_by_bit(&codes, width));
            }
        }
    }

    #[test]
    fn the_formats_own_example_packs_as_printed_there() {
        // Encodings.md: the numbers 0 to 7 at width 3 are 10001000 11000110 11111010.
        let mut packed = Vec::new();
        u8::pack(&[0, 1, 2, 3, 4, 5, 6, 7], 3, &mut packed);
        assert_eq!(packed, [0b1000_1000, 0b1100_0110, 0b1111_1010]);
    }

    #[test]
    fn sorted_codes_become_runs_and_mixed_ones_stay_packed() {
        let sorted: Vec<u16> = (0..65_536).map(|row| (row / 3_000) as u16).collect();
        let mixed: Vec<u16> = (0..65_536).map(|row| (row % 22) as u16).collect();
        let (mut runs, mut packed) = (Vec::new(), Vec::new());
        write_hybrid(&sorted, 9, &mut runs);
        write_hybrid(&mixed, 9, &mut packed);
        assert!(runs.len() < 22 * 6, "{}", runs.len());
        assert_eq!(packed.len(), 3 + 65_536 / 8 * 9);
    }

    #[test]
    fn widths_hold_their_largest_number() {
        assert_eq!([0, 1, 2, 3, 4, 255, 256, 65_535].map(width_of), [1, 1, 2, 2, 3, 8, 9, 16]);
    }
}
