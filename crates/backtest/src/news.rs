//! When news block: the calendar of a run, reduced to what the gate asks.

use omega_data::news::{NewsFile, NewsRule, blocked, load_news};
use omega_types::{BarSet, Clock, Warning, Watch, code, config::BacktestConfig, market::Input};

use crate::BacktestError;

/// The times at which news block, and where they come from.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// First and last blocked nanosecond of each window, ascending and apart; both ends are blocked.
    pub blocked: Vec<(i64, i64)>,
    /// The calendar, for the manifest.
    pub input: Input,
    /// What a user should know about the calendar in this run.
    pub warnings: Vec<Warning>,
}

impl News {
    /// The bars whose decision time is blocked.
    pub fn mask(&self, clock: &Clock) -> BarSet {
        let mut windows = self.blocked.iter().peekable();
        BarSet::from_fn(clock.time.len(), |bar| {
            let time = clock.decision_ns(bar);
            // Decision times ascend, so a window that has ended is done with.
            while windows.next_if(|(_, last)| *last < time).is_some() {}
            windows.peek().is_some_and(|(first, _)| *first <= time)
        })
    }
}

/// What the filter of a configuration lets block; `None` if it is off.
///
/// # Errors
///
/// `CFG_RANGE` if the currencies are not given and cannot be read from the symbol; `CFG_FORMAT`.
pub(crate) fn rule(config: &BacktestConfig) -> Result<Option<NewsRule>, BacktestError> {
    if !config.news_filter.enabled {
        return Ok(None);
    }
    let rule = NewsRule::new(&config.news_filter, &config.symbol);
    rule.map(Some).map_err(|issue| BacktestError::Config(vec![*issue]))
}

/// Reads the calendar. `start_ns` and `end_ns` are the bounds of the run.
///
/// # Errors
///
/// Those of [`load_news`]; `CFG_ENGINE_REJECTED` if no file was named.
pub(crate) fn load(
    rule: &NewsRule,
    file: Option<&NewsFile>,
    (start_ns, end_ns): (i64, i64),
    watch: &Watch,
) -> Result<News, BacktestError> {
    let Some(file) = file else {
        let message = "news_filter.enabled needs a news calendar, and none was named".to_owned();
        let hint = "name the calendar with the option news";
        return Err(BacktestError::issue("news_filter.enabled", code::CFG_ENGINE_REJECTED, message, hint));
    };
    let calendar = load_news(file, watch)?;
    Ok(News {
        blocked: blocked(&calendar.events, rule),
        warnings: calendar.warnings(start_ns, end_ns),
        input: calendar.input,
    })
}

#[cfg(test)]
mod tests {
    use omega_types::time::MINUTE_NS;
    use proptest::prelude::*;

    use super::*;

    fn news(blocked: Vec<(i64, i64)>) -> News {
        let input = Input {
            kind: String::new(),
            path: String::new(),
            sha256: String::new(),
            rows: None,
            start_time_ns: None,
            end_time_ns: None,
        };
        News { blocked, input, warnings: Vec::new() }
    }

    #[test]
    fn bars_are_blocked_by_their_decision_time_both_ends_included() {
        // data.md 10: blocked from 13:00 to 14:00, M5: the bars that open at 12:55 … 13:55, 13 of them.
        let opens: Vec<i64> = (0..24 * 12).map(|bar| bar * 5 * MINUTE_NS).collect();
        let clock = Clock { time: opens.into(), duration_ns: 5 * MINUTE_NS };
        let hour = 60 * MINUTE_NS;
        let mask = news(vec![(13 * hour, 14 * hour)]).mask(&clock);
        assert_eq!(mask, BarSet::from_fn(288, |bar| (155..=167).contains(&bar)));
        assert_eq!(mask.count(), 13);
        // A nanosecond less on either side leaves the bars at the ends free.
        assert_eq!(news(vec![(13 * hour + 1, 14 * hour - 1)]).mask(&clock).count(), 11);
        assert_eq!(news(Vec::new()).mask(&clock).count(), 0);
    }

    proptest! {
        /// Property: one pass finds what asking every window finds.
        #[test]
        fn one_pass_finds_what_asking_every_window_finds(
            gaps in prop::collection::vec((2_i64..30, 0_i64..20), 0..20),
            keep in prop::collection::vec(any::<bool>(), 0..300),
        ) {
            let mut windows = Vec::new();
            let mut at = -20;
            for (gap, length) in gaps {
                windows.push((at + gap, at + gap + length));
                at += gap + length;
            }
            let opens: Vec<i64> = (0..).zip(&keep).filter(|(_, keep)| **keep).map(|(open, _)| open).collect();
            let clock = Clock { time: opens.clone().into(), duration_ns: 3 };
            let mask = news(windows.clone()).mask(&clock);
            for (bar, open) in opens.into_iter().enumerate() {
                let inside = windows.iter().any(|&(first, last)| first <= open + 3 && open + 3 <= last);
                prop_assert_eq!(mask.contains(bar), inside);
            }
        }
    }
}
