//! The table of constant rates: the rates file, with the inline rates of the run on top.

use std::collections::BTreeMap;

use omega_types::config::FileContent;

use crate::{
    ExecutionError, Finding,
    fields::{Fields, Range},
};

/// Checks both and merges them; inline rates win.
///
/// # Errors
///
/// `fx_rates_invalid` naming key, value and file.
pub(super) fn table(
    file: Option<&FileContent>,
    inline: &BTreeMap<String, f64>,
) -> Result<BTreeMap<String, f64>, ExecutionError> {
    let mut table = match file {
        None => BTreeMap::new(),
        Some(file) => of_file(file).map_err(ExecutionError::FxRatesInvalid)?,
    };
    for (pair, &rate) in inline {
        let problem = if !is_pair(pair) {
            "must be named by six upper-case letters"
        } else if !(rate.is_finite() && rate > 0.0) {
            "must be greater than 0"
        } else {
            table.insert(pair.clone(), rate);
            continue;
        };
        return Err(ExecutionError::FxRatesInvalid(Box::new(Finding {
            key: format!("account.fx.static_rates.{pair}"),
            value: rate.to_string(),
            problem: problem.to_owned(),
            file: "run configuration".to_owned(),
        })));
    }
    Ok(table)
}

fn of_file(file: &FileContent) -> Result<BTreeMap<String, f64>, Box<Finding>> {
    let rates = Fields::of_file(file)?.child("rates")?;
    let mut table = BTreeMap::new();
    for (pair, _) in rates.entries() {
        if !is_pair(pair) {
            return Err(rates.finding(pair, "must be named by six upper-case letters"));
        }
        if let Some(rate) = rates.number(pair, Range::Positive)? {
            table.insert(pair.to_owned(), rate);
        }
    }
    Ok(table)
}

fn is_pair(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use omega_types::Json;
    use serde_json::json;

    use super::*;
    use crate::testing::file;

    #[test]
    fn inline_rates_are_laid_over_those_of_the_file() {
        let rates = file(json!({ "rates": { "EURUSD": 1.1, "GBPUSD": 1.3 } }));
        let inline = BTreeMap::from([("EURUSD".to_owned(), 1.2)]);
        let merged = BTreeMap::from([("EURUSD".to_owned(), 1.2), ("GBPUSD".to_owned(), 1.3)]);
        assert_eq!(table(Some(&rates), &inline).unwrap(), merged);
        for empty in [json!(null), json!({}), json!({ "rates": null })] {
            assert!(table(Some(&file(empty)), &BTreeMap::new()).unwrap().is_empty());
        }
    }

    #[test]
    fn wrong_keys_and_values_are_named() {
        let of_file =
            |rates: Json| table(Some(&file(json!({ "rates": rates }))), &BTreeMap::new()).unwrap_err().to_string();
        let prefix = "invalid conversion rates: ";
        assert_eq!(
            of_file(json!({ "EURUSD": 0 })),
            format!("{prefix}rates.EURUSD must be greater than 0 (found 0, test.yaml)")
        );
        assert_eq!(
            of_file(json!({ "eurusd": 1.1 })),
            format!("{prefix}rates.eurusd must be named by six upper-case letters (found 1.1, test.yaml)")
        );
        assert!(of_file(json!({ "EURUSD": "1.1" })).contains("must be a finite number"));
        assert!(of_file(json!([])).contains("rates must be a map"));
        let inline =
            |pair: &str, rate| table(None, &BTreeMap::from([(pair.to_owned(), rate)])).unwrap_err().to_string();
        assert!(
            inline("EURUSD", f64::NAN).contains("account.fx.static_rates.EURUSD must be greater than 0 (found NaN")
        );
        assert!(inline("EURUSDT", 1.0).contains("six upper-case letters"));
    }
}
