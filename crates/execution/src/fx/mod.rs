//! Conversion between quote, fee and account currency (execution.md 1.3).
//!
//! Every conversion that a run can need is resolved to a path once, before the first bar. Nothing is looked up later, and
//! no currency is ever silently taken for another.

mod pair_rates;
mod path;
mod rates;

use std::ops::Range;

use omega_types::{
    Bar, BarSet, Column, Json, Series,
    config::{AccountConfig, FileContent},
};
use serde_json::json;

use crate::{CostModel, Event, ExecutionError, Instrument, Moment, OwnPrice, error::Purpose};
use pair_rates::{PairRates, Source};
use path::{Path, Resolver, Step};

/// The conversions of one run. Amounts in, amounts out; no rounding.
#[derive(Debug, Clone)]
pub struct Fx {
    quote_to_account: [Leg; 2],
    fee_to_account: [Leg; 2],
    quote_to_fee: [Leg; 2],
    /// What legs refer to by index; filled by [`Fx::bind`].
    pairs: Vec<PairRates>,
    own_price: OwnPrice,
    /// Bars at whose close quote → account has no rate.
    without_rate: Option<BarSet>,
    legs: Json,
}

/// What [`Fx::plan`] resolves paths from.
#[derive(Clone, Copy)]
pub struct FxRequest<'a> {
    /// The traded symbol.
    pub instrument: &'a Instrument,
    /// Decides which fee conversions are needed.
    pub costs: &'a CostModel,
    /// Account currency, mode, hub, inline rates.
    pub account: &'a AccountConfig,
    /// The rates file, if there is one.
    pub rates: Option<&'a FileContent>,
    /// From [`crate::Rules::own_price`].
    pub own_price: OwnPrice,
    /// Are there bid and ask candles of a pair such as `EURUSD` at the primary timeframe?
    pub has_candles: &'a dyn Fn(&str) -> bool,
}

/// One step of a path, ready to be applied.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Leg {
    Keep,
    MultiplyBy(f64),
    DivideBy(f64),
    MultiplyByOwnPrice,
    DivideByOwnPrice,
    /// By the rate of a pair at the bar.
    MultiplyByRate(usize),
    DivideByRate(usize),
}

impl Fx {
    /// Resolves every conversion that the run can need: quote → account; fee currency → account if fees arise; quote →
    /// fee currency if they depend on the traded value.
    ///
    /// # Errors
    ///
    /// `fx_rates_invalid` for the static table, `fx_path_missing` with the remedies as hint.
    pub fn plan(request: &FxRequest<'_>) -> Result<Self, ExecutionError> {
        let fee = request.costs.fee_currency().map(|currency| (currency, request.costs.is_notional()));
        let rates = rates::table(request.rates, &request.account.fx.static_rates)?;
        let resolver = Resolver {
            instrument: request.instrument,
            fx: &request.account.fx,
            rates: &rates,
            has_candles: request.has_candles,
        };
        let mut fx = Self {
            quote_to_account: [Leg::Keep; 2],
            fee_to_account: [Leg::Keep; 2],
            quote_to_fee: [Leg::Keep; 2],
            pairs: Vec::new(),
            own_price: request.own_price,
            without_rate: None,
            legs: Json::Null,
        };
        let stale_limit_bars = request.account.fx.stale_limit_bars as usize;
        let mut described = Vec::new();
        for (purpose, from, to) in wanted(request.instrument, &request.account.account_currency, fee) {
            let path = resolver.path(purpose, from, to)?;
            let legs = fx.legs_of(&path, stale_limit_bars);
            match purpose {
                Purpose::QuoteToAccount => fx.quote_to_account = legs,
                Purpose::FeeToAccount => fx.fee_to_account = legs,
                Purpose::QuoteToFee => fx.quote_to_fee = legs,
            }
            described.push(description(purpose, from, to, &path, request.own_price));
        }
        fx.legs = Json::Array(described);
        Ok(fx)
    }

    /// The pairs whose bid and ask candles, at the primary timeframe, [`Self::bind`] needs; each once, in the order of
    /// the legs.
    pub fn rate_pairs(&self) -> Vec<String> {
        self.pairs.iter().filter(|pair| pair.source == Source::Candles).map(|pair| pair.pair.clone()).collect()
    }

    /// Gives the planned conversions their rates at every bar: the raw primary candles of the run, warm-up included,
    /// and whole aligned candles of [`Self::rate_pairs`].
    ///
    /// A pair that `rates` lacks has no rate at any bar.
    #[must_use]
    pub fn bind(mut self, primary: &Series, rates: &[(String, Series)]) -> Self {
        for pair in &mut self.pairs {
            match pair.source {
                Source::Primary => pair.bind_primary(&primary.quotes),
                Source::Candles => {
                    if let Some((_, candles)) = rates.iter().find(|(name, _)| *name == pair.pair) {
                        pair.bind_candles(&primary.time, candles, self.own_price);
                    }
                }
            }
        }
        let used: Vec<&PairRates> = self.marked_pairs().collect();
        if !used.is_empty() {
            let without_rate = BarSet::from_fn(primary.len(), |bar| used.iter().any(|pair| !pair.has_close(bar)));
            self.without_rate = without_rate.next(0).is_some().then_some(without_rate);
        }
        self
    }

    /// Only what [`Self::quote_to_account`] needs at the closes of bars, to keep memory small: other conversions and
    /// other moments find no rate.
    #[must_use]
    pub fn for_marks(&self) -> Self {
        let is_marked = |index: usize| self.quote_to_account.iter().any(|leg| leg.pair() == Some(index));
        let reduced = |(index, pair): (usize, &PairRates)| {
            if is_marked(index) { pair.closes_only() } else { PairRates::new(&pair.pair, pair.source, 0) }
        };
        let pairs = self.pairs.iter().enumerate().map(reduced).collect();
        Self { pairs, without_rate: None, legs: Json::Null, ..*self }
    }

    /// Without any rates that depend on the bar.
    #[must_use]
    pub fn unbound(&self) -> Self {
        let pairs = self.pairs.iter().map(|pair| PairRates::new(&pair.pair, pair.source, 0)).collect();
        Self { pairs, without_rate: None, legs: Json::Null, ..*self }
    }

    /// The columns of rates that it keeps alive. Some may share their memory.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.pairs.iter().flat_map(PairRates::columns)
    }

    /// Can quote → account be converted at the close of `bar`, so that positions can be marked? Cheap.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable` naming the pair, `non_finite_value`.
    pub fn check_close(&self, bar: Bar) -> Result<(), ExecutionError> {
        match &self.without_rate {
            Some(without_rate) if without_rate.contains(bar) => {
                self.marked_pairs().try_for_each(|pair| pair.at(bar, Moment::Close).map(drop))
            }
            _ => Ok(()),
        }
    }

    /// The first of `bars` for which [`Self::check_close`] fails. Cheap; `None` where rates do not depend on the bar.
    pub fn first_unavailable(&self, bars: Range<Bar>) -> Option<Bar> {
        self.without_rate.as_ref()?.next(bars.start).filter(|bar| *bar < bars.end)
    }

    /// Quote currency → account currency: profit, marks, sizing.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable`, `non_finite_value` for a rate beyond measure.
    pub fn quote_to_account(&self, amount: f64, event: &Event) -> Result<f64, ExecutionError> {
        self.convert(&self.quote_to_account, amount, event)
    }

    /// Fee currency → account currency.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable`, `non_finite_value` for a rate beyond measure.
    pub fn fee_to_account(&self, amount: f64, event: &Event) -> Result<f64, ExecutionError> {
        self.convert(&self.fee_to_account, amount, event)
    }

    /// Quote currency → fee currency, for fees on the traded value.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable`, `non_finite_value` for a rate beyond measure.
    pub fn quote_to_fee(&self, amount: f64, event: &Event) -> Result<f64, ExecutionError> {
        self.convert(&self.quote_to_fee, amount, event)
    }

    /// Is quote → account the same factor at every event? Then a position's unrealised profit is monotone in the mark.
    pub fn is_constant(&self) -> bool {
        self.quote_to_account.iter().all(|leg| matches!(leg, Leg::Keep | Leg::MultiplyBy(_) | Leg::DivideBy(_)))
    }

    /// The chosen legs for the run metadata: one object per needed conversion, none where the currencies are equal.
    pub fn legs(&self) -> &Json {
        &self.legs
    }

    #[inline]
    fn convert(&self, legs: &[Leg; 2], amount: f64, event: &Event) -> Result<f64, ExecutionError> {
        let [first, second] = legs;
        let between = self.apply(*first, amount, event)?;
        self.apply(*second, between, event)
    }

    #[inline]
    fn apply(&self, leg: Leg, amount: f64, event: &Event) -> Result<f64, ExecutionError> {
        Ok(match leg {
            Leg::Keep => amount,
            Leg::MultiplyBy(rate) => amount * rate,
            Leg::DivideBy(rate) => amount / rate,
            Leg::MultiplyByOwnPrice => amount * event.own_price,
            Leg::DivideByOwnPrice => amount / event.own_price,
            Leg::MultiplyByRate(pair) => amount * self.pairs[pair].at(event.bar, event.moment)?,
            Leg::DivideByRate(pair) => amount / self.pairs[pair].at(event.bar, event.moment)?,
        })
    }

    /// The pairs that quote → account goes through.
    fn marked_pairs(&self) -> impl Iterator<Item = &PairRates> {
        self.quote_to_account.iter().filter_map(|leg| self.pairs.get(leg.pair()?))
    }

    fn legs_of(&mut self, path: &Path, stale_limit_bars: usize) -> [Leg; 2] {
        let mut legs = [Leg::Keep; 2];
        for (leg, step) in legs.iter_mut().zip(path) {
            *leg = match (step, self.own_price) {
                (Step::Own { divide: false, .. }, OwnPrice::Event) => Leg::MultiplyByOwnPrice,
                (Step::Own { divide: true, .. }, OwnPrice::Event) => Leg::DivideByOwnPrice,
                (Step::Own { pair, divide }, OwnPrice::BarClose) => {
                    self.by_rate(pair, *divide, Source::Primary, stale_limit_bars)
                }
                (Step::Static { divide: false, rate, .. }, _) => Leg::MultiplyBy(*rate),
                (Step::Static { divide: true, rate, .. }, _) => Leg::DivideBy(*rate),
                (Step::Candles { pair, divide }, _) => self.by_rate(pair, *divide, Source::Candles, stale_limit_bars),
            };
        }
        legs
    }

    /// A leg by the rate of `pair`, which is listed once however many legs use it.
    fn by_rate(&mut self, pair: &str, divide: bool, source: Source, stale_limit_bars: usize) -> Leg {
        let known = self.pairs.iter().position(|known| known.pair == pair && known.source == source);
        let index = known.unwrap_or_else(|| {
            self.pairs.push(PairRates::new(pair, source, stale_limit_bars));
            self.pairs.len() - 1
        });
        if divide { Leg::DivideByRate(index) } else { Leg::MultiplyByRate(index) }
    }
}

impl Leg {
    /// The pair whose rate it takes from the bar.
    const fn pair(self) -> Option<usize> {
        match self {
            Self::MultiplyByRate(pair) | Self::DivideByRate(pair) => Some(pair),
            Self::Keep
            | Self::MultiplyBy(_)
            | Self::DivideBy(_)
            | Self::MultiplyByOwnPrice
            | Self::DivideByOwnPrice => None,
        }
    }
}

/// The conversions that a run can need, quote → account first.
fn wanted<'a>(
    instrument: &'a Instrument,
    account: &'a str,
    fee: Option<(&'a str, bool)>,
) -> Vec<(Purpose, &'a str, &'a str)> {
    let quote = instrument.quote.as_str();
    let mut wanted = vec![(Purpose::QuoteToAccount, quote, account)];
    if let Some((currency, is_notional)) = fee {
        wanted.push((Purpose::FeeToAccount, currency, account));
        if is_notional {
            wanted.push((Purpose::QuoteToFee, quote, currency));
        }
    }
    wanted.retain(|(_, from, to)| from != to);
    wanted
}

fn description(purpose: Purpose, from: &str, to: &str, path: &Path, own_price: OwnPrice) -> Json {
    let operation = |divide: bool| if divide { "divide" } else { "multiply" };
    let legs: Vec<_> = path
        .iter()
        .map(|step| match step {
            Step::Own { pair, divide } => {
                let source = match own_price {
                    OwnPrice::Event => "own_price",
                    OwnPrice::BarClose => "bar_close",
                };
                json!({ "pair": pair, "operation": operation(*divide), "source": source })
            }
            Step::Static { pair, divide, rate } => {
                json!({ "pair": pair, "operation": operation(*divide), "source": "static", "rate": rate })
            }
            Step::Candles { pair, divide } => {
                json!({ "pair": pair, "operation": operation(*divide), "source": "candles" })
            }
        })
        .collect();
    json!({ "purpose": purpose.as_str(), "from": from, "to": to, "legs": legs })
}

#[cfg(test)]
mod tests {
    use omega_types::{Coded, config::Variant};

    use super::*;
    use crate::{
        FeeFill, FeeTally, FillSide,
        testing::{Setup, bound_fx, fx, quotes, series},
    };

    /// `amount` of quote currency in account currency, at own price `price`.
    fn convert(setup: &Setup, amount: f64, price: f64) -> f64 {
        setup.build().1.quote_to_account(amount, &Event::close(0, price)).unwrap()
    }

    fn account(currency: &str, rates: Json) -> Json {
        json!({ "account": { "account_currency": currency, "fx": { "static_rates": rates } } })
    }

    #[test]
    fn equal_currencies_are_left_alone_and_the_own_price_converts_quote_and_base() {
        assert_eq!(fx("USD").quote_to_account(110.0, &Event::close(0, 1.1)).unwrap(), 110.0);
        assert_eq!(fx("USD").legs(), &json!([]));
        // EURUSD with a EUR account: 110 USD / 1.1 = 100 EUR, whatever static rates say.
        let setup = Setup::new("EURUSD", 1e5).config(account("EUR", json!({ "EURUSD": 2.0 })));
        assert_eq!(convert(&setup, 110.0, 1.1), 110.0 / 1.1);
        let (_, fx) = setup.build();
        let leg = json!({ "pair": "EURUSD", "operation": "divide", "source": "own_price" });
        let purpose = "quote_to_account";
        assert_eq!(fx.legs(), &json!([{ "purpose": purpose, "from": "USD", "to": "EUR", "legs": [leg] }]));
        assert!(!fx.is_constant());
    }

    #[test]
    fn a_direct_rate_multiplies_and_an_inverse_rate_divides() {
        // execution.md 1.3, illustration: -16 000 JPY / 160.00 = -100 EUR.
        let inverse = Setup::new("USDJPY", 1e5).config(account("EUR", json!({ "EURJPY": 160.0 })));
        assert_eq!(convert(&inverse, -16_000.0, 145.0), -100.0);
        assert!(inverse.build().1.is_constant());
        let both = Setup::new("USDJPY", 1e5).config(account("EUR", json!({ "EURJPY": 160.0, "JPYEUR": 0.5 })));
        assert_eq!(convert(&both, 10.0, 145.0), 5.0);
    }

    #[test]
    fn two_legs_lead_over_the_hub() {
        // execution.md 12, example 9: AUDUSD 0.66, EURUSD 1.10: 1 000 AUD * 0.66 / 1.10 = 600 EUR.
        let hub = Setup::new("GBPAUD", 1e5).config(account("EUR", json!({ "AUDUSD": 0.66, "EURUSD": 1.10 })));
        assert_eq!(convert(&hub, 1_000.0, 1.92), 1_000.0 * 0.66 / 1.10);
        assert!((convert(&hub, 1_000.0, 1.92) - 600.0).abs() < 1e-9);
        let error =
            Setup::new("GBPAUD", 1e5).config(account("EUR", json!({ "AUDUSD": 0.66 }))).try_build().unwrap_err();
        assert_eq!(error.code().name, "fx_path_missing");
        // Another hub: AUD -> GBP by the own price (base), GBP -> EUR by a rate.
        let gbp = json!({ "account": { "account_currency": "EUR", "fx": { "hub": "GBP", "static_rates": { "GBPEUR": 1.2 } } } });
        assert_eq!(convert(&Setup::new("GBPAUD", 1e5).config(gbp), 192.0, 1.92), 192.0 / 1.92 * 1.2);
        // decisions.md 41: USDJPY in EUR, JPY -> USD by the own price, USD -> EUR by EURUSD.
        let own = Setup::new("USDJPY", 1e5).config(account("EUR", json!({ "EURUSD": 1.25 })));
        assert_eq!(convert(&own, 14_500.0, 145.0), 14_500.0 / 145.0 / 1.25);
        let sources: Vec<_> =
            own.build().1.legs()[0]["legs"].as_array().unwrap().iter().map(|leg| leg["source"].clone()).collect();
        assert_eq!(sources, ["own_price", "static"]);
    }

    #[test]
    fn a_missing_rate_names_both_remedies() {
        let error = Setup::new("GBPUSD", 1e5).config(account("EUR", json!({}))).try_build().unwrap_err();
        assert_eq!(error.to_string(), "no rate to convert USD to EUR (quote_to_account for GBPUSD, hub USD)");
        let hint = error.hint().unwrap();
        assert!(
            hint.contains("EURUSD in account.fx.static_rates") && hint.ends_with("account.account_currency to USD"),
            "{hint}"
        );
    }

    #[test]
    fn inline_rates_win_over_the_file() {
        let setup = |inline| {
            Setup::new("GBPUSD", 1e5).config(account("EUR", inline)).rates(json!({ "rates": { "EURUSD": 1.25 } }))
        };
        assert_eq!(convert(&setup(json!({})), 100.0, 1.5), 80.0);
        assert_eq!(convert(&setup(json!({ "EURUSD": 2.0 })), 100.0, 1.5), 50.0);
    }

    #[test]
    fn conversions_are_planned_only_where_fees_need_them() {
        // Fees in GBP on EURUSD with a USD account: only a notional fee asks for USD -> GBP.
        let purposes = |schema: Json| {
            let setup = Setup::new("EURUSD", 1e5)
                .costs(json!({ "defaults": schema }))
                .config(account("USD", json!({ "GBPUSD": 1.25 })));
            let (_, fx) = setup.build();
            fx.legs()
                .as_array()
                .unwrap()
                .iter()
                .map(|leg| leg["purpose"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(purposes(json!({ "schema": "per_lot", "per_lot": 1, "fee_ccy": "GBP" })), ["fee_to_account"]);
        let percent = json!({ "schema": "percent_of_notional", "pct": 0.001, "fee_ccy": "GBP" });
        assert_eq!(purposes(percent), ["fee_to_account", "quote_to_fee"]);
        assert!(purposes(json!({ "schema": "per_lot", "per_lot": 0, "fee_ccy": "GBP" })).is_empty());
    }

    #[test]
    fn parity_takes_the_mid_close_of_the_bar_for_every_event() {
        let fx = bound_fx("EUR", Variant::V1Parity, &[1.09, 1.19], &[1.11, 1.21]);
        let mid = |bar: usize| [(1.09 + 1.11) / 2.0, (1.19 + 1.21) / 2.0][bar];
        for event in [Event::close(1, 9.0), Event::intrabar(1, 9.0)] {
            assert_eq!(fx.quote_to_account(120.0, &event).unwrap(), 120.0 / mid(1));
        }
        assert_eq!(fx.quote_to_account(110.0, &Event::close(0, 9.0)).unwrap(), 110.0 / mid(0));
        assert_eq!(fx.legs()[0]["legs"][0]["source"], "bar_close");
        let late = fx.quote_to_account(1.0, &Event::close(2, 9.0)).unwrap_err();
        assert_eq!(late.code().name, "fx_rate_unavailable");
    }

    /// Candles of a pair whose mid opens and closes are these, at the bars of [`series`].
    fn candles(pair: &str, mids: &[(f64, f64)]) -> (String, Series) {
        let (open, close): (Vec<f64>, Vec<f64>) = mids.iter().copied().unzip();
        let mut series = series(quotes(&close, &close));
        series.quotes.bid.open = Column::from(open.clone());
        series.quotes.ask.open = Column::from(open);
        (pair.to_owned(), series)
    }

    /// USDJPY with a EUR account; candles of `files` exist, `rates` are static.
    fn usdjpy(mode: &str, rates: Json, files: &[&str]) -> Result<(CostModel, Fx), ExecutionError> {
        let fx = json!({ "mode": mode, "static_rates": rates });
        let config = json!({ "account": { "account_currency": "EUR", "fx": fx } });
        Setup::new("USDJPY", 1e5).config(config).files(files).try_build()
    }

    /// Pair, operation and source of each leg of quote → account.
    fn legs(fx: &Fx) -> Vec<String> {
        let text =
            |leg: &Json| ["pair", "operation", "source"].map(|key| leg[key].as_str().unwrap().to_owned()).join(" ");
        fx.legs()[0]["legs"].as_array().unwrap().iter().map(text).collect()
    }

    #[test]
    fn illustration_of_execution_md_1_3() {
        // EURJPY of bar 0: open mid 160.00, close mid 160.40. A stop of -16 000 JPY inside the bar books -100.00 EUR, a
        // timeout at its close -99.7506 EUR.
        let (_, fx) = usdjpy("auto", json!({ "EURJPY": 1.0 }), &["EURJPY"]).unwrap();
        assert_eq!(fx.rate_pairs(), ["EURJPY"]);
        let fx = fx.bind(&series(quotes(&[145.0], &[145.01])), &[candles("EURJPY", &[(160.0, 160.4)])]);
        assert_eq!(legs(&fx), ["EURJPY divide candles"]);
        assert_eq!(fx.quote_to_account(-16_000.0, &Event::intrabar(0, 145.0)).unwrap(), -100.0);
        let timeout = fx.quote_to_account(-16_000.0, &Event::close(0, 145.0)).unwrap();
        assert!((timeout + 99.7506).abs() < 5e-5, "{timeout}");
        assert!(!fx.is_constant());
    }

    #[test]
    fn sources_are_tried_in_the_order_of_execution_md_1_3() {
        let chosen = |mode, rates: Json, files: &[&str]| legs(&usdjpy(mode, rates, files).unwrap().1);
        let both = || json!({ "EURJPY": 160.0, "JPYEUR": 0.00625 });
        // The direct pair first, candles before the constant of the same pair, then the inverse pair.
        assert_eq!(chosen("auto", both(), &["EURJPY", "JPYEUR"]), ["JPYEUR multiply candles"]);
        assert_eq!(chosen("auto", both(), &["EURJPY"]), ["JPYEUR multiply static"]);
        assert_eq!(chosen("auto", json!({ "EURJPY": 160.0 }), &["EURJPY"]), ["EURJPY divide candles"]);
        assert_eq!(chosen("auto", json!({ "EURJPY": 160.0 }), &[]), ["EURJPY divide static"]);
        assert_eq!(chosen("static", both(), &["EURJPY", "JPYEUR"]), ["JPYEUR multiply static"]);
        assert_eq!(chosen("candles", both(), &["EURJPY"]), ["EURJPY divide candles"]);
        // The traded symbol converts its own two currencies whatever candles exist; here over the hub.
        assert_eq!(
            chosen("candles", json!({}), &["EURUSD", "USDJPY"]),
            ["USDJPY divide own_price", "EURUSD divide candles"]
        );
        // Constants do not count where candles are asked for, nor candles where constants are.
        for (mode, rates, files) in [("candles", both(), &[][..]), ("static", json!({}), &["EURJPY", "EURUSD"])] {
            let error = usdjpy(mode, rates, files).unwrap_err();
            assert_eq!((error.code().name, error.details()["mode"].as_str()), ("fx_path_missing", Some(mode)));
        }
    }

    #[test]
    fn each_leg_of_a_hub_path_has_a_source_of_its_own() {
        // GBPAUD in EUR over USD: 1 650 AUD * AUDUSD / EURUSD. Constant 0.66 then candles; candles then constant 1.1.
        let convert = |rates: Json, file: &str, mids: (f64, f64), event: Event| {
            let config = account("EUR", rates);
            let (_, fx) = Setup::new("GBPAUD", 1e5).config(config).files(&[file]).build();
            let fx = fx.bind(&series(quotes(&[1.92], &[1.92])), &[candles(file, &[mids])]);
            (legs(&fx).join(", "), fx.quote_to_account(1_650.0, &event).unwrap())
        };
        let (close, inside) = (Event::close(0, 1.92), Event::intrabar(0, 1.92));
        let first = "AUDUSD multiply static, EURUSD divide candles".to_owned();
        assert_eq!(
            convert(json!({ "AUDUSD": 0.66 }), "EURUSD", (1.1, 1.25), close),
            (first.clone(), 1_650.0 * 0.66 / 1.25)
        );
        assert_eq!(convert(json!({ "AUDUSD": 0.66 }), "EURUSD", (1.1, 1.25), inside), (first, 1_650.0 * 0.66 / 1.1));
        let second = "AUDUSD multiply candles, EURUSD divide static".to_owned();
        assert_eq!(convert(json!({ "EURUSD": 1.1 }), "AUDUSD", (0.5, 0.75), close), (second, 1_650.0 * 0.75 / 1.1));
    }

    #[test]
    fn a_hub_path_needs_both_rates_and_marks_stop_where_one_is_missing() {
        // GBPAUD in EUR: bars at 0, 5, 10 minutes; AUDUSD from the second candle on, EURUSD everywhere, limit 0.
        let config = json!({ "account": { "account_currency": "EUR", "fx": { "stale_limit_bars": 0 } } });
        let (_, fx) = Setup::new("GBPAUD", 1e5).config(config).files(&["AUDUSD", "EURUSD"]).build();
        let primary = series(quotes(&[1.92; 3], &[1.92; 3]));
        let (name, whole) = candles("AUDUSD", &[(0.5, 0.5), (0.5, 0.5), (0.5, 0.5)]);
        let fx = fx.bind(&primary, &[(name, whole.slice(1..2)), candles("EURUSD", &[(1.25, 1.25); 3])]);
        assert_eq!(fx.quote_to_account(100.0, &Event::close(1, 1.92)).unwrap(), 100.0 * 0.5 / 1.25);
        let missing = fx.quote_to_account(100.0, &Event::close(2, 1.92)).unwrap_err();
        assert_eq!((missing.code().name, missing.details()["pair"].as_str()), ("fx_rate_unavailable", Some("AUDUSD")));
        assert_eq!([0..3, 1..3, 1..2, 2..2].map(|bars| fx.first_unavailable(bars)), [Some(0), Some(2), None, None]);
        assert_eq!((fx.check_close(2), fx.check_close(1)), (Err(missing), Ok(())));
        // What marks need is kept, and nothing else.
        let marks = fx.for_marks();
        assert_eq!(marks.quote_to_account(100.0, &Event::close(1, 1.92)).unwrap(), 100.0 * 0.5 / 1.25);
        assert!(marks.quote_to_account(100.0, &Event::intrabar(1, 1.92)).is_err());
        let values = |fx: &Fx| fx.columns().map(|column| column.len()).sum::<usize>();
        assert_eq!((values(&fx), values(&marks), values(&fx.unbound())), (12, 6, 0));
    }

    #[test]
    fn fees_convert_by_candles_and_share_them() {
        // Fees in GBP on USDJPY in EUR over USD: GBPUSD for the fee, EURUSD for fee and profit.
        let (model, fx) = Setup::new("USDJPY", 1e5)
            .costs(json!({ "defaults": { "schema": "per_lot", "per_lot": 3, "fee_ccy": "GBP" } }))
            .config(json!({ "account": { "account_currency": "EUR" } }))
            .files(&["EURUSD", "GBPUSD"])
            .build();
        assert_eq!(fx.rate_pairs(), ["EURUSD", "GBPUSD"]);
        let rates = [candles("GBPUSD", &[(1.5, 1.25)]), candles("EURUSD", &[(1.2, 1.0)])];
        let fx = fx.bind(&series(quotes(&[145.0], &[145.0])), &rates);
        let fee = |event| {
            let fill = FeeFill { side: FillSide::Exit, lots: 2.0, event, time_ns: 0, maker: false };
            model.fee(&fill, &mut FeeTally::default(), &fx).unwrap()
        };
        assert_eq!(fee(Event::intrabar(0, 145.0)), 6.0 * 1.5 / 1.2);
        assert_eq!(fee(Event::close(0, 145.0)), 6.0 * 1.25 / 1.0);
    }

    #[test]
    fn parity_takes_the_close_of_candles_for_every_event() {
        let config = json!({ "execution_variant": "v1_parity", "account": { "account_currency": "EUR" } });
        let (_, fx) = Setup::new("USDJPY", 1e5).config(config).files(&["EURJPY"]).build();
        let fx = fx.bind(&series(quotes(&[145.0], &[145.0])), &[candles("EURJPY", &[(160.0, 128.0)])]);
        for event in [Event::intrabar(0, 145.0), Event::close(0, 145.0)] {
            assert_eq!(fx.quote_to_account(16_000.0, &event).unwrap(), 125.0);
        }
    }

    #[test]
    fn candles_that_were_not_given_are_no_rates() {
        let (_, fx) = usdjpy("candles", json!({}), &["EURJPY"]).unwrap();
        let fx = fx.bind(&series(quotes(&[145.0], &[145.0])), &[]);
        assert_eq!(fx.first_unavailable(0..1), Some(0));
        let error = fx.quote_to_account(1.0, &Event::close(0, 145.0)).unwrap_err();
        assert_eq!(error.to_string(), "no usable rate of EURJPY at bar 0: it has no candle before");
    }
}
