//! Instants as text.

use omega_types::time::{DAY_NS, MINUTE_NS, SECOND_NS, days_from_civil, iso};

/// Nanoseconds of `2024-01-09T03:20:00Z`, the form that results carry too; `None` for any other form.
pub fn instant_ns(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let days = days_from_civil(number(0, 4)?, number(5, 7)?.try_into().ok()?, number(8, 10)?.try_into().ok()?);
    let minutes = number(11, 13)? * 60 + number(14, 16)?;
    let ns = days.checked_mul(DAY_NS)?.checked_add(minutes * MINUTE_NS)?.checked_add(number(17, 19)? * SECOND_NS)?;
    // What comes out again is what went in, so no 31st of June gets through.
    (iso(ns) == text).then_some(ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_of_results_is_read() {
        // 19 days after 2024-01-01, which is 19723 days after 1970-01-01, at 3:20.
        assert_eq!(instant_ns("2024-01-20T03:20:00Z"), Some(((19_723 + 19) * 86_400 + 12_000) * 1_000_000_000));
        for text in [
            "",
            "2024-01-20",
            "2024-06-31T00:00:00Z",
            "2024-01-20T03:20:00",
            "2024-01-20 03:20:00Z",
            "é".repeat(20).as_str(),
        ] {
            assert_eq!(instant_ns(text), None, "{text}");
        }
    }
}
