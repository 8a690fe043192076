//! Rounding of prices to decimals.

/// Exact powers of ten in `f64`: 10⁰ to 10²².
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// The double nearest to the decimal with `decimals` places that is nearest to `value`.
///
/// The exact binary value is rounded, exact ties to the even digit (strategy specification 4.1), as Python's `round`
/// does; adding one half and flooring gives other results. More than 22 decimals count as 22. NaN and infinities stay.
pub fn round_price(value: f64, decimals: u32) -> f64 {
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32 - 1075;
    if exponent >= 0 {
        return value; // an integer, an infinity or NaN
    }
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, shift) = if exponent == -1075 { (fraction, 1074) } else { (fraction | 1 << 52, -exponent as u32) };
    let power = POWERS[decimals.min(22) as usize];
    // |value| × 10^decimals = scaled / 2^shift, exact: less than 2^53 × 2^74.
    let scaled = u128::from(mantissa) * power as u128;
    let rounded = if shift > 127 {
        0
    } else {
        let (whole, rest, half) = (scaled >> shift, scaled & ((1 << shift) - 1), 1 << (shift - 1));
        whole + u128::from(rest > half || rest == half && whole & 1 == 1)
    };
    if rounded > 1 << 53 {
        return value; // doubles are further apart here than the decimals
    }
    // Both operands are exact, so the quotient is the double nearest to the decimal.
    (rounded as f64 / power).copysign(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The standard library's exact decimal formatting and parsing: another algorithm for the same definition.
    fn by_text(value: f64, decimals: u32) -> f64 {
        format!("{value:.*}", decimals as usize).parse().unwrap()
    }

    #[test]
    fn exact_ties_go_to_the_even_digit_and_near_ties_to_the_nearer_one() {
        // 0.015625 = 2^-6 and 0.046875 = 3 × 2^-6 are exact. Python's decimal.Decimal prints 1.000005 as
        // 1.00000500000000003… and 1.000025 as 1.00002499999999994…, though × 10^5 both end in exactly one half.
        assert_eq!(round_price(0.015625, 5), 0.01562);
        assert_eq!(round_price(0.046875, 5), 0.04688);
        assert_eq!(round_price(1.000005, 5), 1.00001);
        assert_eq!(round_price(1.000025, 5), 1.00002);
        assert_eq!(round_price(-0.015625, 5), -0.01562);
        assert_eq!(round_price(2.5, 0), 2.0);
    }

    #[test]
    fn values_without_such_decimals_stay() {
        for value in [0.0, -0.0, 1e300, f64::INFINITY, f64::NEG_INFINITY, 9007199254740993.0] {
            assert_eq!(round_price(value, 5).to_bits(), value.to_bits());
        }
        assert!(round_price(f64::NAN, 5).is_nan());
        assert_eq!(round_price(f64::MIN_POSITIVE, 5), 0.0);
        assert_eq!(round_price(f64::from_bits(1), 5), 0.0);
    }

    proptest! {
        #[test]
        fn agrees_with_exact_decimal_text(value in prop::num::f64::NORMAL, decimals in 0u32..=22) {
            prop_assert_eq!(round_price(value, decimals).to_bits(), by_text(value, decimals).to_bits());
        }

        #[test]
        fn agrees_with_exact_decimal_text_for_prices(value in -200_000.0..200_000.0f64, decimals in 0u32..=12) {
            prop_assert_eq!(round_price(value, decimals).to_bits(), by_text(value, decimals).to_bits());
        }

        #[test]
        fn agrees_on_half_ticks(ticks in 0i64..50_000_000, decimals in 0u32..=8) {
            let value = (ticks as f64 + 0.5) / POWERS[decimals as usize];
            prop_assert_eq!(round_price(value, decimals).to_bits(), by_text(value, decimals).to_bits());
        }
    }
}
