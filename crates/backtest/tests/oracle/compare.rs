//! What two outcomes differ in. Decisions have to be the same, numbers within the rounding of another order of additions.

use omega_backtest::{BacktestError, BacktestResult};
use omega_types::Coded;

use super::engine::{self, Outcome};

struct Differences(Option<String>);

impl Differences {
    fn say(&mut self, what: String) {
        self.0.get_or_insert(what);
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, expected: T, found: T) {
        if expected != found {
            self.say(format!("{what}: expected {expected:?}, found {found:?}"));
        }
    }

    /// Within 1e-9 of the larger magnitude, or of a millionth of money.
    fn near(&mut self, what: &str, expected: f64, found: f64) {
        let tolerance = 1e-9 * expected.abs().max(found.abs()) + 1e-7;
        if (expected - found).abs() > tolerance || expected.is_nan() != found.is_nan() {
            self.say(format!("{what}: expected {expected}, found {found}"));
        }
    }

    /// Prices, lots: within a billionth.
    fn exact(&mut self, what: &str, expected: f64, found: f64) {
        if (expected - found).abs() > 1e-11 * expected.abs() {
            self.say(format!("{what}: expected {expected}, found {found}"));
        }
    }

    fn maybe(&mut self, what: &str, expected: Option<f64>, found: Option<f64>) {
        match (expected, found) {
            (Some(expected), Some(found)) => self.near(what, expected, found),
            (expected, found) => self.same(what, expected, found),
        }
    }
}

/// The first difference, if there is one.
pub(crate) fn difference(
    expected: &Result<Outcome, engine::RunError>,
    found: &Result<BacktestResult, BacktestError>,
) -> Option<String> {
    let mut d = Differences(None);
    match (expected, found) {
        (Ok(expected), Ok(found)) => outcomes(&mut d, expected, found),
        (Err(expected), Err(found)) => d.same("error", expected.code, found.code().name),
        (Err(expected), Ok(_)) => d.say(format!("expected {expected:?}, the product ran")),
        (Ok(_), Err(found)) => d.say(format!("the product failed: {} {found}", found.code().name)),
    }
    d.0
}

fn outcomes(d: &mut Differences, expected: &Outcome, found: &BacktestResult) {
    let rejected = expected.rejections.iter().map(|r| (r.order_id, r.bar, r.code));
    let refused = found.journal.rejections().iter();
    let refused = refused.map(|r| (u64::from(r.order_id.unwrap_or(0)), r.bar, r.reason.as_str()));
    d.same("rejections", rejected.collect::<Vec<_>>(), refused.collect::<Vec<_>>());
    for (index, (a, b)) in expected.trades.iter().zip(&found.trades).enumerate() {
        trade(d, &format!("trade {index}"), a, b, &found.metas[index]);
    }
    d.same("number of trades", expected.trades.len(), found.trades.len());
    let mut ends: Vec<String> = expected.pending.iter().map(|end| state(end.state, end.cause)).collect();
    ends.sort();
    let counts = found.order_counts.list().into_iter();
    let counted: Vec<String> =
        counts.flat_map(|(state, count)| std::iter::repeat_n(state.as_str().to_owned(), count as usize)).collect();
    d.same("ends of pending orders", ends, counted);
    for (index, (a, b)) in expected.open_positions.iter().zip(&found.open_positions).enumerate() {
        let what = |field: &str| format!("open position {index}: {field}");
        d.same(&what("id"), (a.position_id, a.order_id), (u64::from(b.position_id), u64::from(b.order_id)));
        d.same(&what("entry time"), a.entry_time_ns, b.entry_time_ns);
        d.exact(&what("entry"), a.entry_price, b.entry_price);
        d.exact(&what("size"), a.size, b.size);
        d.maybe(&what("stop"), a.stop_loss, b.stop_loss);
        d.maybe(&what("target"), a.take_profit, b.take_profit);
        d.near(&what("entry fee"), a.unattributed_entry_fee, b.entry_fee);
    }
    d.same("open positions", expected.open_positions.len(), found.open_positions.len());
    d.same("fills", expected.fills, found.fills);
    d.same("orders", expected.orders, u64::from(found.orders));
    d.near("fees", expected.fees_total, found.fees_total);
    d.near("final balance", expected.final_balance, found.final_balance);
    let curve = found.curve();
    d.same("equity rows", expected.equity.len(), curve.equity.len());
    for (row, expected) in expected.equity.iter().enumerate().take(curve.equity.len()) {
        let what = |field: &str| format!("row {row}: {field}");
        d.near(&what("equity"), expected.equity, curve.equity[row]);
        d.near(&what("balance"), expected.balance, curve.balance[row]);
        d.near(&what("drawdown"), expected.drawdown, curve.drawdown[row]);
        d.near(&what("high water"), expected.high_water, curve.high_water[row]);
    }
}

fn trade(d: &mut Differences, at: &str, a: &engine::Trade, b: &omega_types::Trade, meta: &str) {
    let what = |field: &str| format!("{at}: {field}");
    d.same(&what("ids"), (a.position_id, a.order_id), (b.position_id.into(), b.order_id.into()));
    d.same(&what("type"), super::product::type_name(a.order_type), b.order_type.as_str());
    d.same(&what("is long"), a.direction == engine::Direction::Long, b.direction == omega_types::Direction::Long);
    d.same(&what("bars"), (a.entry_idx, a.exit_idx), (b.entry_bar, b.exit_bar));
    d.same(&what("times"), (a.entry_time_ns, a.exit_time_ns), (b.entry_time_ns, b.exit_time_ns));
    d.same(&what("reason"), a.reason, b.reason.as_str());
    d.same(&what("stop kind"), a.stop_loss_kind, b.stop_kind.as_str());
    d.exact(&what("entry price"), a.entry_price, b.entry_price);
    d.exact(&what("exit price"), a.exit_price, b.exit_price);
    d.exact(&what("size"), a.size, b.size);
    d.maybe(&what("initial stop"), a.initial_stop_loss, b.initial_stop_loss);
    d.maybe(&what("stop"), a.stop_loss, b.stop_loss);
    d.maybe(&what("target"), a.take_profit, b.take_profit);
    d.near(&what("result"), a.result, b.result);
    d.maybe(&what("R"), a.r_multiple, b.r_multiple);
    d.maybe(&what("risk"), a.risk, b.risk);
    d.near(&what("entry fee"), a.entry_fee, b.entry_fee);
    d.near(&what("exit fee"), a.exit_fee, b.exit_fee);
    d.near(&what("mae"), a.mae, b.mae);
    d.near(&what("mfe"), a.mfe, b.mfe);
    d.same(&what("scenario"), a.scenario_id.unwrap_or(0), b.scenario_id.into());
    let flags = (a.in_entry_candle, a.gap_entry, a.gap_exit, a.volume_capped, a.partial);
    d.same(&what("flags"), flags, (b.in_entry_candle(), b.gap_entry, b.gap_exit, b.volume_capped, b.partial));
    let meta: serde_json::Value = serde_json::from_str(meta).unwrap_or_default();
    let labels: Vec<&str> =
        meta["labels"].as_array().into_iter().flatten().filter_map(|label| label.as_str()).collect();
    d.same(&what("labels"), a.labels.clone(), labels);
}

/// State and cause as the product names them.
fn state(state: &str, cause: &str) -> String {
    match state {
        "expired" | "cancelled" => format!("{state}:{cause}"),
        _ => state.to_owned(),
    }
}
