//! What the costs file says about one symbol, merged key by key (execution.md 2.2, 2.3).

use omega_types::config::FileContent;

use crate::{
    Finding,
    fields::{Fields, Range},
    instrument::is_currency,
};

/// The keys that one map of the costs file states, checked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stated {
    pub(crate) model: Option<Model>,
    pub(crate) fixed_pips: Option<f64>,
    pub(crate) random_pips: Option<f64>,
    pub(crate) base_pips: Option<f64>,
    pub(crate) jitter_factor: Option<f64>,
    pub(crate) atr_factor: Option<f64>,
    pub(crate) atr_period: Option<usize>,
    pub(crate) schema: Option<Schema>,
    pub(crate) side: Option<Charged>,
    pub(crate) fee_ccy: Option<String>,
    pub(crate) per_lot: Rate,
    pub(crate) rate_per_million: Rate,
    pub(crate) pct: Rate,
    pub(crate) min_fee: Option<f64>,
    /// Not empty, ascending from 0.
    pub(crate) tiers: Option<Vec<Tier>>,
    pub(crate) tier_reset: Option<TierReset>,
    pub(crate) pip_buffer_factor: Option<f64>,
    /// `Some` as soon as the block is there.
    pub(crate) legacy: Option<Legacy>,
}

/// A rate and its value for fills that add liquidity.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rate {
    pub(crate) plain: Option<f64>,
    pub(crate) maker: Option<f64>,
}

/// A rate that holds from a volume on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tier {
    /// Lots traded before the fill, at least.
    pub(crate) volume_from: f64,
    /// Money per lot.
    pub(crate) per_lot: f64,
}

/// When the volume that picks a tier starts again at zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TierReset {
    Never,
    /// With the first fill of a UTC calendar month.
    Monthly,
}

/// The amounts of the legacy block `fees`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Legacy {
    pub(crate) per_million: Option<f64>,
    pub(crate) min_fee: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    FixedRandom,
    Fixed,
    Jitter,
    Volatility,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    PerLot,
    PerMillion,
    Percent,
    Tiered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charged {
    Entry,
    Exit,
    Both,
}

/// The keys of `defaults` and of the symbol's own map.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    pub(crate) defaults: Stated,
    pub(crate) symbol: Stated,
}

impl Layers {
    /// Reads and checks `defaults` and `per_symbol.<symbol>`; maps of other symbols are not looked at.
    pub(crate) fn read(file: &FileContent, symbol: &str) -> Result<Self, Box<Finding>> {
        let top = Fields::of_file(file)?;
        let defaults = Stated::read(&top.child("defaults")?)?;
        let symbol = Stated::read(&top.child("per_symbol")?.child(symbol)?)?;
        Ok(Self { defaults, symbol })
    }

    /// The symbol's own map over the defaults: it overrides only the keys that it contains.
    pub(crate) fn merged(&self) -> Stated {
        let (own, base) = (self.symbol.clone(), self.defaults.clone());
        let rate = |own: Rate, base: Rate| Rate { plain: own.plain.or(base.plain), maker: own.maker.or(base.maker) };
        Stated {
            model: own.model.or(base.model),
            fixed_pips: own.fixed_pips.or(base.fixed_pips),
            random_pips: own.random_pips.or(base.random_pips),
            base_pips: own.base_pips.or(base.base_pips),
            jitter_factor: own.jitter_factor.or(base.jitter_factor),
            atr_factor: own.atr_factor.or(base.atr_factor),
            atr_period: own.atr_period.or(base.atr_period),
            schema: own.schema.or(base.schema),
            side: own.side.or(base.side),
            fee_ccy: own.fee_ccy.or(base.fee_ccy),
            per_lot: rate(own.per_lot, base.per_lot),
            rate_per_million: rate(own.rate_per_million, base.rate_per_million),
            pct: rate(own.pct, base.pct),
            min_fee: own.min_fee.or(base.min_fee),
            tiers: own.tiers.or(base.tiers),
            tier_reset: own.tier_reset.or(base.tier_reset),
            pip_buffer_factor: own.pip_buffer_factor.or(base.pip_buffer_factor),
            legacy: match (own.legacy, base.legacy) {
                (Some(own), Some(base)) => Some(Legacy {
                    per_million: own.per_million.or(base.per_million),
                    min_fee: own.min_fee.or(base.min_fee),
                }),
                (own, base) => own.or(base),
            },
        }
    }
}

impl Stated {
    fn read(fields: &Fields<'_>) -> Result<Self, Box<Finding>> {
        let amount = |key| fields.number(key, Range::NotNegative);
        let rate = |plain, maker| Ok::<_, Box<Finding>>(Rate { plain: amount(plain)?, maker: amount(maker)? });
        let slippage = fields.child("slippage")?;
        let pips = |key| slippage.number(key, Range::NotNegative);
        let jitter_factor = pips("jitter_factor")?;
        if jitter_factor.is_some_and(|factor| factor > 1.0) {
            return Err(slippage.finding("jitter_factor", "must lie between 0 and 1"));
        }
        let atr_period = pips("atr_period")?;
        if atr_period.is_some_and(|period| period < 1.0 || period.fract() != 0.0) {
            return Err(slippage.finding("atr_period", "must be a whole number of bars, at least 1"));
        }
        if atr_period.is_some_and(|period| period > f64::from(u32::MAX)) {
            return Err(slippage.finding("atr_period", "must not be greater than 4294967295"));
        }
        let fee_ccy = fields.text("fee_ccy")?;
        if fee_ccy.is_some_and(|currency| !is_currency(currency)) {
            return Err(fields.finding("fee_ccy", "must be three upper-case letters"));
        }
        Ok(Self {
            model: slippage.choice("model", &MODELS)?,
            fixed_pips: pips("fixed_pips")?,
            random_pips: pips("random_pips")?,
            base_pips: pips("base_pips")?,
            jitter_factor,
            atr_factor: pips("atr_factor")?,
            atr_period: atr_period.map(|period| period as usize),
            schema: fields.choice("schema", &SCHEMAS)?,
            side: fields
                .choice("side", &[("entry", Charged::Entry), ("exit", Charged::Exit), ("both", Charged::Both)])?,
            fee_ccy: fee_ccy.map(str::to_owned),
            per_lot: rate("per_lot", "per_lot_maker")?,
            rate_per_million: rate("rate_per_million", "rate_per_million_maker")?,
            pct: rate("pct", "pct_maker")?,
            min_fee: amount("min_fee")?,
            tiers: tiers(fields)?,
            tier_reset: fields.choice("tier_reset", &[("never", TierReset::Never), ("monthly", TierReset::Monthly)])?,
            pip_buffer_factor: amount("pip_buffer_factor")?,
            legacy: legacy(fields)?,
        })
    }
}

const MODELS: [(&str, Model); 5] = [
    ("fixed_random", Model::FixedRandom),
    ("fixed", Model::Fixed),
    ("jitter", Model::Jitter),
    ("volatility", Model::Volatility),
    ("none", Model::None),
];

const SCHEMAS: [(&str, Schema); 4] = [
    ("per_lot", Schema::PerLot),
    ("per_million_notional", Schema::PerMillion),
    ("percent_of_notional", Schema::Percent),
    ("tiered", Schema::Tiered),
];

fn legacy(fields: &Fields<'_>) -> Result<Option<Legacy>, Box<Finding>> {
    if fields.get("fees").is_none() {
        return Ok(None);
    }
    let fees = fields.child("fees")?;
    fees.number("lot_size", Range::NotNegative)?;
    let amount = |key| fees.number(key, Range::NotNegative);
    Ok(Some(Legacy { per_million: amount("per_million")?, min_fee: amount("min_fee")? }))
}

fn tiers(fields: &Fields<'_>) -> Result<Option<Vec<Tier>>, Box<Finding>> {
    let Some(maps) = fields.list("tiers")? else { return Ok(None) };
    let mut tiers: Vec<Tier> = Vec::with_capacity(maps.len());
    for map in &maps {
        let required = |key| map.number(key, Range::NotNegative)?.ok_or_else(|| map.finding(key, "is required"));
        let tier = Tier { volume_from: required("volume_from")?, per_lot: required("per_lot")? };
        match tiers.last() {
            None if tier.volume_from != 0.0 => {
                return Err(map.finding("volume_from", "of the first tier must be 0"));
            }
            Some(last) if tier.volume_from <= last.volume_from => {
                return Err(map.finding("volume_from", "must be greater than that of the tier before"));
            }
            _ => tiers.push(tier),
        }
    }
    if tiers.is_empty() {
        return Err(fields.finding("tiers", "must not be empty"));
    }
    Ok(Some(tiers))
}

#[cfg(test)]
mod tests {
    use omega_types::Json;
    use serde_json::json;

    use super::*;
    use crate::testing::file;

    fn merged(costs: Json) -> Stated {
        Layers::read(&file(costs), "EURUSD").unwrap().merged()
    }

    #[test]
    fn a_symbol_overrides_only_the_keys_that_it_contains() {
        // execution.md 2.3: replacing whole objects would zero random_pips and drop fee_ccy.
        let stated = merged(json!({
            "defaults": { "slippage": { "fixed_pips": 0.2, "random_pips": 0.3 }, "schema": "per_lot", "per_lot": 2.5,
                "fee_ccy": "USD", "min_fee": 1, "fees": { "per_million": 25, "min_fee": 2 } },
            "per_symbol": {
                "EURUSD": { "slippage": { "fixed_pips": 0.1 }, "per_lot": 3.5, "fees": { "min_fee": 7 } },
                "USDJPY": { "schema": "nonsense" },
            },
        }));
        assert_eq!((stated.fixed_pips, stated.random_pips), (Some(0.1), Some(0.3)));
        assert_eq!((stated.per_lot.plain, stated.fee_ccy.as_deref()), (Some(3.5), Some("USD")));
        assert_eq!(
            (stated.min_fee, stated.legacy),
            (Some(1.0), Some(Legacy { per_million: Some(25.0), min_fee: Some(7.0) }))
        );
        assert_eq!(stated.schema, Some(Schema::PerLot));
    }

    #[test]
    fn a_list_of_tiers_is_overridden_as_a_whole() {
        let tier = |volume_from, per_lot| Tier { volume_from, per_lot };
        let defaults = json!({ "schema": "tiered", "tier_reset": "monthly",
            "tiers": [{ "volume_from": 0, "per_lot": 3 }, { "volume_from": 50, "per_lot": 2 }] });
        let stated = merged(json!({ "defaults": defaults }));
        assert_eq!(stated.tiers, Some(vec![tier(0.0, 3.0), tier(50.0, 2.0)]));
        let own = json!({ "tiers": [{ "volume_from": 0, "per_lot": 1 }] });
        let stated = merged(json!({ "defaults": defaults, "per_symbol": { "EURUSD": own } }));
        assert_eq!((stated.tiers, stated.tier_reset), (Some(vec![tier(0.0, 1.0)]), Some(TierReset::Monthly)));
    }

    #[test]
    fn an_empty_file_and_null_values_state_nothing() {
        for costs in [json!(null), json!({}), json!({ "defaults": null, "per_symbol": { "EURUSD": null } })] {
            assert!(merged(costs).schema.is_none());
        }
        let stated = merged(json!({ "defaults": { "per_lot": 2.5 }, "per_symbol": { "EURUSD": { "per_lot": null } } }));
        assert_eq!(stated.per_lot.plain, Some(2.5));
    }

    #[test]
    fn wrong_values_are_named_with_key_value_and_file() {
        let refused =
            |defaults: Json| Layers::read(&file(json!({ "defaults": defaults })), "EURUSD").unwrap_err().to_string();
        for (defaults, message) in [
            (json!({ "per_lot": -1 }), "defaults.per_lot must not be negative (found -1, test.yaml)"),
            (json!({ "per_lot": "2.5" }), "defaults.per_lot must be a finite number (found \"2.5\", test.yaml)"),
            (json!({ "per_lot_maker": -1 }), "defaults.per_lot_maker must not be negative (found -1, test.yaml)"),
            (json!({ "side": "buy" }), "defaults.side must be one of entry, exit, both (found \"buy\", test.yaml)"),
            (
                json!({ "fee_ccy": "usd" }),
                "defaults.fee_ccy must be three upper-case letters (found \"usd\", test.yaml)",
            ),
            (json!({ "slippage": 1 }), "defaults.slippage must be a map (found 1, test.yaml)"),
            (
                json!({ "tier_reset": "daily" }),
                "defaults.tier_reset must be one of never, monthly (found \"daily\", test.yaml)",
            ),
            (
                json!({ "fees": { "per_million": -1 } }),
                "defaults.fees.per_million must not be negative (found -1, test.yaml)",
            ),
            (
                json!({ "slippage": { "jitter_factor": 1.5 } }),
                "defaults.slippage.jitter_factor must lie between 0 and 1 (found 1.5, test.yaml)",
            ),
            (
                json!({ "slippage": { "atr_period": 1.5 } }),
                "defaults.slippage.atr_period must be a whole number of bars, at least 1 (found 1.5, test.yaml)",
            ),
            (
                json!({ "slippage": { "atr_period": 1e10 } }),
                "defaults.slippage.atr_period must not be greater than 4294967295 (found 10000000000.0, test.yaml)",
            ),
            (json!({ "tiers": 7 }), "defaults.tiers must be a list (found 7, test.yaml)"),
            (json!({ "tiers": [] }), "defaults.tiers must not be empty (found [], test.yaml)"),
            (json!({ "tiers": [7] }), "defaults.tiers[0] must be a map (found 7, test.yaml)"),
            (
                json!({ "tiers": [{ "volume_from": 0 }] }),
                "defaults.tiers[0].per_lot is required (found missing, test.yaml)",
            ),
            (
                json!({ "tiers": [{ "volume_from": 0, "per_lot": -1 }] }),
                "defaults.tiers[0].per_lot must not be negative (found -1, test.yaml)",
            ),
            (
                json!({ "tiers": [{ "volume_from": 5, "per_lot": 1 }] }),
                "defaults.tiers[0].volume_from of the first tier must be 0 (found 5, test.yaml)",
            ),
            (
                json!({ "tiers": [{ "volume_from": 0, "per_lot": 1 }, { "volume_from": 0, "per_lot": 2 }] }),
                "defaults.tiers[1].volume_from must be greater than that of the tier before (found 0, test.yaml)",
            ),
        ] {
            assert_eq!(refused(defaults), message);
        }
        assert!(refused(json!({ "schema": "flat" })).contains("per_lot, per_million_notional, percent_of_notional"));
        assert!(refused(json!({ "slippage": { "model": "atr" } })).contains("fixed_random, fixed, jitter"));
        assert!(
            Layers::read(&file(json!([])), "EURUSD").unwrap_err().to_string().starts_with("top level must be a map")
        );
    }
}
