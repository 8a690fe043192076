//! The fuzz targets on their corpus and on changes of it that are the same in every run: no nightly compiler, no fuzzer.
//!
//! docs/fuzzing.md says how to fuzz without end. What a fuzzer finds is added to the corpus.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "it is the library of another package")]
#[path = "../../../fuzz/src/lib.rs"]
mod targets;

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    thread,
};

use targets::{TARGETS, Target, folder};

/// Changed inputs per target.
const CHANGES: usize = 1_500;

/// Property: whatever stands in a file, a configuration or an array, nothing panics; what the targets assert holds.
#[test]
fn no_bytes_bring_a_reader_down() {
    let broken: Vec<String> = thread::scope(|scope| {
        let threads = TARGETS.map(|(name, target)| scope.spawn(move || replay(name, target)));
        threads.into_iter().filter_map(|thread| thread.join().expect("panics are caught inside")).collect()
    });
    folder::clean_up();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The first input of a target that makes it panic.
fn replay(name: &str, target: Target) -> Option<String> {
    let corpus = corpus(name);
    assert!(corpus.len() >= 5, "the corpus of {name} is missing");
    let survives = |input: &[u8]| catch_unwind(AssertUnwindSafe(|| target(input))).is_ok();
    let told = |input: &[u8]| format!("{name} panics on {} bytes: b\"{}\"", input.len(), input.escape_ascii());
    if let Some(input) = corpus.iter().find(|input| !survives(input)) {
        return Some(told(input));
    }
    let mut dice = Dice(0x0_e6a);
    let mut changed = (0..CHANGES).map(|_| dice.change(&corpus));
    changed.find(|input| !survives(input)).map(|input| told(&input))
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let files = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = files.filter_map(|entry| Some(entry.ok()?.path())).collect();
    // A folder has no order of its own.
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("the corpus can be read")).collect()
}

/// A source of the same numbers in every run: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct Dice(u64);

impl Dice {
    /// Below `sides`, which is above 0.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    /// An input of the corpus with one to four changes.
    fn change(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = corpus[self.roll(corpus.len())].clone();
        for _ in 0..=self.roll(4) {
            let start = self.roll(input.len() + 1);
            let end = input.len().min(start + self.roll(9));
            match self.roll(6) {
                0 => drop(input.drain(start..end)),
                1 => input.splice(start..start, b"\0\xff,9-{\"\n"[..self.roll(9)].to_vec()).for_each(drop),
                2 => input.extend_from_within(start..end),
                3 => {
                    let other = &corpus[self.roll(corpus.len())];
                    let from = self.roll(other.len() + 1);
                    input.truncate(start);
                    input.extend_from_slice(&other[from..]);
                }
                _ if input.is_empty() => input.push(self.roll(256) as u8),
                4 => {
                    let place = self.roll(input.len());
                    input[place] = self.roll(256) as u8;
                }
                _ => {
                    let place = self.roll(input.len());
                    input[place] ^= 1 << self.roll(8);
                }
            }
        }
        input
    }
}
