//! The rejections table: which orders were refused, when and why.

use omega_types::{
    Bar,
    trade::{Rejection, RejectionCode},
};

use crate::{ArtifactError, ColumnData, TableColumn, arrow::Stream, column::Read, number_text};

const REASONS: &[&str] = &{
    let mut names = [""; RejectionCode::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = RejectionCode::ALL[index].as_str();
        index += 1;
    }
    names
};

/// One refused order as it is reported.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RejectionRow {
    /// `None` for conflicting signals, which have no number.
    pub order_id: Option<u32>,
    /// Row of the equity table.
    pub bar_index: u32,
    /// Open time of that bar.
    pub timestamp_ns: i64,
    /// The stable code.
    pub reason: RejectionCode,
    /// The one number that explains it, if there is one.
    pub figure: Option<f64>,
}

impl RejectionRow {
    /// The row of `rejection`. `time` are the open times of all bars loaded, `first` is the first trading bar. `None` if the
    /// bar lies outside of them.
    pub fn new(rejection: &Rejection, time: &[i64], first: Bar) -> Option<Self> {
        Some(Self {
            order_id: rejection.order_id,
            bar_index: u32::try_from(rejection.bar.checked_sub(first)?).ok()?,
            timestamp_ns: *time.get(rejection.bar)?,
            reason: rejection.reason,
            figure: Some(rejection.figure).filter(|figure| figure.is_finite()),
        })
    }

    /// What happened, for people: the meaning of the code and the figure.
    pub fn detail(&self) -> String {
        match self.figure {
            Some(figure) => format!("{}: {}", self.reason.text(), number_text(figure)),
            None => self.reason.text().to_owned(),
        }
    }
}

/// The columns of the rejections table, without `detail` (text made when it is read).
pub const REJECTION_TABLE: &[TableColumn<RejectionRow>] = &[
    TableColumn { key: "order_id", read: Read::MaybeWhole(|r| r.order_id) },
    TableColumn { key: "bar_index", read: Read::Whole(|r| r.bar_index) },
    TableColumn { key: "timestamp_ns", read: Read::Instant(|r| r.timestamp_ns) },
    TableColumn { key: "reason", read: Read::Category(|r| r.reason as u8, REASONS) },
    TableColumn { key: "figure", read: Read::MaybeNumber(|r| r.figure) },
];

/// Every column of [`REJECTION_TABLE`] as a typed array, in order.
pub fn rejection_columns(rows: &[RejectionRow]) -> Vec<(&'static str, ColumnData)> {
    REJECTION_TABLE.iter().map(|column| (column.key, column.data(rows))).collect()
}

/// The rejections table as an Arrow IPC stream: [`REJECTION_TABLE`], then `detail`.
///
/// # Errors
///
/// More than 2 GiB of details.
pub fn rejections_arrow(rows: &[RejectionRow]) -> Result<Vec<u8>, ArtifactError> {
    let mut stream = Stream::new("rejections");
    for column in REJECTION_TABLE {
        let (nullable, array) = column.array(rows);
        stream.add(column.key, nullable, array);
    }
    let details: Vec<String> = rows.iter().map(RejectionRow::detail).collect();
    stream.add_texts("detail", details.iter().map(String::as_str))?;
    stream.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_knows_its_bar_in_the_equity_table() {
        let rejection = Rejection { order_id: Some(7), bar: 5, reason: RejectionCode::StopLossWrongSide, figure: 1.25 };
        let time = [0, 10, 20, 30, 40, 50];
        let row = RejectionRow::new(&rejection, &time, 3).unwrap();
        assert_eq!((row.bar_index, row.timestamp_ns), (2, 50));
        assert_eq!(row.detail(), "stop-loss not on the losing side of the closing price: 1.25");
        assert_eq!(RejectionRow::new(&rejection, &time[..5], 3), None);
        assert_eq!(RejectionRow::new(&rejection, &time, 6), None);
    }

    #[test]
    fn a_figure_that_says_nothing_is_left_out() {
        let rejection =
            Rejection { order_id: None, bar: 0, reason: RejectionCode::ConflictingSignals, figure: f64::NAN };
        let row = RejectionRow::new(&rejection, &[0], 0).unwrap();
        assert_eq!(row.detail(), "long and short at once; neither was sent");
        let columns = rejection_columns(&[row]);
        assert!(matches!(&columns[0], ("order_id", ColumnData::Number(ids)) if ids[0].is_nan()));
        assert!(matches!(&columns[4], ("figure", ColumnData::Number(figures)) if figures[0].is_nan()));
    }

    #[test]
    fn indices_are_those_of_the_declared_order() {
        for (index, code) in RejectionCode::ALL.iter().enumerate() {
            assert_eq!((*code as usize, REASONS[index]), (index, code.as_str()));
        }
    }
}
