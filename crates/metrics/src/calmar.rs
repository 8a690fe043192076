//! Calmar ratio: annualised return over the deepest drawdown.

use crate::{Domain, EquityFacts, Facts, Goal, Kind, Metric, Source, Unit};

/// 365.25 days.
const YEAR_NS: f64 = 365.25 * 86_400e9;

/// `A / max_drawdown`, both unrounded; 0 where one of them is not defined or there is no drawdown.
pub(crate) const CALMAR_RATIO: Metric = Metric {
    key: "calmar_ratio",
    unit: Unit::Ratio,
    kind: Kind::Number,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Annualised return over maximum drawdown; linear below one year, compound from one year on",
    compute: |facts| {
        let drawdown = facts.equity.drawdown.ratio;
        match annual_return(facts) {
            Some(annual) if drawdown > 0.0 => Some(annual / drawdown),
            _ => Some(0.0),
        }
    },
};

impl EquityFacts {
    /// Time between the open times of the first and the last trading bar, in years of 365.25 days.
    pub fn elapsed_years(&self) -> f64 {
        // The difference of two stamps may not fit their type.
        (i128::from(self.last_time_ns) - i128::from(self.first_time_ns)) as f64 / YEAR_NS
    }
}

/// Needs two bars, time between them and a positive start.
fn annual_return(facts: &Facts<'_>) -> Option<f64> {
    let (equity, start, years) = (facts.equity, facts.account.initial_balance, facts.equity.elapsed_years());
    if equity.bars < 2 || years <= 0.0 || start <= 0.0 {
        return None;
    }
    Some(if years < 1.0 {
        (equity.last - start) / start / years
    } else if equity.last <= 0.0 {
        -1.0
    } else {
        libm::pow(equity.last / start, 1.0 / years) - 1.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{SECTION_3, equity_facts, value_of};

    /// The twelve bars of metrics.md 3, spread evenly over `days`.
    fn over_days(days: f64) -> f64 {
        let step = (days / 11.0 * 86_400e9) as i64;
        let mut time: Vec<i64> = (0..12).map(|k| k * step).collect();
        time[11] = (days * 86_400e9) as i64;
        value_of(&CALMAR_RATIO, &equity_facts(10_000.0, &time, &SECTION_3), 10_000.0).number().unwrap()
    }

    #[test]
    fn example_2_of_the_specification() {
        assert_eq!(over_days(90.0), 0.693299); // linear
        assert_eq!(over_days(730.5), 0.08531); // compound over two years
    }

    #[test]
    fn nothing_to_divide_gives_zero() {
        let calmar = |time: &[i64], equity: &[f64], start: f64| {
            value_of(&CALMAR_RATIO, &equity_facts(start, time, equity), start).number().unwrap()
        };
        let year = YEAR_NS as i64;
        assert_eq!(calmar(&[], &[], 100.0), 0.0);
        assert_eq!(calmar(&[0], &[90.0], 100.0), 0.0);
        assert_eq!(calmar(&[0, year], &[100.0, 110.0], 100.0), 0.0); // no drawdown
        assert_eq!(calmar(&[0, year], &[-1.0, -2.0], 0.0), 0.0); // nothing at the start
        // Below zero after a year: A = -1, drawdown clamped to 1.
        assert_eq!(calmar(&[0, year], &[100.0, -5.0], 100.0), -1.0);
        // The longest possible time does not overflow: T = -0.5 in 584.5 years, compound.
        assert!(calmar(&[i64::MIN, i64::MAX], &[100.0, 50.0], 100.0) < 0.0);
    }
}
