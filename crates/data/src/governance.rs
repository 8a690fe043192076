//! What a run says about the quality of its data (data.md 15, decisions.md 1): nothing repaired or invented is hidden.

use std::ops::Range;

use omega_types::{
    Dataset, Json, Timeframe, Warning, code,
    market::{Input, QuoteKind, SeriesQuality},
};
use serde_json::{Map, json};

use crate::{
    Calendar, DataError, WindowRequest, align,
    error::AlignmentLoss,
    gaps::{self, Gaps},
};

/// The part of one series that a window uses.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Index of the series in the dataset.
    pub(crate) index: usize,
    pub(crate) timeframe: Timeframe,
    /// Aligned bars.
    pub(crate) range: Range<usize>,
    /// First and last instant of the window, for stamps that alignment left out.
    pub(crate) interval: (i64, i64),
}

/// Governance and warnings.
pub(crate) struct Report {
    pub(crate) json: Json,
    pub(crate) warnings: Vec<Warning>,
}

/// Judges alignment and gaps of a window and gathers what the files say about themselves.
///
/// # Errors
///
/// `DATA_ALIGNMENT_LOSS`, `DATA_GAP_LOSS`: the first timeframe.
pub(crate) fn report(
    dataset: &Dataset,
    request: &WindowRequest<'_>,
    parts: &[Part],
    spread: f64,
) -> Result<Report, DataError> {
    let symbol = &dataset.symbol;
    let calendar = request.calendar.unwrap_or_else(|| Calendar::default_for(symbol));
    let mut report = Builder::new(symbol, calendar);
    for part in parts {
        let (Some(series), Some(quality)) = (dataset.series.get(part.index), dataset.quality.get(part.index)) else {
            continue;
        };
        let time = series.time.get(part.range.clone()).unwrap_or_default();
        report.alignment(part, quality, series.len())?;
        report.gaps(part.timeframe, gaps::count(part.timeframe, time, calendar, request.sessions), request)?;
        report.overlaps(part.timeframe, time);
        report.quality(part.timeframe, quality);
    }
    if dataset.quotes == QuoteKind::Single {
        report.warn(code::DATA_W_SYNTHETIC_ASK, format!("{symbol}: the ask is not data but the bid plus {spread}"));
    }
    Ok(report.finish())
}

/// Remarks on files of which a run reads single prices, such as candles of a conversion pair: what an import changed or
/// invented, and what loading left out. There is no window and no gap accounting.
pub fn file_warnings(dataset: &Dataset) -> Vec<Warning> {
    let mut report = Builder::new(&dataset.symbol, Calendar::default_for(&dataset.symbol));
    for (series, quality) in dataset.series.iter().zip(&dataset.quality) {
        report.one_sided(series.timeframe, quality, series.len());
        report.quality(series.timeframe, quality);
    }
    report.warnings
}

/// The inputs behind `parts`, in loading order.
pub(crate) fn inputs(dataset: &Dataset, parts: &[Part]) -> Vec<Input> {
    let names: Vec<String> = parts.iter().map(|part| format!("{0}/{0}_{1}", dataset.symbol, part.timeframe)).collect();
    let is_used = |input: &&Input| {
        names.iter().any(|name| {
            // `…_M1` must not claim `…_M15_BID.parquet`.
            input.path.strip_prefix(name.as_str()).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    };
    dataset.inputs.iter().filter(is_used).cloned().collect()
}

struct Builder<'a> {
    symbol: &'a str,
    calendar: Calendar,
    warnings: Vec<Warning>,
    alignment: Map<String, Json>,
    alignment_max: f64,
    gaps: Map<String, Json>,
    gaps_max: f64,
    duplicates: Map<String, Json>,
    crossed: Map<String, Json>,
    ask_source: Map<String, Json>,
    synthetic: Map<String, Json>,
}

impl<'a> Builder<'a> {
    fn new(symbol: &'a str, calendar: Calendar) -> Self {
        Self {
            symbol,
            calendar,
            warnings: Vec::new(),
            alignment: Map::new(),
            alignment_max: 0.0,
            gaps: Map::new(),
            gaps_max: 0.0,
            duplicates: Map::new(),
            crossed: Map::new(),
            ask_source: Map::new(),
            synthetic: Map::new(),
        }
    }

    fn warn(&mut self, code: omega_types::Code, message: String) {
        self.warnings.push(Warning::new(code, message));
    }

    /// The whole file passed when it was loaded; a hole inside the window may still be too large for the window.
    fn alignment(&mut self, part: &Part, quality: &SeriesQuality, aligned: usize) -> Result<(), DataError> {
        let Part { timeframe, interval, .. } = part;
        let symbol = self.symbol;
        let bid_only = between(&quality.bid_only, *interval);
        let ask_only = between(&quality.ask_only, *interval);
        let in_window = part.range.len();
        let (bid_count, ask_count) = (in_window + bid_only.len(), in_window + ask_only.len());
        if align::exceeds_limit(bid_count, ask_count, in_window) {
            return Err(DataError::AlignmentLoss(Box::new(AlignmentLoss {
                symbol: symbol.to_owned(),
                timeframe: *timeframe,
                scope: "window",
                bid_count,
                ask_count,
                aligned_count: in_window,
                first: align::first_one_sided(bid_only, ask_only),
            })));
        }
        let (discarded, loss) = self.one_sided(*timeframe, quality, aligned);
        self.alignment_max = self.alignment_max.max(loss);
        self.alignment.insert(
            timeframe.to_string(),
            json!({
                "bid_count_before": quality.bid_rows,
                "ask_count_before": quality.ask_rows,
                "aligned_count": aligned,
                "discarded_count": discarded,
                "alignment_loss": loss,
                "window_alignment_loss": align::loss(bid_count, ask_count, in_window),
            }),
        );
        Ok(())
    }

    /// Bars of the whole file that one side lacks, and the share of them.
    fn one_sided(&mut self, timeframe: Timeframe, quality: &SeriesQuality, aligned: usize) -> (usize, f64) {
        let discarded = quality.bid_only.len() + quality.ask_only.len();
        let loss = align::loss(aligned + quality.bid_only.len(), aligned + quality.ask_only.len(), aligned);
        if discarded > 0 {
            let symbol = self.symbol;
            self.warn(
                code::DATA_W_ALIGNMENT,
                format!("{symbol} {timeframe}: {discarded} bars exist on one side only and were left out (alignment loss {loss})"),
            );
        }
        (discarded, loss)
    }

    fn gaps(&mut self, timeframe: Timeframe, gaps: Option<Gaps>, request: &WindowRequest<'_>) -> Result<(), DataError> {
        let Some(gaps) = gaps else { return Ok(()) };
        let Gaps { expected, missing } = gaps;
        let symbol = self.symbol;
        let loss = gaps.rounded_loss();
        if let Some(limit) = request.max_gap_loss.filter(|&limit| gaps.loss() > limit) {
            return Err(DataError::GapLoss { symbol: symbol.to_owned(), timeframe, loss, limit, missing, expected });
        }
        self.gaps_max = self.gaps_max.max(loss);
        self.gaps.insert(
            timeframe.to_string(),
            json!({ "expected_bars": expected, "missing_bars": missing, "gap_loss": loss }),
        );
        if gaps.are_notable() {
            self.warn(
                code::DATA_W_GAPS,
                format!("{symbol} {timeframe}: {missing} of {expected} expected bars are missing (gap loss {loss})"),
            );
        }
        Ok(())
    }

    /// Bars of H4, D1 and W1 are not held to a grid, so a file of shorter bars under that name would pass unseen.
    fn overlaps(&mut self, timeframe: Timeframe, time: &[i64]) {
        let overlapping = gaps::overlapping(timeframe, time);
        if 100 * overlapping as u128 > 5 * time.len() as u128 {
            let (symbol, bars) = (self.symbol, time.len());
            self.warn(
                code::DATA_W_OVERLAP,
                format!(
                    "{symbol} {timeframe}: {overlapping} of {bars} bars begin before the bar before them has ended; are \
                     these bars shorter than {timeframe}?"
                ),
            );
        }
    }

    fn quality(&mut self, timeframe: Timeframe, quality: &SeriesQuality) {
        let SeriesQuality { bid_duplicates: bid, ask_duplicates: ask, crossed, ask_source, synthetic, .. } = quality;
        let symbol = self.symbol;
        let key = timeframe.to_string();
        self.duplicates.insert(key.clone(), json!({ "bid": bid, "ask": ask }));
        if bid + ask > 0 {
            self.warn(
                code::DATA_W_DEDUP,
                format!("{symbol} {timeframe}: {} duplicate rows were dropped (bid {bid}, ask {ask})", bid + ask),
            );
        }
        self.crossed.insert(key.clone(), json!(crossed));
        for change in crossed.iter().flat_map(statements) {
            self.crossed_warning(timeframe, change);
        }
        self.ask_source.insert(key.clone(), json!(ask_source));
        if let Some(source) = ask_source {
            self.warn(
                code::DATA_W_SYNTHETIC_ASK,
                format!("{symbol} {timeframe}: the ask is not data, the import derived it ({source})"),
            );
        }
        self.synthetic.insert(key, json!(synthetic));
        if *synthetic {
            self.warn(code::DATA_W_SYNTHETIC, format!("{symbol} {timeframe}: the candles are synthetic"));
        }
    }

    /// `{policy, bars, changed_bars, changed_fields}` as an import writes it; `timeframe` is that of the bars counted, where
    /// the series was made of shorter ones.
    fn crossed_warning(&mut self, timeframe: Timeframe, change: &Json) {
        let count = |key: &str| change.get(key).and_then(Json::as_u64).unwrap_or(0);
        let (bars, changed) = (count("bars"), count("changed_bars"));
        let symbol = self.symbol;
        let counted = change.get("timeframe").and_then(Json::as_str).filter(|counted| *counted != timeframe.as_str());
        let timeframe =
            counted.map_or_else(|| timeframe.to_string(), |counted| format!("{timeframe}, made of {counted}"));
        match change.get("policy").and_then(Json::as_str) {
            Some("fail") => {}
            Some("clamp" | "drop") if bars == 0 && changed == 0 => {}
            Some("drop") => {
                self.warn(
                    code::DATA_W_DROPPED,
                    format!("{symbol} {timeframe}: the import dropped {bars} crossed bars"),
                );
            }
            Some("clamp") => {
                let fields = count("changed_fields");
                self.warn(
                    code::DATA_W_CLAMPED,
                    format!(
                        "{symbol} {timeframe}: the import raised the ask to the bid in {fields} fields of {changed} bars \
                         ({bars} bars were crossed)"
                    ),
                );
            }
            _ => {
                self.warn(
                    code::DATA_W_CLAMPED,
                    format!("{symbol} {timeframe}: the import changed crossed quotes: {change}"),
                );
            }
        }
    }

    fn finish(self) -> Report {
        let by = |map: Map<String, Json>| json!({ "by_timeframe": map });
        let json = json!({
            "alignment": { "loss_max": self.alignment_max, "by_timeframe": self.alignment },
            "gaps": { "calendar": self.calendar, "loss_max": self.gaps_max, "by_timeframe": self.gaps },
            "duplicates": by(self.duplicates),
            "crossed": by(self.crossed),
            "ask_source": by(self.ask_source),
            "synthetic": by(self.synthetic),
        });
        Report { json, warnings: self.warnings }
    }
}

/// One statement, or one per side where the files of a pair disagree.
fn statements(crossed: &Json) -> Vec<&Json> {
    let sides: Vec<&Json> = ["bid", "ask"].iter().filter_map(|side| crossed.get(side)).collect();
    if sides.is_empty() { vec![crossed] } else { sides }
}

/// Sorted stamps inside an interval, both ends included.
fn between(time: &[i64], (first, last): (i64, i64)) -> &[i64] {
    let start = time.partition_point(|&t| t < first);
    let end = time.partition_point(|&t| t <= last);
    time.get(start..end).unwrap_or_default()
}
