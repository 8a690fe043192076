//! Files that are not what they should be. Every one is an error with a code, a place and a way out, or means the same.

mod support;

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use omega_types::Failure;
use serde_json::{Value, json};
use support::{
    Folder,
    importing::{assert_says, failed, run, single, ticks, times},
};

const HEAD: &str = "UTC time,Open,High,Low,Close,Volume\n";
const ROW: &str = "2024-01-02 10:00:00,1.1,1.2,1.0,1.15,7\n";

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Many different rows, so that half of the packed file is half of the rows.
fn long() -> String {
    let row = |i: u64| {
        let (hour, minute, last) = (i / 60 % 24, i % 60, i * 7_919 % 99_991);
        format!("2024-01-0{} {hour:02}:{minute:02}:00,1.1{last},1.3,1.0,1.1{last},{i}\n", i / 1_440 + 1)
    };
    HEAD.to_owned() + &(0..8_000).map(row).collect::<String>()
}

#[test]
fn content_that_is_no_text_is_told_by_its_first_bytes() {
    for (bytes, says) in [
        (&b""[..], "the file is empty"),
        (b"\xff\xfeU\0T\0C\0", "UTF-16; save it as UTF-8"),
        (b"PK\x03\x04rest", "unpack it, or save it as CSV"),
        (b"\x28\xb5\x2f\xfdrest", "packed in another way than gzip"),
        (b"BZh91AY", "packed in another way than gzip"),
    ] {
        for key in ["single", "ticks"] {
            let failure = failed(key, bytes, json!({}));
            assert_eq!((failure.code, failure.category), ("IMPORT_FORMAT", "market_data"));
            assert!(failure.message.contains(says), "{}", failure.message);
        }
    }
    // The same inside a packed file.
    assert!(failed("single", packed(""), json!({})).message.contains("the file is empty"));
    assert!(failed("single", packed("PAR1"), json!({})).message.contains("the packed file is Parquet; unpack it"));
}

#[test]
fn half_a_packed_file_is_an_error_and_not_half_the_bars() {
    let whole = packed(&long());
    let report = single(&whole, json!({})).0;
    assert_eq!((report.sources[0].rows, report.sources[0].bytes), (8_000, whole.len() as u64));
    for length in [whole.len() / 2, whole.len() - 1, whole.len() - 8, 12] {
        let failure = failed("single", &whole[..length], json!({}));
        assert_says(&failure, "DATA_READ", "cannot read ", "damaged or cut short: fetch it again");
    }
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 0xff;
    let failure = failed("single", damaged, json!({}));
    assert!(["DATA_READ", "IMPORT_PARSE"].contains(&failure.code), "{}: {}", failure.code, failure.message);
    // Two packed files in a row are one text.
    let mut two = packed(&format!("{HEAD}{ROW}"));
    two.extend(packed("2024-01-02 10:01:00,1.1,1.2,1.0,1.15,7\n"));
    assert_eq!(times(&single(two, json!({})).1), ["2024-01-02T10:00:00Z", "2024-01-02T10:01:00Z"]);
}

#[test]
fn a_folder_and_a_missing_file_are_named() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("bars")).unwrap();
    for key in ["single", "ticks", "bid"] {
        let of = |name: &str| {
            let path = folder.path().join(name).to_str().unwrap().to_owned();
            Failure::of(&run(&folder, &json!({ key: [path] })).unwrap_err())
        };
        assert_says(&of("bars"), "DATA_READ", "it is a folder", "name the files in it");
        assert_says(&of("none.csv"), "IMPORT_FILE_NOT_FOUND", "none.csv", "check the path");
    }
}

#[test]
fn a_header_that_is_missing_or_wrong_is_shown() {
    let failure = failed("single", ROW, json!({}));
    let message = "the first line '2024-01-02 10:00:00,1.1,1.2,1.0,1.15,7' is no header";
    assert_says(&failure, "IMPORT_FORMAT", message, "gets one as its first line");
    // A format that was asked for says what it misses.
    let failure = failed("single", ROW, json!({ "format": "native" }));
    assert_says(&failure, "IMPORT_FORMAT", "native: there is no column 'utc time'", "format");
    let wrong = format!("UTC time|Open|High|Low|Close\n{}", ROW.replace(',', "|"));
    assert_says(&failed("single", wrong, json!({})), "IMPORT_FORMAT", "UTC time|Open|High", "with format");
    let twice = HEAD.replace("Volume", "Close");
    let failure = failed("single", format!("{twice}{ROW}"), json!({}));
    assert_says(&failure, "IMPORT_FORMAT", "native: the column 'close' occurs twice", "format");
    let calendar = "Start,Name,Impact,Currency\n2008-01-01 10:00:00,GDP,LOW,CHF\n";
    assert_says(&failed("single", calendar, json!({})), "IMPORT_FORMAT", "data import-news", "format");
}

#[test]
fn another_separator_below_the_header_is_named_by_its_line() {
    let failure = failed("single", format!("{HEAD}{ROW}{}", ROW.replace(',', ";")), json!({}));
    assert_says(&failure, "IMPORT_PARSE", "line 3 of ", "complete or remove the line");
    assert!(failure.message.ends_with("has 1 fields, the header has 6"), "{}", failure.message);
    assert_eq!(failure.details["text"], "2024-01-02 10:00:00;1.1;1.2;1.0;1.15;7");
}

#[test]
fn marks_line_ends_quotes_and_blanks_do_not_matter() {
    let plain = single(format!("{HEAD}{ROW}"), json!({})).1;
    for text in [
        format!("\u{feff}{HEAD}{ROW}"),
        format!("{HEAD}{ROW}").replace('\n', "\r\n"),
        format!("{HEAD}{}", ROW.trim_end()),
        format!("{HEAD}\n{ROW}\n  \n,,,,,\n"),
        format!("{}{}", HEAD.replace(',', " , "), ROW.replace(',', " ,  ")),
        "\"UTC time\",\"Open\",\"High\",\"Low\",\"Close\",\"Volume\"\n\"2024-01-02 10:00:00\",\"1.1\",1.2,1.0,\"1.15\",7\n".into(),
        format!("{HEAD}{ROW}").replace(',', "\t"),
    ] {
        assert_eq!(single(&text, json!({})).1, plain, "{text:?}");
        assert_eq!(single(packed(&text), json!({})).1, plain, "{text:?}");
    }
    let failure = failed("single", format!("{HEAD}{ROW}\"2024-01-02 10:01:00,1,1,1,1,1\n{ROW}"), json!({}));
    assert_says(&failure, "IMPORT_PARSE", "has a quoted field without an end", "Look at that line");
    assert_eq!(failure.details["line"], 3);
    let failure = failed("single", format!("{HEAD}2024-01-02 10:00:00,\"1,1\",2,1,1,0\n"), json!({}));
    assert_says(&failure, "IMPORT_PARSE", "Open '1,1' is not a finite number", "with a point");
}

#[test]
fn bytes_that_are_no_utf8_are_named_by_their_line() {
    let mut latin = format!("{}{ROW}", HEAD.replace("Volume", "Volume,Note")).into_bytes();
    latin.truncate(latin.len() - 1);
    latin.extend(b",caf\xe9\n");
    let failure = failed("single", latin, json!({}));
    assert_says(&failure, "IMPORT_PARSE", "line 2 of ", "Look at that line");
    assert!(failure.message.ends_with("is not UTF-8"), "{}", failure.message);
    let mut header = b"UTC time,Open,High,Low,Clos\xe9\n".to_vec();
    header.extend(ROW.as_bytes());
    assert_eq!(failed("single", header, json!({})).code, "IMPORT_FORMAT");
}

#[test]
fn a_line_without_an_end_is_not_read_into_memory() {
    let endless = format!("{HEAD}{ROW}{}", "1".repeat(3_000_000));
    let failure = failed("single", packed(&endless), json!({}));
    assert_says(&failure, "IMPORT_PARSE", "is longer than a line of an export can be", "is the file whole");
    assert_eq!(failure.details["text"].as_str().map(str::len), Some(80));
    let failure = failed("single", "x".repeat(3_000_000), json!({}));
    assert!(failure.code == "IMPORT_FORMAT" && failure.message.len() < 600, "{}", failure.message.len());
}

#[test]
fn numbers_at_the_edge_are_judged_like_the_loader_does() {
    let with = |value: &str| {
        failed("single", format!("{HEAD}2024-01-02 10:00:00,{value},{value},{value},{value},0\n"), json!({}))
    };
    for value in ["1e400", "-1e400", "NaN", "inf", "0x1F", "1 000", "1'000", "١", "", "1.1.1", "--1"] {
        assert_says(&with(value), "IMPORT_PARSE", "is not a finite number", "1.2345");
    }
    assert_eq!(with("0").code, "DATA_NON_POSITIVE_PRICE");
    assert_eq!(with("1e-400").code, "DATA_NON_POSITIVE_PRICE");
    assert_eq!(with("-5").code, "DATA_NON_POSITIVE_PRICE");
    let text = format!("{HEAD}2024-01-02 10:00:00,1e300,1e300,1e300,1e300,1e300\n");
    assert_eq!(single(&text, json!({})).1[0].1, [1e300; 5]);
    assert_eq!(failed("single", text, json!({ "price_divisor": 1e-10 })).code, "DATA_NON_FINITE");
}

#[test]
fn dates_that_no_candle_can_have_are_refused() {
    let with = |time: &str| failed("single", format!("{HEAD}{ROW}{time},1,1,1,1,0\n"), json!({}));
    for time in
        ["1677-12-31 00:00:00", "2262-01-01 00:00:00", "0000-00-00 00:00:00", "2023-02-29 00:00:00", "2024-01-02 24:00"]
    {
        assert_says(&with(time), "IMPORT_PARSE", "is not a time", "year first");
    }
    assert_says(&with("1678-01-01 00:00:00+02:00"), "IMPORT_PARSE", "is out of range", "correct the year");
    assert_says(&with("10:00:00"), "IMPORT_PARSE", "UTC time '10:00:00' is not a time", "year first");
    // The last minute of the range, and a day that would end behind it.
    let last = |time: &str| format!("{HEAD}2261-12-31 {time},1,1,1,1,0\n");
    assert_eq!(times(&single(last("23:59:00"), json!({})).1), ["2261-12-31T23:59:00Z"]);
    let failure = failed("single", last("12:00:00"), json!({ "timeframe": "D1" }));
    assert_says(&failure, "IMPORT_PARSE", "is out of range", "correct the year");
}

#[test]
fn one_row_rows_out_of_order_and_repeated_rows() {
    assert_eq!(single(format!("{HEAD}{ROW}"), json!({})).0.sides[0].rows_out, 1);
    assert_eq!(failed("single", HEAD, json!({})).code, "DATA_EMPTY");
    assert_eq!(failed("ticks", "time,bid,ask\n", json!({})).code, "DATA_EMPTY");
    let back = ROW.replace("10:00:00", "09:59:00");
    let (report, bars) = single(format!("{HEAD}{ROW}{back}{ROW}"), json!({}));
    assert_eq!(times(&bars), ["2024-01-02T09:59:00Z", "2024-01-02T10:00:00Z"]);
    assert_eq!(report.sides[0].dropped.duplicate, 1);
    let other = ROW.replace("1.15", "1.16");
    let failure = failed("single", format!("{HEAD}{ROW}{other}"), json!({}));
    assert_says(&failure, "IMPORT_DUPLICATE_DIVERGENT", "duplicate time 2024-01-02T10:00:00Z", "remove one of the two");
    // The same bar in two files.
    let folder = Folder::new();
    let paths = [folder.put("a.csv", format!("{HEAD}{ROW}")), folder.put("b.csv", format!("{HEAD}{other}"))];
    let failure = Failure::of(&run(&folder, &json!({ "single": paths })).unwrap_err());
    assert!(
        failure.message.contains("a.csv and line 2 of ") && failure.message.ends_with("b.csv"),
        "{}",
        failure.message
    );
}

/// Property, by enumeration: no cut and no flipped byte of any format makes the core panic, and what fails has a code.
#[test]
fn damage_is_an_error_or_does_not_matter() {
    let files: [(&str, &str, Value); 5] = [
        ("single", "Gmt time,Open,High,Low,Close,Volume\n02.01.2024 10:00:00.000,1.1,1.2,1.0,1.15,7\n", json!({})),
        ("single", "20120201 000000;1.3066;1.3067;1.3065;1.3066;0\n20120201 000100;1.3;1.4;1.2;1.3;5\n", json!({})),
        ("ticks", "20120201 000003660,1.3066,1.3068,0\n20120201 000100000,1.4,1.5,0\n", json!({})),
        (
            "ticks",
            "<DATE>\t<TIME>\t<BID>\t<ASK>\t<LAST>\t<VOLUME>\n2024.01.03\t00:00:00.100\t1.1\t1.2\t\t\n",
            json!({ "timezone": "ny+7" }),
        ),
        ("ticks", "ms_since_midnight_utc,bid,ask\n8715,1.1,1.2\n60000,1.1,1.5\n", json!({ "date": "2014-05-08" })),
    ];
    let folder = Folder::new();
    for (key, text, options) in files {
        let import = |bytes: &[u8]| {
            let mut options = options.clone();
            options[key] = json!([folder.put("in", bytes)]);
            options["overwrite"] = json!(true);
            if let Err(error) = run(&folder, &options) {
                let failure = Failure::of(&error);
                let starts = ["IMPORT_", "DATA_", "ARG_"];
                assert!(starts.iter().any(|start| failure.code.starts_with(start)), "{}", failure.code);
            }
        };
        import(text.as_bytes());
        for place in 0..text.len() {
            import(&text.as_bytes()[..place]);
            for mask in [0x01, 0x10, 0x80] {
                let mut bytes = text.as_bytes().to_vec();
                bytes[place] ^= mask;
                import(&bytes);
            }
        }
    }
    assert_eq!(ticks("time,bid,ask\n2024-01-02T10:00Z,1,1\n", json!({})).1[0].len(), 1);
}
