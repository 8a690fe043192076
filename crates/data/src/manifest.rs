//! The identity of a run's data: a hash over the hashes of its inputs (data.md 11).

use omega_types::{Json, market::Input};
use serde_json::json;

use crate::source_file::sha256_hex;

/// The identifier: SHA-256 of the RFC 8785 form of `{"inputs":[{kind,path,sha256}…],"manifest_version":1}`.
///
/// - Shape: 64 lower-case hex digits. The order of `inputs` does not matter.
pub fn manifest_sha256(inputs: &[Input]) -> String {
    // RFC 8785 escapes strings exactly as serde_json does, and the keys below are in their sorted order.
    let text = |value: &str| Json::from(value).to_string();
    let entries: Vec<String> = sorted(inputs)
        .into_iter()
        .map(|i| format!("{{\"kind\":{},\"path\":{},\"sha256\":{}}}", text(&i.kind), text(&i.path), text(&i.sha256)))
        .collect();
    sha256_hex(format!("{{\"inputs\":[{}],\"manifest_version\":1}}", entries.join(",")).as_bytes())
}

/// The manifest itself, sorted by path, then kind, with its identifier. The clock is left to the caller.
///
/// - Unit: nanoseconds as decimal text, like everywhere in results.
pub fn manifest_json(inputs: &[Input]) -> Json {
    let entries: Vec<Json> = sorted(inputs)
        .into_iter()
        .map(|input| {
            let mut entry = json!({ "kind": input.kind, "path": input.path, "sha256": input.sha256 });
            if let Some(rows) = input.rows {
                entry["rows"] = json!(rows);
            }
            if let Some(start) = input.start_time_ns {
                entry["start_time_ns"] = json!(start.to_string());
            }
            if let Some(end) = input.end_time_ns {
                entry["end_time_ns"] = json!(end.to_string());
            }
            entry
        })
        .collect();
    json!({ "manifest_version": 1, "inputs": entries, "manifest_sha256": manifest_sha256(inputs) })
}

/// By path, then kind. Comparing UTF-8 bytes is comparing code points.
fn sorted(inputs: &[Input]) -> Vec<&Input> {
    let mut inputs: Vec<&Input> = inputs.iter().collect();
    inputs.sort_by(|a, b| (&a.path, &a.kind).cmp(&(&b.path, &b.kind)));
    inputs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(kind: &str, path: &str, last_digit: u8) -> Input {
        let sha256 = format!("{last_digit:064}");
        Input { kind: kind.into(), path: path.into(), sha256, rows: None, start_time_ns: None, end_time_ns: None }
    }

    fn four() -> Vec<Input> {
        vec![
            input("market_parquet_bid", "GBPUSD/GBPUSD_M15_BID.parquet", 1),
            input("market_parquet_ask", "GBPUSD/GBPUSD_M15_ASK.parquet", 2),
            input("execution_costs_yaml", "execution_costs.yaml", 3),
            input("symbol_specs_yaml", "symbol_specs.yaml", 4),
        ]
    }

    #[test]
    fn the_vector_of_the_data_contract_holds() {
        // data.md 11.
        let expected = "0bb5c2778512185b73651f5476e0938c9ccc25494d4243e3405c812cf4201878";
        assert_eq!(manifest_sha256(&four()), expected);
        let reversed: Vec<_> = four().into_iter().rev().collect();
        assert_eq!(manifest_sha256(&reversed), expected);
    }

    #[test]
    fn statistics_are_shown_and_not_hashed() {
        let mut inputs = four();
        inputs[0].rows = Some(3);
        inputs[0].start_time_ns = Some(1_709_649_000_041_018_001);
        let manifest = manifest_json(&inputs);
        assert_eq!(manifest["manifest_sha256"], manifest_sha256(&four()));
        // Sorted: ASK before BID.
        assert_eq!(manifest["inputs"][1]["start_time_ns"], "1709649000041018001");
        assert_eq!(manifest["inputs"][1]["rows"], 3);
    }
}
