//! Rounding to two decimals as Omega V1 did.

/// `value` rounded to two decimals: the **exact** binary value decides, ties go to the even cent.
///
/// Neither `round(value * 100) / 100`, which rounds a product that is already rounded, nor a rule that sends ties up.
/// The result is the double nearest to the decimal value. NaN and infinities stay what they are.
pub fn round_to_cents(value: f64) -> f64 {
    /// From here on doubles lie at least 1/64 apart, so no other one is nearer to the rounded decimal.
    const LARGE: f64 = 70_368_744_177_664.0; // 2^46
    let magnitude = value.abs();
    if !value.is_finite() || magnitude >= LARGE {
        return value;
    }
    // value = mantissa × 2^-shift exactly, with mantissa < 2^53 and so 100 × mantissa < 2^60. Because value < 2^46,
    // shift is at least 7.
    let bits = magnitude.to_bits();
    let (exponent, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    let (mantissa, shift) = if exponent == 0 { (fraction, 1074) } else { (fraction | 1 << 52, 1075 - exponent) };
    if shift > 62 {
        return 0.0_f64.copysign(value); // below 2^53 / 2^63, a tenth of a cent
    }
    let scaled = 100 * mantissa;
    let (cents, rest, half) = (scaled >> shift, scaled & ((1 << shift) - 1), 1_u64 << (shift - 1));
    let up = rest > half || (rest == half && cents % 2 == 1);
    ((cents + u64::from(up)) as f64 / 100.0).copysign(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_exact_binary_value_is_rounded_and_ties_go_to_the_even_cent() {
        // 0.125 and 0.375 are exact ties; 0.725 lies below its decimal (0.72499999999999997780), 2.675 as well
        // (2.67499999999999982236); 0.675 lies above (0.67500000000000004441). Values by Python's round(x, 2).
        for (value, expected) in [
            (0.125, 0.12),
            (0.375, 0.38),
            (0.625, 0.62),
            (0.875, 0.88),
            (0.725, 0.72),
            (2.675, 2.67),
            (0.675, 0.68),
            (2.5 * 0.29, 0.72),
            (2.5 * 0.27, 0.68),
            (1.005, 1.0),
            (0.005, 0.01),
            (0.0049999, 0.0),
            (-0.125, -0.12),
            (0.0, 0.0),
            (5e-324, 0.0),
            (12.0, 12.0),
            (70_368_744_177_663.99, 70_368_744_177_663.99),
            (1e300, 1e300),
        ] {
            assert_eq!(round_to_cents(value), expected, "{value}");
        }
        assert!(round_to_cents(f64::NAN).is_nan());
        assert_eq!(round_to_cents(f64::NEG_INFINITY), f64::NEG_INFINITY);
    }

    proptest! {
        /// An independent implementation: the standard library's formatting, which rounds the exact value.
        #[test]
        fn it_agrees_with_formatting_to_two_decimals(bits: u64, eighths in 0_u32..1_000_000, lots in 0_u32..20_000) {
            let ordinary = f64::from(lots) * 0.01 * 2.5;
            for value in [f64::from_bits(bits), f64::from(eighths) / 8.0, ordinary, -ordinary] {
                if value.abs() < 1e15 {
                    prop_assert_eq!(round_to_cents(value), format!("{value:.2}").parse::<f64>().unwrap());
                }
            }
        }
    }
}
