//! `numeric` in binary: digits to the base 10,000, exactly.

/// Base of a digit of `numeric` (PostgreSQL, `src/backend/utils/adt/numeric.c`, `NBASE`).
const BASE: u128 = 10_000;
/// The sign word of a negative number; that of others is 0.
const NEGATIVE: u16 = 0x4000;
/// Digits that any scaled 64-bit number has at most, to the base 10,000.
const MOST_DIGITS: usize = 10;

/// Appends `unscaled / 10^scale` as `[length][digits][weight][sign][scale][digit ...]`.
///
/// Leading and trailing digits that are zero are left out, as the server does it; zero has no digits.
pub(super) fn write(unscaled: i64, scale: u16, out: &mut Vec<u8>) {
    // Digits stand in groups of four decimals on either side of the point.
    let padding = (4 - scale % 4) % 4;
    let fraction_digits = (scale + padding) / 4;
    let magnitude = unscaled.unsigned_abs();
    let (mut digits, mut first) = ([0_u16; MOST_DIGITS], MOST_DIGITS);
    match magnitude.checked_mul(10_u64.pow(u32::from(padding))) {
        Some(mut rest) => {
            while rest > 0 {
                first -= 1;
                digits[first] = (rest % BASE as u64) as u16;
                rest /= BASE as u64;
            }
        }
        None => {
            let mut rest = u128::from(magnitude) * 10_u128.pow(u32::from(padding));
            while rest > 0 {
                first -= 1;
                digits[first] = (rest % BASE) as u16;
                rest /= BASE;
            }
        }
    }
    let mut end = MOST_DIGITS;
    while end > first && digits[end - 1] == 0 {
        end -= 1;
    }
    let digit_count = (end - first) as u16;
    let weight = if digit_count == 0 { 0 } else { (MOST_DIGITS - first) as i16 - 1 - fraction_digits as i16 };
    let sign = if unscaled < 0 { NEGATIVE } else { 0 };
    let mut header = [0; 12];
    header[..4].copy_from_slice(&(8 + 2 * u32::from(digit_count)).to_be_bytes());
    header[4..6].copy_from_slice(&digit_count.to_be_bytes());
    header[6..8].copy_from_slice(&weight.to_be_bytes());
    header[8..10].copy_from_slice(&sign.to_be_bytes());
    header[10..].copy_from_slice(&scale.to_be_bytes());
    out.extend_from_slice(&header);
    for digit in &digits[first..end] {
        out.extend_from_slice(&digit.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(unscaled: i64, scale: u16) -> Vec<i16> {
        let mut out = Vec::new();
        write(unscaled, scale, &mut out);
        assert_eq!(u32::from_be_bytes(out[..4].try_into().unwrap()) as usize, out.len() - 4);
        out[4..].chunks(2).map(|pair| i16::from_be_bytes(pair.try_into().unwrap())).collect()
    }

    /// By hand from `numeric_send`: digit count, weight, sign, scale, digits.
    #[test]
    fn amounts_have_the_server_s_own_form() {
        assert_eq!(words(0, 2), [0, 0, 0, 2]);
        assert_eq!(words(1, 2), [1, -1, 0, 2, 100]);
        assert_eq!(words(100, 2), [1, 0, 0, 2, 1]);
        assert_eq!(words(123_456, 2), [2, 0, 0, 2, 1234, 5600]);
        assert_eq!(words(-123_456, 2), [2, 0, 0x4000, 2, 1234, 5600]);
        assert_eq!(words(999_999_999_999, 2), [4, 2, 0, 2, 99, 9999, 9999, 9900]);
        assert_eq!(words(1_000_000_000_000, 2), [1, 2, 0, 2, 100]);
        assert_eq!(words(1_000_000, 2), [1, 1, 0, 2, 1]);
        assert_eq!(words(12_345, 0), [2, 1, 0, 0, 1, 2345]);
        assert_eq!(words(5, 4), [1, -1, 0, 4, 5]);
    }

    #[test]
    fn the_largest_numbers_fit() {
        assert_eq!(words(i64::MIN, 18).len(), 4 + 6);
        assert_eq!(words(i64::MAX, 1), [6, 4, 0, 1, 92, 2337, 2036, 8547, 7580, 7000]);
    }
}
