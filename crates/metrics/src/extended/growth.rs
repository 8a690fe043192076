//! How equity grew over the whole run.

use super::ExtendedMetric;
use crate::{Domain, Goal, Kind, Metric, Source, Unit};

/// `(E_e − E_s) / E_s`.
pub(super) const TOTAL_RETURN: ExtendedMetric = Metric {
    key: "total_return",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Change of equity from the initial balance to the last bar, as a share of the initial balance",
    compute: |facts| {
        let (start, equity) = (facts.core.account.initial_balance, facts.core.equity);
        (equity.bars >= 1 && start > 0.0).then(|| (equity.last - start) / start)
    },
};

/// `(E_e / E_s)^(1 / years) − 1`; needs time and equity above zero at the end.
pub(super) const CAGR: ExtendedMetric = Metric {
    key: "cagr",
    unit: Unit::Ratio,
    kind: Kind::NumberOrMissing,
    domain: Domain::Any,
    source: Source::Equity,
    goal: Goal::Maximize,
    description: "Compound annual growth of equity over calendar time (years of 365.25 days)",
    compute: |facts| {
        let (start, end) = (facts.core.account.initial_balance, facts.core.equity.last);
        let has_growth = facts.elapsed_years > 0.0 && start > 0.0 && end > 0.0;
        has_growth.then(|| libm::pow(end / start, 1.0 / facts.elapsed_years) - 1.0)
    },
};
