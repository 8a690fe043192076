//! `metrics.json`: values and their definitions (output.md 7).

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
    let refuse = |key: &str, problem| Err(ArtifactError::Metric { key: key.to_owned(), problem });
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
    Ok(json_bytes(&json!({ "definitions": definitions, "metrics": metrics })))
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
