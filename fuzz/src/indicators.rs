//! Indicators called with any parameters on any numbers.

use std::sync::LazyLock;

use omega_indicators::{Answer, LocalAnswer, answer, catalogue};
use omega_types::Json;
use serde_json::json;

use super::{
    document::{Vocabulary, value},
    failure,
    supply::Supply,
};

/// Length of the inputs, at most.
const LONGEST: usize = 64;
const WORDS: [&str; 12] = ["wilder", "sma", "ema", "log", "simple", "open", "close", "low", "high", "true", "nan", ""];
const VALUES: Vocabulary = Vocabulary { places: &[], words: &WORDS };

/// Kind, parameters and inputs out of the bytes.
pub fn indicators(data: &[u8]) {
    static KINDS: LazyLock<Vec<(String, Vec<String>, usize)>> = LazyLock::new(kinds);
    let mut supply = Supply::new(data);
    let (kind, names, needed) = &KINDS[usize::from(supply.byte()) % KINDS.len()];
    let mut parameters = serde_json::Map::new();
    for name in names {
        let given = match supply.byte() % 8 {
            0 => continue,
            1 => value(&mut supply, &VALUES, 1),
            2 => json!(supply.number()),
            3 => json!(supply.integer()),
            4 => json!(supply.flag()),
            5 => json!(f64::from(supply.byte()) / 64.0),
            _ => json!(supply.byte() % 32),
        };
        parameters.insert(name.clone(), given);
    }
    let lengths = supply.byte();
    let count = if lengths == 254 { needed + 1 } else { *needed };
    let rows = usize::from(supply.byte()) % LONGEST;
    let inputs: Vec<Vec<f64>> = (0..count)
        .map(|input| {
            let rows = if lengths == 255 { rows + input } else { rows };
            let mut next = || match lengths & 1 {
                0 => 1.1 + f64::from(supply.byte()) * 1e-4,
                _ => supply.number(),
            };
            (0..rows).map(|_| next()).collect()
        })
        .collect();
    let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    match answer(kind, &Json::Object(parameters), &inputs) {
        Err(error) => failure::sound(&error),
        Ok(Answer::Series(series)) => {
            let rows = inputs.first().map_or(0, |input| input.len());
            assert!(series.iter().all(|output| output.len() == rows), "{kind}: a series is as long as its bars");
        }
        Ok(Answer::Local(LocalAnswer::Clusters(state))) => drop(serde_json::to_string(&state.json())),
        Ok(Answer::Local(_)) => {}
    }
}

/// Every indicator: its kind, the names of its parameters, and how many series it reads.
fn kinds() -> Vec<(String, Vec<String>, usize)> {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let list = |json: &Json| json.as_array().cloned().unwrap_or_default();
    let kinds = list(&catalogue()).into_iter().map(|kind| {
        let names = list(&kind["parameters"]).iter().map(|parameter| text(&parameter["name"])).collect();
        (text(&kind["kind"]), names, list(&kind["input"]["series"]).len())
    });
    kinds.collect()
}
