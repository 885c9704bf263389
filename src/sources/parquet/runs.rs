//! The hybrid of runs and bit-packing in which Parquet keeps levels and dictionary indices.
//!
//! Parquet format specification, "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)": a stream of runs, each
//! with a ULEB128 header. An even header h is h/2 repetitions of the value that follows in ⌈width/8⌉ bytes,
//! little-endian; an odd one is (h−1)/2 groups of eight values, packed least significant bit first.

use bytes::Bytes;

/// What is wrong with a stream of runs.
pub(super) type Problem = &'static str;

const ENDS_EARLY: Problem = "a stream of runs ends before its last value";

/// The widest values that are read: indices into dictionaries of up to 65,536 values.
pub(super) const MAX_WIDTH: u8 = 16;

/// A stream of runs, read from the front.
#[derive(Debug)]
pub(super) struct Runs {
    data: Bytes,
    at: usize,
    width: u8,
    run: Run,
}

#[derive(Debug, Clone, Copy)]
enum Run {
    Repeated {
        value: u16,
        left: usize,
    },
    /// `skip` values of the group at hand were handed out before.
    Packed {
        left: usize,
        skip: usize,
    },
}

impl Runs {
    /// The runs in `data`, of values `width` bits wide, at most [`MAX_WIDTH`].
    pub(super) fn new(data: Bytes, width: u8) -> Result<Self, Problem> {
        if width > MAX_WIDTH {
            return Err("values are wider than 16 bits");
        }
        Ok(Self { data, at: 0, width, run: Run::Repeated { value: 0, left: 0 } })
    }

    /// Appends the next `count` values to `values`.
    pub(super) fn read(&mut self, mut count: usize, values: &mut Vec<u16>) -> Result<(), Problem> {
        while count > 0 {
            let read = match self.run {
                Run::Repeated { left: 0, .. } | Run::Packed { left: 0, .. } => {
                    self.run = self.next_run()?;
                    continue;
                }
                Run::Repeated { value, left } => {
                    let read = count.min(left);
                    values.resize(values.len() + read, value);
                    self.run = Run::Repeated { value, left: left - read };
                    read
                }
                Run::Packed { left, skip } => {
                    let read = count.min(left);
                    self.read_packed(skip, read, values)?;
                    self.run = Run::Packed { left: left - read, skip: (skip + read) % 8 };
                    read
                }
            };
            count -= read;
        }
        Ok(())
    }

    /// Whether the next `count` values are all `value`, known from the run at hand alone.
    pub(super) fn repeats(&mut self, value: u16, count: usize) -> Result<bool, Problem> {
        if let Run::Repeated { left: 0, .. } | Run::Packed { left: 0, .. } = self.run {
            self.run = self.next_run()?;
        }
        Ok(matches!(self.run, Run::Repeated { value: repeated, left } if repeated == value && left >= count))
    }

    fn next_run(&mut self) -> Result<Run, Problem> {
        let header = self.header()?;
        let length = usize::try_from(header >> 1).map_err(|_| "a run is longer than memory")?;
        if header & 1 == 1 {
            let left = length.checked_mul(8).ok_or("a run is longer than memory")?;
            return Ok(Run::Packed { left, skip: 0 });
        }
        let bytes = self.take(usize::from(self.width.div_ceil(8)))?;
        let value = bytes.iter().rev().fold(0_u16, |value, &byte| (value << 8) | u16::from(byte));
        // An empty run with nothing after it would be read for ever.
        if length == 0 && self.at >= self.data.len() {
            Err(ENDS_EARLY)
        } else {
            Ok(Run::Repeated { value, left: length })
        }
    }

    /// An unsigned number in base 128, least significant digit first.
    fn header(&mut self) -> Result<u64, Problem> {
        let mut header = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            header |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(header);
            }
        }
        Err("a run's length is not a number")
    }

    fn take(&mut self, bytes: usize) -> Result<&[u8], Problem> {
        let taken = self.data.get(self.at..self.at + bytes).ok_or(ENDS_EARLY)?;
        self.at += bytes;
        Ok(taken)
    }

    /// Appends `count` packed values, the first of which is number `skip` of the group at `at`.
    fn read_packed(&mut self, skip: usize, count: usize, values: &mut Vec<u16>) -> Result<(), Problem> {
        let width = usize::from(self.width);
        let groups = (skip + count).div_ceil(8);
        let packed = self.data.get(self.at..).unwrap_or_default();
        // Some writers cut the last group after the last value.
        if packed.len() * 8 < (skip + count) * width {
            return Err(ENDS_EARLY);
        }
        let start = values.len();
        values.resize(start + groups * 8, 0);
        unpack(packed, width, &mut values[start..]);
        values.drain(start..start + skip);
        values.truncate(start + count);
        self.at += (skip + count) / 8 * width;
        Ok(())
    }
}

/// Unpacks whole groups of eight; bytes beyond the end of `packed` count as 0.
fn unpack(packed: &[u8], width: usize, values: &mut [u16]) {
    match width {
        0 => values.fill(0),
        1 => unpack_narrow::<1>(packed, values),
        2 => unpack_narrow::<2>(packed, values),
        3 => unpack_narrow::<3>(packed, values),
        4 => unpack_narrow::<4>(packed, values),
        5 => unpack_narrow::<5>(packed, values),
        6 => unpack_narrow::<6>(packed, values),
        7 => unpack_narrow::<7>(packed, values),
        8 => unpack_narrow::<8>(packed, values),
        9 => unpack_wide::<9>(packed, values),
        10 => unpack_wide::<10>(packed, values),
        11 => unpack_wide::<11>(packed, values),
        12 => unpack_wide::<12>(packed, values),
        13 => unpack_wide::<13>(packed, values),
        14 => unpack_wide::<14>(packed, values),
        15 => unpack_wide::<15>(packed, values),
        _ => unpack_wide::<16>(packed, values),
    }
}

/// Groups of at most eight bytes: one word holds a group.
fn unpack_narrow<const WIDTH: usize>(packed: &[u8], values: &mut [u16]) {
    let mask = (1_u64 << WIDTH) - 1;
    for (group, values) in values.chunks_exact_mut(8).enumerate() {
        let word = u64::from_le_bytes(padded(packed, group * WIDTH));
        for (number, value) in values.iter_mut().enumerate() {
            *value = (word >> (number * WIDTH) & mask) as u16;
        }
    }
}

/// Groups of nine to sixteen bytes: two words hold a group, and a value may lie across them.
fn unpack_wide<const WIDTH: usize>(packed: &[u8], values: &mut [u16]) {
    let mask = (1_u128 << WIDTH) - 1;
    for (group, values) in values.chunks_exact_mut(8).enumerate() {
        let word = u128::from_le_bytes(padded(packed, group * WIDTH));
        for (number, value) in values.iter_mut().enumerate() {
            *value = (word >> (number * WIDTH) & mask) as u16;
        }
    }
}

/// `N` bytes from `start`, with zeros for those beyond the end.
#[inline(always)]
fn padded<const N: usize>(packed: &[u8], start: usize) -> [u8; N] {
    if let Some(bytes) = packed.get(start..start + N).and_then(|bytes| bytes.try_into().ok()) {
        return bytes;
    }
    let mut bytes = [0; N];
    let rest = packed.get(start..).unwrap_or_default();
    let length = rest.len().min(N);
    bytes[..length].copy_from_slice(&rest[..length]);
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Encodes runs as the specification says, one bit at a time.
    fn encoded(runs: &[(bool, Vec<u16>)], width: u8) -> (Vec<u8>, Vec<u16>) {
        let (mut data, mut values) = (Vec::new(), Vec::new());
        let push_header = |data: &mut Vec<u8>, mut header: usize| {
            while header >= 128 {
                data.push((header & 127) as u8 | 128);
                header >>= 7;
            }
            data.push(header as u8);
        };
        for (is_packed, run) in runs {
            if *is_packed {
                let groups = run.len().div_ceil(8);
                push_header(&mut data, groups * 2 + 1);
                let padded = run.iter().copied().chain(std::iter::repeat(0)).take(groups * 8);
                let bits: Vec<bool> =
                    padded.clone().flat_map(|v| (0..width).map(move |bit| v >> bit & 1 == 1)).collect();
                data.extend(
                    bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |all, &bit| all * 2 + u8::from(bit))),
                );
                values.extend(padded);
            } else {
                push_header(&mut data, run.len() * 2);
                data.extend(&run[0].to_le_bytes()[..usize::from(width.div_ceil(8))]);
                values.extend(std::iter::repeat_n(run[0], run.len()));
            }
        }
        (data, values)
    }

    fn streams() -> impl Strategy<Value = (u8, Vec<(bool, Vec<u16>)>)> {
        (1..=MAX_WIDTH).prop_flat_map(|width| {
            let value = 0..=(u32::from(u16::MAX) >> (16 - width)) as u16;
            let run = (any::<bool>(), prop::collection::vec(value, 1..300));
            (Just(width), prop::collection::vec(run, 1..8))
        })
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_read((width, runs) in streams(), steps in prop::collection::vec(1..90_usize, 1..9)) {
            let (data, expected) = encoded(&runs, width);
            let mut stream = Runs::new(data.into(), width).unwrap();
            let mut values = Vec::new();
            for step in steps.iter().cycle() {
                let step = (*step).min(expected.len() - values.len());
                if step == 0 {
                    break;
                }
                stream.read(step, &mut values).unwrap();
            }
            prop_assert_eq!(&values, &expected);
            prop_assert!(stream.read(1, &mut values).is_err(), "nothing is left");
        }

        #[test]
        fn any_bytes_are_values_or_an_error(data in prop::collection::vec(any::<u8>(), 0..200), width in 0..20_u8) {
            if let Ok(mut stream) = Runs::new(data.into(), width) {
                let mut values = Vec::new();
                while values.len() < 100_000 && stream.read(1_000, &mut values).is_ok() {}
            }
        }
    }

    #[test]
    fn the_example_of_the_specification_is_read() {
        // "1, 2, 3, 4, 5, 6, 7" and 0 with width 3: 10001000 11000110 11111010, section "RLE / Bit-Packing".
        let data = vec![3, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        let mut values = Vec::new();
        Runs::new(data.into(), 3).unwrap().read(8, &mut values).unwrap();
        assert_eq!(values, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn a_run_says_what_it_repeats() {
        let mut runs = Runs::new(vec![200, 1, 1].into(), 1).unwrap();
        assert!(runs.repeats(1, 100).unwrap());
        assert!(!runs.repeats(1, 101).unwrap() && !runs.repeats(0, 1).unwrap());
    }
}
