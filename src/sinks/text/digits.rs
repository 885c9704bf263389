//! Whole numbers as decimal digits, two at a time.

use super::slot::append_cut;

/// The digits of a number of up to 20, right-aligned, with room for a sign, a point and zeros before them.
const WIDTH: usize = 24;

/// `00` to `99`.
static PAIRS: [[u8; 2]; 100] = pairs();

const fn pairs() -> [[u8; 2]; 100] {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
}

/// The two digits of a number below 100.
#[inline]
pub(super) fn pair(number: u64) -> [u8; 2] {
    PAIRS[(number % 100) as usize]
}

/// A number being written from its last character to its first.
///
/// The array is twice as wide as any number, so that a copy of fixed size can begin at the first character.
pub(super) struct Backwards {
    bytes: [u8; 2 * WIDTH],
    start: usize,
}

impl Backwards {
    #[inline]
    pub(super) fn new() -> Self {
        Self { bytes: [0; 2 * WIDTH], start: WIDTH }
    }

    /// Puts a character before all that is there; there is room for a sign and a point beside 20 digits.
    #[inline]
    pub(super) fn put(&mut self, character: u8) {
        self.start -= 1;
        self.bytes[self.start] = character;
    }

    /// Puts the digits of a number before all that is there: at least one.
    #[inline]
    pub(super) fn put_number(&mut self, mut number: u64) {
        while number >= 100 {
            self.put_pair(number);
            number /= 100;
        }
        if number >= 10 {
            self.put_pair(number);
        } else {
            self.put(b'0' + number as u8);
        }
    }

    /// Puts the last `digits` digits of a number, zeros among them.
    #[inline]
    pub(super) fn put_digits(&mut self, mut number: u64, digits: usize) {
        for _ in 0..digits / 2 {
            self.put_pair(number);
            number /= 100;
        }
        if digits % 2 == 1 {
            self.put(b'0' + (number % 10) as u8);
        }
    }

    #[inline]
    fn put_pair(&mut self, number: u64) {
        self.start -= 2;
        self.bytes[self.start..self.start + 2].copy_from_slice(&pair(number));
    }

    /// Appends what is there.
    #[inline]
    pub(super) fn append_to(&self, out: &mut Vec<u8>) {
        if let Some(window) = self.bytes[self.start..].first_chunk::<WIDTH>() {
            append_cut(window, WIDTH - self.start, out);
        }
    }
}
