//! Sums in 64 bits, and where they do not suffice.

use crate::summaries::Moments;

/// Numbers from here on, and below the negative of it, are too large to be squared and summed in 64 bits.
const FAR: i64 = 1 << 31;

/// The count, the sum and the sum of squares of numbers that are not far, modulo 2⁶⁴.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    n: u64,
    sum: i64,
    squares: u64,
}

/// What a cell could not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excess {
    /// The whole number.
    Far,
    /// 2⁶⁴ of the sum of squares.
    Carry,
}

impl Cell {
    /// Adds a number, as far as the cell can.
    #[inline(always)]
    pub(super) fn add(&mut self, value: i64) -> Result<(), Excess> {
        if !(-FAR < value && value < FAR) {
            return Err(Excess::Far);
        }
        self.n += 1;
        self.sum += value;
        let (squares, is_carried) = self.squares.overflowing_add((value * value) as u64);
        self.squares = squares;
        if is_carried { Err(Excess::Carry) } else { Ok(()) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.n == 0
    }
}

impl From<Cell> for Moments {
    fn from(cell: Cell) -> Self {
        Self { n: cell.n, sum: i128::from(cell.sum), sum_of_squares: i128::from(cell.squares) }
    }
}

impl Excess {
    /// What has to be added elsewhere.
    pub(super) fn moments(self, value: i64) -> Moments {
        let mut moments = Moments::default();
        match self {
            Self::Far => moments.add(value, 1),
            Self::Carry => moments.sum_of_squares = 1 << 64,
        }
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_beyond_64_bits() {
        let (mut cell, mut rest, mut expected) = (Cell::default(), Moments::default(), Moments::default());
        for value in [FAR - 1, 1 - FAR, FAR, -1 << 53, 1 << 53, 7].repeat(5) {
            expected.add(value, 1);
            if let Err(excess) = cell.add(value) {
                rest += excess.moments(value);
            }
        }
        rest += Moments::from(cell);
        assert_eq!(rest, expected);
    }
}
