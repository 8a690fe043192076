//! Cost settings whose feature is not built yet. Refused before any data is read: silence would be a wrong number.

use omega_types::{
    Issue, code,
    config::{BacktestConfig, FileContent},
};

use crate::stated::{Layers, Model, Rate, Schema, Stated};

/// One issue per setting of the costs file, or of `costs.*`, that would act on this symbol and cannot.
///
/// Nothing is reported while costs are disabled. A costs file that is wrong is not reported here:
/// [`crate::CostModel::resolve`] says what is wrong with it.
pub fn unsupported(file: Option<&FileContent>, symbol: &str, config: &BacktestConfig) -> Vec<Issue> {
    let settings = &config.costs;
    if !settings.enabled {
        return Vec::new();
    }
    let mut issues = Vec::new();
    if settings.spread_multiplier != 1.0 {
        issues.push(issue(
            "costs.spread_multiplier".to_owned(),
            "a spread multiplier other than 1 is not supported yet",
            &settings.spread_multiplier.to_string(),
            "set costs.spread_multiplier to 1",
        ));
    }
    if let Some(layers) = file.and_then(|file| Layers::read(file, symbol).ok()) {
        let merged = layers.merged();
        let place = Place { symbol, layers: &layers };
        if settings.slippage_multiplier != 0.0 {
            issues.extend(volatility(&merged, &place));
        }
        if settings.fee_multiplier != 0.0 {
            issues.extend(fees(&merged, &place));
        }
    }
    issues
}

/// Finds out which map of the file states a key.
struct Place<'a> {
    symbol: &'a str,
    layers: &'a Layers,
}

impl Place<'_> {
    fn of(&self, key: &str, states: impl Fn(&Stated) -> bool) -> String {
        if states(&self.layers.symbol) {
            format!("costs.per_symbol.{}.{key}", self.symbol)
        } else {
            format!("costs.defaults.{key}")
        }
    }
}

fn volatility(merged: &Stated, place: &Place<'_>) -> Option<Issue> {
    let acts = merged.model == Some(Model::Volatility) && merged.atr_factor.is_some_and(|factor| factor > 0.0);
    acts.then(|| {
        let path = place.of("slippage.model", |stated| stated.model.is_some());
        let hint = "use the model fixed_random, which is the same without atr_factor";
        issue(path, "the slippage model 'volatility' is not supported yet", "volatility", hint)
    })
}

fn fees(merged: &Stated, place: &Place<'_>) -> Vec<Issue> {
    match merged.rate() {
        None => legacy(merged, place).into_iter().collect(),
        Some((Schema::Tiered, _)) => {
            let path = place.of("schema", |stated| stated.schema.is_some());
            let hint = "use per_lot, per_million_notional or percent_of_notional";
            vec![issue(path, "the fee schema 'tiered' is not supported yet", "tiered", hint)]
        }
        Some((Schema::PerLot, rate)) => maker(rate, place, "per_lot_maker", |stated| stated.per_lot),
        Some((Schema::PerMillion, rate)) => {
            maker(rate, place, "rate_per_million_maker", |stated| stated.rate_per_million)
        }
        Some((Schema::Percent, rate)) => maker(rate, place, "pct_maker", |stated| stated.pct),
    }
}

fn legacy(merged: &Stated, place: &Place<'_>) -> Option<Issue> {
    let legacy = merged.legacy?;
    let acts = [legacy.per_million, legacy.min_fee].into_iter().flatten().any(|amount| amount > 0.0);
    acts.then(|| {
        let path = place.of("fees", |stated| stated.legacy.is_some());
        let hint = "state schema per_million_notional with rate_per_million and min_fee instead";
        issue(path, "the legacy fee block is not supported yet", "fees", hint)
    })
}

/// A maker rate acts if it differs from the plain one.
fn maker(rate: Rate, place: &Place<'_>, key: &str, own: impl Fn(&Stated) -> Rate) -> Vec<Issue> {
    let Some(maker) = rate.maker.filter(|maker| *maker != rate.plain.unwrap_or(0.0)) else { return Vec::new() };
    let path = place.of(key, |stated| own(stated).maker.is_some());
    let hint = "leave the key out: the plain rate then holds for every fill";
    vec![issue(path, "a separate rate for maker fills is not supported yet", &maker.to_string(), hint)]
}

pub(crate) fn issue(path: String, message: &str, received: &str, hint: &str) -> Issue {
    Issue {
        path,
        code: code::CFG_UNSUPPORTED.name.to_owned(),
        message: message.to_owned(),
        expected: None,
        received: Some(received.to_owned()),
        hint: Some(hint.to_owned()),
        reason: None,
    }
}

#[cfg(test)]
mod tests {
    use omega_types::Json;
    use serde_json::json;

    use super::*;
    use crate::testing::{config_with, file};

    fn paths(costs: Json, settings: Json) -> Vec<String> {
        let config = config_with(json!({ "costs": settings }));
        let issues = unsupported(Some(&file(costs)), "EURUSD", &config);
        assert!(issues.iter().all(|issue| issue.code == "CFG_UNSUPPORTED"));
        issues.into_iter().map(|issue| issue.path).collect()
    }

    fn defaults(defaults: Json) -> Vec<String> {
        paths(json!({ "defaults": defaults }), json!({}))
    }

    #[test]
    fn every_unbuilt_setting_is_named_where_it_stands() {
        let tiered = json!({ "defaults": { "schema": "per_lot" }, "per_symbol": { "EURUSD": { "schema": "tiered" } } });
        assert_eq!(paths(tiered, json!({})), ["costs.per_symbol.EURUSD.schema"]);
        let volatility = json!({ "slippage": { "model": "volatility", "atr_factor": 0.1 } });
        assert_eq!(defaults(volatility), ["costs.defaults.slippage.model"]);
        assert_eq!(defaults(json!({ "fees": { "per_million": 25 } })), ["costs.defaults.fees"]);
        let maker = |schema, key: &str| defaults(json!({ "schema": schema, key: 0.5 }));
        assert_eq!(maker("per_lot", "per_lot_maker"), ["costs.defaults.per_lot_maker"]);
        assert_eq!(maker("per_million_notional", "rate_per_million_maker"), ["costs.defaults.rate_per_million_maker"]);
        assert_eq!(maker("percent_of_notional", "pct_maker"), ["costs.defaults.pct_maker"]);
        assert_eq!(paths(json!({}), json!({ "spread_multiplier": 2 })), ["costs.spread_multiplier"]);
    }

    #[test]
    fn all_of_them_are_named_at_once() {
        let costs =
            json!({ "defaults": { "schema": "tiered", "slippage": { "model": "volatility", "atr_factor": 1 } } });
        assert_eq!(paths(costs, json!({ "spread_multiplier": 0 })).len(), 3);
    }

    #[test]
    fn settings_that_cannot_act_are_not_named() {
        // The legacy block is inert beside a schema, as in the shipped file of the sources.
        assert!(defaults(json!({ "schema": "per_lot", "fees": { "per_million": 25 } })).is_empty());
        assert!(defaults(json!({ "fees": { "lot_size": 100_000 } })).is_empty());
        assert!(defaults(json!({ "schema": "per_lot", "per_lot": 2, "per_lot_maker": 2, "pct_maker": 1 })).is_empty());
        assert!(defaults(json!({ "slippage": { "model": "volatility", "fixed_pips": 1 } })).is_empty());
        let other = json!({ "per_symbol": { "USDJPY": { "schema": "tiered" } } });
        assert!(paths(other, json!({})).is_empty());
        let tiered = json!({ "defaults": { "schema": "tiered" } });
        assert!(paths(tiered.clone(), json!({ "fee_multiplier": 0 })).is_empty());
        assert!(paths(tiered, json!({ "enabled": false, "spread_multiplier": 3 })).is_empty());
        assert!(paths(json!({ "defaults": 1 }), json!({})).is_empty());
    }
}
