//! Numbers as digits, written into a text under construction.

/// Two decimal digits for each number below 100.
const PAIRS: [[u8; 2]; 100] = pairs();

const fn pairs() -> [[u8; 2]; 100] {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
}

/// The digits of a number, with leading zeros up to `width` (at most 20), in a buffer of their own.
#[inline]
pub(super) fn push_padded(number: u64, width: usize, text: &mut Vec<u8>) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    let mut rest = number;
    while rest >= 100 {
        first -= 2;
        digits[first..first + 2].copy_from_slice(&PAIRS[(rest % 100) as usize]);
        rest /= 100;
    }
    first -= 2;
    digits[first..first + 2].copy_from_slice(&PAIRS[rest as usize]);
    if rest < 10 {
        first += 1;
    }
    text.extend_from_slice(&digits[first.min(digits.len() - width)..]);
}

/// A whole number with its sign, and its digits padded with zeros up to `width` (at most 20).
#[inline]
pub(super) fn push_signed(number: i64, width: usize, text: &mut Vec<u8>) {
    if number < 0 {
        text.push(b'-');
    }
    push_padded(number.unsigned_abs(), width, text);
}

/// Two digits of a number below 100.
#[inline]
pub(super) fn push_pair(number: u32, text: &mut Vec<u8>) {
    text.extend_from_slice(&PAIRS[number as usize % 100]);
}

/// The sixteen hexadecimal digits of a word, most significant first.
#[inline]
pub(super) fn hexadecimal(word: u64) -> [u8; 16] {
    // One digit in each byte, so that a few wide operations make all sixteen.
    let spread = |half: u32| {
        let half = u64::from(half);
        let half = (half | (half << 16)) & 0x0000_FFFF_0000_FFFF;
        let half = (half | (half << 8)) & 0x00FF_00FF_00FF_00FF;
        (half | (half << 4)) & 0x0F0F_0F0F_0F0F_0F0F
    };
    let letters = |digits: u64| {
        // Adding 6 carries into bit 4 just where a digit is ten or more.
        let above_nine = ((digits + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101;
        digits + 0x3030_3030_3030_3030 + above_nine * u64::from(b'a' - b'0' - 10)
    };
    let mut text = [0; 16];
    text[..8].copy_from_slice(&letters(spread((word >> 32) as u32)).to_be_bytes());
    text[8..].copy_from_slice(&letters(spread(word as u32)).to_be_bytes());
    text
}

/// The text of a UUID, 36 characters in lower case (RFC 9562, section 4), from its 128 bits.
#[inline]
pub(super) fn uuid_text(high: u64, low: u64) -> [u8; 36] {
    let (high, low) = (hexadecimal(high), hexadecimal(low));
    let mut text = [b'-'; 36];
    text[..8].copy_from_slice(&high[..8]);
    text[9..13].copy_from_slice(&high[8..12]);
    text[14..18].copy_from_slice(&high[12..]);
    text[19..23].copy_from_slice(&low[..4]);
    text[24..].copy_from_slice(&low[4..]);
    text
}

/// The 128 bits with the version and the variant that RFC 9562, sections 4.1 and 4.2, put in.
#[inline]
pub(super) fn as_uuid(high: u64, low: u64, version: u64) -> (u64, u64) {
    ((high & !0xF000) | (version << 12), (low & !(0b11 << 62)) | (0b10 << 62))
}

/// A number as decimal digits, which the next row's number is reached from by counting up.
pub(super) struct RowNumber {
    number: u64,
    digits: [u8; 20],
    first: usize,
}

impl RowNumber {
    pub(super) fn new(number: u64) -> Self {
        let mut digits = [b'0'; 20];
        let mut rest = number;
        let mut first = digits.len();
        while rest > 0 {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        Self { number, digits, first }
    }

    /// The digits with leading zeros up to `width`, which is at most 20.
    #[inline]
    pub(super) fn padded(&self, width: usize) -> &[u8] {
        &self.digits[self.first.min(self.digits.len() - width)..]
    }

    /// Goes to a number, most quickly to the one that follows.
    #[inline]
    pub(super) fn set(&mut self, number: u64) {
        if number == self.number.wrapping_add(1) {
            self.increment();
        } else if number != self.number {
            *self = Self::new(number);
        }
    }

    #[inline]
    fn increment(&mut self) {
        self.number = self.number.wrapping_add(1);
        for position in (0..self.digits.len()).rev() {
            if self.digits[position] < b'9' {
                self.digits[position] += 1;
                self.first = self.first.min(position);
                return;
            }
            self.digits[position] = b'0';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_padded_and_never_cut() {
        let written =
            |number, width| String::from_utf8(RowNumber::new(number).padded(width).to_vec()).unwrap();
        assert_eq!(written(42, 8), "00000042");
        assert_eq!(written(123_456_789, 8), "123456789");
        assert_eq!(written(0, 1), "0");
        assert_eq!(written(u64::MAX, 3), "18446744073709551615");
    }

    proptest! {
        #[test]
        fn counting_up_is_adding_one(number in 0..u64::MAX, power in 0u32..19) {
            // Numbers just below a power of ten carry furthest.
            for number in [number, 10u64.pow(power) - 1] {
                let mut counted = RowNumber::new(number);
                counted.increment();
                prop_assert_eq!(counted.padded(1).to_vec(), (number + 1).to_string().into_bytes());
            }
        }

        #[test]
        fn digits_are_the_standard_library_s(number: u64, small in 0u64..1_000, signed: i64, width in 1usize..20) {
            let written = |push: &dyn Fn(&mut Vec<u8>)| {
                let mut text = Vec::new();
                push(&mut text);
                String::from_utf8(text).unwrap()
            };
            let digits = hexadecimal(number);
            prop_assert_eq!(std::str::from_utf8(&digits).unwrap(), format!("{number:016x}"));
            for number in [number, small] {
                prop_assert_eq!(written(&|text| push_padded(number, width, text)), format!("{number:0width$}"));
            }
            prop_assert_eq!(written(&|text| push_signed(signed, 1, text)), signed.to_string());
        }

        #[test]
        fn uuids_are_the_library_s(high: u64, low: u64) {
            let (high, low) = as_uuid(high, low, 4);
            let expected = uuid::Builder::from_random_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes());
            let text = uuid_text(high, low);
            prop_assert_eq!(std::str::from_utf8(&text).unwrap(), expected.into_uuid().to_string());
        }
    }
}
