//! What trading the symbol costs: slippage, commission, touch buffer, spread (execution.md 2.2–2.6).

use omega_types::{
    Bar, Column,
    config::{BacktestConfig, FileContent, Variant},
};

use crate::{
    ExecutionError, FeeFill, FeeRounding, FeeTally, Fx, Instrument, Moment, Rules,
    cents::round_to_cents,
    commission::{self, Commission},
    draw::Draws,
    slippage::{Slippage, Volatility},
    stated::{Layers, Model, Stated},
};

/// The costs of one run.
#[derive(Debug, Clone)]
pub struct CostModel {
    /// Distance by which stops and targets act early, in price. Not a cost: it stays when costs are off.
    pub pip_buffer: f64,
    /// The pip in which slippage is expressed, in price.
    pub pip_size: f64,
    /// `costs.spread_multiplier`; 1 while costs are off. The execution view has it already; the base of a market order has not.
    pub spread_multiplier: f64,
    slippage: Slippage,
    volatility: Option<Volatility>,
    slippage_multiplier: f64,
    draws: Draws,
    commission: Option<Commission>,
    rounding: FeeRounding,
}

impl CostModel {
    /// Merges the costs file for the symbol and applies `costs.*` of the run.
    ///
    /// `seed` drives the random part of the slippage.
    ///
    /// # Errors
    ///
    /// `costs_file_missing` if costs are enabled without a file, `costs_invalid` naming key, value and file,
    /// `CFG_ENGINE_REJECTED` for multipliers that the configuration does not allow.
    pub fn resolve(
        instrument: &Instrument,
        file: Option<&FileContent>,
        config: &BacktestConfig,
        rules: &Rules,
        seed: u64,
    ) -> Result<Self, ExecutionError> {
        let settings = &config.costs;
        check_multipliers(config)?;
        if settings.enabled && file.is_none() {
            return Err(ExecutionError::CostsFileMissing);
        }
        let stated = match file {
            None => Stated::default(),
            Some(file) => {
                let read = || {
                    let stated = Layers::read(file, &instrument.symbol)?.merged();
                    commission::check(&stated, &file.path)?;
                    Ok(stated)
                };
                read().map_err(ExecutionError::CostsInvalid)?
            }
        };
        let buffer_factor = settings.pip_buffer_factor.or(stated.pip_buffer_factor).unwrap_or(0.5);
        let account_currency = &config.account.account_currency;
        let mut costs = Self {
            pip_buffer: instrument.pip_size * buffer_factor,
            pip_size: instrument.pip_size,
            spread_multiplier: 1.0,
            slippage: Slippage::None,
            volatility: None,
            slippage_multiplier: settings.slippage_multiplier,
            draws: Draws::new(seed),
            commission: None,
            rounding: rules.fee_rounding,
        };
        if settings.enabled {
            costs.spread_multiplier = settings.spread_multiplier;
            costs.slippage = slippage(&stated);
            costs.volatility = volatility(&stated).filter(|_| settings.slippage_multiplier > 0.0);
            costs.commission = Commission::of(&stated, instrument, settings.fee_multiplier, account_currency);
        }
        Ok(costs)
    }

    /// Period of the average true range that slippage depends on, in bars; `None` if it depends on none. Whoever runs
    /// the bars then gives it to [`Self::with_atr`].
    pub fn atr_period(&self) -> Option<usize> {
        self.volatility.as_ref().map(|volatility| volatility.period)
    }

    /// Binds the average true range that [`Self::atr_period`] asks for: Wilder's, of the raw bid candles of the primary
    /// timeframe, in price, one value per loaded bar. Undefined values (NaN) slip nothing.
    #[must_use]
    pub fn with_atr(mut self, atr: Column) -> Self {
        if let Some(volatility) = &mut self.volatility {
            volatility.atr = Some(atr);
        }
        self
    }

    /// Slippage of fill number `fill` in `bar`, in pips, never negative. Counting executed fills from 0 is the caller's
    /// part.
    pub fn slippage_pips(&self, fill: u64, bar: Bar, moment: Moment) -> f64 {
        let pips = self.slippage.pips(&self.draws, fill);
        let pips = match &self.volatility {
            Some(volatility) => pips + volatility.price(bar, moment) / self.pip_size,
            None => pips,
        };
        pips * self.slippage_multiplier
    }

    /// The fee of a fill in account currency. `tally` is the one of the run.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable`, `non_finite_value`.
    pub fn fee(&self, fill: &FeeFill, tally: &mut FeeTally, fx: &Fx) -> Result<f64, ExecutionError> {
        let Some(commission) = &self.commission else { return Ok(0.0) };
        let fee = commission.fee(fill, tally, fx)?;
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

/// Refuses again what TypeScript refuses (config.md 3.4 and 6).
fn check_multipliers(config: &BacktestConfig) -> Result<(), ExecutionError> {
    let costs = &config.costs;
    for (name, factor) in [
        ("fee_multiplier", costs.fee_multiplier),
        ("slippage_multiplier", costs.slippage_multiplier),
        ("spread_multiplier", costs.spread_multiplier),
    ] {
        if !(factor.is_finite() && factor >= 0.0) {
            return Err(ExecutionError::Rejected { what: format!("costs.{name} is {factor}, not a number from 0") });
        }
    }
    if config.execution_variant == Variant::V1Parity && costs.spread_multiplier != 1.0 {
        let what =
            format!("costs.spread_multiplier is {}; execution_variant v1_parity needs 1", costs.spread_multiplier);
        return Err(ExecutionError::Rejected { what });
    }
    Ok(())
}

fn slippage(stated: &Stated) -> Slippage {
    let fixed = stated.fixed_pips.unwrap_or(0.0);
    match stated.model.unwrap_or(Model::FixedRandom) {
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

/// The part of the volatility model that [`slippage`] does not have; `None` where it would add nothing.
fn volatility(stated: &Stated) -> Option<Volatility> {
    let factor = stated.atr_factor.filter(|factor| *factor > 0.0)?;
    let period = stated.atr_period.unwrap_or(14);
    (stated.model == Some(Model::Volatility)).then_some(Volatility { factor, period, atr: None })
}

#[cfg(test)]
mod tests {
    use omega_types::{Coded, Json};
    use serde_json::json;

    use super::*;
    use crate::{
        Event, FillSide,
        testing::{config, eurusd, file, fx},
    };

    fn resolve(costs: Json, patch: Json) -> Result<CostModel, ExecutionError> {
        let config = crate::testing::config_with(patch);
        let rules = Rules::new(config.execution_variant, &config.execution, &eurusd());
        CostModel::resolve(&eurusd(), Some(&file(costs)), &config, &rules, 42)
    }

    #[test]
    fn multipliers_scale_and_switch_off() {
        let file = json!({ "defaults": { "schema": "per_lot", "per_lot": 2.5, "min_fee": 1, "fee_ccy": "GBP",
            "slippage": { "model": "volatility", "fixed_pips": 0.2, "atr_factor": 0.1 }, "pip_buffer_factor": 0.25 } });
        let with = |patch: Json| resolve(file.clone(), json!({ "costs": patch })).unwrap();
        let pips = |costs: &CostModel| costs.slippage_pips(0, 0, Moment::Close);
        assert_eq!(pips(&with(json!({ "slippage_multiplier": 2 }))), 0.4);
        assert_eq!(with(json!({})).fee_currency(), Some("GBP"));
        assert_eq!(with(json!({ "spread_multiplier": 1.5 })).spread_multiplier, 1.5);
        // Without a fee no conversion is needed, without slippage no average true range.
        assert_eq!(with(json!({ "fee_multiplier": 0 })).fee_currency(), None);
        assert_eq!(with(json!({})).atr_period(), Some(14));
        assert_eq!(with(json!({ "slippage_multiplier": 0 })).atr_period(), None);
        let off = with(json!({ "enabled": false, "spread_multiplier": 1.5 }));
        assert_eq!((pips(&off), off.fee_currency(), off.atr_period(), off.spread_multiplier), (0.0, None, None, 1.0));
        let event = Event::close(0, 1.1);
        let fill = FeeFill { side: FillSide::Entry, lots: 1.0, event, time_ns: 0, maker: false };
        assert_eq!(off.fee(&fill, &mut FeeTally::default(), &fx("USD")).unwrap(), 0.0);
        // The buffer is no cost: it stays.
        assert_eq!(off.pip_buffer, 0.0001 * 0.25);
    }

    /// decisions.md 9, execution.md 5.1.
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
        let ambiguous = |defaults: Json| resolve(json!({ "defaults": defaults }), json!({})).unwrap_err();
        for key in ["per_lot", "rate_per_million", "pct", "per_lot_maker", "rate_per_million_maker", "pct_maker"] {
            // A legacy block does not make it less ambiguous.
            for fees in [Json::Null, json!({ "per_million": 25 })] {
                let error = ambiguous(json!({ key: 1, "fees": fees }));
                assert_eq!(error.code().name, "costs_invalid");
                assert!(error.to_string().contains(&format!("schema is required because {key} is 1")), "{error}");
            }
        }
        let tiers = json!([{ "volume_from": 0, "per_lot": 1 }]);
        assert!(
            ambiguous(json!({ "tiers": tiers })).to_string().contains("schema is required because there are tiers")
        );
        let untiered = ambiguous(json!({ "schema": "tiered" })).to_string();
        assert!(untiered.contains("tiers is required because schema is tiered"), "{untiered}");
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
    fn multipliers_that_typescript_refuses_are_refused_again() {
        let refused = |patch: Json| resolve(json!({}), patch).unwrap_err();
        for name in ["fee_multiplier", "slippage_multiplier", "spread_multiplier"] {
            let error = refused(json!({ "costs": { name: -0.5 } }));
            assert_eq!(error.code().name, "CFG_ENGINE_REJECTED");
            assert_eq!(error.to_string(), format!("costs.{name} is -0.5, not a number from 0"));
        }
        let parity = refused(json!({ "execution_variant": "v1_parity", "costs": { "spread_multiplier": 2 } }));
        assert_eq!(parity.to_string(), "costs.spread_multiplier is 2; execution_variant v1_parity needs 1");
    }
}
