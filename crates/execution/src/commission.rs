//! What a fill is charged (execution.md 2.4, 2.5, 4.5; decisions.md 50).

use omega_types::time::{DAY_NS, civil_from_days};

use crate::{
    Event, ExecutionError, FillSide, Finding, Fx, Instrument,
    stated::{Charged, Legacy, Rate, Schema, Stated, Tier, TierReset},
};

/// A fill that is about to be charged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeeFill {
    /// Entry or exit.
    pub side: FillSide,
    /// Lots filled.
    pub lots: f64,
    /// When it happens; its own price is the fill price.
    pub event: Event,
    /// Open time of the bar, for fees that depend on the month.
    pub time_ns: i64,
    /// The fill adds liquidity: the entry of a limit order, or a take-profit.
    pub maker: bool,
}

/// The volume that has been charged so far in a run, for fees that depend on it. It grows with each fill whose side is
/// charged, also if the fee is 0, and with nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FeeTally {
    /// Counted in steps of the volume grid, so that ten fills of 0.1 lots are 1 lot and not 0.9999999999999999.
    steps: f64,
    /// Months since year 0 to which `steps` belong; unused if the volume never restarts.
    month: i64,
}

/// A commission that can be more than zero.
#[derive(Debug, Clone)]
pub(crate) struct Commission {
    base: Base,
    charged: Charged,
    min_fee: f64,
    multiplier: f64,
    /// The currency in which rates and minimum are stated.
    pub(crate) currency: String,
}

/// The fee of one charged side before minimum and multiplier, in fee currency.
#[derive(Debug, Clone)]
enum Base {
    PerLot(Rates),
    PerMillion { rates: Rates, contract_size: f64 },
    Percent { fractions: Rates, contract_size: f64 },
    Tiered { tiers: Vec<Tier>, reset: TierReset, step: f64 },
}

/// What fills that take liquidity pay, and those that add it.
#[derive(Debug, Clone, Copy)]
struct Rates {
    taker: f64,
    maker: f64,
}

impl Commission {
    /// The commission that a costs file states for the symbol; `None` if every fee would be zero.
    ///
    /// Without a schema the legacy block applies: per million of the traded value, both sides, in account currency.
    pub(crate) fn of(
        stated: &Stated,
        instrument: &Instrument,
        multiplier: f64,
        account_currency: &str,
    ) -> Option<Self> {
        let contract_size = instrument.contract_size;
        let (base, charged, min_fee, currency) = match (stated.schema, stated.legacy) {
            (Some(schema), _) => {
                let base = match schema {
                    Schema::PerLot => Base::PerLot(Rates::of(stated.per_lot)),
                    Schema::PerMillion => Base::PerMillion { rates: Rates::of(stated.rate_per_million), contract_size },
                    Schema::Percent => Base::Percent { fractions: Rates::of(stated.pct), contract_size },
                    Schema::Tiered => Base::Tiered {
                        tiers: stated.tiers.clone()?,
                        reset: stated.tier_reset.unwrap_or(TierReset::Never),
                        step: instrument.volume.grid.step,
                    },
                };
                (base, stated.side.unwrap_or(Charged::Both), stated.min_fee, stated.fee_ccy.as_deref())
            }
            (None, Some(Legacy { per_million, min_fee })) => {
                let rates = Rates::of(Rate { plain: per_million, maker: None });
                (Base::PerMillion { rates, contract_size }, Charged::Both, min_fee, None)
            }
            (None, None) => return None,
        };
        let min_fee = min_fee.unwrap_or(0.0);
        let can_charge = multiplier > 0.0 && (base.is_positive() || min_fee > 0.0);
        can_charge.then(|| Self {
            base,
            charged,
            min_fee,
            multiplier,
            currency: currency.unwrap_or(account_currency).to_owned(),
        })
    }

    /// The fee of `fill` in account currency, not rounded.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable`, `non_finite_value`.
    pub(crate) fn fee(&self, fill: &FeeFill, tally: &mut FeeTally, fx: &Fx) -> Result<f64, ExecutionError> {
        if !self.charges(fill.side) {
            return Ok(0.0);
        }
        let FeeFill { lots, event, .. } = fill;
        let notional = |contract_size: f64| fx.quote_to_fee(lots * contract_size * event.own_price, event);
        let base = match &self.base {
            Base::PerLot(rates) => rates.at(fill) * lots,
            Base::PerMillion { rates, contract_size } => rates.at(fill) * notional(*contract_size)? / 1_000_000.0,
            Base::Percent { fractions, contract_size } => fractions.at(fill) * notional(*contract_size)?,
            Base::Tiered { tiers, reset, step } => tally.charge(tiers, *reset, *step, fill) * lots,
        };
        let finite = |fee: f64| {
            let (what, bar) = ("fee", event.bar);
            if fee.is_finite() { Ok(fee) } else { Err(ExecutionError::NonFinite { what, value: fee, bar }) }
        };
        // Of NaN and a minimum, `max` would give the minimum.
        let fee = (finite(base)? * self.multiplier).max(self.min_fee * self.multiplier);
        if fee == 0.0 {
            // Nothing to convert: a free tier needs no rate.
            return Ok(0.0);
        }
        finite(fx.fee_to_account(fee, event)?)
    }

    /// Does the fee depend on the traded value?
    pub(crate) fn is_notional(&self) -> bool {
        matches!(self.base, Base::PerMillion { .. } | Base::Percent { .. })
    }

    fn charges(&self, side: FillSide) -> bool {
        match self.charged {
            Charged::Both => true,
            Charged::Entry => side == FillSide::Entry,
            Charged::Exit => side == FillSide::Exit,
        }
    }
}

impl Base {
    /// Can it be more than 0?
    fn is_positive(&self) -> bool {
        match self {
            Self::PerLot(rates) | Self::PerMillion { rates, .. } | Self::Percent { fractions: rates, .. } => {
                rates.taker > 0.0 || rates.maker > 0.0
            }
            Self::Tiered { tiers, .. } => tiers.iter().any(|tier| tier.per_lot > 0.0),
        }
    }
}

impl Rates {
    fn of(rate: Rate) -> Self {
        let taker = rate.plain.unwrap_or(0.0);
        Self { taker, maker: rate.maker.unwrap_or(taker) }
    }

    fn at(self, fill: &FeeFill) -> f64 {
        if fill.maker { self.maker } else { self.taker }
    }
}

impl FeeTally {
    /// The rate of the last tier that the volume so far has reached, for the whole fill. Then the volume grows by it.
    fn charge(&mut self, tiers: &[Tier], reset: TierReset, step: f64, fill: &FeeFill) -> f64 {
        let month = month(fill.time_ns);
        if reset == TierReset::Monthly && month != self.month {
            *self = Self { steps: 0.0, month };
        }
        // 1e-6 of a step absorbs the representation error of the quotient, as in execution.md 6.3.
        let is_reached = |tier: &&Tier| tier.volume_from / step <= self.steps + 1e-6;
        let rate = tiers.iter().rev().find(is_reached).map_or(0.0, |tier| tier.per_lot);
        self.steps += (fill.lots / step).round();
        rate
    }
}

/// Months since year 0 of an instant, UTC.
fn month(time_ns: i64) -> i64 {
    let (year, month, _) = civil_from_days(time_ns.div_euclid(DAY_NS));
    year * 12 + i64::from(month)
}

/// A rate without a schema could be meant in several ways, and a schema with tiers needs them.
///
/// # Errors
///
/// Says what is missing.
pub(crate) fn check(stated: &Stated, file: &str) -> Result<(), Box<Finding>> {
    let missing = |key: &str, problem: String| {
        Err(Box::new(Finding { key: key.to_owned(), value: "missing".to_owned(), problem, file: file.to_owned() }))
    };
    if stated.schema == Some(Schema::Tiered) && stated.tiers.is_none() {
        return missing("tiers", "is required because schema is tiered".to_owned());
    }
    if stated.schema.is_some() {
        return Ok(());
    }
    let rates = [
        ("per_lot", stated.per_lot.plain),
        ("rate_per_million", stated.rate_per_million.plain),
        ("pct", stated.pct.plain),
        ("per_lot_maker", stated.per_lot.maker),
        ("rate_per_million_maker", stated.rate_per_million.maker),
        ("pct_maker", stated.pct.maker),
    ];
    match rates.iter().find_map(|(key, rate)| rate.filter(|rate| *rate > 0.0).map(|rate| (key, rate))) {
        Some((key, rate)) => missing("schema", format!("is required because {key} is {rate}")),
        None if stated.tiers.is_some() => missing("schema", "is required because there are tiers".to_owned()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use omega_types::{Json, config::Variant, time::days_from_civil};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        CostModel,
        testing::{Setup, bound_fx, costs, fx, quotes, series},
    };

    fn fill(side: FillSide, lots: f64, price: f64) -> FeeFill {
        FeeFill { side, lots, event: Event::close(0, price), time_ns: 0, maker: false }
    }

    /// The fee of a first fill.
    fn fee(costs: &CostModel, fx: &Fx, fill: &FeeFill) -> f64 {
        costs.fee(fill, &mut FeeTally::default(), fx).unwrap()
    }

    fn near(value: f64, expected: f64) {
        assert!((value - expected).abs() < 5e-7, "{value} is not {expected}");
    }

    #[test]
    fn a_fee_per_lot_is_charged_at_entry_and_exit() {
        // execution.md 12, example 1: 2.5 * 0.50 = 1.25 per side; example 2: 2.5 * 0.55 = 1.375.
        let model = costs(json!({ "defaults": { "schema": "per_lot", "per_lot": 2.5 } }));
        for side in [FillSide::Entry, FillSide::Exit] {
            assert_eq!(fee(&model, &fx("USD"), &fill(side, 0.5, 1.10030)), 1.25);
            assert_eq!(fee(&model, &fx("EUR"), &fill(side, 0.55, 1.10030)), 2.5 * 0.55);
        }
    }

    #[test]
    fn every_schema_charges_the_sides_it_names_with_minimum_and_multiplier() {
        // 0.5 lots of 100 000 at 1.25: 62 500 USD. Bases: 4 * 0.5 = 2; 40 / 1e6 * 62 500 = 2.5;
        // 0.00008 * 62 500 = 5; tier from 0: 6 * 0.5 = 3. Account USD, so nothing is converted.
        let schemas = [
            (json!({ "schema": "per_lot", "per_lot": 4 }), 2.0),
            (json!({ "schema": "per_million_notional", "rate_per_million": 40 }), 2.5),
            (json!({ "schema": "percent_of_notional", "pct": 0.00008 }), 5.0),
            (json!({ "schema": "tiered", "tiers": [{ "volume_from": 0, "per_lot": 6 }] }), 3.0),
        ];
        let sides = [("entry", [true, false]), ("exit", [false, true]), ("both", [true, true])];
        for (schema, base) in &schemas {
            for (side, charged) in sides {
                for min_fee in [0.0, 2.75] {
                    for multiplier in [0.0, 0.5, 1.0, 2.0] {
                        let mut defaults = schema.clone();
                        defaults["side"] = json!(side);
                        defaults["min_fee"] = json!(min_fee);
                        let setup = Setup::new("EURUSD", 1e5)
                            .costs(json!({ "defaults": defaults }))
                            .config(json!({ "costs": { "fee_multiplier": multiplier } }));
                        let (model, fx) = setup.build();
                        // Base and minimum are scaled together.
                        let expected = f64::max(base * multiplier, min_fee * multiplier);
                        for (at, is_charged) in [FillSide::Entry, FillSide::Exit].into_iter().zip(charged) {
                            let charged = fee(&model, &fx, &fill(at, 0.5, 1.25));
                            let expected = if is_charged { expected } else { 0.0 };
                            assert!((charged - expected).abs() < 1e-12, "{defaults} {multiplier} {at:?}: {charged}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_minimum_is_charged_even_if_the_base_is_zero() {
        let model = costs(json!({ "defaults": { "schema": "per_lot", "per_lot": 0, "min_fee": 3 } }));
        assert_eq!(fee(&model, &fx("USD"), &fill(FillSide::Entry, 1.0, 1.1)), 3.0);
    }

    /// The fee in EUR of an entry; static rates of execution.md 12, example 9, and EURJPY for the profit of USDJPY.
    fn example_9(symbol: &str, own: &Json, lots: f64, price: f64, fee_multiplier: f64, contract: f64) -> f64 {
        let setup = Setup::new(symbol, contract).costs(json!({ "per_symbol": { symbol: own } })).config(json!({
            "costs": { "fee_multiplier": fee_multiplier },
            "account": { "account_currency": "EUR",
                "fx": { "static_rates": { "EURUSD": 1.10, "EURAUD": 1.65, "EURJPY": 160.0 } } },
        }));
        let (model, fx) = setup.build();
        fee(&model, &fx, &fill(FillSide::Entry, lots, price))
    }

    #[test]
    fn example_9_fee_schemas_and_conversion() {
        let gbpaud = json!({ "schema": "percent_of_notional", "pct": 0.00015, "fee_ccy": "EUR", "min_fee": 1.0 });
        near(example_9("GBPAUD", &gbpaud, 0.50, 1.92, 1.0, 1e5), 8.727273);
        near(example_9("GBPAUD", &gbpaud, 0.01, 1.92, 1.0, 1e5), 1.0);
        near(example_9("GBPAUD", &gbpaud, 0.01, 1.92, 1.5, 1e5), 1.5);
        let usdjpy = json!({ "schema": "per_million_notional", "rate_per_million": 6, "fee_ccy": "USD", "min_fee": 1 });
        near(example_9("USDJPY", &usdjpy, 0.50, 145.0, 1.0, 1e5), 0.909091);
        let gold = json!({ "schema": "per_lot", "per_lot": 3.5, "fee_ccy": "USD" });
        near(example_9("XAUUSD", &gold, 0.25, 2300.0, 1.0, 100.0), 0.795455);
    }

    #[test]
    fn the_legacy_block_charges_both_sides_per_million_in_account_currency() {
        // 0.5 * 100 000 * 1.25 = 62 500 USD, 25 per million: 1.5625 USD.
        let fees = json!({ "per_million": 25, "lot_size": 100_000, "min_fee": 1 });
        // Plain keys belong to schemas; without one they do not touch the block.
        let block = json!({ "defaults": { "fees": fees, "side": "entry", "fee_ccy": "GBP", "min_fee": 9 } });
        let model = costs(block.clone());
        assert_eq!((model.fee_currency(), model.is_notional()), (Some("USD"), true));
        for side in [FillSide::Entry, FillSide::Exit] {
            assert_eq!(fee(&model, &fx("USD"), &fill(side, 0.5, 1.25)), 1.5625);
            // 0.01 lots: 1 250 USD, 0.03125, less than the minimum.
            assert_eq!(fee(&model, &fx("USD"), &fill(side, 0.01, 1.25)), 1.0);
        }
        // EUR account: 62 500 USD at 1.25 are 50 000 EUR, so 1.25 EUR.
        let (model, fx_eur) =
            Setup::new("EURUSD", 1e5).costs(block).config(json!({ "account": { "account_currency": "EUR" } })).build();
        assert_eq!(fee(&model, &fx_eur, &fill(FillSide::Exit, 0.5, 1.25)), 1.25);
        // With a schema it is inert.
        let inert = costs(json!({ "defaults": { "fees": fees, "schema": "per_lot", "per_lot": 2 } }));
        assert_eq!(fee(&inert, &fx("USD"), &fill(FillSide::Entry, 0.5, 1.25)), 1.0);
    }

    /// decisions.md 50.
    #[test]
    fn fills_that_add_liquidity_pay_the_maker_rate_of_the_schema() {
        // 0.5 lots at 1.25: 62 500 USD.
        let cases = [
            (json!({ "schema": "per_lot", "per_lot": 4, "per_lot_maker": 1 }), 2.0, 0.5),
            (
                json!({ "schema": "per_million_notional", "rate_per_million": 40, "rate_per_million_maker": 8 }),
                2.5,
                0.5,
            ),
            (json!({ "schema": "percent_of_notional", "pct": 0.00008, "pct_maker": 0.00004 }), 5.0, 2.5),
            // A free maker, a maker rate alone, and rates of another schema.
            (json!({ "schema": "per_lot", "per_lot": 4, "per_lot_maker": 0 }), 2.0, 0.0),
            (json!({ "schema": "per_lot", "per_lot_maker": 1 }), 0.0, 0.5),
            (json!({ "schema": "per_lot", "per_lot": 4, "pct_maker": 1 }), 2.0, 2.0),
            // Tiers have one rate.
            (
                json!({ "schema": "tiered", "per_lot_maker": 9, "tiers": [{ "volume_from": 0, "per_lot": 6 }] }),
                3.0,
                3.0,
            ),
        ];
        for (defaults, taker, maker) in cases {
            let model = costs(json!({ "defaults": defaults }));
            for side in [FillSide::Entry, FillSide::Exit] {
                let of = |maker| fee(&model, &fx("USD"), &FeeFill { maker, ..fill(side, 0.5, 1.25) });
                assert!((of(false) - taker).abs() < 1e-12 && (of(true) - maker).abs() < 1e-12, "{defaults}");
            }
        }
    }

    fn tiered(reset: &str, side: &str) -> CostModel {
        let tiers = json!([{ "volume_from": 0, "per_lot": 5 }, { "volume_from": 1, "per_lot": 3 },
            { "volume_from": 2.5, "per_lot": 1 }]);
        costs(json!({ "defaults": { "schema": "tiered", "tiers": tiers, "tier_reset": reset, "side": side } }))
    }

    #[test]
    fn the_whole_fill_is_charged_at_the_tier_of_the_volume_before_it() {
        let model = tiered("never", "both");
        let mut tally = FeeTally::default();
        let mut charged = |lots| model.fee(&fill(FillSide::Entry, lots, 1.1), &mut tally, &fx("USD")).unwrap() / lots;
        // V before each fill: 0, 0.99, 1.0 (exactly at the tier), 2.49, 2.5 (exactly), 102.5. No fill is split.
        let rates: Vec<f64> = [0.99, 0.01, 1.49, 0.01, 100.0, 1.0].into_iter().map(&mut charged).collect();
        for (rate, expected) in rates.iter().zip([5.0, 5.0, 3.0, 3.0, 1.0, 1.0]) {
            assert!((rate - expected).abs() < 1e-12, "{rates:?}");
        }
    }

    #[test]
    fn a_tier_is_reached_exactly_however_the_lots_add_up() {
        // 0.1 added ten times is 0.9999999999999999 in doubles; ten tenths of a lot are a lot.
        let model = tiered("never", "both");
        let mut tally = FeeTally::default();
        let mut charge = || model.fee(&fill(FillSide::Exit, 0.1, 1.1), &mut tally, &fx("USD")).unwrap();
        for _ in 0..10 {
            assert_eq!(charge(), 0.5);
        }
        assert_eq!(charge(), 3.0 * 0.1);
    }

    #[test]
    fn only_charged_sides_count_towards_the_tiers_and_free_tiers_count() {
        let exits = tiered("never", "exit");
        let mut tally = FeeTally::default();
        let mut charge = |side| exits.fee(&fill(side, 1.0, 1.1), &mut tally, &fx("USD")).unwrap();
        // Entries are free and do not count: V is 0, 1, 2, 3 before the exits.
        let fees: Vec<f64> = (0..4).flat_map(|_| [charge(FillSide::Entry), charge(FillSide::Exit)]).collect();
        assert_eq!(fees, [0.0, 5.0, 0.0, 3.0, 0.0, 3.0, 0.0, 1.0]);
        let free_at_first = json!([{ "volume_from": 0, "per_lot": 0 }, { "volume_from": 2, "per_lot": 4 }]);
        let model = costs(json!({ "defaults": { "schema": "tiered", "tiers": free_at_first } }));
        let mut tally = FeeTally::default();
        let mut charge = || model.fee(&fill(FillSide::Entry, 1.0, 1.1), &mut tally, &fx("USD")).unwrap();
        assert_eq!([charge(), charge(), charge()], [0.0, 0.0, 4.0]);
    }

    #[test]
    fn a_free_tier_needs_no_rate() {
        // Fees in GBP by candles that do not exist at the bar: only a fee that arises asks for them.
        let free_at_first = json!([{ "volume_from": 0, "per_lot": 0 }, { "volume_from": 1, "per_lot": 4 }]);
        let (model, fx) = Setup::new("EURUSD", 1e5)
            .costs(json!({ "defaults": { "schema": "tiered", "tiers": free_at_first, "fee_ccy": "GBP" } }))
            .files(&["GBPUSD"])
            .build();
        let fx = fx.bind(&series(quotes(&[1.1], &[1.1])), &[]);
        let mut tally = FeeTally::default();
        let mut charge = || model.fee(&fill(FillSide::Entry, 1.0, 1.1), &mut tally, &fx);
        assert_eq!(charge(), Ok(0.0));
        assert_eq!(omega_types::Coded::code(&charge().unwrap_err()).name, "fx_rate_unavailable");
    }

    #[test]
    fn the_volume_restarts_with_the_utc_month_of_the_bar() {
        let at = |year, month, day, hour: i64| days_from_civil(year, month, day) * DAY_NS + hour * 3_600_000_000_000;
        let fees = |reset, times: &[i64]| {
            let (model, mut tally) = (tiered(reset, "both"), FeeTally::default());
            let of = |&time_ns: &i64| {
                let fill = FeeFill { time_ns, ..fill(FillSide::Entry, 1.0, 1.1) };
                model.fee(&fill, &mut tally, &fx("USD")).unwrap()
            };
            times.iter().map(of).collect::<Vec<_>>()
        };
        // The last hour of November, December and its last hour, the first of January: another year, another month.
        let times = [
            at(2023, 11, 30, 23),
            at(2023, 12, 1, 0),
            at(2023, 12, 31, 22),
            at(2023, 12, 31, 23),
            at(2024, 1, 1, 0),
            at(2024, 1, 1, 1),
        ];
        assert_eq!(fees("monthly", &times), [5.0, 5.0, 3.0, 3.0, 5.0, 3.0]);
        assert_eq!(fees("never", &times), [5.0, 3.0, 3.0, 1.0, 1.0, 1.0]);
        // The same month of the next year is another month; so are the months around the epoch.
        assert_eq!(fees("monthly", &[at(2023, 12, 5, 0), at(2024, 12, 5, 0)]), [5.0, 5.0]);
        assert_eq!(fees("monthly", &[at(1969, 12, 31, 23), at(1970, 1, 1, 0), at(1970, 1, 2, 0)]), [5.0, 5.0, 3.0]);
    }

    #[test]
    fn parity_rounds_every_fee_and_converts_by_the_bar() {
        // First trades of three Omega V1 runs on EURUSD.
        let parity = |defaults: Json| {
            let config = json!({ "execution_variant": "v1_parity" });
            Setup::new("EURUSD", 1e5).costs(json!({ "defaults": defaults })).config(config).build().0
        };
        let usd = bound_fx("USD", Variant::V1Parity, &[], &[]);
        // 2.5 per lot, 0.27 lots: 0.675 is 0.67500000000000004, so 0.68.
        let per_lot = parity(json!({ "schema": "per_lot", "per_lot": 2.5 }));
        assert_eq!(fee(&per_lot, &usd, &fill(FillSide::Entry, 0.27, 1.47248)), 0.68);
        // 25 per million at the exit only: 0.18 * 100 000 * 1.47793 = 26 602.74, 0.665 rounds to 0.67.
        let exit_only =
            json!({ "schema": "per_million_notional", "side": "exit", "rate_per_million": 25, "min_fee": 0.5 });
        let per_million = parity(exit_only);
        let of = |side, price| fee(&per_million, &usd, &fill(side, 0.18000000000000002, price));
        assert_eq!((of(FillSide::Entry, 1.4725), of(FillSide::Exit, 1.47793)), (0.0, 0.67));
        // EUR account: 0.26 * 100 000 * 1.46005 / 1.45985 (mid close) * 0.0002 = 5.2007, 5.2.
        let setup = Setup::new("EURUSD", 1e5)
            .costs(json!({ "defaults": { "schema": "percent_of_notional", "pct": 0.0002 } }))
            .config(json!({ "execution_variant": "v1_parity", "account": { "account_currency": "EUR" } }));
        let (percent, fx) = setup.build();
        let fx = fx.bind(&series(quotes(&[1.4598], &[1.4599])), &[]);
        assert_eq!(fee(&percent, &fx, &fill(FillSide::Entry, 0.26, 1.46005)), 5.2);
    }

    #[test]
    fn a_fee_beyond_measure_stops_the_run() {
        let model = costs(json!({ "defaults": { "schema": "per_lot", "per_lot": 1e308 } }));
        let error = model.fee(&fill(FillSide::Entry, 1e10, 1.1), &mut FeeTally::default(), &fx("USD")).unwrap_err();
        assert_eq!(omega_types::Coded::code(&error).name, "non_finite_value");
    }

    proptest! {
        /// Property: fees are never negative and grow with the multiplier, whatever the schema; a maker rate that is not
        /// above the plain one never costs more.
        #[test]
        fn a_larger_multiplier_never_lowers_a_fee(
            schema in prop::sample::select(vec!["per_lot", "per_million_notional", "percent_of_notional", "tiered"]),
            (rate, maker, min_fee) in (0.0..9.0_f64, 0.0..1.0_f64, 0.0..9.0_f64),
            (low, high) in (0.0..3.0_f64, 0.0..3.0_f64),
            fills in prop::collection::vec((1_u32..500, any::<bool>(), any::<bool>()), 1..20),
        ) {
            let file = json!({ "defaults": { "schema": schema, "min_fee": min_fee, "per_lot": rate,
                "per_lot_maker": rate * maker, "rate_per_million": rate, "rate_per_million_maker": rate * maker,
                "pct": rate / 1e6, "pct_maker": rate / 1e6 * maker,
                "tiers": [{ "volume_from": 0, "per_lot": rate }, { "volume_from": 3, "per_lot": rate * maker }] } });
            let of = |multiplier: f64| {
                let settings = json!({ "costs": { "fee_multiplier": multiplier } });
                Setup::new("EURUSD", 1e5).costs(file.clone()).config(settings).build()
            };
            let ((cheap, fx), (dear, _)) = (of(low.min(high)), of(low.max(high)));
            let (mut tally, mut dear_tally) = (FeeTally::default(), FeeTally::default());
            for (lots, maker, is_entry) in fills {
                let side = if is_entry { FillSide::Entry } else { FillSide::Exit };
                let fill = FeeFill { maker, ..fill(side, f64::from(lots) / 100.0, 1.1) };
                let fee = cheap.fee(&fill, &mut tally, &fx).unwrap();
                let dearer = dear.fee(&fill, &mut dear_tally, &fx).unwrap();
                prop_assert!(0.0 <= fee && fee <= dearer);
                let taken = cheap.fee(&FeeFill { maker: false, ..fill }, &mut { tally }, &fx).unwrap();
                prop_assert!(schema == "tiered" || fee <= taken);
            }
        }
    }
}
