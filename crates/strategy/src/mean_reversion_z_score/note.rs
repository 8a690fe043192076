//! Label, reason, tags and meta of a signal (strategy specification 4.5).

use omega_types::{Bar, Json};
use serde_json::{Map, json};

use super::{
    side::{Side, at},
    trend_filter::TrendFilter,
};
use crate::Note;

impl Side {
    /// Explains the signal that `scenario` gave on `bar`. Numbers are unrounded.
    pub(super) fn note(&self, scenario: u8, bar: Bar) -> Note {
        let direction = self.direction.as_str();
        let (reason, tags) = match scenario {
            1 => ("zscore_ema", ["zscore", "ema", "scenario1"]),
            2 => ("kalman_z_boll", ["kalman", "bollinger", "scenario2"]),
            3 => ("kalman_z_boll_ema_tp", ["kalman", "bollinger", "scenario3"]),
            _ => return Note::default(),
        };
        let mut tags: Vec<_> = tags.into_iter().map(str::to_owned).collect();
        if scenario != 1 {
            tags.extend(self.trend_tags(bar));
        }
        Note {
            label: Some(format!("{direction}_{scenario}")),
            reason: Some(format!("{reason}_{direction}")),
            tags,
            meta: self.meta(scenario, bar),
        }
    }

    fn trend_tags(&self, bar: Bar) -> [String; 3] {
        let [a, b] = &self.trend.filters;
        [
            format!("htf_{}_ema{}", a.timeframe_name(), a.ema_length),
            format!("biasA_{}", a.label(bar)),
            format!("biasB_{}", b.label(bar)),
        ]
    }

    fn meta(&self, scenario: u8, bar: Bar) -> Map<String, Json> {
        let mut meta = Map::new();
        let mut put = |key: &str, value: Json| meta.insert(key.to_owned(), value);
        put("threshold", json!(self.parameters.threshold(self.direction)));
        put("prices", self.prices_meta(bar));
        if let (1, Some(classic)) = (scenario, &self.classic) {
            put("z_kind", json!("zscore_ema"));
            put("z", json!(at(&classic.z, bar)));
            put("atr", json!(at(&classic.atr, bar)));
            put("ema", json!(at(&classic.ema, bar)));
        }
        if let (2 | 3, Some(band)) = (scenario, &self.band) {
            put("z_kind", json!("kalman"));
            put("z", json!(at(&band.z, bar)));
            put("atr", json!(at(&band.atr, bar)));
            let [upper, mid, lower] = [&band.upper, &band.mid, &band.lower].map(|column| at(column, bar));
            put("boll", json!({ "upper": upper, "mid": mid, "lower": lower }));
            let [a, b] = &self.trend.filters;
            put("htf", json!({ "A": trend_meta(a, bar), "B": trend_meta(b, bar) }));
        }
        if let (3, Some(ema)) = (scenario, &self.target) {
            put("ema", json!(at(ema, bar)));
        }
        meta
    }

    fn prices_meta(&self, bar: Bar) -> Json {
        let (bid, ask) = (at(&self.prices.close, bar), at(&self.prices.ask_close, bar));
        let spread = ask.zip(bid).map(|(ask, bid)| ask - bid);
        json!({ "bid_close": bid, "ask_close": ask, "spread": spread })
    }
}

fn trend_meta(filter: &TrendFilter, bar: Bar) -> Json {
    let (close, ema) = filter.values(bar);
    json!({
        "tf": filter.timeframe_name(),
        "ema_len": filter.ema_length,
        "filter": filter.rule.as_str(),
        "close_price": close,
        "ema": ema,
        "bias_label": filter.label(bar),
    })
}
