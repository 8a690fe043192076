//! `metrics.json` and `metrics_extended.json`: values and their definitions, and tables (output.md 7).

use omega_types::Json;
use serde_json::json;

use crate::{ArtifactError, json_bytes};

/// `{"definitions": …, "metrics": …}`; `metrics` is flat and already rounded.
///
/// # Errors
///
/// A metric that is not a number, boolean or text, or lacks a definition; a definition without a metric or with a missing
/// field.
pub fn metrics_json(metrics: &Json, definitions: &Json) -> Result<Vec<u8>, ArtifactError> {
    check("metrics.json", metrics, definitions)?;
    Ok(json_bytes(&json!({ "definitions": definitions, "metrics": metrics })))
}

/// `{"definitions": …, "metrics": …, "tables": …}`; as [`metrics_json`], and tables of rows.
///
/// # Errors
///
/// As [`metrics_json`], and tables that are not an object of arrays.
pub fn metrics_extended_json(metrics: &Json, definitions: &Json, tables: &Json) -> Result<Vec<u8>, ArtifactError> {
    const ARTIFACT: &str = "metrics_extended.json";
    check(ARTIFACT, metrics, definitions)?;
    if !tables.as_object().is_some_and(|tables| tables.values().all(Json::is_array)) {
        return Err(ArtifactError::Metric { artifact: ARTIFACT, key: "tables".to_owned(), problem: "are not arrays" });
    }
    Ok(json_bytes(&json!({ "definitions": definitions, "metrics": metrics, "tables": tables })))
}

fn check(artifact: &'static str, metrics: &Json, definitions: &Json) -> Result<(), ArtifactError> {
    let refuse = |key: &str, problem| Err(ArtifactError::Metric { artifact, key: key.to_owned(), problem });
    let (Json::Object(values), Json::Object(entries)) = (metrics, definitions) else {
        return refuse("the root", "is not two objects");
    };
    for (key, value) in values {
        if !(value.is_number() || value.is_boolean() || value.is_string()) {
            return refuse(key, "is not a number, boolean or text");
        }
        let Some(definition) = entries.get(key) else {
            return refuse(key, "has no definition");
        };
        if ["description", "domain", "source", "type", "unit"].iter().any(|field| !definition[field].is_string()) {
            return refuse(key, "has an incomplete definition");
        }
    }
    if let Some(key) = entries.keys().find(|key| !values.contains_key(*key)) {
        return refuse(key, "is defined and has no value");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Json {
        json!({ "description": "Trades", "domain": ">=0", "source": "trades", "type": "number", "unit": "count" })
    }

    #[test]
    fn values_stand_beside_their_definitions() {
        let bytes = metrics_json(&json!({ "n": 8.0 }), &json!({ "n": definition() })).unwrap();
        let expected = "\
{
  \"definitions\": {
    \"n\": {
      \"description\": \"Trades\",
      \"domain\": \">=0\",
      \"source\": \"trades\",
      \"type\": \"number\",
      \"unit\": \"count\"
    }
  },
  \"metrics\": {
    \"n\": 8
  }
}
";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn tables_stand_beside_the_values() {
        let encode =
            |tables: Json| metrics_extended_json(&json!({ "n": "n/a" }), &json!({ "n": definition() }), &tables);
        let stamp = 1_709_649_000_041_018_001i64;
        let text = String::from_utf8(encode(json!({ "t": [{ "time_ns": stamp, "x": null }] })).unwrap()).unwrap();
        assert!(text.contains("\"n\": \"n/a\"") && text.contains("\"time_ns\": 1709649000041018001"), "{text}");
        assert_eq!(encode(json!([])).unwrap_err().to_string(), "metrics_extended.json: tables are not arrays");
        assert_eq!(encode(json!({ "t": 1 })).unwrap_err().to_string(), "metrics_extended.json: tables are not arrays");
        let undefined = metrics_extended_json(&json!({ "n": 1 }), &json!({}), &json!({})).unwrap_err();
        assert_eq!(undefined.to_string(), "metrics_extended.json: n has no definition");
    }

    #[test]
    fn keys_must_match_and_values_must_be_flat() {
        let refuse = |metrics: Json, definitions: Json| metrics_json(&metrics, &definitions).unwrap_err().to_string();
        let defined = || json!({ "n": definition() });
        assert_eq!(refuse(json!({ "n": null }), defined()), "metrics.json: n is not a number, boolean or text");
        assert_eq!(refuse(json!({ "n": [1] }), defined()), "metrics.json: n is not a number, boolean or text");
        assert_eq!(refuse(json!({ "n": 1, "m": 2 }), defined()), "metrics.json: m has no definition");
        assert_eq!(refuse(json!({}), defined()), "metrics.json: n is defined and has no value");
        assert_eq!(refuse(json!({ "n": 1 }), json!({ "n": {} })), "metrics.json: n has an incomplete definition");
        assert_eq!(refuse(json!([]), defined()), "metrics.json: the root is not two objects");
    }
}
