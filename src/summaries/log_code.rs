//! Numbers on a logarithmic scale, as whole numbers.
//!
//! Code `k` > 0 stands for the numbers from [`threshold`]`(k)` up to and without `threshold(k + 1)`: those whose
//! 64 · log₂ rounds to k − 1. Code 0 stands for 0, and −k for the negatives of what k stands for. A code's numbers
//! differ by at most 1.1 %, so a number told from its code is off by at most [`RELATIVE_ERROR`].
//!
//! The thresholds are whole numbers, so every engine that compares whole numbers gives the same codes.

use std::sync::LazyLock;

/// Codes to a doubling.
pub const CODES_PER_OCTAVE: i64 = 64;

/// The largest relative error of [`number_of`]: half a code, 2^(1/128) − 1.
pub const RELATIVE_ERROR: f64 = 0.005_430;

/// The largest code: that of 2⁶³ − 1.
pub const MAX_CODE: i64 = 63 * CODES_PER_OCTAVE + 1;

/// Mantissa bits of a [`Scale`]'s steps: a step is narrower than a code, so at most one code begins in it.
const MANTISSA_BITS: u32 = 8;

/// A double's bits below those that name its step.
const STEP_SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - MANTISSA_BITS;

/// The step of 1.
const FIRST_STEP: u64 = 1.0_f64.to_bits() >> STEP_SHIFT;

const STEPS: usize = 64 << MANTISSA_BITS;

/// Places for thresholds: a power of two, so that a place needs no check.
const PLACES: usize = 1 << 12;

/// Tables from numbers to codes. Whoever needs many codes takes hold of it once.
#[derive(Debug)]
pub(crate) struct Scale {
    /// The smallest number of each code from 1; behind the last, the largest number there is.
    thresholds: [u64; PLACES],
    /// The code of the smallest number of each step: of each exponent and leading bits of the mantissa.
    first_codes: [u16; STEPS],
}

static SCALE: LazyLock<Box<Scale>> = LazyLock::new(|| {
    let threshold = |place: usize| if place < MAX_CODE as usize { smallest(place as u32) } else { u64::MAX };
    let thresholds: [u64; PLACES] = std::array::from_fn(threshold);
    let start = |step: usize| f64::from_bits((FIRST_STEP + step as u64) << STEP_SHIFT);
    let first_code = |step| thresholds.partition_point(|&least| least as f64 <= start(step)) as u16;
    Box::new(Scale { thresholds, first_codes: std::array::from_fn(first_code) })
});

/// The tables.
pub(crate) fn scale() -> &'static Scale {
    &SCALE
}

impl Scale {
    /// The code of a number.
    #[inline]
    pub(crate) fn code(&self, number: i64) -> i64 {
        let magnitude = number.unsigned_abs();
        // Cut to what a double holds exactly, so that its step is not the next: no code begins in what is cut, since
        // codes so large are wide.
        let exact = if magnitude < 1 << 53 { magnitude } else { magnitude & !((1 << 11) - 1) };
        let step = ((exact as f64).to_bits() >> STEP_SHIFT).wrapping_sub(FIRST_STEP) as usize;
        let code = usize::from(self.first_codes.get(step).copied().unwrap_or(0));
        let code = (code + usize::from(magnitude >= self.thresholds[code % PLACES])) as i64;
        if number < 0 { -code } else { code }
    }
}

/// The smallest whole number whose 64 · log₂ rounds to `steps` or more.
fn smallest(steps: u32) -> u64 {
    let exponent = (f64::from(steps) - 0.5) / CODES_PER_OCTAVE as f64;
    // Exact enough: no threshold comes nearer to a whole number than a double can tell (a test compares).
    libm::ceil(libm::exp2(exponent)) as u64
}

/// The smallest positive number of code `code`, 1 to [`MAX_CODE`]; several codes of small numbers share one.
///
/// # Panics
/// For another code.
#[must_use]
pub fn threshold(code: i64) -> u64 {
    assert!((1..=MAX_CODE).contains(&code), "code {code}");
    scale().thresholds[(code - 1) as usize]
}

/// The code of a number.
#[must_use]
pub fn log_code(number: i64) -> i64 {
    scale().code(number)
}

/// The number in the middle of a code, on the logarithmic scale.
#[must_use]
pub fn number_of(code: i64) -> f64 {
    if code == 0 {
        return 0.0;
    }
    let magnitude = libm::exp2((code.abs() - 1) as f64 / CODES_PER_OCTAVE as f64);
    if code < 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By search, from the definition.
    fn searched(magnitude: u64) -> i64 {
        let thresholds = &scale().thresholds[..MAX_CODE as usize];
        thresholds.partition_point(|&threshold| threshold <= magnitude) as i64
    }

    #[test]
    fn small_numbers_and_powers_of_two() {
        assert_eq!((log_code(0), log_code(1), log_code(2), log_code(-4)), (0, 1, 65, -129));
        assert_eq!(log_code(i64::MAX), MAX_CODE);
        assert_eq!(log_code(i64::MIN), -MAX_CODE);
        for number in 1..100_000 {
            assert_eq!(log_code(number), searched(number as u64), "{number}");
        }
    }

    #[test]
    fn codes_change_at_their_thresholds() {
        for code in 2..=MAX_CODE {
            let first = threshold(code);
            let Ok(number) = i64::try_from(first) else { continue };
            assert_eq!(log_code(number), searched(first), "{number}");
            assert_eq!(log_code(number - 1), searched(first - 1), "{number} - 1");
        }
    }

    proptest! {
        #[test]
        fn any_number_is_found_again(number in any::<i64>(), shift in 0..63_u32) {
            let number = number >> shift;
            let code = log_code(number);
            prop_assert_eq!(code.abs(), searched(number.unsigned_abs()));
            prop_assert_eq!(log_code(number.saturating_neg()), -code);
            if number.unsigned_abs() > 200 {
                prop_assert!((number_of(code) / number as f64 - 1.0).abs() <= RELATIVE_ERROR + 1e-6);
            }
        }
    }
}
