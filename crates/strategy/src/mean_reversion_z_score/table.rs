//! The parameters (strategy specification 2.3).

use omega_types::{Direction, Timeframe};

use crate::parameters::{Initial, Kind, Parameter, Scope};

const TREND_RULE: Kind = Kind::Choice { values: &["above", "below", "both", "none"], aliases: &[("any", "none")] };
const LABELS: Kind = Kind::List {
    item: &Kind::Word {
        accepts: is_cluster_label,
        expected: "low, mid, high, very_high, extreme or cluster_<n>, n >= 5",
    },
    accepts_single: false,
    accepts_empty: false,
};
const OVERLAY_TIMEFRAMES: Kind =
    Kind::List { item: &Kind::Timeframe { others: &["PRIMARY"] }, accepts_single: true, accepts_empty: true };
const SCENARIOS: Kind = Kind::List { item: &Kind::Int, accepts_single: false, accepts_empty: true };

const fn trend_rule(name: &'static str) -> Parameter {
    Parameter { kind: TREND_RULE, ..Parameter::choice(name, "both", &[]) }
}

/// Every parameter, in the order of the specification.
pub static PARAMETERS: [Parameter; 44] = [
    Parameter::int("ema_length", 30).at_least(1.0).per_direction().aliases(&["ema_period"]).used_by(&[1, 3])
        .text("EMA period: mean of the classic z-score and take-profit."),
    Parameter::int("atr_length", 14).at_least(1.0).per_direction().used_by(&[1, 2, 3, 4, 5, 6])
        .text("Wilder ATR period for the stop."),
    Parameter::number("atr_mult", 2.0).at_least(0.0).per_direction().used_by(&[1, 2, 3, 4, 5, 6])
        .text("Stop distance in ATR beyond the extreme of the bar."),
    Parameter::int("b_b_length", 20).at_least(2.0).per_direction().aliases(&["bb_length"]).used_by(&[2, 3, 4, 5, 6])
        .text("Bollinger period."),
    Parameter::number("std_factor", 2.0).above(0.0).per_direction().aliases(&["bb_std"]).used_by(&[2, 3, 4, 5, 6])
        .text("Bollinger width in standard deviations."),
    Parameter::int("window_length", 100).at_least(2.0).per_direction().aliases(&["kalman_window"])
        .used_by(&[1, 2, 3, 5, 6]).text("Deviation window of the classic and the Kalman z-score, in bars."),
    Parameter::number("z_score_long", -2.5).below(0.0).only(Direction::Long, "z_score").used_by(&[1, 2, 3, 4, 5, 6])
        .text("Long threshold: the z-score must be at or below it."),
    Parameter::number("z_score_short", 2.5).above(0.0).only(Direction::Short, "z_score").used_by(&[1, 2, 3, 4, 5, 6])
        .text("Short threshold: the z-score must be at or above it."),
    Parameter::number("kalman_r", 0.01).above(0.0).per_direction().used_by(&[2, 3, 4, 5, 6])
        .text("Measurement noise of the Kalman mean."),
    Parameter::number("kalman_q", 1.0).at_least(0.0).per_direction().used_by(&[2, 3, 4, 5, 6])
        .text("Process noise of the Kalman mean."),
    Parameter::number("tp_min_distance", 1.0).at_least(0.0).per_direction().used_by(&[3])
        .text("Minimum distance between entry reference and EMA, in price units (never pips)."),
    Parameter::timeframe("htf_tf", "D1", &["NONE"]).per_direction().used_by(&[2, 3, 4, 5, 6])
        .text("Timeframe of trend filter A."),
    Parameter::int("htf_ema", 100).at_least(1.0).per_direction().used_by(&[2, 3, 4, 5, 6])
        .text("EMA period of trend filter A."),
    trend_rule("htf_filter").per_direction().used_by(&[2, 3, 4, 5, 6])
        .text("Rule of trend filter A; both only labels, none does nothing."),
    Parameter::timeframe("extra_htf_tf", "AUTO", &["NONE", "AUTO"]).per_direction().used_by(&[2, 3, 4, 5, 6])
        .text("Timeframe of trend filter B; AUTO is H1 on M5, H4 on M15 and M30, otherwise NONE."),
    Parameter::int("extra_htf_ema", 50).at_least(1.0).per_direction().used_by(&[2, 3, 4, 5, 6])
        .text("EMA period of trend filter B."),
    trend_rule("extra_htf_filter").per_direction().used_by(&[2, 3, 4, 5, 6])
        .text("Rule of trend filter B; both only labels, none does nothing."),
    Parameter::int("htf_min_filters_required", 1).at_least(1.0).at_most(2.0).null_by_default().per_direction()
        .aliases(&["trend_min_filters_required"]).used_by(&[2, 3, 4, 5, 6])
        .text("How many active trend filters must pass; null is all of them."),
    Parameter::number("garch_alpha", 0.05).at_least(0.0).per_direction().used_by(&[4, 5])
        .text("Weight of the last shock."),
    Parameter::number("garch_beta", 0.90).at_least(0.0).per_direction().used_by(&[4, 5])
        .text("Weight of the last variance; garch_alpha + garch_beta < 1."),
    Parameter::number("garch_omega", 0.0).at_least(0.0).null_by_default().per_direction().used_by(&[4, 5])
        .text("Constant of the variance; null is derived by the indicator, which is not the same as 0."),
    Parameter::flag("garch_use_log_returns", true).per_direction().used_by(&[4, 5])
        .text("Logarithmic instead of simple returns."),
    Parameter::number("garch_scale", 100.0).above(0.0).per_direction().used_by(&[4, 5])
        .text("Scale applied to returns."),
    Parameter::int("garch_min_periods", 50).at_least(1.0).per_direction().used_by(&[4, 5])
        .text("Returns needed before a value is trusted."),
    Parameter::number("garch_sigma_floor", 1e-6).at_least(0.0).per_direction().used_by(&[4, 5])
        .text("Lower bound of sigma."),
    Parameter::int("local_z_lookback", 0).at_least(0.0).per_direction().used_by(&[4])
        .text("0: z-score of the full history; otherwise of the last that many bars, at least garch_min_periods + 2."),
    Parameter::choice("intraday_vol_feature", "garch_forecast", &["garch_forecast"]).per_direction().used_by(&[5])
        .text("Feature to cluster."),
    Parameter::int_by_primary("intraday_vol_cluster_window", cluster_window).at_least(1.0).per_direction().used_by(&[5])
        .text("Number of latest feature values clustered, at least intraday_vol_cluster_k."),
    Parameter::int("intraday_vol_cluster_k", 3).at_least(1.0).per_direction().used_by(&[5])
        .text("Number of clusters asked for."),
    Parameter::int("intraday_vol_min_points", 60).at_least(1.0).per_direction().used_by(&[5])
        .text("Defined feature values required."),
    Parameter::flag("intraday_vol_log_transform", true).per_direction().used_by(&[5])
        .text("Cluster logarithms."),
    Parameter::list("intraday_vol_allowed", LABELS, Initial::Texts(&["low", "mid"])).per_direction().used_by(&[5])
        .text("Labels that permit an entry."),
    Parameter::int("cluster_hysteresis_bars", 1).at_least(0.0).per_direction().used_by(&[5])
        .text("Above 1: the label must have been constant for that many values, at most the cluster window."),
    Parameter::int("intraday_vol_garch_lookback", 500).at_least(1.0).per_direction().used_by(&[5])
        .text("Bars of the local GARCH window, at least 1 + garch_min_periods + max(intraday_vol_min_points, intraday_vol_cluster_k)."),
    Parameter::choice("scenario6_mode", "all", &["all", "any"]).used_by(&[6])
        .text("How overlay results combine."),
    Parameter::list("scenario6_timeframes", OVERLAY_TIMEFRAMES, Initial::Empty).used_by(&[6])
        .text("Overlay timeframes; PRIMARY is the primary timeframe."),
    Parameter::object("scenario6_params").used_by(&[6])
        .text("Overrides per overlay timeframe, PRIMARY or *, with optional long and short blocks."),
    Parameter { nullable: true, ..Parameter::list("enabled_scenarios", SCENARIOS, Initial::Null) }.at_least(1.0).at_most(6.0)
        .text("Scenarios that may trade; null or an empty list is all six."),
    Parameter::choice("direction_filter", "both", &["long", "short", "both"])
        .text("Directions evaluated."),
    Parameter::flag("use_position_manager", false).null_by_default()
        .text("Compatibility switch of the configuration layer; not read by the strategy."),
    Parameter::int("max_holding_minutes", 30).at_least(1.0)
        .text("Maximum holding time of the configuration layer; the default counts only with use_position_manager: true."),
    Parameter::object("long").structure().text("Parameters of long entries only."),
    Parameter::object("short").structure().text("Parameters of short entries only."),
    Parameter::object("overrides").structure()
        .text("Blocks by <SYMBOL>/<TF>, each part possibly *; more specific blocks win."),
];

/// The parameters that an overlay timeframe may have of its own (strategy specification 2.6).
pub(super) const OVERLAY_KEYS: [&str; 7] =
    ["window_length", "b_b_length", "std_factor", "kalman_r", "kalman_q", "z_score_long", "z_score_short"];

/// The parameter `name`.
pub(super) fn find(name: &str) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.name == name)
}

/// Canonical names and aliases of the parameters that `accepts` lets through.
pub(super) fn names(accepts: impl Fn(&Parameter) -> bool) -> Vec<(&'static str, &'static Parameter)> {
    let mut names = Vec::new();
    for parameter in PARAMETERS.iter().filter(|parameter| accepts(parameter)) {
        names.push((parameter.name, parameter));
        names.extend(parameter.aliases.iter().map(|alias| (*alias, parameter)));
    }
    names
}

/// As [`names`], for a block of `direction`: without the other threshold and with `z_score`.
pub(super) fn block_names(
    direction: Direction,
    accepts: impl Fn(&Parameter) -> bool,
) -> Vec<(&'static str, &'static Parameter)> {
    let belongs = |parameter: &Parameter| parameter.only.is_none_or(|only| only == direction);
    let mut names = names(|p| p.scope == Scope::Direction && belongs(p) && accepts(p));
    let aliases: Vec<_> = names.iter().filter_map(|(_, p)| p.block_alias.map(|alias| (alias, *p))).collect();
    names.extend(aliases);
    names
}

fn cluster_window(primary: Timeframe) -> i64 {
    match primary {
        Timeframe::M5 => 300,
        Timeframe::M30 | Timeframe::H1 => 240,
        _ => 200,
    }
}

fn is_cluster_label(label: &str) -> bool {
    match label.strip_prefix("cluster_") {
        Some(rank) => {
            let is_number = !rank.is_empty() && rank.bytes().all(|b| b.is_ascii_digit()) && !rank.starts_with('0');
            is_number && rank.parse::<u64>().is_ok_and(|rank| rank >= 5)
        }
        None => matches!(label, "low" | "mid" | "high" | "very_high" | "extreme"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::parameters::{Issues, Reading};

    #[test]
    fn every_default_is_a_value_of_its_parameter() {
        for parameter in &PARAMETERS {
            let default = parameter.default_value(Timeframe::M5);
            let mut issues = Issues::default();
            assert_eq!(parameter.read(&default, parameter.name, &mut issues), Reading::Value(default.clone()));
            assert!(issues.is_empty());
            assert!(!parameter.text.is_empty());
        }
    }

    #[test]
    fn the_cluster_window_depends_on_the_primary_timeframe() {
        let window = find("intraday_vol_cluster_window").unwrap();
        let defaults = Timeframe::ALL.map(|tf| window.default_value(tf).as_i64().unwrap());
        assert_eq!(defaults, [200, 300, 200, 240, 240, 200, 200, 200]);
    }

    #[test]
    fn labels_are_the_five_names_or_a_numbered_cluster_from_five() {
        for label in ["low", "extreme", "cluster_5", "cluster_12"] {
            assert!(is_cluster_label(label));
        }
        for label in ["", "lowest", "cluster_4", "cluster_05", "cluster_", "cluster_x"] {
            assert!(!is_cluster_label(label));
        }
    }

    #[test]
    fn the_catalogue_entry_says_range_scope_and_aliases() {
        assert_eq!(
            find("b_b_length").unwrap().describe(),
            json!({
                "name": "b_b_length", "type": "int", "default": 20, "min": 2, "nullable": false, "scope": "direction",
                "aliases": ["bb_length"], "used_by": [2, 3, 4, 5, 6], "text": "Bollinger period."
            })
        );
        assert_eq!(find("z_score_long").unwrap().describe()["max_open"], json!(true));
        assert_eq!(find("enabled_scenarios").unwrap().describe()["type"], json!("list<int>"));
    }
}
