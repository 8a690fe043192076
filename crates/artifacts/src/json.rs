//! JSON as the output contract lays it out (output.md 3): two spaces, sorted keys, ECMAScript numbers.

use omega_types::Json;

use crate::decimal::{push_i64, push_u64};

/// `value` as the bytes of a file: 2-space indent, keys sorted by code point at every level, arrays in order, shortest
/// number texts, integers bare, non-ASCII text as it is, one newline at the end.
pub fn json_bytes(value: &Json) -> Vec<u8> {
    let mut out = Vec::new();
    push_value(&mut out, value, 0);
    out.push(b'\n');
    out
}

/// Appends `value` as one line: keys sorted, numbers as in [`json_bytes`], no space, a newline at the end.
pub(crate) fn json_line(out: &mut Vec<u8>, value: &Json) {
    push_compact(out, value);
    out.push(b'\n');
}

fn push_compact(out: &mut Vec<u8>, value: &Json) {
    match value {
        Json::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                push_compact(out, item);
            }
            out.push(b']');
        }
        Json::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_unstable_by(|a, b| a.0.cmp(b.0));
            out.push(b'{');
            for (index, (key, field)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                push_text(out, key);
                out.push(b':');
                push_compact(out, field);
            }
            out.push(b'}');
        }
        plain => push_value(out, plain, 0),
    }
}

/// The ECMAScript text of a finite number: the shortest form that reads back as `x`, `-0` as `0`.
pub fn number_text(x: f64) -> String {
    ryu_js::Buffer::new().format(x).to_owned()
}

/// Appends `value`; its lines after the first are indented by `depth` levels.
pub(crate) fn push_value(out: &mut Vec<u8>, value: &Json, depth: usize) {
    match value {
        Json::Null => out.extend_from_slice(b"null"),
        Json::Bool(true) => out.extend_from_slice(b"true"),
        Json::Bool(false) => out.extend_from_slice(b"false"),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(n), _, _) => push_i64(out, n),
            (_, Some(n), _) => push_u64(out, n),
            (_, _, x) => push_number(out, x.unwrap_or(f64::NAN)),
        },
        Json::String(text) => push_text(out, text),
        Json::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                push_break(out, index, depth + 1);
                push_value(out, item, depth + 1);
            }
            push_end(out, items.is_empty(), depth, b']');
        }
        Json::Object(fields) => {
            // The map may keep insertion order, depending on what else is compiled in.
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_unstable_by(|a, b| a.0.cmp(b.0));
            out.push(b'{');
            for (index, (key, field)) in sorted.into_iter().enumerate() {
                push_break(out, index, depth + 1);
                push_text(out, key);
                out.extend_from_slice(b": ");
                push_value(out, field, depth + 1);
            }
            push_end(out, fields.is_empty(), depth, b'}');
        }
    }
}

/// Appends the ECMAScript text of `x`. JSON has no text for what is not finite; callers check, `null` is the safety net.
pub(crate) fn push_number(out: &mut Vec<u8>, x: f64) {
    if x.is_finite() {
        out.extend_from_slice(ryu_js::Buffer::new().format_finite(x).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

/// Appends `text` in quotes, escaped as `JSON.stringify` does.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            control @ 0..0x20 => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
            other => out.push(other),
        }
    }
    out.push(b'"');
}

/// A comma unless it is the first entry, then a new line at `depth`.
pub(crate) fn push_break(out: &mut Vec<u8>, index: usize, depth: usize) {
    if index > 0 {
        out.push(b',');
    }
    out.push(b'\n');
    out.resize(out.len() + 2 * depth, b' ');
}

/// The closing bracket, on its own line unless nothing is inside.
pub(crate) fn push_end(out: &mut Vec<u8>, is_empty: bool, depth: usize, bracket: u8) {
    if !is_empty {
        push_break(out, 0, depth);
    }
    out.push(bracket);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn text(value: &Json) -> String {
        String::from_utf8(json_bytes(value)).unwrap()
    }

    #[test]
    fn keys_are_sorted_and_containers_expanded_at_every_level() {
        let value = json!({ "b": [1, [], { "z": null, "a": true }], "B": {}, "é": "ü", "a": "" });
        let expected = "\
{
  \"B\": {},
  \"a\": \"\",
  \"b\": [
    1,
    [],
    {
      \"a\": true,
      \"z\": null
    }
  ],
  \"é\": \"ü\"
}
";
        assert_eq!(text(&value), expected);
    }

    #[test]
    fn numbers_are_ecmascript_texts_and_integers_stay_whole() {
        // ECMA-262, Number::toString; the first three are the examples of output.md 3.
        let numbers = [10_000.0, 0.1, 1e-9, -0.0, 1e21, 1e-7, 123_456_789_012_345_680_000.0, -1.5].map(number_text);
        let expected = ["10000", "0.1", "1e-9", "0", "1e+21", "1e-7", "123456789012345680000", "-1.5"];
        assert_eq!(numbers, expected);
        let stamps = json!([1_709_649_000_041_018_001i64, i64::MIN, u64::MAX, -0.0, 2.0]);
        let expected = "[\n  1709649000041018001,\n  -9223372036854775808,\n  18446744073709551615,\n  0,\n  2\n]\n";
        assert_eq!(text(&stamps), expected);
    }

    #[test]
    fn text_is_escaped_like_json_stringify() {
        let expected = "\"\\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u001f/\u{7f}\u{2028}\"\n";
        assert_eq!(text(&json!("\"\\\n\r\t\u{8}\u{c}\u{1}\u{1f}/\u{7f}\u{2028}")), expected);
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<f64>().prop_filter("-0 reads back as 0", |x| x.is_finite() && *x != 0.0).prop_map(Json::from),
            "\\PC{0,8}".prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
                prop::collection::btree_map("[\\x00-\\x7fé]{0,4}", inner, 0..6)
                    .prop_map(|fields| Json::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// Property: what is written reads back as the same value, numbers to the bit.
        #[test]
        fn it_reads_back(value in any_json()) {
            fn same(a: &Json, b: &Json) -> bool {
                match (a, b) {
                    (Json::Number(a), Json::Number(b)) => a == b || a.as_f64() == b.as_f64(),
                    (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
                    (Json::Object(a), Json::Object(b)) => {
                        a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
                    }
                    _ => a == b,
                }
            }
            let back: Json = serde_json::from_slice(&json_bytes(&value)).unwrap();
            prop_assert!(same(&value, &back), "{value} != {back}");
            let mut line = Vec::new();
            json_line(&mut line, &value);
            prop_assert_eq!(line.iter().filter(|&&byte| byte == b'\n').count(), 1);
            let back: Json = serde_json::from_slice(&line).unwrap();
            prop_assert!(same(&value, &back), "{value} != {back}");
        }
    }
}
