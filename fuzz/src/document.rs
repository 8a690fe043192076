//! JSON documents out of bytes: as text, or grown from the words that their reader knows.

use omega_types::Json;
use serde_json::{Map, json};

use super::supply::Supply;

/// What a document is grown from.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary {
    /// Places for values, `/` between keys.
    pub places: &'static [&'static str],
    /// Texts and keys.
    pub words: &'static [&'static str],
}

/// Values that are set in one document, at most.
const MOST_VALUES: usize = 24;

/// Text if it begins like an object (`None` if it is none), otherwise grown until the bytes are used up.
pub fn document(data: &[u8], vocabulary: &Vocabulary) -> Option<Json> {
    if data.first() == Some(&b'{') {
        return serde_json::from_slice(data).ok().filter(Json::is_object);
    }
    let mut supply = Supply::new(data);
    Some(grown(&mut supply, vocabulary))
}

/// A document of values at places of the vocabulary.
pub fn grown(supply: &mut Supply<'_>, vocabulary: &Vocabulary) -> Json {
    let mut document = json!({});
    for _ in 0..MOST_VALUES {
        if supply.is_empty() {
            break;
        }
        let place = supply.pick(vocabulary.places);
        let value = value(supply, vocabulary, 3);
        set(&mut document, place, value);
    }
    document
}

/// Any value, at most `depth` lists and maps deep.
pub fn value(supply: &mut Supply<'_>, vocabulary: &Vocabulary, depth: u32) -> Json {
    match supply.byte() % 16 {
        0 => Json::Null,
        1 => json!(true),
        2 => json!(false),
        3 | 4 => json!(supply.number()),
        5 => json!(supply.integer()),
        6 => json!(supply.integer() as u64),
        7 => json!(supply.byte()),
        8..=11 => json!(supply.pick(vocabulary.words)),
        12 => {
            let length = usize::from(supply.byte() % 16);
            let bytes: Vec<u8> = (0..length).map(|_| supply.byte()).collect();
            json!(String::from_utf8_lossy(&bytes))
        }
        13 if depth > 0 => {
            let length = supply.byte() % 5;
            (0..length).map(|_| value(supply, vocabulary, depth - 1)).collect()
        }
        14 | 15 if depth > 0 => {
            let length = supply.byte() % 5;
            let pair = |_| (supply.pick(vocabulary.words).to_owned(), value(supply, vocabulary, depth - 1));
            Json::Object((0..length).map(pair).collect())
        }
        _ => json!([]),
    }
}

/// Puts `value` at `place`; what is no object on the way becomes one.
fn set(document: &mut Json, place: &str, value: Json) {
    let mut target = document;
    for key in place.split('/') {
        if !target.is_object() {
            *target = Json::Object(Map::new());
        }
        target = &mut target[key];
    }
    *target = value;
}

/// Lays `patch` over `base`, object by object.
pub fn overlay(base: &mut Json, patch: Json) {
    match (base, patch) {
        (Json::Object(base), Json::Object(patch)) => {
            for (key, value) in patch {
                overlay(base.entry(key).or_insert(Json::Null), value);
            }
        }
        (base, patch) => *base = patch,
    }
}
