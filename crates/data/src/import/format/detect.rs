//! Which format a source has: by its header, by the shape of its first line, or as the request says.

use std::path::Path;

use super::{
    super::{ImportError, clock::reads_as_time, fields::split, request::argument},
    ALL, Columns, Complaint, Format, Kind, Layout, TimePlace, Told, Values, Wanted, names,
};

/// What can be seen of a source before its format is known.
#[derive(Debug)]
pub(in super::super) enum Head<'a> {
    /// The first line of a text.
    Line(&'a [u8]),
    /// The columns of a Parquet file.
    Columns(&'a [String]),
}

const CALENDAR: &str = "a news calendar (it has a command of its own, data import-news)";

/// Checks what the request says about the format, without a file.
///
/// # Errors
///
/// `ARG_INVALID` if an option contradicts the format that is named.
pub(in super::super) fn check(wanted: &Wanted<'_>) -> Result<(), ImportError> {
    let Some(format) = wanted.format.and_then(by_name) else { return Ok(()) };
    if format.kind != wanted.kind {
        return Err(argument("format", format.name, &format!("its files {}", place_of(format.kind))));
    }
    match wanted.generic_option() {
        Some(option) if !format.is_generic => {
            let reason = format!(
                "{} says which columns and times its files have; only generic formats can be told",
                format.name
            );
            Err(argument(option, "given", &reason))
        }
        _ => Ok(()),
    }
}

/// Finds the format of a source, or checks it against the one that was asked for.
///
/// # Errors
///
/// [`ImportError::Format`] with the candidates, if none or several fit.
pub(in super::super) fn detect(path: &Path, head: &Head<'_>, wanted: &Wanted<'_>) -> Result<Layout, ImportError> {
    let refused = |problem: String, candidates: Vec<String>| {
        Err(ImportError::Format { path: path.to_owned(), problem, candidates })
    };
    if let Some(name) = wanted.format {
        let Some(format) = by_name(name) else {
            return refused(format!("there is no format '{name}'"), names(wanted.kind));
        };
        if matches!(head, Head::Columns(_)) && !is_in_parquet(format) {
            let known = ALL.iter().filter(|other| other.kind == wanted.kind && is_in_parquet(other));
            return refused(
                format!("the file is Parquet, and {name} is text"),
                known.map(|format| format.name.to_owned()).collect(),
            );
        }
        let (mut found, complaints) = layouts(&[format], head, wanted);
        return match found.pop() {
            Some(layout) => Ok(layout),
            // What the file would be if nobody had said anything.
            None => match detect(path, head, &Wanted { format: None, ..*wanted }) {
                Ok(other) => refused(misfit(head, complaints.first()), vec![other.format.name.to_owned()]),
                Err(_) => refused(misfit(head, complaints.first()), names(wanted.kind)),
            },
        };
    }
    let is_candidate = |format: &&Format, kind| {
        format.kind == kind
            && format.told != Told::Never
            && (format.is_generic || wanted.generic_option().is_none())
            && (matches!(head, Head::Line(_)) || is_in_parquet(format))
    };
    let formats: Vec<&Format> = ALL.iter().filter(|format| is_candidate(format, wanted.kind)).collect();
    let (mut found, mut complaints) = layouts(&formats, head, wanted);
    match (found.pop(), found.is_empty()) {
        (Some(layout), true) if layout.format.told == Told::Always || wanted.has_zone => Ok(layout),
        (Some(layout), true) => {
            let name = layout.format.name;
            refused(
                "the file has no header, and exports of MetaTrader 4 in the time of a broker look the same".to_owned(),
                vec![name.to_owned(), format!("{name} with the broker's timezone")],
            )
        }
        (Some(last), false) => {
            found.push(last);
            refused(
                "the columns fit several formats".to_owned(),
                found.iter().map(|layout| layout.format.name.to_owned()).collect(),
            )
        }
        (None, _) => {
            let other = if wanted.kind == Kind::Bars { Kind::Ticks } else { Kind::Bars };
            let formats: Vec<&Format> = ALL.iter().filter(|format| is_candidate(format, other)).collect();
            if let Some(layout) = layouts(&formats, head, wanted).0.first() {
                let problem = format!("the file is {}, whose files {}", layout.format.name, place_of(other));
                return refused(problem, vec![layout.format.name.to_owned()]);
            }
            complaints.sort_by_key(|complaint| !complaint.is_near);
            let near = complaints.first().filter(|complaint| complaint.is_near || wanted.generic_option().is_some());
            let candidates = if is_calendar(head) { vec![CALENDAR.to_owned()] } else { names(wanted.kind) };
            refused(misfit(head, near), candidates)
        }
    }
}

fn by_name(name: &str) -> Option<&'static Format> {
    ALL.iter().find(|format| format.name == name)
}

/// "column rules of `generic`" (api.md); our own candle files name their time column as `native` does.
fn is_in_parquet(format: &Format) -> bool {
    format.is_generic || format.name == "native"
}

fn place_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Bars => "hold bars of one side: give them as bid, ask or single",
        Kind::Ticks => "hold quotes of both sides: give them as ticks",
    }
}

/// Every way in which one of `formats` fits, and why the others do not.
fn layouts(formats: &[&'static Format], head: &Head<'_>, wanted: &Wanted<'_>) -> (Vec<Layout>, Vec<Complaint>) {
    let (mut found, mut complaints) = (Vec::new(), Vec::new());
    for &format in formats {
        let separators: &[u8] = match head {
            Head::Line(_) => format.separators,
            Head::Columns(_) => b"\0",
        };
        for &separator in separators {
            match layout(format, separator, head, wanted) {
                Ok(layout) => found.push(layout),
                Err(complaint) => {
                    complaints.push(Complaint { text: format!("{}: {}", format.name, complaint.text), ..complaint });
                }
            }
        }
    }
    // With a wrong separator a line is one column, about which everything is missing.
    complaints.sort_by_key(|complaint| !complaint.is_near);
    (found, complaints)
}

fn layout(format: &'static Format, separator: u8, head: &Head<'_>, wanted: &Wanted<'_>) -> Result<Layout, Complaint> {
    let (shown, line) = match head {
        Head::Line(line) => (fields_of(line, separator), Some(*line)),
        Head::Columns(names) => (names.to_vec(), None),
    };
    let separator = line.map(|_| separator);
    let names = match format.bare {
        None => shown.clone(),
        Some(names) => names.iter().map(|&name| name.to_owned()).collect(),
    };
    let places = (format.places)(&Columns(&names), wanted)?;
    if format.bare.is_some() {
        if shown.len() != names.len() {
            let text = format!("a line has {} fields instead of {}", shown.len(), names.len());
            return Err(Complaint { text, is_near: false });
        }
        // A format that was asked for is believed: its first line is then judged like every other one.
        if wanted.format.is_none() && !is_data(&shown, places.time, places.values, places.form) {
            let text = format!("a line begins with {}", places.form.shown());
            return Err(Complaint { text, is_near: false });
        }
    }
    Ok(Layout { format, separator, names, places })
}

fn fields_of(line: &[u8], separator: u8) -> Vec<String> {
    let mut ranges = Vec::new();
    if !split(line, separator, &mut ranges) {
        return Vec::new();
    }
    ranges.into_iter().map(|range| String::from_utf8_lossy(line.get(range).unwrap_or_default()).into_owned()).collect()
}

/// Whether the fields of a line read as time and prices.
fn is_data(fields: &[String], time: TimePlace, values: Values, form: super::TimeForm) -> bool {
    let field = |place: usize| fields.get(place).map(String::as_str).unwrap_or_default();
    let has_time = match time {
        TimePlace::One(place) => reads_as_time(form, field(place).as_bytes(), None),
        TimePlace::Two(date, clock) => {
            reads_as_time(form, field(date).as_bytes(), clock.map(|clock| field(clock).as_bytes()))
        }
    };
    let is_number = |place: usize| field(place).parse::<f64>().is_ok();
    has_time
        && match values {
            Values::Bar { prices, .. } => prices.into_iter().all(is_number),
            Values::Quote { bid, ask, .. } => is_number(bid) && is_number(ask),
        }
}

fn misfit(head: &Head<'_>, near: Option<&Complaint>) -> String {
    let (what, text) = match head {
        Head::Line(line) => ("first line", String::from_utf8_lossy(line).into_owned()),
        Head::Columns(names) => ("column list", names.join(",")),
    };
    let shown: String = text.chars().take(80).collect();
    if let Some(complaint) = near {
        return format!("the {what} '{shown}' does not fit {}", complaint.text);
    }
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return format!("the {what} '{shown}' is no header and fits no format");
    }
    format!("the {what} '{shown}' fits no format")
}

fn is_calendar(head: &Head<'_>) -> bool {
    let Head::Line(line) = head else { return false };
    b",\t;".iter().any(|&separator| {
        let names: Vec<String> = fields_of(line, separator).iter().map(|name| name.to_lowercase()).collect();
        names.iter().any(|name| name == "impact") && names.iter().any(|name| name == "currency")
    })
}

#[cfg(test)]
mod tests {
    use omega_types::Coded;

    use super::{super::TimeForm, *};

    const BARS: Wanted<'static> = Wanted {
        kind: Kind::Bars,
        format: None,
        has_zone: false,
        time_column: None,
        time_unit: None,
        bid_column: None,
        ask_column: None,
        has_date: false,
    };
    const TICKS: Wanted<'static> = Wanted { kind: Kind::Ticks, ..BARS };

    fn found(line: &str, wanted: Wanted<'_>) -> Result<Layout, String> {
        detect(Path::new("x.csv"), &Head::Line(line.as_bytes()), &wanted).map_err(|error| error.to_string())
    }

    fn name(line: &str, wanted: Wanted<'_>) -> &'static str {
        found(line, wanted).unwrap().format.name
    }

    /// The headers and lines of data.md 7.1.
    #[test]
    fn the_first_line_tells_the_format() {
        for (line, format) in [
            ("UTC time,Open,High,Low,Close,Volume", "native"),
            ("Date,open,high,low,close,tick_volume", "generic"),
            ("timestamp,open,high,low,close", "generic"),
            ("Date;close;low;high;open;tick_volume", "generic"),
            ("Gmt time,Open,High,Low,Close,Volume", "dukascopy-web"),
            ("Local time,Open,High,Low,Close,Volume", "dukascopy-local"),
            ("Time (UTC),Open,High,Low,Close,Volume", "dukascopy-jforex"),
            ("Time (EET),Open,High,Low,Close,Volume ", "dukascopy-jforex"),
            ("Etc/UTC,Open,High,Low,Close,Volume", "dukascopy-etc-utc"),
            ("20120201 000000;1.306600;1.306600;1.306560;1.306560;0", "histdata-ascii-m1"),
            ("<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>", "mt5-bars"),
            ("<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>,<VOL>,<SPREAD>", "mt5-bars"),
        ] {
            assert_eq!(name(line, BARS), format, "{line}");
        }
        for (line, format) in [
            ("Gmt time,Ask,Bid,AskVolume,BidVolume", "dukascopy-ticks"),
            ("20120201 000003660,1.306600,1.306770,0", "histdata-ascii-ticks"),
            ("<DATE>\t<TIME>\t<BID>\t<ASK>\t<LAST>\t<VOLUME>\t<FLAGS>", "mt5-ticks"),
            ("<DATE>\t<TIME>\t<BID>\t<ASK>\t<LAST>\t<VOLUME>", "mt5-ticks"),
            ("ms_since_midnight_utc,bid,ask", "generic-ticks"),
            ("ask;bid;time", "generic-ticks"),
        ] {
            assert_eq!(name(line, TICKS), format, "{line}");
        }
    }

    #[test]
    fn the_columns_are_found_by_name() {
        let generic = found("Date;close;low;high;open;tick_volume", BARS).unwrap();
        assert_eq!((generic.separator, generic.places.time), (Some(b';'), TimePlace::One(0)));
        assert_eq!(generic.places.values, Values::Bar { prices: [4, 3, 2, 1], volume: Some(5) });
        let daily = found("<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>,<VOL>,<SPREAD>", BARS).unwrap();
        assert_eq!(daily.places.time, TimePlace::Two(0, None));
        let ticks = found("Gmt time,Ask,Bid,AskVolume,BidVolume", TICKS).unwrap();
        assert_eq!(ticks.places.values, Values::Quote { bid: 2, ask: 1, carries: false });
    }

    #[test]
    fn a_line_without_a_header_that_two_programs_write_needs_an_answer() {
        let line = "2012.02.01,00:00,1.306600,1.306600,1.306560,1.306560,0";
        let message = found(line, BARS).unwrap_err();
        assert!(message.contains("MetaTrader 4") && message.contains("candidates: histdata-mt, "), "{message}");
        assert_eq!(name(line, Wanted { has_zone: true, ..BARS }), "histdata-mt");
        assert_eq!(name(line, Wanted { format: Some("histdata-mt"), ..BARS }), "histdata-mt");
    }

    #[test]
    fn what_fits_nothing_lists_what_there_is() {
        let message = found("a,b,c", BARS).unwrap_err();
        assert!(message.starts_with("x.csv: the first line 'a,b,c' fits no format; candidates: native, generic, d"));
        assert!(message.ends_with("histdata-ascii-m1, histdata-mt, mt5-bars"), "{message}");
        let message = found("Gmt time,Open,High,Low,Volume", BARS).unwrap_err();
        assert!(message.contains("does not fit dukascopy-web: there is no column 'close'"), "{message}");
        let message = found("2024-01-02 10:00,1.1,1.2,1.0,1.15,7", BARS).unwrap_err();
        assert!(message.contains("is no header"), "{message}");
        let message = found("Start,Name,Impact,Currency", BARS).unwrap_err();
        assert!(message.contains("candidates: a news calendar"), "{message}");
    }

    #[test]
    fn files_of_the_other_kind_are_sent_to_their_option() {
        let message = found("Gmt time,Ask,Bid,AskVolume,BidVolume", BARS).unwrap_err();
        assert!(message.contains("the file is dukascopy-ticks") && message.contains("give them as ticks"), "{message}");
        let message = found("UTC time,Open,High,Low,Close,Volume", TICKS).unwrap_err();
        assert!(message.contains("give them as bid, ask or single"), "{message}");
        let error = check(&Wanted { format: Some("mt5-ticks"), ..BARS }).unwrap_err();
        assert_eq!(error.code().name, "ARG_INVALID");
    }

    #[test]
    fn two_time_columns_need_an_answer() {
        let header = "date,time,open,high,low,close";
        assert!(found(header, BARS).unwrap_err().contains("the time column is ambiguous (time, date)"));
        let layout = found(header, Wanted { time_column: Some("Time"), ..BARS }).unwrap();
        assert_eq!(layout.places.time, TimePlace::One(1));
    }

    #[test]
    fn a_format_that_is_asked_for_says_what_is_missing() {
        let mt5 = Wanted { format: Some("mt5-bars"), ..BARS };
        let message = found("date,open,high,low,close", mt5).unwrap_err();
        assert!(message.contains("there is no column '<date>'"), "{message}");
        assert!(message.ends_with("; candidates: generic"), "{message}");
        let unknown = Wanted { format: Some("metastock"), ..BARS };
        assert!(
            found("a,b", unknown).unwrap_err().starts_with("x.csv: there is no format 'metastock'; candidates: native")
        );
        let node = Wanted { format: Some("dukascopy-node"), ..BARS };
        assert_eq!(name("timestamp,open,high,low,close,volume", node), "dukascopy-node");
        let told = Wanted { time_column: Some("x"), ..node };
        assert_eq!(check(&told).unwrap_err().code().name, "ARG_INVALID");
    }

    #[test]
    fn parquet_has_the_columns_of_generic() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let of = |columns: &[&str], wanted: Wanted<'_>| {
            let columns = names(columns);
            detect(Path::new("x.parquet"), &Head::Columns(&columns), &wanted).map_err(|error| error.to_string())
        };
        let generic = of(&["close", "open", "low", "high", "time"], BARS).unwrap();
        assert_eq!((generic.format.name, generic.separator), ("generic", None));
        assert_eq!(of(&["UTC time", "Open", "High", "Low", "Close"], BARS).unwrap().format.name, "native");
        let ticks = of(&["UTC time", "Bid", "Ask", "Volume"], TICKS).unwrap();
        assert_eq!((ticks.format.name, ticks.places.form), ("generic-ticks", TimeForm::YearFirst));
        let text = of(&["Gmt time", "Open"], Wanted { format: Some("dukascopy-web"), ..BARS }).unwrap_err();
        assert!(text.contains("the file is Parquet") && text.ends_with("candidates: native, generic"), "{text}");
        let other = of(&["a", "b"], BARS).unwrap_err();
        assert!(other.contains("the column list 'a,b' fits no format"), "{other}");
    }
}
