//! The trades table: columns by contract key, instants as nanoseconds only.

use omega_types::{Direction, ExitReason, OrderType, Trade};

use crate::{
    ArtifactError, ColumnData, TableColumn,
    arrow::{Stream, categories},
    column::Read,
};

const ORDER_TYPES: &[&str] = &[OrderType::Limit.as_str(), OrderType::Market.as_str(), OrderType::Stop.as_str()];

const REASONS: &[&str] = &{
    let mut names = [""; ExitReason::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = ExitReason::ALL[index].as_str();
        index += 1;
    }
    names
};

/// The columns of the trades table in contract order, without `symbol` (one text for all rows) and `meta` (free JSON).
pub const TRADE_TABLE: &[TableColumn<Trade>] = &[
    TableColumn { key: "position_id", read: Read::Whole(|t| t.position_id) },
    TableColumn { key: "order_id", read: Read::Whole(|t| t.order_id) },
    TableColumn { key: "entry_time_ns", read: Read::Instant(|t| t.entry_time_ns) },
    TableColumn { key: "exit_time_ns", read: Read::Instant(|t| t.exit_time_ns) },
    TableColumn {
        key: "direction",
        read: Read::Direction(|t| match t.direction {
            Direction::Long => 1,
            Direction::Short => -1,
        }),
    },
    TableColumn { key: "order_type", read: Read::Category(|t| t.order_type as u8, ORDER_TYPES) },
    TableColumn { key: "entry_price", read: Read::Number(|t| t.entry_price) },
    TableColumn { key: "exit_price", read: Read::Number(|t| t.exit_price) },
    TableColumn { key: "stop_loss", read: Read::MaybeNumber(|t| t.stop_loss) },
    TableColumn { key: "take_profit", read: Read::MaybeNumber(|t| t.take_profit) },
    TableColumn { key: "initial_stop_loss", read: Read::MaybeNumber(|t| t.initial_stop_loss) },
    TableColumn { key: "size", read: Read::Number(|t| t.size) },
    TableColumn { key: "result", read: Read::Number(|t| t.result) },
    TableColumn { key: "risk", read: Read::MaybeNumber(|t| t.risk) },
    TableColumn { key: "entry_fee", read: Read::Number(|t| t.entry_fee) },
    TableColumn { key: "exit_fee", read: Read::Number(|t| t.exit_fee) },
    TableColumn { key: "r_multiple", read: Read::MaybeNumber(|t| t.r_multiple) },
    TableColumn { key: "reason", read: Read::Category(|t| t.reason as u8, REASONS) },
    TableColumn { key: "scenario_id", read: Read::Small(|t| t.scenario_id) },
    TableColumn { key: "bars_held", read: Read::Whole(|t| u32::try_from(t.bars_held()).unwrap_or(u32::MAX)) },
    TableColumn { key: "mae", read: Read::Number(|t| t.mae) },
    TableColumn { key: "mfe", read: Read::Number(|t| t.mfe) },
];

/// Every column of [`TRADE_TABLE`] as a typed array, in order.
pub fn trade_columns(trades: &[Trade]) -> Vec<(&'static str, ColumnData)> {
    TRADE_TABLE.iter().map(|column| (column.key, column.data(trades))).collect()
}

/// The trades table as an Arrow IPC stream: [`TRADE_TABLE`], then `symbol` and `meta` (JSON text, one per trade).
///
/// # Errors
///
/// Not one `meta` per trade, or more than 2 GiB of them.
pub fn trades_arrow(symbol: &str, trades: &[Trade], metas: &[String]) -> Result<Vec<u8>, ArtifactError> {
    if metas.len() != trades.len() {
        let (expected, found) = (trades.len(), metas.len());
        return Err(ArtifactError::Length { artifact: "trades", field: "meta", expected, found });
    }
    let mut stream = Stream::new("trades");
    for column in TRADE_TABLE {
        let (nullable, array) = column.array(trades);
        stream.add(column.key, nullable, array);
    }
    stream.add("symbol", false, categories(trades.iter().map(|_| 0), &[symbol]));
    stream.add_texts("meta", metas.iter().map(String::as_str))?;
    stream.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_those_of_the_declared_order() {
        for (index, reason) in ExitReason::ALL.iter().enumerate() {
            assert_eq!((*reason as usize, REASONS[index]), (index, reason.as_str()));
        }
        for order_type in [OrderType::Limit, OrderType::Market, OrderType::Stop] {
            assert_eq!(ORDER_TYPES[order_type as usize], order_type.as_str());
        }
    }
}
