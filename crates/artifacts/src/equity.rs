//! `equity.csv` and the equity table (output.md 6).

use omega_types::equity::EquityCurve;

use crate::{
    ArtifactError,
    arrow::{Stream, instants, numbers},
    decimal::{push_fixed_6, push_i64},
    instant::InstantWriter,
};

/// The first line of `equity.csv`.
pub const EQUITY_CSV_HEADER: &str = "timestamp,timestamp_ns,equity,balance,drawdown,high_water";

const ARTIFACT: &str = "equity.csv";
/// A row of ordinary size; longer ones cost a reallocation.
const ROW_BYTES: usize = 104;

/// One line per trading bar under a header, money and drawdown with six decimals.
///
/// # Errors
///
/// Columns of different length, a value that is not finite, stamps that do not ascend.
pub fn equity_csv(curve: &EquityCurve) -> Result<Vec<u8>, ArtifactError> {
    check(curve)?;
    let mut out = Vec::with_capacity(EQUITY_CSV_HEADER.len() + 1 + curve.time_ns.len() * ROW_BYTES);
    out.extend_from_slice(EQUITY_CSV_HEADER.as_bytes());
    out.push(b'\n');
    let mut instant = InstantWriter::default();
    let mut cells = columns(curve).map(|(_, column)| Cell::new(column));
    for (row, &time_ns) in curve.time_ns.iter().enumerate() {
        instant.push(&mut out, time_ns);
        out.push(b',');
        push_i64(&mut out, time_ns);
        for cell in &mut cells {
            cell.push(&mut out, row);
        }
        out.push(b'\n');
    }
    Ok(out)
}

/// The equity table as an Arrow IPC stream: `timestamp_ns` (UTC), `equity`, `balance`, `drawdown`, `high_water`, unrounded.
///
/// # Errors
///
/// As [`equity_csv`].
pub fn equity_arrow(curve: &EquityCurve) -> Result<Vec<u8>, ArtifactError> {
    check(curve)?;
    let mut stream = Stream::new("equity");
    stream.add("timestamp_ns", false, instants(curve.time_ns.iter().copied()));
    for (key, column) in columns(curve) {
        stream.add(key, false, numbers(column.iter().map(|&x| Some(x))));
    }
    stream.finish()
}

fn columns(curve: &EquityCurve) -> [(&'static str, &[f64]); 4] {
    [
        ("equity", &curve.equity),
        ("balance", &curve.balance),
        ("drawdown", &curve.drawdown),
        ("high_water", &curve.high_water),
    ]
}

fn check(curve: &EquityCurve) -> Result<(), ArtifactError> {
    let rows = curve.time_ns.len();
    for (field, column) in columns(curve) {
        if column.len() != rows {
            return Err(ArtifactError::Length { artifact: ARTIFACT, field, expected: rows, found: column.len() });
        }
        if let Some((row, &value)) = column.iter().enumerate().find(|(_, x)| !x.is_finite()) {
            return Err(ArtifactError::NotFinite { artifact: ARTIFACT, field, row, value });
        }
    }
    let pairs = curve.time_ns.iter().zip(curve.time_ns.iter().skip(1));
    for (row, (&previous, &next)) in pairs.enumerate() {
        if next <= previous {
            return Err(ArtifactError::Order {
                artifact: ARTIFACT,
                field: "timestamp_ns",
                row: row + 1,
                previous,
                next,
            });
        }
    }
    Ok(())
}

/// The text of the last value is kept: balance and high water repeat over many rows.
struct Cell<'a> {
    column: &'a [f64],
    bits: u64,
    text: Vec<u8>,
}

impl<'a> Cell<'a> {
    fn new(column: &'a [f64]) -> Self {
        Self { column, bits: 0, text: b",0.000000".to_vec() }
    }

    fn push(&mut self, out: &mut Vec<u8>, row: usize) {
        let value = self.column.get(row).copied().unwrap_or_default();
        if value.to_bits() != self.bits {
            self.bits = value.to_bits();
            self.text.clear();
            self.text.push(b',');
            push_fixed_6(&mut self.text, value);
        }
        out.extend_from_slice(&self.text);
    }
}

#[cfg(test)]
mod tests {
    use omega_types::Coded;

    use super::*;

    fn curve() -> EquityCurve {
        EquityCurve {
            time_ns: vec![1_709_649_000_000_000_000, 1_709_649_900_000_000_000],
            equity: vec![24_996.5, 25_018.2],
            balance: vec![24_996.5, 24_996.5],
            drawdown: vec![(25_000.0 - 24_996.5) / 25_000.0, 0.0],
            high_water: vec![25_000.0, 25_018.2],
        }
    }

    #[test]
    fn the_rows_of_the_output_contract() {
        // output.md 6, byte for byte.
        let expected = "\
timestamp,timestamp_ns,equity,balance,drawdown,high_water
2024-03-05T14:30:00Z,1709649000000000000,24996.500000,24996.500000,0.000140,25000.000000
2024-03-05T14:45:00Z,1709649900000000000,25018.200000,24996.500000,0.000000,25018.200000
";
        assert_eq!(String::from_utf8(equity_csv(&curve()).unwrap()).unwrap(), expected);
    }

    #[test]
    fn a_run_without_bars_is_a_header() {
        let empty = equity_csv(&EquityCurve::default()).unwrap();
        assert_eq!(empty, format!("{EQUITY_CSV_HEADER}\n").into_bytes());
    }

    #[test]
    fn negative_zero_after_zero_is_still_zero() {
        let mut curve = curve();
        curve.equity = vec![0.0, -0.0];
        let text = String::from_utf8(equity_csv(&curve).unwrap()).unwrap();
        assert_eq!(text.matches(",0.000000,24996.500000").count(), 2);
    }

    #[test]
    fn what_the_contract_forbids_is_refused() {
        let refuse = |spoil: fn(&mut EquityCurve)| {
            let mut curve = curve();
            spoil(&mut curve);
            let error = equity_csv(&curve).unwrap_err();
            assert_eq!(error.code().name, "OUT_CONTRACT");
            error.to_string()
        };
        assert_eq!(refuse(|c| c.equity[1] = f64::NAN), "equity.csv: equity of row 1 is NaN");
        assert_eq!(refuse(|c| c.balance.truncate(1)), "equity.csv: balance has 1 values for 2 rows");
        assert!(refuse(|c| c.time_ns[1] = c.time_ns[0]).contains("timestamp_ns of row 1"));
    }
}
