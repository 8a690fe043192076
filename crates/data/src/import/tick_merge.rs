//! Several sources of ticks as one stream, each open only while its ticks are due.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{
    rows::RowFile,
    source::Meter,
    tick_bars::TickBars,
    ticks::{ReadTicks, Tick, TickFile, TickReading},
};
use crate::DataError;

/// What became of the ticks.
pub(super) struct MergedTicks {
    /// In the order of the request.
    pub(super) sources: Vec<ReadTicks>,
    /// Ticks that another source has as well, beyond the repetitions inside a source.
    pub(super) shared: u64,
    pub(super) files: Vec<RowFile>,
}

/// Adds the ticks of every source to `bars`, in order of time as far as each source is in order.
///
/// A tick that several sources have at the same instant counts once: files that overlap are not counted twice.
///
/// # Errors
///
/// Those of reading a source: first about the first tick of each, then in order of time.
pub(super) fn merge(
    paths: &[PathBuf],
    reading: &TickReading<'_>,
    meter: &Meter,
    bars: &mut TickBars,
) -> Result<MergedTicks, DataError> {
    let mut merge = Merge { reading, meter, waiting: Vec::new(), active: Vec::new(), done: BTreeMap::new() };
    for (source, path) in paths.iter().enumerate() {
        merge.announce(path, source as u32, paths.len() == 1)?;
    }
    // The earliest last, where it can be taken off.
    merge.waiting.sort_by_key(|waiting| std::cmp::Reverse((waiting.first_ns, waiting.source)));
    let mut shared = 0;
    let mut repeats = Repeats::default();
    while let Some((tick, source)) = merge.next()? {
        if paths.len() > 1 && repeats.is_repeat(&tick, source) {
            shared += 1;
        } else {
            bars.add(&tick, source);
        }
    }
    let sources: Vec<ReadTicks> = merge.done.into_values().collect();
    let files = paths.iter().zip(&sources);
    let files = files.map(|(path, read)| RowFile { path: path.clone(), is_parquet: read.is_parquet }).collect();
    Ok(MergedTicks { sources, shared, files })
}

struct Merge<'a> {
    reading: &'a TickReading<'a>,
    meter: &'a Meter,
    waiting: Vec<Waiting<'a>>,
    active: Vec<Active>,
    done: BTreeMap<u32, ReadTicks>,
}

/// A source whose first tick is not due.
struct Waiting<'a> {
    path: &'a Path,
    source: u32,
    first_ns: i64,
    /// Only of a source that cannot be opened twice, such as a pipe, or that is the only one.
    open: Option<Active>,
}

/// An open source and its next tick.
struct Active {
    file: TickFile,
    source: u32,
    tick: Tick,
}

impl<'a> Merge<'a> {
    /// Looks at the first tick of a source.
    fn announce(&mut self, path: &'a Path, source: u32, is_only: bool) -> Result<(), DataError> {
        let stays_open = is_only || !fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
        let meter = if stays_open { self.meter.clone() } else { self.meter.silent() };
        let mut file = self.reading.open(path, &meter)?;
        match file.next()? {
            None if stays_open => {
                self.done.insert(source, file.finish()?);
            }
            None => {
                // Read to its end already, but not counted.
                let read = self.reading.open(path, self.meter)?;
                self.drain(read, source)?;
            }
            Some(tick) => {
                let open = stays_open.then_some(Active { file, source, tick });
                self.waiting.push(Waiting { path, source, first_ns: tick.time_ns, open });
            }
        }
        Ok(())
    }

    fn drain(&mut self, mut file: TickFile, source: u32) -> Result<(), DataError> {
        while file.next()?.is_some() {}
        self.done.insert(source, file.finish()?);
        Ok(())
    }

    /// The next tick and its source.
    fn next(&mut self) -> Result<Option<(Tick, u32)>, DataError> {
        loop {
            let due = self.active.iter().enumerate().min_by_key(|(_, active)| (active.tick.time_ns, active.source));
            let due = due.map(|(place, active)| (place, active.tick.time_ns));
            if let Some(waiting) = self.waiting.pop_if(|waiting| due.is_none_or(|(_, ns)| waiting.first_ns <= ns)) {
                self.start(waiting)?;
                continue;
            }
            let Some((place, _)) = due else { return Ok(None) };
            let Some(active) = self.active.get_mut(place) else { return Ok(None) };
            let (tick, source) = (active.tick, active.source);
            match active.file.next()? {
                Some(next) => active.tick = next,
                None => {
                    let active = self.active.swap_remove(place);
                    self.done.insert(source, active.file.finish()?);
                }
            }
            return Ok(Some((tick, source)));
        }
    }

    fn start(&mut self, waiting: Waiting<'_>) -> Result<(), DataError> {
        let active = match waiting.open {
            Some(active) => active,
            None => {
                let mut file = self.reading.open(waiting.path, self.meter)?;
                match file.next()? {
                    Some(tick) => Active { file, source: waiting.source, tick },
                    // Cut short since it was announced.
                    None => return self.drain(file, waiting.source),
                }
            }
        };
        self.active.push(active);
        Ok(())
    }
}

/// Which ticks of one instant were seen in which source.
#[derive(Default)]
struct Repeats {
    time_ns: Option<i64>,
    /// By the bits of bid and ask: source and how often.
    seen: BTreeMap<[Option<u64>; 2], Vec<(u32, u32)>>,
}

impl Repeats {
    /// Whether another source has this tick as often already.
    fn is_repeat(&mut self, tick: &Tick, source: u32) -> bool {
        if self.time_ns != Some(tick.time_ns) {
            self.time_ns = Some(tick.time_ns);
            self.seen.clear();
        }
        let counts = self.seen.entry([tick.bid, tick.ask].map(|quote| quote.map(f64::to_bits))).or_default();
        let most = counts.iter().map(|&(_, count)| count).max().unwrap_or(0);
        let mine = match counts.iter_mut().find(|(of, _)| *of == source) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                counts.push((source, 1));
                1
            }
        };
        mine <= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_counts_as_often_as_the_source_that_has_it_most_often() {
        let mut repeats = Repeats::default();
        let mut is_repeat =
            |time_ns, bid, source| repeats.is_repeat(&Tick { time_ns, bid: Some(bid), ask: None, number: 2 }, source);
        // Source 0 has 1.0 twice (with another tick between), source 1 three times: three of five count.
        let of_first = [(1.0, 0), (2.0, 0), (1.0, 0)].map(|(bid, source)| is_repeat(5, bid, source));
        let of_second = [(1.0, 1), (1.0, 1), (1.0, 1)].map(|(bid, source)| is_repeat(5, bid, source));
        assert_eq!((of_first, of_second), ([false; 3], [true, true, false]));
        assert!(!is_repeat(6, 1.0, 0));
    }
}
