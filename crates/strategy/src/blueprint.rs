//! A strategy with its parameters settled, before any data is read.

use omega_indicators::{Columns, Graph, NodeId};
use omega_types::{Json, Market, Timeframe, Warning};

use crate::{Strategy, StrategyError};

/// What a strategy may depend on besides its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Init {
    /// Upper-case symbol.
    pub symbol: String,
    /// Primary timeframe.
    pub primary: Timeframe,
    /// `timeframes.additional`.
    pub configured: Vec<Timeframe>,
    /// Absent while only parameters are checked.
    pub instrument: Option<Instrumentals>,
    /// `v1_parity`: values of higher timeframes are stepwise (indicators.md 3.3), and a strategy returns nothing while
    /// sessions or news block (decisions.md 13).
    pub stepwise: bool,
    /// `timeframes.stale_limit_bars`; 0 = automatic (indicators.md 3.4).
    pub stale_limit_bars: u32,
}

/// The steps in which prices of the symbol move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Instrumentals {
    /// Price of one pip.
    pub pip_size: f64,
    /// Smallest step of a quote.
    pub tick_size: f64,
    /// Decimals of the tick size.
    pub price_digits: u32,
}

/// What a strategy needs from the loader. A pure function of parameters and [`Init`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirements {
    /// Timeframes besides the primary, each once.
    pub timeframes: Vec<RequiredTimeframe>,
    /// Bars after which every declared indicator can be defined, primary first. Timeframes that are optional and not
    /// loaded are listed too.
    pub warmup_bars: Vec<(Timeframe, usize)>,
}

/// A timeframe besides the primary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredTimeframe {
    /// Which one.
    pub timeframe: Timeframe,
    /// Read only if the configuration lists it.
    pub optional: bool,
    /// The parameter that needs it: `strategy_parameters.htf_tf`.
    pub required_by: String,
}

/// A checked strategy on its way to a run: requirements → request → bind.
pub trait Blueprint: Send {
    /// Registered name, or the name of a form.
    fn name(&self) -> &str;

    /// Version for run metadata.
    fn version(&self) -> &str;

    /// Parameters after defaults and overrides.
    fn resolved_parameters(&self) -> Json;

    /// What the loader has to provide.
    fn requirements(&self) -> &Requirements;

    /// Remarks on the parameters.
    fn warnings(&self) -> &[Warning] {
        &[]
    }

    /// Minutes after which the position manager closes what this strategy opened, if its parameters say so
    /// (decisions.md 21). They never switch the manager on.
    fn holding_minutes(&self) -> Option<u64> {
        None
    }

    /// Adds what the strategy needs to `graph` and remembers the nodes. `loaded` holds the primary and every other
    /// timeframe that was read.
    ///
    /// # Errors
    ///
    /// A parameter that no indicator can take.
    fn request(&mut self, graph: &mut Graph, loaded: &[Timeframe]) -> Result<(), StrategyError>;

    /// The nodes that `bind` will read.
    fn wanted(&self) -> Vec<NodeId>;

    /// Takes the computed columns.
    ///
    /// # Errors
    ///
    /// Columns or signals that do not fit the market.
    fn bind(self: Box<Self>, market: &Market, columns: &Columns) -> Result<Box<dyn Strategy + Send>, StrategyError>;
}
