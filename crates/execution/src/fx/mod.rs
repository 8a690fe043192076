//! Conversion between quote, fee and account currency (execution.md 1.3).
//!
//! Every conversion that a run can need is resolved to a path once, before the first bar. Nothing is looked up later, and
//! no currency is ever silently taken for another.

mod path;
mod rates;

use omega_types::{
    Column, Issue, Json, Quotes,
    config::{AccountConfig, BacktestConfig, FileContent},
};
use serde_json::json;

use crate::{
    CostModel, Event, ExecutionError, Instrument, OwnPrice, costs::stated_commission, error::Purpose,
    unsupported::issue,
};
use path::{Path, Resolver, Step};

/// The conversions of one run. Amounts in, amounts out; no rounding.
#[derive(Debug, Clone)]
pub struct Fx {
    quote_to_account: [Leg; 2],
    fee_to_account: [Leg; 2],
    quote_to_fee: [Leg; 2],
    /// Closes of the primary bars, bid and ask; set by [`Fx::bind`].
    closes: Option<(Column, Column)>,
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
    MultiplyByBarClose,
    DivideByBarClose,
}

impl Fx {
    /// Resolves every conversion that the run can need: quote → account; fee currency → account if fees arise; quote →
    /// fee currency if they depend on the traded value.
    ///
    /// # Errors
    ///
    /// `fx_rates_invalid` for the static table, `fx_path_missing` with both remedies as hint, `CFG_UNSUPPORTED` where
    /// candles of another pair would be needed.
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
            closes: None,
            legs: Json::Null,
        };
        let mut described = Vec::new();
        for (purpose, from, to) in wanted(request.instrument, &request.account.account_currency, fee) {
            let path = resolver.path(purpose, from, to)?;
            let legs = legs(&path, request.own_price)?;
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

    /// Gives the planned conversions the raw primary candles, from which [`OwnPrice::BarClose`] takes its rates.
    #[must_use]
    pub fn bind(mut self, primary: &Quotes) -> Self {
        self.closes = Some((primary.bid.close.clone(), primary.ask.close.clone()));
        self
    }

    /// Quote currency → account currency: profit, marks, sizing.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable`.
    pub fn quote_to_account(&self, amount: f64, event: &Event) -> Result<f64, ExecutionError> {
        self.convert(&self.quote_to_account, amount, event)
    }

    /// Fee currency → account currency.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable`.
    pub fn fee_to_account(&self, amount: f64, event: &Event) -> Result<f64, ExecutionError> {
        self.convert(&self.fee_to_account, amount, event)
    }

    /// Quote currency → fee currency, for fees on the traded value.
    ///
    /// # Errors
    ///
    /// `fx_rate_unavailable`.
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
            Leg::MultiplyByBarClose => amount * self.mid_close(event)?,
            Leg::DivideByBarClose => amount / self.mid_close(event)?,
        })
    }

    fn mid_close(&self, event: &Event) -> Result<f64, ExecutionError> {
        let mid = |(bid, ask): &(Column, Column)| Some((bid.get(event.bar)? + ask.get(event.bar)?) / 2.0);
        self.closes.as_ref().and_then(mid).ok_or(ExecutionError::FxRateUnavailable { bar: event.bar })
    }
}

/// At most one issue, at `account.fx.mode`: a conversion would need candles of another pair, which are not built yet.
///
/// A wrong costs file, a wrong table of rates and a missing path are not reported here; [`CostModel::resolve`] and
/// [`Fx::plan`] do that.
pub fn unsupported_conversions(
    instrument: &Instrument,
    costs: Option<&FileContent>,
    rates: Option<&FileContent>,
    config: &BacktestConfig,
    has_candles: &dyn Fn(&str) -> bool,
) -> Vec<Issue> {
    let account = &config.account;
    let fee = stated_commission(instrument, costs, config);
    let fee = fee.as_ref().map(|(currency, is_notional)| (currency.as_str(), *is_notional));
    let rates = rates::table(rates, &account.fx.static_rates).unwrap_or_default();
    let resolver = Resolver { instrument, fx: &account.fx, rates: &rates, has_candles };
    let needs_candles = wanted(instrument, &account.account_currency, fee)
        .into_iter()
        .filter_map(|(purpose, from, to)| resolver.path(purpose, from, to).ok())
        .flatten()
        .find_map(|step| match step {
            Step::Candles { pair } => Some(pair),
            Step::Own { .. } | Step::Static { .. } => None,
        });
    needs_candles.map(|pair| candles_issue(&pair, config)).into_iter().collect()
}

fn candles_issue(pair: &str, config: &BacktestConfig) -> Issue {
    let mode = json!(config.account.fx.mode);
    let hint = format!(
        "set account.fx.mode to static and give a rate for {pair} in account.fx.static_rates or in the rates file"
    );
    let message = format!("rates from candles of another pair ({pair}) are not supported yet");
    issue("account.fx.mode".to_owned(), &message, mode.as_str().unwrap_or_default(), &hint)
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

fn legs(path: &Path, own_price: OwnPrice) -> Result<[Leg; 2], ExecutionError> {
    let mut legs = [Leg::Keep; 2];
    for (leg, step) in legs.iter_mut().zip(path) {
        *leg = match (step, own_price) {
            (Step::Own { divide: false, .. }, OwnPrice::Event) => Leg::MultiplyByOwnPrice,
            (Step::Own { divide: true, .. }, OwnPrice::Event) => Leg::DivideByOwnPrice,
            (Step::Own { divide: false, .. }, OwnPrice::BarClose) => Leg::MultiplyByBarClose,
            (Step::Own { divide: true, .. }, OwnPrice::BarClose) => Leg::DivideByBarClose,
            (Step::Static { divide: false, rate, .. }, _) => Leg::MultiplyBy(*rate),
            (Step::Static { divide: true, rate, .. }, _) => Leg::DivideBy(*rate),
            (Step::Candles { pair }, _) => {
                return Err(ExecutionError::Unsupported {
                    path: "account.fx.mode".to_owned(),
                    message: format!("rates from candles of another pair ({pair}) are not supported yet"),
                });
            }
        };
    }
    Ok(legs)
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
            Step::Candles { pair } => json!({ "pair": pair, "source": "candles" }),
        })
        .collect();
    json!({ "purpose": purpose.as_str(), "from": from, "to": to, "legs": legs })
}

#[cfg(test)]
mod tests {
    use omega_types::{Coded, config::Variant};

    use super::*;
    use crate::testing::{Setup, bound_fx, config_with, file, fx};

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

    #[test]
    fn candles_of_another_pair_are_refused_before_any_data_is_read() {
        let issues = |symbol, mode: &str, candles: &[&str]| {
            let patch = json!({ "account": { "account_currency": "EUR",
                "fx": { "mode": mode, "static_rates": { "EURUSD": 1.1 } } } });
            let setup = Setup::new(symbol, 1e5).config(patch.clone());
            let has_candles = |pair: &str| candles.contains(&pair);
            let issues = unsupported_conversions(&setup.instrument, None, None, &config_with(patch), &has_candles);
            issues.into_iter().map(|issue| (issue.path, issue.received.unwrap())).collect::<Vec<_>>()
        };
        let refused = |mode: &str| vec![("account.fx.mode".to_owned(), mode.to_owned())];
        // The traded symbol itself needs no other candles.
        assert!(issues("EURUSD", "candles", &[]).is_empty());
        assert_eq!(issues("GBPUSD", "candles", &[]), refused("candles"));
        // In auto, candles would win over the static rate.
        assert_eq!(issues("GBPUSD", "auto", &["EURUSD"]), refused("auto"));
        assert_eq!(issues("GBPUSD", "auto", &["USDEUR"]), refused("auto"));
        assert!(issues("GBPUSD", "auto", &["GBPUSD"]).is_empty());
        assert!(issues("GBPUSD", "static", &["EURUSD"]).is_empty());
        let error = Setup::new("GBPUSD", 1e5)
            .config(json!({ "account": { "account_currency": "EUR", "fx": { "mode": "candles" } } }))
            .try_build()
            .unwrap_err();
        assert_eq!(error.code().name, "CFG_UNSUPPORTED");
    }

    #[test]
    fn a_wrong_costs_file_is_not_reported_as_a_conversion() {
        let config = config_with(json!({}));
        let setup = Setup::new("EURUSD", 1e5);
        let wrong = file(json!({ "defaults": 7 }));
        assert!(unsupported_conversions(&setup.instrument, Some(&wrong), Some(&wrong), &config, &|_| true).is_empty());
    }
}
