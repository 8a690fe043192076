//! Which format a source has, and which column is what.

use std::path::Path;

use super::ImportError;

/// A format that is built. A new one is a variant here, its name, and its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// `UTC time,Open,High,Low,Close[,Volume]`, UTC.
    Native,
    /// A time column and open, high, low, close[, volume] in any order.
    Generic,
    /// `<DATE> [<TIME>] <OPEN> <HIGH> <LOW> <CLOSE> <TICKVOL> <VOL> <SPREAD>`, broker time.
    Mt5Bars,
}

impl Format {
    pub(super) const ALL: [Self; 3] = [Self::Native, Self::Generic, Self::Mt5Bars];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Generic => "generic",
            Self::Mt5Bars => "mt5-bars",
        }
    }
}

pub(super) fn built_names() -> Vec<String> {
    Format::ALL.iter().map(|format| format.name().to_owned()).collect()
}

/// Where the time stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimePlace {
    /// Date and clock in one column.
    One(usize),
    /// A column for the date, perhaps one for the clock.
    Two(usize, Option<usize>),
}

/// How to read the lines below the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) format: Format,
    pub(super) separator: u8,
    /// The header, as written.
    pub(super) names: Vec<String>,
    pub(super) time: TimePlace,
    /// Open, high, low, close.
    pub(super) prices: [usize; 4],
    pub(super) volume: Option<usize>,
    /// The column that the ask is derived from.
    pub(super) ask: Option<usize>,
}

/// What the request says about the format.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted<'a> {
    pub(super) format: Option<&'a str>,
    pub(super) time_column: Option<&'a str>,
    pub(super) ask_column: Option<&'a str>,
}

/// Headers of formats that exist but are not built: what stands in a header, and the name to show.
const KNOWN_ELSEWHERE: [(&str, &str); 8] = [
    ("gmt time", "dukascopy-web (not built)"),
    ("local time", "dukascopy-local (not built)"),
    ("time (utc)", "dukascopy-jforex (not built)"),
    ("time (eet)", "dukascopy-jforex (not built)"),
    ("etc/utc", "dukascopy-etc-utc (not built)"),
    ("ms_since_midnight_utc", "generic-ticks (not built)"),
    ("<bid>", "mt5-ticks (not built)"),
    ("start", "a news calendar (imported by its own command)"),
];

const SEPARATORS: [u8; 3] = [b',', b'\t', b';'];

/// Finds the format by the header line, or checks it against the format that was asked for.
///
/// # Errors
///
/// [`ImportError::Format`] with the candidates, if none or several fit.
pub(super) fn detect(path: &Path, header: &[u8], wanted: &Wanted<'_>) -> Result<Layout, ImportError> {
    let refused = |problem: String, candidates: Vec<String>| {
        Err(ImportError::Format { path: path.to_owned(), problem, candidates })
    };
    let formats: Vec<Format> = match wanted.format {
        None => Format::ALL
            .into_iter()
            .filter(|format| match wanted.time_column {
                // Naming a time column is a way of asking for `generic`.
                Some(_) => *format == Format::Generic,
                None => true,
            })
            .collect(),
        Some(name) => match Format::ALL.into_iter().find(|format| format.name() == name) {
            Some(format) => vec![format],
            None => return refused(format!("format '{name}' is not built"), built_names()),
        },
    };
    let mut found = Vec::new();
    let mut complaints = Vec::new();
    for separator in SEPARATORS {
        let names = split(header, separator);
        if names.len() < 2 {
            continue;
        }
        for &format in &formats {
            match layout(format, separator, &names, wanted) {
                Ok(layout) => found.push(layout),
                Err(complaint) => complaints.push(format!("{}: {complaint}", format.name())),
            }
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some(layout), true) => Ok(layout),
        (Some(last), false) => {
            found.push(last);
            refused(
                "the header fits several formats".to_owned(),
                found.iter().map(|l| l.format.name().to_owned()).collect(),
            )
        }
        (None, _) => refused(unknown(header, wanted, &complaints), candidates(header)),
    }
}

fn unknown(header: &[u8], wanted: &Wanted<'_>, complaints: &[String]) -> String {
    let shown: String = String::from_utf8_lossy(header).chars().take(80).collect();
    match (wanted.format.or(wanted.time_column), complaints.first()) {
        (Some(_), Some(complaint)) => format!("the header '{shown}' does not fit {complaint}"),
        _ => format!("the header '{shown}' fits no built format"),
    }
}

/// What the file could be: formats that its header belongs to, else those that are built.
fn candidates(header: &[u8]) -> Vec<String> {
    let lower = String::from_utf8_lossy(header).to_lowercase();
    let names: Vec<&str> = lower.split([',', ';', '\t']).map(str::trim).collect();
    let mut known: Vec<String> = KNOWN_ELSEWHERE
        .iter()
        .filter(|(name, _)| names.contains(name))
        .map(|(_, format)| (*format).to_owned())
        .collect();
    if known.is_empty() && lower.starts_with(|first: char| first.is_ascii_digit()) {
        known.push("histdata-ascii-m1, histdata-mt, histdata-ascii-ticks (no header, not built)".to_owned());
    }
    if known.is_empty() { built_names() } else { known }
}

fn split(header: &[u8], separator: u8) -> Vec<String> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).delimiter(separator).flexible(true).from_reader(header);
    let mut record = csv::ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        Ok(true) => record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect(),
        _ => Vec::new(),
    }
}

fn layout(format: Format, separator: u8, names: &[String], wanted: &Wanted<'_>) -> Result<Layout, String> {
    let columns = Columns(names);
    let (time, prices, volume) = match format {
        Format::Native => {
            let time = TimePlace::One(columns.one("utc time")?);
            (time, columns.prices(["open", "high", "low", "close"])?, columns.first(&["volume"])?)
        }
        Format::Generic => {
            let time = TimePlace::One(match wanted.time_column {
                Some(name) => columns.one(&name.trim().to_lowercase())?,
                None => columns.only(&["timestamp", "time", "date", "datetime"])?,
            });
            let volume = columns.first(&["volume", "tick_volume", "tickvol", "vol"])?;
            (time, columns.prices(["open", "high", "low", "close"])?, volume)
        }
        Format::Mt5Bars => {
            let time = TimePlace::Two(columns.one("<date>")?, columns.first(&["<time>"])?);
            let volume = columns.first(&["<tickvol>", "<vol>"])?;
            (time, columns.prices(["<open>", "<high>", "<low>", "<close>"])?, volume)
        }
    };
    let ask = match wanted.ask_column {
        None => None,
        Some(name) => {
            let lower = name.trim().to_lowercase();
            Some(columns.one(&lower).or_else(|missing| columns.one(&format!("<{lower}>")).map_err(|_| missing))?)
        }
    };
    Ok(Layout { format, separator, names: names.to_vec(), time, prices, volume, ask })
}

/// A header, matched without regard to case.
struct Columns<'a>(&'a [String]);

impl Columns<'_> {
    fn find(&self, name: &str) -> Result<Option<usize>, String> {
        let mut places = (0..self.0.len()).filter(|&i| self.0.get(i).is_some_and(|n| n.to_lowercase() == name));
        let first = places.next();
        if places.next().is_some() {
            return Err(format!("the column '{name}' occurs twice"));
        }
        Ok(first)
    }

    fn one(&self, name: &str) -> Result<usize, String> {
        self.find(name)?.ok_or_else(|| format!("there is no column '{name}'"))
    }

    fn prices(&self, names: [&str; 4]) -> Result<[usize; 4], String> {
        let [open, high, low, close] = names;
        Ok([self.one(open)?, self.one(high)?, self.one(low)?, self.one(close)?])
    }

    /// The first of `names` that occurs.
    fn first(&self, names: &[&str]) -> Result<Option<usize>, String> {
        for name in names {
            if let Some(place) = self.find(name)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// The one of `names` that occurs.
    fn only(&self, names: &[&str]) -> Result<usize, String> {
        let mut found = Vec::new();
        for name in names {
            if let Some(place) = self.find(name)? {
                found.push((place, *name));
            }
        }
        match found.as_slice() {
            [] => Err(format!("there is no time column ({})", names.join(", "))),
            [(place, _)] => Ok(*place),
            several => {
                let shown: Vec<_> = several.iter().map(|(_, name)| *name).collect();
                Err(format!("the time column is ambiguous ({})", shown.join(", ")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use omega_types::Coded;

    use super::*;

    fn format(header: &str) -> Result<Layout, String> {
        detect(Path::new("x.csv"), header.as_bytes(), &Wanted::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_header_tells_the_format() {
        let native = format("UTC time,Open,High,Low,Close,Volume").unwrap();
        assert_eq!((native.format, native.time, native.volume), (Format::Native, TimePlace::One(0), Some(5)));
        let generic = format("Date;close;low;high;open;tick_volume").unwrap();
        assert_eq!((generic.format, generic.separator), (Format::Generic, b';'));
        assert_eq!((generic.prices, generic.volume), ([4, 3, 2, 1], Some(5)));
        let mt5 = format("<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>").unwrap();
        assert_eq!((mt5.format, mt5.time), (Format::Mt5Bars, TimePlace::Two(0, Some(1))));
        assert_eq!(mt5.volume, Some(6));
        let daily = format("<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>,<VOL>,<SPREAD>").unwrap();
        assert_eq!(daily.time, TimePlace::Two(0, None));
    }

    #[test]
    fn unknown_headers_list_what_they_could_be() {
        let message = format("Gmt time,Open,High,Low,Close,Volume").unwrap_err();
        assert!(message.contains("fits no built format") && message.contains("dukascopy-web (not built)"), "{message}");
        let message = format("20120201 000000;1.306600;1.306600;1.306560;1.306560;0").unwrap_err();
        assert!(message.contains("histdata-ascii-m1"), "{message}");
        let message = format("a,b,c").unwrap_err();
        assert!(message.ends_with("candidates: native, generic, mt5-bars"), "{message}");
    }

    #[test]
    fn two_time_columns_need_an_answer() {
        let header = "date,time,open,high,low,close";
        assert!(format(header).is_err());
        let wanted = Wanted { time_column: Some("Time"), ..Wanted::default() };
        let layout = detect(Path::new("x.csv"), header.as_bytes(), &wanted).unwrap();
        assert_eq!(layout.time, TimePlace::One(1));
    }

    #[test]
    fn a_format_that_is_not_built_lists_those_that_are() {
        let wanted = Wanted { format: Some("histdata-mt"), ..Wanted::default() };
        let error = detect(Path::new("x.csv"), b"a,b", &wanted).unwrap_err();
        assert_eq!(error.code().name, "IMPORT_FORMAT");
        assert_eq!(
            error.to_string(),
            "x.csv: format 'histdata-mt' is not built; candidates: native, generic, mt5-bars"
        );
    }

    #[test]
    fn a_named_format_says_what_is_missing() {
        let wanted = Wanted { format: Some("mt5-bars"), ..Wanted::default() };
        let error = detect(Path::new("x.csv"), b"date,open,high,low,close", &wanted).unwrap_err();
        assert!(error.to_string().contains("there is no column '<date>'"), "{error}");
    }
}
