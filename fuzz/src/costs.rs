//! Costs, symbol specifications and conversion rates: merged, and used as the loop of a run uses them.

use omega_execution::{
    CostModel, Event, FeeFill, FeeTally, FillSide, Fx, FxRequest, Instrument, Moment, RoundTrip, Rules, VolumeRule,
    sizing::risk_lots,
};
use omega_types::{Direction, Json, config::BacktestConfig};

use super::{document::document, failure, job, words};

/// A document of differences to sound files, as JSON text or grown from the bytes (see [`document`]).
pub fn costs(data: &[u8]) {
    let Some(document) = document(data, &words::COSTS) else { return };
    let Some(job) = job::job(&document, job::candles()) else { return };
    let config = &job.config;
    let (instrument, _) = match Instrument::resolve(&config.symbol, job.symbol_specs.as_ref(), config.costs.pip_size) {
        Ok(resolved) => resolved,
        Err(error) => return failure::sound(&error),
    };
    let rules = Rules::new(config.execution_variant, &config.execution, &instrument);
    let costs = match CostModel::resolve(&instrument, job.costs.as_ref(), config, &rules, job.seed) {
        Ok(costs) => costs,
        Err(error) => return failure::sound(&error),
    };
    // Pairs are there or not, as their names happen to be.
    let has_candles = |pair: &str| pair.bytes().map(u32::from).sum::<u32>() % 3 == 0;
    let fx = Fx::plan(&FxRequest {
        instrument: &instrument,
        costs: &costs,
        account: &config.account,
        rates: job.fx_rates.as_ref(),
        own_price: rules.own_price,
        has_candles: &has_candles,
    });
    match fx {
        Ok(fx) => used(config, &instrument, &rules, &costs, &fx),
        Err(error) => failure::sound(&error),
    }
}

/// What fills of a run ask.
fn used(config: &BacktestConfig, instrument: &Instrument, rules: &Rules, costs: &CostModel, fx: &Fx) {
    assert!(instrument.tick_size > 0.0 && instrument.pip_size >= instrument.tick_size, "{instrument:?}");
    let mut pairs = fx.rate_pairs();
    pairs.dedup();
    assert_eq!(pairs.len(), fx.rate_pairs().len(), "a pair is listed twice");
    let Some(series) = job::candles().series.first() else { return };
    let fx = fx.clone().bind(series, &[]);
    let mut tally = FeeTally::default();
    for (bar, price) in [(0, 1.1), (1, 145.25), (2, 1e-5), (3, 1e9)] {
        let event = Event::close(bar, price);
        let raw = risk_lots(instrument, &fx, &event, price * 0.99, config.account.risk_per_trade).unwrap_or(0.3);
        for rule in [VolumeRule::Reject, VolumeRule::Raise] {
            let Ok(volume) = instrument.volume.quantise(raw, rule) else { continue };
            for (side, maker) in [(FillSide::Entry, false), (FillSide::Exit, true)] {
                let fill = FeeFill { side, lots: volume.lots, event, time_ns: job::start_ns(), maker };
                match costs.fee(&fill, &mut tally, &fx) {
                    Ok(fee) => assert!(fee.is_finite() && fee >= 0.0, "a fee of {fee}"),
                    Err(error) => failure::sound(&error),
                }
            }
            let trip = RoundTrip {
                direction: Direction::Long,
                entry_price: price,
                exit_price: price * 1.01,
                initial_stop_loss: Some(price * 0.99),
                lots: volume.lots,
            };
            if let Err(error) = rules.result(&trip, instrument, &fx, &event, config.account.risk_per_trade) {
                failure::sound(&error);
            }
        }
        let pips = costs.slippage_pips(bar as u64, bar, Moment::Close);
        assert!(pips >= 0.0, "slippage of {pips} pips");
    }
    let legs: &Json = fx.legs();
    assert!(legs.is_array(), "{legs}");
}
