//! Counters in blocks, and the tables that lead a row's code to its block.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::{Add, AddAssign, Mul};

use crate::Result;

/// Where a block starts among the counters.
pub(super) type BlockStart = u32;

/// The block whose counts are never read: rows that do not count add to it, which is cheaper than a branch.
pub(super) const NOWHERE: BlockStart = 0;

/// Stands for "not looked up yet". So far beyond any counter that the counters' bounds check finds it, and
/// far enough from the end of the type that adding a bin to it cannot wrap.
const UNKNOWN: BlockStart = u32::MAX - MAX_BINS;

/// The most counters of a block.
pub(super) const MAX_BINS: u32 = 1 << 24;

/// Stands for the part of a row that a client does not count.
pub(super) const NO_PART: u32 = u32::MAX;

/// What a block counts: a segment, and what its rows are to each client of the lane: a stratum, category or kind of
/// row by its number, or [`NO_PART`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Thing {
    pub(super) segment: u32,
    pub(super) parts: Box<[u32]>,
}

/// Blocks of counters of one size, one block for each thing that is counted.
#[derive(Debug)]
pub(super) struct Blocks<T> {
    bins: usize,
    pub(super) counters: Vec<T>,
    starts: HashMap<Thing, BlockStart>,
}

impl<T: Clone + Default> Blocks<T> {
    /// No block but [`NOWHERE`]. A block has `bins` counters, at most [`MAX_BINS`].
    pub(super) fn new(bins: usize) -> Self {
        Self { bins, counters: vec![T::default(); bins], starts: HashMap::new() }
    }

    /// The block of `thing`, made when it is new; `None` when there is no room for another.
    pub(super) fn start_of(&mut self, thing: Thing) -> Option<BlockStart> {
        if let Some(&start) = self.starts.get(&thing) {
            return Some(start);
        }
        let start = BlockStart::try_from(self.counters.len()).ok()?;
        if self.counters.len() + self.bins >= UNKNOWN as usize {
            return None;
        }
        self.counters.resize(self.counters.len() + self.bins, T::default());
        self.starts.insert(thing, start);
        Some(start)
    }

    /// The counters of a block.
    pub(super) fn at(&self, start: BlockStart) -> &[T] {
        &self.counters[start as usize..][..self.bins]
    }

    /// What is counted, each with its block, ordered by segment.
    pub(super) fn things(&self) -> Vec<(&Thing, BlockStart)> {
        let mut things: Vec<_> = self.starts.iter().map(|(thing, &start)| (thing, start)).collect();
        things.sort_unstable_by_key(|(thing, start)| (thing.segment, *start));
        things
    }

    /// Sets all counters to 0.
    pub(super) fn clear(&mut self) {
        self.counters.fill(T::default());
    }
}

/// A row's codes combined into one number.
pub(super) trait Code:
    Copy + Add<Output = Self> + AddAssign + Mul<Output = Self> + From<u8> + From<u16> + From<u32>
{
}

impl Code for u32 {}
impl Code for u64 {}

/// From a row's combined code to the block that it counts in.
pub(super) trait Table {
    type Code: Code;

    /// The block of `code`, [`UNKNOWN`] before it is set.
    fn get(&self, code: Self::Code) -> BlockStart;

    /// Notes the block of `code`.
    fn set(&mut self, code: Self::Code, start: BlockStart);
}

/// One entry for each code there could be.
#[derive(Debug)]
pub(super) struct DenseTable(Vec<BlockStart>);

impl Table for DenseTable {
    type Code = u32;

    #[inline(always)]
    fn get(&self, code: u32) -> BlockStart {
        self.0.get(code as usize).copied().unwrap_or(UNKNOWN)
    }

    fn set(&mut self, code: u32, start: BlockStart) {
        if let Some(entry) = self.0.get_mut(code as usize) {
            *entry = start;
        }
    }
}

/// One entry for each code that occurs, for dictionaries with so many values that a dense table is too large.
#[derive(Debug, Default)]
pub(super) struct SparseTable(HashMap<u64, BlockStart, BuildHasherDefault<CodeHasher>>);

impl Table for SparseTable {
    type Code = u64;

    #[inline(always)]
    fn get(&self, code: u64) -> BlockStart {
        self.0.get(&code).copied().unwrap_or(UNKNOWN)
    }

    fn set(&mut self, code: u64, start: BlockStart) {
        self.0.insert(code, start);
    }
}

/// Either table.
#[derive(Debug)]
pub(super) enum Cells {
    Dense(DenseTable),
    Sparse(SparseTable),
}

impl Cells {
    /// The most entries of a dense table: 4 MiB of them.
    const MAX_DENSE: u64 = 1 << 20;

    /// Whether a table for codes below `codes` is dense.
    pub(super) fn is_dense(codes: u64) -> bool {
        codes <= Self::MAX_DENSE
    }

    /// An empty table for codes below `codes`.
    pub(super) fn new(codes: u64) -> Self {
        if Self::is_dense(codes) {
            Self::Dense(DenseTable(vec![UNKNOWN; codes as usize]))
        } else {
            Self::Sparse(SparseTable::default())
        }
    }
}

/// Rows to count: a combined code and a bin each.
pub(super) struct Rows<'a, C> {
    pub(super) codes: &'a [C],
    pub(super) bins: &'a [u32],
}

/// Counts `rows` with `add`, which is given a counter and the row's place, asking `resolve` for the block of each row
/// whose code is new.
#[inline(always)]
pub(super) fn count<T: Table, N: Clone + Default>(
    table: &mut T,
    blocks: &mut Blocks<N>,
    rows: &Rows<T::Code>,
    mut add: impl FnMut(&mut N, usize),
    mut resolve: impl FnMut(&mut Blocks<N>, usize) -> Result<BlockStart>,
) -> Result<()> {
    let mut done = 0;
    loop {
        done = count_known(table, &mut blocks.counters, rows, done, &mut add);
        let Some(&code) = rows.codes.get(done) else { return Ok(()) };
        let start = resolve(blocks, done)?;
        table.set(code, start);
    }
}

/// Rows whose counters are looked up before any of them is added to: the look-ups do not wait for the additions.
const LOOKED_UP_ROWS: usize = 64;

/// Counts rows from `first` up to the first whose code is not in the table, and says which that is.
#[inline(always)]
fn count_known<T: Table, N>(
    table: &T,
    counters: &mut [N],
    rows: &Rows<T::Code>,
    first: usize,
    add: &mut impl FnMut(&mut N, usize),
) -> usize {
    let mut places = [0_u32; LOOKED_UP_ROWS];
    let mut row = first;
    let codes = rows.codes[first..].chunks(LOOKED_UP_ROWS);
    for (codes, bins) in codes.zip(rows.bins[first..].chunks(LOOKED_UP_ROWS)) {
        for ((place, &code), &bin) in places.iter_mut().zip(codes).zip(bins) {
            *place = table.get(code).wrapping_add(bin);
        }
        for &place in &places[..codes.len()] {
            match counters.get_mut(place as usize) {
                Some(counter) => add(counter, row),
                None => return row,
            }
            row += 1;
        }
    }
    row
}

/// A hash for combined codes: the standard one guards against chosen keys, which costs several times more.
#[derive(Debug, Default)]
pub(super) struct CodeHasher(u64);

impl Hasher for CodeHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, code: u64) {
        // Multiplicative hashing by 2⁶⁴ divided by the golden ratio (Knuth, The Art of Computer
        // Programming, volume 3, section 6.4); the high half is folded down because tables use low bits.
        let product = (self.0 ^ code).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = product ^ (product >> 32);
    }
}
