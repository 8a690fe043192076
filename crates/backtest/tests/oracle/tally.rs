//! How often everything occurred that the comparison is about.

use std::{collections::BTreeMap, fmt};

use super::{engine::*, random::Case};

/// Counts by name. Everything that has to occur is there from the start.
pub(crate) struct Tally(BTreeMap<String, u64>);

const EXPECTED: &[(&str, &[&str])] = &[
    ("variant", &["v2", "v1_parity"]),
    (
        "rejection",
        &[
            "invalid_signal",
            "missing_stop_loss",
            "end_of_data",
            "trading_halted",
            "account_depleted",
            "direction_not_allowed",
            "order_type_not_allowed",
            "session_closed",
            "news_blocked",
            "cooldown",
            "max_positions_reached",
            "max_pending_reached",
            "invalid_expiry",
            "entry_price_outside_bar",
            "stop_loss_wrong_side",
            "take_profit_wrong_side",
            "stop_distance_below_minimum",
            "volume_below_minimum",
        ],
    ),
    (
        "exit",
        &[
            "take_profit",
            "stop_loss",
            "timeout",
            "session_end",
            "news",
            "kill_switch",
            "scale_out",
            "end_of_data",
            "signal",
        ],
    ),
    ("stop kind", &["initial", "break_even", "trailing"]),
    ("entry", &["market", "limit", "stop"]),
    ("gap", &["entry limit", "entry stop", "exit stop_loss", "exit take_profit"]),
    ("limit_gap_fill", &["worse", "better", "plan_literal"]),
    (
        "pending",
        &[
            "filled",
            "rejected",
            "expired:expire_after_bars",
            "expired:good_till",
            "cancelled:kill_switch",
            "cancelled:session_end",
            "cancelled:end_of_data",
            "pending",
        ],
    ),
    ("schema", &["none", "legacy", "per_lot", "per_million", "percent", "tiered", "maker", "minimum", "entry", "exit"]),
    ("slippage", &["fixed_random", "fixed", "jitter", "volatility", "none"]),
    ("spread multiplier", &["0", "2"]),
    ("conversion", &["none", "own price", "static", "candles", "fx_path_missing", "fx_rate_unavailable"]),
    (
        "rule",
        &[
            "max_holding_time",
            "break_even",
            "trailing_stop",
            "session_end",
            "news_exit close",
            "news_exit freeze",
            "partial_close",
            "kill_switch never",
            "kill_switch next_day",
        ],
    ),
    ("bar", &["stop and target", "closed where it was opened", "two exits"]),
    ("volume", &["capped", "stated"]),
];

impl Default for Tally {
    fn default() -> Self {
        let names = EXPECTED.iter().flat_map(|(kind, names)| names.iter().map(move |name| format!("{kind}: {name}")));
        Self(names.map(|name| (name, 0)).collect())
    }
}

impl Tally {
    fn count(&mut self, kind: &str, name: &str) {
        *self.0.entry(format!("{kind}: {name}")).or_default() += 1;
    }

    pub(crate) fn rarer_than(&self, enough: u64) -> Vec<(&str, u64)> {
        self.0.iter().filter(|(_, count)| **count < enough).map(|(name, count)| (name.as_str(), *count)).collect()
    }

    pub(crate) fn add(&mut self, case: &Case, outcome: &Result<Outcome, RunError>) {
        let setup = &case.setup;
        self.count("variant", if setup.execution.variant == Variant::V2 { "v2" } else { "v1_parity" });
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return self.count("conversion", error.code),
        };
        for rejection in &outcome.rejections {
            self.count("rejection", rejection.code);
        }
        for end in &outcome.pending {
            let causes = ["expired", "cancelled"].contains(&end.state);
            self.count("pending", &if causes { format!("{}:{}", end.state, end.cause) } else { end.state.to_owned() });
        }
        if outcome.trades.is_empty() {
            return;
        }
        self.settings(setup);
        self.conversion(setup);
        for trade in &outcome.trades {
            self.trade(setup, trade);
        }
        let twice = outcome.trades.windows(2).any(|pair| pair[0].exit_idx == pair[1].exit_idx);
        if twice {
            self.count("bar", "two exits");
        }
    }

    fn trade(&mut self, setup: &Setup, trade: &Trade) {
        let entry = super::product::type_name(trade.order_type);
        self.count("exit", trade.reason);
        self.count("stop kind", trade.stop_loss_kind);
        self.count("entry", entry);
        if trade.gap_entry {
            self.count("gap", &format!("entry {entry}"));
            if trade.order_type == OrderType::Limit {
                self.count(
                    "limit_gap_fill",
                    match setup.execution.limit_gap_fill {
                        LimitGapFill::Worse => "worse",
                        LimitGapFill::Better => "better",
                        LimitGapFill::PlanLiteral => "plan_literal",
                    },
                );
            }
        }
        if trade.gap_exit {
            self.count("gap", &format!("exit {}", trade.reason));
        }
        if trade.in_entry_candle {
            self.count("bar", "closed where it was opened");
        }
        if trade.volume_capped {
            self.count("volume", "capped");
        }
        let signals = setup.script.iter().flat_map(|bar| &bar.entries);
        if signals.clone().nth(trade.order_id as usize - 1).is_some_and(|signal| signal.size.is_some()) {
            self.count("volume", "stated");
        }
        if let (Some(stop), Some(target), "stop_loss") = (trade.stop_loss, trade.take_profit, trade.reason) {
            let bar = &setup.bars[trade.exit_idx];
            let both = match trade.direction {
                Direction::Long => bar.bid.low <= stop && bar.bid.high >= target,
                Direction::Short => bar.ask.high >= stop && bar.ask.low <= target,
            };
            if both {
                self.count("bar", "stop and target");
            }
        }
    }

    fn settings(&mut self, setup: &Setup) {
        let (costs, settings) = (&setup.costs, &setup.cost_settings);
        if settings.enabled {
            let schema = match costs.schema {
                None if costs.fees.is_some() => "legacy",
                None => "none",
                Some(FeeSchema::PerLot) => "per_lot",
                Some(FeeSchema::PerMillionNotional) => "per_million",
                Some(FeeSchema::PercentOfNotional) => "percent",
                Some(FeeSchema::Tiered) => "tiered",
            };
            self.count("schema", schema);
            let maker = [costs.per_lot_maker, costs.pct_maker, costs.rate_per_million_maker];
            let side = match costs.side {
                FeeSide::Both => None,
                FeeSide::Entry => Some("entry"),
                FeeSide::Exit => Some("exit"),
            };
            let more = [
                maker.iter().any(Option::is_some).then_some("maker"),
                (costs.min_fee > 0.0).then_some("minimum"),
                side,
            ];
            for name in more.into_iter().flatten().filter(|_| costs.schema.is_some()) {
                self.count("schema", name);
            }
            self.count(
                "slippage",
                match costs.slippage.model {
                    SlippageModel::FixedRandom => "fixed_random",
                    SlippageModel::Fixed => "fixed",
                    SlippageModel::Jitter => "jitter",
                    SlippageModel::Volatility => "volatility",
                    SlippageModel::None => "none",
                },
            );
            if settings.spread_multiplier != 1.0 {
                self.count("spread multiplier", &settings.spread_multiplier.to_string());
            }
        }
        let management = &setup.trade_management;
        let news = management.news_exit.as_ref().map(|rule| match rule.mode {
            NewsExitMode::Close => "news_exit close",
            NewsExitMode::FreezeStops => "news_exit freeze",
        });
        let kill = management.kill_switch.as_ref();
        let kill = kill.map(|rule| if rule.reset_next_day { "kill_switch next_day" } else { "kill_switch never" });
        let rules = [
            management.max_holding_time.as_ref().map(|_| "max_holding_time"),
            management.break_even.as_ref().map(|_| "break_even"),
            management.trailing_stop.as_ref().map(|_| "trailing_stop"),
            management.session_end.as_ref().map(|_| "session_end"),
            management.partial_close.as_ref().map(|_| "partial_close"),
            news,
            kill,
        ];
        for rule in rules.into_iter().flatten() {
            self.count("rule", rule);
        }
    }

    /// How quote currency became account currency, by the order of execution.md 1.3.
    fn conversion(&mut self, setup: &Setup) {
        let (from, to) = (&setup.symbol.quote_currency, &setup.account.currency);
        let name = if from == to {
            "none"
        } else if *to == setup.symbol.base_currency {
            "own price"
        } else if setup.account.fx.mode == FxMode::Static || setup.account.fx.series.is_empty() {
            "static"
        } else {
            "candles"
        };
        self.count("conversion", name);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in &self.0 {
            writeln!(f, "{count:>9}  {name}")?;
        }
        Ok(())
    }
}
