//! What a candle file says about itself: the `omega.*` metadata that our writer puts into it (data.md 2).

use std::{collections::BTreeMap, sync::Arc};

use omega_types::Json;

use crate::{DataError, Origin, write::SYNTHETIC};

/// The `omega.*` pairs of a file. A file that was written by something else has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileLabels(BTreeMap<String, String>);

impl FileLabels {
    /// Keeps the `omega.*` pairs.
    pub(crate) fn new<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self(pairs.filter(|(key, _)| key.starts_with("omega.")).map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
    }

    /// The value of `key` (`omega.side`).
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Every pair, sorted by key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Compares the labels with the file name.
    ///
    /// # Errors
    ///
    /// `DATA_METADATA_MISMATCH` for the first label that contradicts it.
    pub(crate) fn check(&self, origin: &Arc<Origin>) -> Result<(), DataError> {
        let expected = [
            ("omega.schema", "candles/1"),
            ("omega.symbol", origin.symbol.as_str()),
            ("omega.timeframe", origin.timeframe.as_str()),
            ("omega.side", origin.side.as_str()),
        ];
        for (key, expected) in expected {
            if let Some(found) = self.get(key).filter(|found| *found != expected) {
                return Err(DataError::MetadataMismatch {
                    origin: Arc::clone(origin),
                    key,
                    found: format!("{key} = {found}"),
                    expected: expected.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// What an import did to crossed quotes.
    pub(crate) fn crossed(&self) -> Option<Json> {
        let text = self.get("omega.crossed")?;
        Some(serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned())))
    }

    /// How the ask was invented, if it was.
    pub(crate) fn ask_source(&self) -> Option<String> {
        self.get("omega.ask_source").map(str::to_owned)
    }

    /// The candles were generated, not observed.
    pub(crate) fn is_synthetic(&self) -> bool {
        self.get("omega.source") == Some(SYNTHETIC)
    }
}
