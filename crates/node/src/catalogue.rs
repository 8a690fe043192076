//! What the core knows by name, and what it says about a strategy's parameters.

use napi_derive::napi;
use omega_strategy::{Init, Registry};
use omega_types::{ExitReason, Json, OrderType, Timeframe, code, trade::RejectionCode};
use serde::Deserialize;
use serde_json::json;

use crate::{
    answer::{Answer, Outcome, bad_request, to_json},
    job::at_once,
};

/// Strategies, indicators, metrics, codes: what `api/catalogue.ts` is generated from.
#[napi(catch_unwind)]
pub fn catalogue() -> Answer {
    at_once(|| {
        let codes: Vec<_> = code::ALL
            .iter()
            .map(|code| json!({ "code": code.name, "category": code.category.as_str(), "text": code.text }))
            .collect();
        let rejections: Vec<_> =
            RejectionCode::ALL.iter().map(|code| json!({ "code": code.as_str(), "text": code.text() })).collect();
        Ok(Outcome::Json(to_json(&json!({
            "strategies": Registry::builtin().catalogue(),
            "indicators": omega_indicators::catalogue(),
            "metrics": omega_metrics::catalogue(),
            "extendedMetrics": omega_metrics::extended::catalogue(),
            "codes": codes,
            "rejections": rejections,
            "exitReasons": ExitReason::ALL.map(ExitReason::as_str),
        }))))
    })
}

/// The texts behind the index columns of a result's tables.
pub fn categories() -> Json {
    json!({
        "order_type": ORDER_TYPES.map(OrderType::as_str),
        "reason": ExitReason::ALL.map(ExitReason::as_str),
        "rejection": RejectionCode::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>(),
        "rejection_text": RejectionCode::ALL.iter().map(|code| code.text()).collect::<Vec<_>>(),
    })
}

/// Order of the `order_type` index column.
pub const ORDER_TYPES: [OrderType; 3] = [OrderType::Limit, OrderType::Market, OrderType::Stop];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    name: String,
    parameters: serde_json::Map<String, Json>,
    symbol: String,
    primary: Timeframe,
    additional: Vec<Timeframe>,
}

/// Checks the parameters of a strategy: all issues and all warnings at once.
#[napi(catch_unwind)]
pub fn check_strategy(request: String) -> Answer {
    at_once(|| {
        let check: Check = serde_json::from_str(&request).map_err(|problem| bad_request("strategy check", problem))?;
        let init = Init {
            symbol: check.symbol,
            primary: check.primary,
            configured: check.additional,
            instrument: None,
            stepwise: false,
            stale_limit_bars: 0,
        };
        let found = match Registry::builtin().create(&check.name, &check.parameters, &init) {
            Ok(blueprint) => json!({
                "issues": [],
                "warnings": blueprint.warnings(),
                "resolved": blueprint.resolved_parameters(),
            }),
            Err(issues) => json!({ "issues": issues, "warnings": [] }),
        };
        Ok(Outcome::Json(to_json(&found)))
    })
}

/// Version, target and threads of the core.
#[napi(catch_unwind)]
pub fn core_info() -> Answer {
    at_once(|| {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
        let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
        Ok(Outcome::Json(to_json(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "target": target,
            "profile": profile,
            "threads": threads,
        }))))
    })
}
