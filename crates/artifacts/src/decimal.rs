//! Decimal digits without the formatting machinery.

use omega_types::round::round_to;

/// Two digits per entry, 00 to 99.
const PAIRS: [u8; 200] = {
    let mut pairs = [b'0'; 200];
    let mut n = 0;
    while n < 100 {
        pairs[2 * n] = b'0' + (n / 10) as u8;
        pairs[2 * n + 1] = b'0' + (n % 10) as u8;
        n += 1;
    }
    pairs
};

/// Below this, a multiple of 10⁻⁶ has its neighbours in `f64` less than 10⁻⁶ apart, so its nearest `f64` prints as itself.
const EXACT_MICROS: f64 = 8_589_934_592e6; // 2^33 × 10^6

/// Appends `n`.
pub(crate) fn push_u64(out: &mut Vec<u8>, mut n: u64) {
    let mut text = [0; 20];
    let mut start = text.len();
    while n >= 100 {
        start -= 2;
        text[start..start + 2].copy_from_slice(pair(n % 100));
        n /= 100;
    }
    if n >= 10 {
        start -= 2;
        text[start..start + 2].copy_from_slice(pair(n));
    } else {
        start -= 1;
        text[start] = b'0' + n as u8;
    }
    out.extend_from_slice(&text[start..]);
}

/// Appends `n`.
pub(crate) fn push_i64(out: &mut Vec<u8>, n: i64) {
    if n < 0 {
        out.push(b'-');
    }
    push_u64(out, n.unsigned_abs());
}

/// The two digits of `n` (0..=99).
pub(crate) fn pair(n: u64) -> &'static [u8] {
    let at = (n % 100) as usize * 2;
    &PAIRS[at..at + 2]
}

/// Appends `round_6(x)` with six decimals, no exponent and no negative zero (output.md 6). `x` is finite.
pub(crate) fn push_fixed_6(out: &mut Vec<u8>, x: f64) {
    let micros = (x.abs() * 1e6).round();
    if micros >= EXACT_MICROS || micros.is_nan() {
        out.extend_from_slice(format!("{:.6}", round_to(x, 6)).as_bytes());
        return;
    }
    let micros = micros as u64;
    if x < 0.0 && micros > 0 {
        out.push(b'-');
    }
    push_u64(out, micros / 1_000_000);
    let rest = micros % 1_000_000;
    out.push(b'.');
    out.extend_from_slice(pair(rest / 10_000));
    out.extend_from_slice(pair(rest / 100));
    out.extend_from_slice(pair(rest));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fixed(x: f64) -> String {
        let mut out = Vec::new();
        push_fixed_6(&mut out, x);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn six_decimals_and_no_negative_zero() {
        let texts = [24_996.5, 0.00014, 0.0, -0.0, -1e-9, -12.5, 0.0078125, 1e-7, 5e-7].map(fixed);
        let expected = [
            "24996.500000",
            "0.000140",
            "0.000000",
            "0.000000",
            "0.000000",
            "-12.500000",
            "0.007813", // round_6(0.0078125), output.md 3
            "0.000000",
            "0.000001", // 0.5 micros round up
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn huge_numbers_are_written_out() {
        assert_eq!(fixed(8_589_934_592.0), "8589934592.000000");
        assert_eq!(fixed(-1e22), "-10000000000000000000000.000000");
        assert!(fixed(f64::MAX).starts_with("179769313486231570"));
    }

    proptest! {
        /// Property: the digits are those of the rounding rule followed by the standard formatter.
        #[test]
        fn the_fast_digits_are_the_slow_ones(x in prop_oneof![-1e3..1e3, -1e7..1e7, -9e9..9e9, -1e18..1e18]) {
            prop_assert_eq!(fixed(x), format!("{:.6}", round_to(x, 6)));
        }

        #[test]
        fn integers_are_the_usual_text(n in any::<i64>(), small in -1000i64..1000) {
            for n in [n, small, i64::MIN, i64::MAX] {
                let mut out = Vec::new();
                push_i64(&mut out, n);
                prop_assert_eq!(String::from_utf8(out).unwrap(), n.to_string());
            }
        }
    }
}
