//! Where a conversion takes its rates from: candles of a data root, or constants.

mod common;

use std::{fs, path::Path};

use common::{Ohlc, job, m5, run_once, signals};
use omega_backtest::{BacktestError, DataSource, Job, check};
use omega_data::{FileSide, write::relative_path};
use omega_strategy::Registry;
use omega_types::{Failure, Timeframe, Warning};
use serde_json::json;

const BARS: [Ohlc; 2] = [(1.1, 1.1001, 1.0999, 1.1), (1.1, 1.1001, 1.0999, 1.1)];

fn checked(job: &Job) -> Result<Vec<Warning>, BacktestError> {
    check(job, &Registry::builtin())
}

/// One test, because it changes the working directory of the process.
#[test]
fn candles_of_another_pair_count_only_in_the_data_root() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("candles-of-another-pair");
    for side in [FileSide::Bid, FileSide::Ask] {
        let file = root.join(relative_path("GBPUSD", Timeframe::M5, side));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, []).unwrap();
    }
    let patch = json!({"account": {"account_currency": "GBP", "fx": {"static_rates": {"GBPUSD": 1.25}}}});
    let mut job = Job { signals: Some(signals(2, &[])), ..job(m5(&BARS, 0.0001), &patch) };

    // A dataset has no root, so `auto` settles on the constant.
    checked(&job).unwrap();
    let legs = run_once(&job).unwrap().provenance.fx_legs;
    assert_eq!(legs[0]["legs"][0]["source"], "static");

    // In the root they are found, by a check as by a run.
    job.data = DataSource::Root(root.clone());
    let refused = Failure::of(&checked(&job).unwrap_err());
    assert_eq!(
        (refused.code, refused.details["issues"][0]["path"].as_str()),
        ("CFG_UNSUPPORTED", Some("account.fx.mode"))
    );
    assert_eq!(Failure::of(&run_once(&job).unwrap_err()), refused);

    // Without a root nobody looks into the working directory.
    std::env::set_current_dir(&root).unwrap();
    job.data = DataSource::Root("".into());
    checked(&job).unwrap();
}
