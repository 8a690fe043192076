//! When news block entries (data.md 10).

use omega_types::{
    Issue,
    config::{Impact, NewsFilter},
};

use super::{Currency, NewsEvent, event::minutes_ns};

/// The `news_filter` of a configuration, everything looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsRule {
    /// The lowest impact that blocks.
    pub min_impact: Impact,
    /// The currencies whose news block.
    pub currencies: Vec<Currency>,
    /// Nanoseconds before an event, inclusive.
    pub before_ns: i64,
    /// Nanoseconds after an event, inclusive.
    pub after_ns: i64,
}

impl NewsRule {
    /// Reads the filter of a run. Without a list the currencies are the two of a six-letter symbol.
    ///
    /// # Errors
    ///
    /// `CFG_RANGE` if there is no list and `symbol` is not six letters, `CFG_FORMAT` for a currency that is none.
    pub fn new(filter: &NewsFilter, symbol: &str) -> Result<Self, Box<Issue>> {
        let listed = match &filter.currencies {
            Some(currencies) => currencies.clone(),
            None => match (symbol.len(), symbol.get(..3), symbol.get(3..)) {
                (6, Some(base), Some(quote)) => vec![base.to_owned(), quote.to_owned()],
                _ => vec![symbol.to_owned()],
            },
        };
        let currencies = listed.iter().map(|text| text.parse()).collect::<Result<Vec<Currency>, _>>();
        let currencies = currencies.map_err(|unknown| match filter.currencies {
            Some(_) => issue("CFG_FORMAT", format!("news_filter.currencies: {unknown}"), &unknown.0),
            None => {
                let message =
                    format!("news_filter.currencies must be given: they cannot be read from the symbol {symbol}");
                issue("CFG_RANGE", message, symbol)
            }
        })?;
        Ok(Self {
            min_impact: filter.min_impact,
            currencies,
            before_ns: minutes_ns(filter.minutes_before),
            after_ns: minutes_ns(filter.minutes_after),
        })
    }

    /// Does `event` block at all?
    pub fn concerns(&self, event: &NewsEvent) -> bool {
        event.impact >= self.min_impact && self.currencies.contains(&event.currency)
    }
}

/// The times at which `rule` blocks because of `events`: first and last nanosecond of each, both blocked.
///
/// - Order: ascending and apart; windows that overlap or touch are one. The order of the events does not matter.
/// - A decision time is blocked if and only if it lies in one of them.
pub fn blocked(events: &[NewsEvent], rule: &NewsRule) -> Vec<(i64, i64)> {
    let window =
        |event: &NewsEvent| (event.time_ns.saturating_sub(rule.before_ns), event.time_ns.saturating_add(rule.after_ns));
    let mut windows: Vec<(i64, i64)> = events.iter().filter(|event| rule.concerns(event)).map(window).collect();
    windows.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (first, last) in windows {
        match merged.last_mut() {
            Some(previous) if first <= previous.1.saturating_add(1) => previous.1 = previous.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
}

fn issue(code: &str, message: String, received: &str) -> Box<Issue> {
    Box::new(Issue {
        path: "news_filter.currencies".to_owned(),
        code: code.to_owned(),
        message,
        expected: Some("three letters, such as USD".to_owned()),
        received: Some(received.chars().take(80).collect()),
        hint: Some("name the currencies, such as [\"USD\"]".to_owned()),
        reason: None,
    })
}

#[cfg(test)]
mod tests {
    use omega_types::time::MINUTE_NS;
    use proptest::prelude::*;

    use super::*;
    use crate::{Bound, parse_instant};

    fn at(text: &str) -> i64 {
        parse_instant(text, Bound::Start).unwrap()
    }

    fn event(time_ns: i64, impact: Impact, currency: &str) -> NewsEvent {
        let (id, name) = (String::new(), String::new());
        NewsEvent { time_ns, id, name, impact, currency: currency.parse().unwrap() }
    }

    fn filter(min_impact: &str, before: u32, after: u32, currencies: Option<&[&str]>) -> NewsFilter {
        serde_json::from_value(serde_json::json!({
            "enabled": true, "minutes_before": before, "minutes_after": after, "min_impact": min_impact,
            "currencies": currencies,
        }))
        .unwrap()
    }

    fn rule(min_impact: &str, before: u32, after: u32) -> NewsRule {
        NewsRule::new(&filter(min_impact, before, after, None), "EURUSD").unwrap()
    }

    #[test]
    fn the_example_of_the_data_contract_holds() {
        // data.md 10: HIGH USD event 13:30:00, 30/30, M5: blocked are the bars that close at 13:00 … 14:00, 13 bars.
        let events = [event(at("2024-03-05T13:30"), Impact::High, "USD")];
        let blocked = blocked(&events, &rule("medium", 30, 30));
        assert_eq!(blocked, [(at("2024-03-05T13:00"), at("2024-03-05T14:00"))]);
        let closes = (0..).map(|bar| at("2024-03-05T12:00") + bar * 5 * MINUTE_NS).take(60);
        assert_eq!(closes.filter(|&close| blocked[0].0 <= close && close <= blocked[0].1).count(), 13);
    }

    #[test]
    fn impact_and_currency_decide() {
        let noon = at("2024-03-05T12:00");
        let events = [
            event(noon, Impact::Low, "USD"),
            event(noon + 60 * MINUTE_NS, Impact::Medium, "EUR"),
            event(noon + 120 * MINUTE_NS, Impact::High, "GBP"),
            event(noon + 180 * MINUTE_NS, Impact::High, "USD"),
        ];
        let hours = |rule: &NewsRule| {
            let starts = blocked(&events, rule).into_iter().map(|(first, _)| (first - noon) / (60 * MINUTE_NS));
            starts.collect::<Vec<_>>()
        };
        assert_eq!(hours(&rule("low", 0, 1)), [0, 1, 3]);
        assert_eq!(hours(&rule("medium", 0, 1)), [1, 3]);
        assert_eq!(hours(&rule("high", 0, 1)), [3]);
        let pounds = NewsRule::new(&filter("low", 0, 1, Some(&["GBP"])), "XAUUSD").unwrap();
        assert_eq!(hours(&pounds), [2]);
        assert_eq!(blocked(&events, &NewsRule { currencies: Vec::new(), ..pounds }), []);
    }

    #[test]
    fn currencies_come_from_the_symbol_or_from_the_list() {
        let rule = rule("low", 0, 0);
        assert_eq!(rule.currencies, ["EUR".parse().unwrap(), "USD".parse().unwrap()]);
        for symbol in ["US500", "US500X", "BTCUSDT", "ÄÖÜ"] {
            let issue = NewsRule::new(&filter("low", 0, 0, None), symbol).unwrap_err();
            assert_eq!((issue.code.as_str(), issue.path.as_str()), ("CFG_RANGE", "news_filter.currencies"), "{symbol}");
        }
        assert!(NewsRule::new(&filter("low", 0, 0, Some(&["USD"])), "US500").is_ok());
        let issue = NewsRule::new(&filter("low", 0, 0, Some(&["dollar"])), "US500").unwrap_err();
        assert_eq!((issue.code.as_str(), issue.received.as_deref()), ("CFG_FORMAT", Some("dollar")));
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        let rule = NewsRule { before_ns: i64::MAX, after_ns: i64::MAX, ..rule("low", 0, 0) };
        let events = [event(i64::MIN, Impact::High, "USD"), event(i64::MAX, Impact::High, "USD")];
        assert_eq!(blocked(&events, &rule), [(i64::MIN, i64::MAX)]);
        let rule = NewsRule::new(&filter("low", u32::MAX, u32::MAX, None), "EURUSD").unwrap();
        assert_eq!(blocked(&events[..1], &rule)[0].0, i64::MIN);
    }

    proptest! {
        /// Property: an instant lies in an interval exactly if the formula of data.md 10 holds for some event.
        #[test]
        fn intervals_say_what_the_formula_says(
            events in prop::collection::vec((0_i64..200, 0_usize..3, prop::sample::select(vec!["USD", "EUR", "JPY"])), 0..20),
            (before, after) in (0_i64..20, 0_i64..20),
            lowest in 0_usize..3,
        ) {
            let events: Vec<NewsEvent> =
                events.into_iter().map(|(time, impact, currency)| event(time, Impact::ALL[impact], currency)).collect();
            let rule = NewsRule { min_impact: Impact::ALL[lowest], before_ns: before, after_ns: after, ..rule("low", 0, 0) };
            let intervals = blocked(&events, &rule);
            prop_assert!(intervals.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0));
            for time in -30..240 {
                let expected = events.iter().any(|e| {
                    e.impact >= rule.min_impact
                        && e.currency != "JPY".parse().unwrap()
                        && e.time_ns - before <= time
                        && time <= e.time_ns + after
                });
                prop_assert_eq!(intervals.iter().any(|&(first, last)| first <= time && time <= last), expected);
            }
        }
    }
}
