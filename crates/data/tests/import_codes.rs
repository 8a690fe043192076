//! Every code of an import (decisions.md 12): what is wrong, where it stands, what to do.

mod support;

use omega_types::{Failure, code};
use serde_json::{Value, json};
use support::{
    Folder,
    importing::{assert_says, run},
};

const HEAD: &str = "time,open,high,low,close\n";
const ROW: &str = "2024-01-02T10:00Z,1.1,1.2,1.0,1.15\n";

/// The failure of an import whose sources are texts, by key.
fn refused(folder: &Folder, sources: &[(&str, String)], options: Value) -> Failure {
    let mut options = options;
    for (key, text) in sources {
        options[*key] = json!([folder.put(&format!("{key}.csv"), text)]);
    }
    Failure::of(&run(folder, &options).unwrap_err())
}

#[test]
fn every_code_names_the_value_the_place_and_the_way_out() {
    let mut seen = Vec::new();
    let mut says = |failure: Failure, code: &'static str, message: &str, details: Value, hint: &str| {
        assert_says(&failure, code, message, hint);
        for (key, value) in details.as_object().unwrap() {
            assert_eq!(&failure.details[key], value, "{code}: {key}");
        }
        seen.push(code);
    };
    let single = |text: String, options: Value| refused(&Folder::new(), &[("single", text)], options);
    // Each quote 0.1 apart; with `open` the bid opens elsewhere.
    let pair = |open: &str, options: Value| {
        let bid = format!("{HEAD}2024-01-02T10:00Z,{open},1.3,1.0,1.1\n2024-01-02T10:01Z,1.1,1.2,1.0,1.1\n");
        let ask = format!("{HEAD}2024-01-02T10:00Z,1.2,1.3,1.1,1.2\n2024-01-02T10:01Z,1.2,1.3,1.1,1.2\n");
        refused(&Folder::new(), &[("bid", bid), ("ask", ask)], options)
    };

    let missing = Failure::of(&run(&Folder::new(), &json!({ "bid": ["nowhere/b.csv"] })).unwrap_err());
    let details = json!({ "path": "nowhere/b.csv" });
    says(missing, "IMPORT_FILE_NOT_FOUND", "import source not found: nowhere/b.csv", details, "check the path");

    let failure = single("a;b;c\n1;2;3\n".to_owned(), json!({}));
    says(failure, "IMPORT_FORMAT", "the first line 'a;b;c' fits no format", json!({}), "name one of the candidates");

    let failure = single(format!("{HEAD}{ROW}{}", ROW.replace("1.2", "1,2x")), json!({ "format": "generic" }));
    let message = "has 6 fields, the header has 5";
    says(failure, "IMPORT_PARSE", message, json!({ "line": 3, "column": "line" }), "decimal commas?");
    let failure = single(format!("{HEAD}{}", ROW.replace("1.2", "12e")), json!({}));
    let details = json!({ "line": 2, "column": "high", "text": "12e" });
    says(failure, "IMPORT_PARSE", "high '12e' is not a finite number", details, "plain decimal numbers");

    let failure = single(format!("{HEAD}{}", ROW.replace('Z', "")), json!({}));
    let details = json!({ "line": 2, "text": "2024-01-02T10:00" });
    says(failure, "IMPORT_TIMEZONE_REQUIRED", "the time '2024-01-02T10:00' has no offset", details, "give timezone");

    // The clocks of Berlin went from 02:00 to 03:00 on 31 March 2024.
    let gap = format!("{HEAD}{}", ROW.replace("2024-01-02T10:00Z", "2024-03-31 02:30"));
    let failure = single(gap, json!({ "timezone": "Europe/Berlin" }));
    let details = json!({ "line": 2, "text": "2024-03-31 02:30", "timezone": "Europe/Berlin", "problem": "missing" });
    says(failure, "IMPORT_LOCAL_TIME", "does not exist in Europe/Berlin", details, "check that the zone is right");

    let details = json!({ "bars": 2, "crossed": 1, "opens": 1, "closes": 0, "first_time_ns": "1704189600000000000" });
    let message = "1 of 2 bars are crossed (1 with bid open above ask open";
    says(pair("1.25", json!({})), "IMPORT_CROSSED", message, details, "on_crossed = drop would drop 50.00 %");

    let failure = pair("1.25", json!({ "on_crossed": "drop", "max_drop": 0.4 }));
    let details = json!({ "bars": 2, "dropped": 1, "limit": 0.4 });
    says(failure, "IMPORT_DROP_LIMIT", "50.00 %, more than the limit of 40 %", details, "raise max_drop");

    let failure = single(format!("{HEAD}{ROW}{}", ROW.replace("1.15", "1.16")), json!({}));
    let message = "duplicate time 2024-01-02T10:00:00Z with different values: line 2 of ";
    says(failure, "IMPORT_DUPLICATE_DIVERGENT", message, json!({ "time_ns": "1704189600000000000" }), "remove one");

    let failure = refused(&Folder::new(), &[("bid", format!("{HEAD}{ROW}"))], json!({}));
    let details = json!({ "symbol": "EURUSD", "timeframe": "M1" });
    says(failure, "IMPORT_ASK_MISSING", "EURUSD M1: the source has a bid side only", details, "ask_from_spread");

    let folder = Folder::new();
    let target = folder.put("out/EURUSD/EURUSD_M1.parquet", "mine");
    let failure = refused(&folder, &[("single", format!("{HEAD}{ROW}"))], json!({}));
    says(failure, "IMPORT_EXISTS", "EURUSD_M1.parquet exists", json!({ "path": target }), "give overwrite");
    assert_eq!(folder.bytes("out/EURUSD/EURUSD_M1.parquet"), b"mine");

    let folder = Folder::new();
    folder.put("out", "a file where the data root should be");
    let failure = refused(&folder, &[("single", format!("{HEAD}{ROW}"))], json!({}));
    says(failure, "IMPORT_WRITE", "cannot write ", json!({}), "check that the data root is a folder");

    seen.dedup();
    let mut all: Vec<_> = code::ALL.iter().map(|code| code.name).filter(|name| name.starts_with("IMPORT_")).collect();
    all.sort_unstable();
    seen.sort_unstable();
    assert_eq!(seen, all);
}
