//! The one rounding rule of the output contract (output.md 3).

/// `round_d(x) = sign(x) × round_half_up(|x| × 10^d) / 10^d` in plain `f64`, with `-0` as `0`.
///
/// The same function exists in TypeScript, so rounded numbers agree to the bit. Where `|x| × 10^d` overflows, `x` has no
/// decimals to lose and is returned as it is; so is NaN.
pub fn round_to(x: f64, digits: u32) -> f64 {
    let scale = match digits {
        0 => 1.0,
        2 => 1e2,
        6 => 1e6,
        // Powers of ten up to 10^22 are exact in f64, and so is every product on the way.
        _ => (0..digits.min(22)).fold(1.0, |power, _| power * 10.0),
    };
    let scaled = x.abs() * scale;
    if !scaled.is_finite() {
        return x;
    }
    let rounded = scaled.round() / scale;
    if rounded == 0.0 {
        0.0
    } else if x < 0.0 {
        -rounded
    } else {
        rounded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_output_contract_hold() {
        // output.md 3.
        assert_eq!(round_to(0.0078125, 6), 0.007813);
        assert_eq!(round_to(-2.5, 0), -3.0);
        assert_eq!(round_to(1.005, 2), 1.0);
        assert_eq!(round_to(1.115, 2), 1.12);
    }

    #[test]
    fn a_small_negative_number_becomes_plain_zero() {
        assert!(round_to(-0.0000001, 6).is_sign_positive());
        assert!(round_to(-0.0, 2).is_sign_positive());
    }

    #[test]
    fn numbers_without_decimals_to_lose_survive() {
        assert_eq!(round_to(f64::MAX, 6), f64::MAX);
        assert_eq!(round_to(-1e300, 9), -1e300);
        assert!(round_to(f64::NAN, 2).is_nan());
        assert_eq!(round_to(123.456, 1), 123.5); // 1234.56 rounds to 1235
    }
}
