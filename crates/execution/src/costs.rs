//! What trading the symbol costs: slippage, commission, touch buffer (execution.md 2.2–2.6).

use omega_types::config::{BacktestConfig, FileContent};

use crate::{
    Event, ExecutionError, FeeRounding, FillSide, Finding, Fx, Instrument, Rules,
    cents::round_to_cents,
    draw::Draws,
    slippage::Slippage,
    stated::{Charged, Layers, Model, Schema, Stated},
    unsupported,
};

/// The costs of one run.
#[derive(Debug, Clone)]
pub struct CostModel {
    /// Distance by which stops and targets act early, in price. Not a cost: it stays when costs are off.
    pub pip_buffer: f64,
    /// The pip in which slippage is expressed, in price.
    pub pip_size: f64,
    slippage: Slippage,
    slippage_multiplier: f64,
    draws: Draws,
    commission: Option<Commission>,
    rounding: FeeRounding,
}

/// A commission that can be more than zero.
#[derive(Debug, Clone)]
struct Commission {
    base: Base,
    charged: Charged,
    min_fee: f64,
    multiplier: f64,
    currency: String,
}

/// The fee of one charged side before minimum and multiplier, in fee currency.
#[derive(Debug, Clone, Copy)]
enum Base {
    PerLot { rate: f64 },
    PerMillion { rate: f64, contract_size: f64 },
    Percent { fraction: f64, contract_size: f64 },
}

impl CostModel {
    /// Merges the costs file for the symbol and applies `costs.*` of the run.
    ///
    /// `seed` drives the random part of the slippage.
    ///
    /// # Errors
    ///
    /// `costs_file_missing` if costs are enabled without a file, `costs_invalid` naming key, value and file,
    /// `CFG_UNSUPPORTED` for what [`unsupported`] lists.
    pub fn resolve(
        instrument: &Instrument,
        file: Option<&FileContent>,
        config: &BacktestConfig,
        rules: &Rules,
        seed: u64,
    ) -> Result<Self, ExecutionError> {
        let settings = &config.costs;
        if settings.enabled && file.is_none() {
            return Err(ExecutionError::CostsFileMissing);
        }
        let stated = match file {
            None => Stated::default(),
            Some(file) => {
                let layers = Layers::read(file, &instrument.symbol).map_err(ExecutionError::CostsInvalid)?;
                let stated = layers.merged();
                check_schema(&stated, file).map_err(ExecutionError::CostsInvalid)?;
                stated
            }
        };
        if let Some(issue) = unsupported(file, &instrument.symbol, config).into_iter().next() {
            return Err(ExecutionError::Unsupported { path: issue.path, message: issue.message });
        }
        let buffer_factor = settings.pip_buffer_factor.or(stated.pip_buffer_factor).unwrap_or(0.5);
        let account_currency = &config.account.account_currency;
        Ok(Self {
            pip_buffer: instrument.pip_size * buffer_factor,
            pip_size: instrument.pip_size,
            slippage: if settings.enabled { slippage(&stated) } else { Slippage::None },
            slippage_multiplier: settings.slippage_multiplier,
            draws: Draws::new(seed),
            commission: if settings.enabled {
                commission(&stated, instrument, settings.fee_multiplier, account_currency)
            } else {
                None
            },
            rounding: rules.fee_rounding,
        })
    }

    /// Slippage of fill number `fill`, in pips, never negative. Counting executed fills from 0 is the caller's part.
    pub fn slippage_pips(&self, fill: u64) -> f64 {
        self.slippage.pips(&self.draws, fill) * self.slippage_multiplier
    }

    /// The fee of a fill of `lots` at `event` (own price = fill price), in account currency.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable`, `non_finite_value`.
    pub fn fee(&self, side: FillSide, lots: f64, event: &Event, fx: &Fx) -> Result<f64, ExecutionError> {
        let Some(commission) = &self.commission else { return Ok(0.0) };
        if !commission.charges(side) {
            return Ok(0.0);
        }
        let notional = |contract_size: f64| fx.quote_to_fee(lots * contract_size * event.own_price, event);
        let base = match commission.base {
            Base::PerLot { rate } => rate * lots,
            Base::PerMillion { rate, contract_size } => rate * notional(contract_size)? / 1_000_000.0,
            Base::Percent { fraction, contract_size } => fraction * notional(contract_size)?,
        };
        let charged = (base * commission.multiplier).max(commission.min_fee * commission.multiplier);
        let fee = fx.fee_to_account(charged, event)?;
        if !fee.is_finite() {
            return Err(ExecutionError::NonFinite { what: "fee", value: fee, bar: event.bar });
        }
        Ok(match self.rounding {
            FeeRounding::Exact => fee,
            FeeRounding::Cents => round_to_cents(fee),
        })
    }

    /// The currency in which fees arise; `None` if no fee can arise, so that no conversion is needed.
    pub fn fee_currency(&self) -> Option<&str> {
        self.commission.as_ref().map(|commission| commission.currency.as_str())
    }

    /// Do fees depend on the traded value, which arises in quote currency?
    pub fn is_notional(&self) -> bool {
        self.commission.as_ref().is_some_and(Commission::is_notional)
    }
}

impl Commission {
    fn is_notional(&self) -> bool {
        !matches!(self.base, Base::PerLot { .. })
    }

    fn charges(&self, side: FillSide) -> bool {
        match self.charged {
            Charged::Both => true,
            Charged::Entry => side == FillSide::Entry,
            Charged::Exit => side == FillSide::Exit,
        }
    }
}

/// Currency of the fees that a costs file would charge, and whether they depend on the traded value. `None` if there are
/// none, or if the file is wrong.
pub(crate) fn stated_commission(
    instrument: &Instrument,
    file: Option<&FileContent>,
    config: &BacktestConfig,
) -> Option<(String, bool)> {
    let (settings, account_currency) = (&config.costs, &config.account.account_currency);
    let stated = Layers::read(file.filter(|_| settings.enabled)?, &instrument.symbol).ok()?.merged();
    let commission = commission(&stated, instrument, settings.fee_multiplier, account_currency)?;
    let is_notional = commission.is_notional();
    Some((commission.currency, is_notional))
}

/// A rate without a schema could be meant in three ways.
fn check_schema(stated: &Stated, file: &FileContent) -> Result<(), Box<Finding>> {
    let rates = [("per_lot", stated.per_lot), ("rate_per_million", stated.rate_per_million), ("pct", stated.pct)];
    let positive = rates.iter().find_map(|(key, rate)| rate.plain.filter(|r| *r > 0.0).map(|r| (*key, r)));
    match (stated.schema, positive) {
        (None, Some((key, rate))) => Err(Box::new(Finding {
            key: "schema".to_owned(),
            value: "missing".to_owned(),
            problem: format!("is required because {key} is {rate}"),
            file: file.path.clone(),
        })),
        _ => Ok(()),
    }
}

fn slippage(stated: &Stated) -> Slippage {
    let fixed = stated.fixed_pips.unwrap_or(0.0);
    match stated.model.unwrap_or(Model::FixedRandom) {
        // `unsupported` lets the volatility model pass only without a factor on the ATR, where the two are the same.
        Model::FixedRandom | Model::Volatility => {
            Slippage::FixedRandom { fixed, random: stated.random_pips.unwrap_or(0.0) }
        }
        Model::Fixed => Slippage::Fixed { fixed },
        Model::Jitter => {
            Slippage::Jitter { base: stated.base_pips.unwrap_or(0.0), factor: stated.jitter_factor.unwrap_or(0.0) }
        }
        Model::None => Slippage::None,
    }
}

/// `None` if every fee would be zero.
fn commission(stated: &Stated, instrument: &Instrument, multiplier: f64, account_currency: &str) -> Option<Commission> {
    let (schema, rate) = stated.rate()?;
    let rate = rate.plain.unwrap_or(0.0);
    let min_fee = stated.min_fee.unwrap_or(0.0);
    let contract_size = instrument.contract_size;
    let base = match schema {
        Schema::PerLot => Base::PerLot { rate },
        Schema::PerMillion => Base::PerMillion { rate, contract_size },
        Schema::Percent => Base::Percent { fraction: rate, contract_size },
        Schema::Tiered => return None,
    };
    let can_charge = multiplier > 0.0 && (rate > 0.0 || min_fee > 0.0);
    can_charge.then(|| Commission {
        base,
        charged: stated.side.unwrap_or(Charged::Both),
        min_fee,
        multiplier,
        currency: stated.fee_ccy.clone().unwrap_or_else(|| account_currency.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use omega_types::{Coded, Json, config::Variant};
    use serde_json::json;

    use super::*;
    use crate::testing::{Setup, bound_fx, config, costs, eurusd, file, fx};

    fn resolve(costs: Json, patch: Json) -> Result<CostModel, ExecutionError> {
        let config = crate::testing::config_with(patch);
        let rules = Rules::new(config.execution_variant, &config.execution, &eurusd());
        CostModel::resolve(&eurusd(), Some(&file(costs)), &config, &rules, 42)
    }

    fn near(value: f64, expected: f64) {
        assert!((value - expected).abs() < 5e-7, "{value} is not {expected}");
    }

    #[test]
    fn a_fee_per_lot_is_charged_at_entry_and_exit() {
        // execution.md 12, example 1: 2.5 * 0.50 = 1.25 per side; example 2: 2.5 * 0.55 = 1.375.
        let model = costs(json!({ "defaults": { "schema": "per_lot", "per_lot": 2.5 } }));
        for side in [FillSide::Entry, FillSide::Exit] {
            assert_eq!(model.fee(side, 0.5, &Event::close(0, 1.10030), &fx("USD")).unwrap(), 1.25);
            assert_eq!(model.fee(side, 0.55, &Event::close(0, 1.10030), &fx("EUR")).unwrap(), 2.5 * 0.55);
        }
    }

    #[test]
    fn one_side_may_be_free() {
        let model =
            |side| costs(json!({ "defaults": { "schema": "per_lot", "per_lot": 2, "side": side, "min_fee": 5 } }));
        let fees = |side| {
            let fee = |at| model(side).fee(at, 1.0, &Event::close(0, 1.1), &fx("USD")).unwrap();
            (fee(FillSide::Entry), fee(FillSide::Exit))
        };
        assert_eq!(fees("entry"), (5.0, 0.0));
        assert_eq!(fees("exit"), (0.0, 5.0));
        assert_eq!(fees("both"), (5.0, 5.0));
    }

    #[test]
    fn notional_fees_include_the_contract_and_are_converted_twice() {
        // execution.md 12, example 9: EUR account, static EURUSD 1.10, EURAUD 1.65.
        let fee = |symbol, own: Json, lots, price, fee_multiplier: f64, contract: f64| {
            let setup = Setup::new(symbol, contract).costs(json!({ "per_symbol": { symbol: own } })).config(
                json!({ "costs": { "fee_multiplier": fee_multiplier },
                    "account": { "account_currency": "EUR",
                        "fx": { "static_rates": { "EURUSD": 1.10, "EURAUD": 1.65, "EURJPY": 160.0 } } } }),
            );
            let (model, fx) = setup.build();
            model.fee(FillSide::Entry, lots, &Event::close(0, price), &fx).unwrap()
        };
        let gbpaud = json!({ "schema": "percent_of_notional", "pct": 0.00015, "fee_ccy": "EUR", "min_fee": 1.0 });
        near(fee("GBPAUD", gbpaud.clone(), 0.50, 1.92, 1.0, 1e5), 8.727273);
        near(fee("GBPAUD", gbpaud.clone(), 0.01, 1.92, 1.0, 1e5), 1.0);
        near(fee("GBPAUD", gbpaud, 0.01, 1.92, 1.5, 1e5), 1.5);
        let usdjpy = json!({ "schema": "per_million_notional", "rate_per_million": 6, "fee_ccy": "USD", "min_fee": 1 });
        near(fee("USDJPY", usdjpy, 0.50, 145.0, 1.0, 1e5), 0.909091);
        let gold = json!({ "schema": "per_lot", "per_lot": 3.5, "fee_ccy": "USD" });
        near(fee("XAUUSD", gold, 0.25, 2300.0, 1.0, 100.0), 0.795455);
    }

    #[test]
    fn parity_rounds_every_fee_and_converts_by_the_bar() {
        // First trades of three Omega V1 runs on EURUSD.
        let parity =
            |defaults: Json| resolve(json!({ "defaults": defaults }), json!({ "execution_variant": "v1_parity" }));
        let usd = bound_fx("USD", Variant::V1Parity, &[], &[]);
        // 2.5 per lot, 0.27 lots: 0.675 is 0.67500000000000004, so 0.68.
        let per_lot = parity(json!({ "schema": "per_lot", "per_lot": 2.5 })).unwrap();
        assert_eq!(per_lot.fee(FillSide::Entry, 0.27, &Event::close(0, 1.47248), &usd).unwrap(), 0.68);
        // 25 per million at the exit only: 0.18 * 100 000 * 1.47793 = 26 602.74, 0.665 rounds to 0.67.
        let exit_only =
            json!({ "schema": "per_million_notional", "side": "exit", "rate_per_million": 25, "min_fee": 0.5 });
        let per_million = parity(exit_only).unwrap();
        let fee = |side, price| per_million.fee(side, 0.18000000000000002, &Event::close(0, price), &usd).unwrap();
        assert_eq!((fee(FillSide::Entry, 1.4725), fee(FillSide::Exit, 1.47793)), (0.0, 0.67));
        // EUR account: 0.26 * 100 000 * 1.46005 / 1.45985 (mid close) * 0.0002 = 5.2007, 5.2.
        let setup = Setup::new("EURUSD", 1e5)
            .costs(json!({ "defaults": { "schema": "percent_of_notional", "pct": 0.0002 } }))
            .config(json!({ "execution_variant": "v1_parity", "account": { "account_currency": "EUR" } }));
        let (percent, fx) = setup.build();
        let fx = fx.bind(&crate::testing::quotes(&[1.4598], &[1.4599]));
        assert_eq!(percent.fee(FillSide::Entry, 0.26, &Event::close(0, 1.46005), &fx).unwrap(), 5.2);
    }

    #[test]
    fn multipliers_scale_and_switch_off() {
        let file = json!({ "defaults": { "schema": "per_lot", "per_lot": 2.5, "min_fee": 1, "fee_ccy": "GBP",
            "slippage": { "fixed_pips": 0.2 }, "pip_buffer_factor": 0.25 } });
        let with = |patch: Json| resolve(file.clone(), json!({ "costs": patch })).unwrap();
        assert_eq!(with(json!({ "slippage_multiplier": 2 })).slippage_pips(0), 0.4);
        assert_eq!(with(json!({})).fee_currency(), Some("GBP"));
        // Without a fee no conversion is needed.
        assert_eq!(with(json!({ "fee_multiplier": 0 })).fee_currency(), None);
        let off = with(json!({ "enabled": false }));
        assert_eq!((off.slippage_pips(0), off.fee_currency()), (0.0, None));
        assert_eq!(off.fee(FillSide::Entry, 1.0, &Event::close(0, 1.1), &fx("USD")).unwrap(), 0.0);
        // The buffer is no cost: it stays.
        assert_eq!(off.pip_buffer, 0.0001 * 0.25);
    }

    #[test]
    fn the_buffer_factor_of_the_run_wins_over_the_file_and_the_file_over_one_half() {
        let buffer = |file: Json, patch: Json| resolve(file, json!({ "costs": patch })).unwrap().pip_buffer;
        let file = json!({ "defaults": { "pip_buffer_factor": 0.25 } });
        assert_eq!(buffer(json!({}), json!({})), 0.0001 * 0.5);
        assert_eq!(buffer(file.clone(), json!({})), 0.0001 * 0.25);
        assert_eq!(buffer(file, json!({ "pip_buffer_factor": 0 })), 0.0);
    }

    #[test]
    fn a_rate_without_a_schema_is_ambiguous_and_a_missing_file_an_error() {
        for key in ["per_lot", "rate_per_million", "pct"] {
            let error = resolve(json!({ "defaults": { key: 1 } }), json!({})).unwrap_err();
            assert_eq!(error.code().name, "costs_invalid");
            assert!(error.to_string().contains(&format!("schema is required because {key} is 1")), "{error}");
        }
        // All rates zero: no fee, no ambiguity.
        assert!(
            resolve(json!({ "defaults": { "per_lot": 0, "min_fee": 3 } }), json!({})).unwrap().fee_currency().is_none()
        );
        let rules = Rules::new(Variant::V2, &config().execution, &eurusd());
        let missing = CostModel::resolve(&eurusd(), None, &config(), &rules, 42).unwrap_err();
        assert_eq!(missing.code().name, "costs_file_missing");
        let off = crate::testing::config_with(json!({ "costs": { "enabled": false } }));
        assert_eq!(CostModel::resolve(&eurusd(), None, &off, &rules, 42).unwrap().pip_buffer, 0.0001 * 0.5);
    }

    #[test]
    fn what_is_not_built_is_refused_and_never_ignored() {
        let error = resolve(json!({ "defaults": { "schema": "tiered" } }), json!({})).unwrap_err();
        assert_eq!(error.code().name, "CFG_UNSUPPORTED");
        assert!(error.to_string().starts_with("costs.defaults.schema: "), "{error}");
    }
}
