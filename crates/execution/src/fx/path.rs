//! Which rates lead from one currency to another (execution.md 1.3, rules 1 to 7).

use std::collections::BTreeMap;

use omega_types::config::{FxConfig, FxMode};

use crate::{ExecutionError, Instrument, error::Purpose};

/// At most two steps; none between equal currencies.
pub(super) type Path = Vec<Step>;

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// Between base and quote of the traded symbol.
    Own { pair: String, divide: bool },
    /// By a constant rate.
    Static { pair: String, divide: bool, rate: f64 },
    /// By candles of another pair.
    Candles { pair: String, divide: bool },
}

/// Everything a path can be made of.
pub(super) struct Resolver<'a> {
    pub(super) instrument: &'a Instrument,
    pub(super) fx: &'a FxConfig,
    pub(super) rates: &'a BTreeMap<String, f64>,
    pub(super) has_candles: &'a dyn Fn(&str) -> bool,
}

impl Resolver<'_> {
    /// The path `from → to`; the hub only if no single step leads there.
    pub(super) fn path(&self, purpose: Purpose, from: &str, to: &str) -> Result<Path, ExecutionError> {
        if from == to {
            return Ok(Vec::new());
        }
        if let Some(step) = self.step(from, to) {
            return Ok(vec![step]);
        }
        let hub = self.fx.hub.as_str();
        let over_hub = || Some(vec![self.step(from, hub)?, self.step(hub, to)?]);
        let path = if from == hub || to == hub { None } else { over_hub() };
        path.ok_or_else(|| ExecutionError::FxPathMissing {
            from: from.to_owned(),
            to: to.to_owned(),
            purpose,
            symbol: self.instrument.symbol.clone(),
            hub: hub.to_owned(),
            mode: self.fx.mode,
        })
    }

    fn step(&self, from: &str, to: &str) -> Option<Step> {
        let (base, quote) = (self.instrument.base.as_str(), self.instrument.quote.as_str());
        if (from, to) == (quote, base) || (from, to) == (base, quote) {
            return Some(Step::Own { pair: format!("{base}{quote}"), divide: from == quote });
        }
        let pairs = [(format!("{from}{to}"), false), (format!("{to}{from}"), true)];
        pairs.into_iter().find_map(|(pair, divide)| match self.fx.mode {
            FxMode::Candles => self.candles(pair, divide),
            FxMode::Static => self.constant(pair, divide),
            FxMode::Auto => self.candles(pair.clone(), divide).or_else(|| self.constant(pair, divide)),
        })
    }

    fn candles(&self, pair: String, divide: bool) -> Option<Step> {
        (self.has_candles)(&pair).then_some(Step::Candles { pair, divide })
    }

    fn constant(&self, pair: String, divide: bool) -> Option<Step> {
        let rate = *self.rates.get(&pair)?;
        Some(Step::Static { pair, divide, rate })
    }
}
