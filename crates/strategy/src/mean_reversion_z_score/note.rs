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
        let (cause, suffix) = match scenario {
            1 => ("zscore_ema", ""),
            2 => ("kalman_z_boll", ""),
            3 => ("kalman_z_boll_ema_tp", ""),
            4 => ("kalman_garch_z_boll", ""),
            5 => ("kalman_z_boll", "_vol_cluster"),
            6 => ("kalman_z_boll", "_multi_tf"),
            _ => return Note::default(),
        };
        Note {
            label: Some(format!("{direction}_{scenario}")),
            reason: Some(format!("{cause}_{direction}{suffix}")),
            tags: self.tags(scenario, bar),
            meta: self.meta(scenario, bar),
        }
    }

    fn tags(&self, scenario: u8, bar: Bar) -> Vec<String> {
        let words: (&[&str], &[&str]) = match scenario {
            1 => (&["zscore", "ema", "scenario1"], &[]),
            2 => (&["kalman", "bollinger", "scenario2"], &[]),
            3 => (&["kalman", "bollinger", "scenario3"], &[]),
            4 => (&["kalman", "garch", "bollinger", "scenario4"], &[]),
            5 => (&["kalman", "bollinger"], &["vol_cluster", "scenario5"]),
            _ => (&["kalman", "bollinger"], &["scenario6", "multi_tf"]),
        };
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let mut tags = owned(words.0);
        if scenario != 1 {
            tags.extend(self.trend_tags(bar));
        }
        tags.extend(owned(words.1));
        if let (6, Some(overlay)) = (scenario, &self.overlay) {
            tags.extend(overlay.tags(bar, self.direction));
        }
        tags
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
        let (kind, z) = self.score_meta(scenario, bar);
        put("z_kind", json!(kind));
        put("z", json!(z));
        if let (1, Some(classic)) = (scenario, &self.classic) {
            put("atr", json!(at(&classic.atr, bar)));
            put("ema", json!(at(&classic.ema, bar)));
        }
        if let (2..=6, Some(band)) = (scenario, &self.band) {
            put("atr", json!(at(&band.atr, bar)));
            let [upper, mid, lower] = [&band.upper, &band.mid, &band.lower].map(|column| at(column, bar));
            put("boll", json!({ "upper": upper, "mid": mid, "lower": lower }));
            let [a, b] = &self.trend.filters;
            put("htf", json!({ "A": trend_meta(a, bar), "B": trend_meta(b, bar) }));
        }
        if let (3, Some(ema)) = (scenario, &self.target) {
            put("ema", json!(at(ema, bar)));
        }
        if let (5, Some(clusters)) = (scenario, &self.clusters) {
            put("vol_cluster", clusters.meta(&self.prices.close, bar, self.direction));
        }
        if let (6, Some(overlay)) = (scenario, &self.overlay) {
            put("scenario6", overlay.meta(bar, self.direction));
        }
        meta
    }

    /// Kind and value of the z-score that `scenario` compares with its threshold.
    fn score_meta(&self, scenario: u8, bar: Bar) -> (&'static str, Option<f64>) {
        match (scenario, &self.classic, &self.garch) {
            (1, classic, _) => ("zscore_ema", classic.as_ref().and_then(|classic| at(&classic.z, bar))),
            (4, _, Some(garch)) => (garch.kind(), garch.at(&self.prices.close, bar)),
            _ => ("kalman", self.kalman.as_ref().and_then(|z| at(z, bar))),
        }
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
