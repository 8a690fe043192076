//! True range: the distance that a bar covers, the gap before it included (indicators.md 1.4).

/// `max(|high - low|, |high - previous close|, |low - previous close|)` over the terms that are present, so the first bar
/// and the first one after a gap cover `|high - low|` alone; NaN where no term is present.
pub(crate) fn true_ranges<'a>(
    high: &'a [f64],
    low: &'a [f64],
    close: &'a [f64],
) -> impl Iterator<Item = f64> + Clone + 'a {
    let first = high.iter().zip(low).take(1).map(|(high, low)| (high - low).abs());
    let rest = high.iter().zip(low).skip(1).zip(close).map(|((high, low), previous)| {
        // `max` passes over a missing term.
        (high - low).abs().max((high - previous).abs()).max((low - previous).abs())
    });
    first.chain(rest)
}
