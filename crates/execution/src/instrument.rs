//! What one lot, tick and pip of the traded symbol are worth (execution.md 2.1).

use omega_types::config::FileContent;
use serde::Serialize;

use crate::{
    ExecutionError, Finding, VolumeGrid,
    fields::{Fields, Range},
};

/// The specification of the traded symbol, checked. There is no fallback and nothing is guessed.
#[derive(Debug, Clone, PartialEq)]
pub struct Instrument {
    /// Upper-case symbol.
    pub symbol: String,
    /// Units of the base asset in 1.0 lot.
    pub contract_size: f64,
    /// Smallest price increment, in price.
    pub tick_size: f64,
    /// Increment in which slippage, buffers and stop distances are expressed, in price.
    pub pip_size: f64,
    /// Volumes that can be traded.
    pub volume: VolumeGrid,
    /// Base asset; may be no currency (`XAU`, `US500`).
    pub base: String,
    /// Currency in which prices and profits arise.
    pub quote: String,
    /// Smallest distance between entry and stop, in price.
    pub min_stop_distance: f64,
    /// Decimals of the shortest decimal form of `tick_size`.
    pub price_digits: u32,
}

/// A remark for the run metadata. It changes no number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// `tick_value_mismatch`, `profit_currency_mismatch`.
    pub code: &'static str,
    /// One English sentence.
    pub message: String,
}

impl Instrument {
    /// Looks up and checks the entry of `symbol`. `pip_override` is `costs.pip_size`, which replaces the pip everywhere.
    ///
    /// # Errors
    ///
    /// `symbol_spec_missing` without file or entry; `symbol_spec_invalid` naming key, value and file.
    pub fn resolve(
        symbol: &str,
        specs: Option<&FileContent>,
        pip_override: Option<f64>,
    ) -> Result<(Self, Vec<Note>), ExecutionError> {
        let missing =
            |file: &str| ExecutionError::SymbolSpecMissing { symbol: symbol.to_owned(), file: file.to_owned() };
        let file = specs.ok_or_else(|| missing("the run: no symbol specifications were given"))?;
        let top = Fields::of_file(file).map_err(ExecutionError::SymbolSpecInvalid)?;
        if top.get(symbol).is_none() {
            return Err(missing(&file.path));
        }
        let read = || {
            let spec = top.child(symbol)?;
            let instrument = read_instrument(symbol, &spec, pip_override)?;
            let notes = notes(&instrument, &spec)?;
            Ok((instrument, notes))
        };
        read().map_err(ExecutionError::SymbolSpecInvalid)
    }
}

fn read_instrument(symbol: &str, spec: &Fields<'_>, pip_override: Option<f64>) -> Result<Instrument, Box<Finding>> {
    if spec.text("symbol")?.is_some_and(|own| own != symbol) {
        return Err(spec.finding("symbol", &format!("must equal the key {symbol}")));
    }
    let positive = |key| spec.number(key, Range::Positive);
    let required = |key| positive(key)?.ok_or_else(|| spec.finding(key, "is required"));
    let tick_size = required("tick_size")?;
    let pip_size = pip(spec, tick_size, pip_override)?;
    let (base, quote) = currencies(symbol, spec)?;
    let min_stop_pips = spec.number("min_sl_distance_pips", Range::NotNegative)?.unwrap_or(0.1);
    Ok(Instrument {
        symbol: symbol.to_owned(),
        contract_size: required("contract_size")?,
        tick_size,
        pip_size,
        volume: volume(spec)?,
        base,
        quote,
        min_stop_distance: min_stop_pips * pip_size,
        price_digits: decimals(tick_size),
    })
}

fn pip(spec: &Fields<'_>, tick_size: f64, pip_override: Option<f64>) -> Result<f64, Box<Finding>> {
    let own = spec.number("pip_size", Range::Positive)?;
    if own.is_some_and(|pip| pip < tick_size) {
        return Err(spec.finding("pip_size", &format!("must not be smaller than tick_size {tick_size}")));
    }
    match pip_override {
        None => own.ok_or_else(|| spec.finding("pip_size", "is required unless costs.pip_size is set")),
        Some(pip) if pip.is_finite() && pip >= tick_size => Ok(pip),
        Some(pip) => Err(Box::new(Finding {
            key: "costs.pip_size".to_owned(),
            value: pip.to_string(),
            problem: format!("must not be smaller than tick_size {tick_size}"),
            file: "run configuration".to_owned(),
        })),
    }
}

fn volume(spec: &Fields<'_>) -> Result<VolumeGrid, Box<Finding>> {
    let number = |key, default| spec.number(key, Range::Positive).map(|stated| stated.unwrap_or(default));
    let (min, step, max) = (number("volume_min", 0.01)?, number("volume_step", 0.01)?, number("volume_max", 100.0)?);
    let steps = min / step;
    if (steps - steps.round()).abs() > 1e-6 || steps.round() < 1.0 {
        return Err(spec.finding("volume_min", &format!("must be a multiple of volume_step {step}")));
    }
    if max < min {
        return Err(spec.finding("volume_max", &format!("must not be smaller than volume_min {min}")));
    }
    Ok(VolumeGrid::new(min, step, max))
}

/// Base and quote as stated, else the two halves of a symbol of six letters.
fn currencies(symbol: &str, spec: &Fields<'_>) -> Result<(String, String), Box<Finding>> {
    let is_pair = symbol.len() == 6 && symbol.bytes().all(|b| b.is_ascii_alphabetic());
    let (first, second) = if is_pair { symbol.split_at(3) } else { ("", "") };
    let of = |key, derived: &str| match spec.text(key)? {
        Some(stated) => Ok(stated.to_owned()),
        None if is_pair => Ok(derived.to_owned()),
        None => Err(spec.finding(key, "is required because the symbol is not a pair of six letters")),
    };
    let (base, quote) = (of("base_currency", first)?, of("quote_currency", second)?);
    if base.is_empty() || base != base.to_uppercase() {
        return Err(spec.finding("base_currency", "must be upper-case and not empty"));
    }
    if !is_currency(&quote) {
        return Err(spec.finding("quote_currency", "must be three upper-case letters"));
    }
    Ok((base, quote))
}

/// `tick_value` and `profit_currency` are checked against the authority, contract size and quote currency, and unused.
fn notes(instrument: &Instrument, spec: &Fields<'_>) -> Result<Vec<Note>, Box<Finding>> {
    let mut notes = Vec::new();
    let expected = instrument.contract_size * instrument.tick_size;
    if let Some(stated) = spec.number("tick_value", Range::Positive)?
        && (stated - expected).abs() > 0.01 * expected
    {
        notes.push(Note {
            code: "tick_value_mismatch",
            message: format!("tick_value {stated} is unused and differs from contract_size x tick_size = {expected}"),
        });
    }
    if let Some(stated) = spec.text("profit_currency")?
        && stated != instrument.quote
    {
        notes.push(Note {
            code: "profit_currency_mismatch",
            message: format!("profit_currency {stated} is unused; profits arise in {}", instrument.quote),
        });
    }
    Ok(notes)
}

/// Three upper-case letters.
pub(crate) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// Digits after the point of the shortest decimal form.
fn decimals(value: f64) -> u32 {
    value.to_string().split_once('.').map_or(0, |(_, fraction)| fraction.len() as u32)
}

#[cfg(test)]
mod tests {
    use omega_types::{Coded, Json};
    use serde_json::json;

    use super::*;
    use crate::testing::file;

    fn entry(patch: Json) -> Json {
        let mut spec = json!({ "contract_size": 100_000, "tick_size": 0.00001, "pip_size": 0.0001 });
        for (key, value) in patch.as_object().unwrap() {
            spec[key] = value.clone();
        }
        spec
    }

    fn resolve_as(symbol: &str, spec: Json) -> Result<(Instrument, Vec<Note>), ExecutionError> {
        Instrument::resolve(symbol, Some(&file(json!({ symbol: spec }))), None)
    }

    fn resolve(patch: Json) -> Result<(Instrument, Vec<Note>), ExecutionError> {
        resolve_as("EURUSD", entry(patch))
    }

    /// The key and problem of a refused entry.
    fn refused(result: Result<(Instrument, Vec<Note>), ExecutionError>) -> (String, String) {
        match result {
            Err(ExecutionError::SymbolSpecInvalid(finding)) => (finding.key, finding.problem),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn defaults_are_filled_and_currencies_come_from_the_symbol() {
        let (eurusd, notes) = resolve(json!({})).unwrap();
        assert_eq!((eurusd.base.as_str(), eurusd.quote.as_str()), ("EUR", "USD"));
        assert_eq!((eurusd.volume.min, eurusd.volume.grid.step, eurusd.volume.max), (0.01, 0.01, 100.0));
        assert_eq!((eurusd.min_stop_distance, eurusd.price_digits), (0.1 * 0.0001, 5));
        assert!(notes.is_empty());
    }

    /// decisions.md 10.
    #[test]
    fn price_digits_are_those_of_the_shortest_form_of_the_tick() {
        // By hand: 1e-5, 0.001, 0.25, 0.5, 0.1, 1, 5.
        assert_eq!([1e-5, 0.001, 0.25, 0.5, 0.1, 1.0, 5.0].map(decimals), [5, 3, 2, 1, 1, 0, 0]);
    }

    #[test]
    fn every_rule_of_the_table_is_enforced() {
        // One line per rule of execution.md 2.1.
        let table = [
            (json!({ "contract_size": null }), "contract_size", "is required"),
            (json!({ "contract_size": 0 }), "contract_size", "must be greater than 0"),
            (json!({ "contract_size": "100000" }), "contract_size", "must be a finite number"),
            (json!({ "tick_size": null }), "tick_size", "is required"),
            (json!({ "tick_size": -0.1 }), "tick_size", "must be greater than 0"),
            (json!({ "pip_size": null }), "pip_size", "is required unless costs.pip_size is set"),
            (json!({ "pip_size": 0.000001 }), "pip_size", "must not be smaller than tick_size 0.00001"),
            (json!({ "volume_min": 0 }), "volume_min", "must be greater than 0"),
            (json!({ "volume_min": 0.015 }), "volume_min", "must be a multiple of volume_step 0.01"),
            (json!({ "volume_min": 0.01, "volume_step": 0.1 }), "volume_min", "must be a multiple of volume_step 0.1"),
            (json!({ "volume_step": 0 }), "volume_step", "must be greater than 0"),
            (json!({ "volume_max": 0.001 }), "volume_max", "must not be smaller than volume_min 0.01"),
            (json!({ "base_currency": "eur" }), "base_currency", "must be upper-case and not empty"),
            (json!({ "base_currency": "" }), "base_currency", "must be upper-case and not empty"),
            (json!({ "quote_currency": "USDT" }), "quote_currency", "must be three upper-case letters"),
            (json!({ "quote_currency": 840 }), "quote_currency", "must be a text"),
            (json!({ "min_sl_distance_pips": -1 }), "min_sl_distance_pips", "must not be negative"),
            (json!({ "tick_value": 0 }), "tick_value", "must be greater than 0"),
            (json!({ "symbol": "GBPUSD" }), "symbol", "must equal the key EURUSD"),
        ];
        for (patch, key, problem) in table {
            assert_eq!(refused(resolve(patch)), (format!("EURUSD.{key}"), problem.to_owned()));
        }
    }

    #[test]
    fn a_symbol_that_is_not_a_pair_states_its_currencies() {
        let dax = |extra| entry(extra);
        let (key, problem) = refused(resolve_as("DE40", dax(json!({}))));
        assert_eq!(key, "DE40.base_currency");
        assert!(problem.starts_with("is required"));
        assert_eq!(refused(resolve_as("DE40", dax(json!({ "base_currency": "DE40" })))).0, "DE40.quote_currency");
        let (dax, _) =
            resolve_as("DE40", dax(json!({ "base_currency": "DE40", "quote_currency": "EUR", "colour": 1 }))).unwrap();
        assert_eq!((dax.base.as_str(), dax.quote.as_str()), ("DE40", "EUR"));
    }

    #[test]
    fn a_missing_entry_or_file_is_an_error_with_a_hint() {
        let specs = file(json!({ "EURUSD": entry(json!({})) }));
        for result in [Instrument::resolve("GBPUSD", Some(&specs), None), Instrument::resolve("GBPUSD", None, None)] {
            let error = result.unwrap_err();
            assert_eq!(error.code().name, "symbol_spec_missing");
            assert!(error.hint().unwrap().contains("GBPUSD"));
        }
        let list = Instrument::resolve("GBPUSD", Some(&file(json!([1]))), None).unwrap_err();
        assert_eq!(list.to_string(), "invalid symbol specification: top level must be a map (found [1], test.yaml)");
        assert_eq!(refused(resolve_as("EURUSD", json!(7))).0, "EURUSD");
    }

    /// decisions.md 38.
    #[test]
    fn a_pip_of_the_run_replaces_that_of_the_symbol_everywhere() {
        let specs = file(json!({ "EURUSD": entry(json!({ "pip_size": null })) }));
        let (eurusd, _) = Instrument::resolve("EURUSD", Some(&specs), Some(0.001)).unwrap();
        assert_eq!((eurusd.pip_size, eurusd.min_stop_distance), (0.001, 0.1 * 0.001));
        let (key, _) = refused(Instrument::resolve("EURUSD", Some(&specs), Some(1e-6)));
        assert_eq!(key, "costs.pip_size");
    }

    #[test]
    fn contradicting_unused_fields_are_noted_and_change_nothing() {
        // execution.md 2.1: USDJPY with tick_value 1.0 where contract x tick is 100 JPY, profit currency USD.
        let spec = json!({ "contract_size": 100_000, "tick_size": 0.001, "pip_size": 0.01,
            "tick_value": 1.0, "profit_currency": "USD" });
        let (_, notes) = resolve_as("USDJPY", spec).unwrap();
        let codes: Vec<_> = notes.iter().map(|note| note.code).collect();
        assert_eq!(codes, ["tick_value_mismatch", "profit_currency_mismatch"]);
        // Within 1 %: 1.009 against 1.0.
        assert!(resolve(json!({ "tick_value": 1.009, "profit_currency": "USD" })).unwrap().1.is_empty());
        assert_eq!(resolve(json!({ "tick_value": 1.011 })).unwrap().1.len(), 1);
    }
}
