//! A set of bars as bits.

/// One bit per bar. Bits past the end are always zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarSet {
    words: Vec<u64>,
    len: usize,
}

impl BarSet {
    /// No bar of `len`.
    pub fn empty(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// Every bar of `len`.
    pub fn full(len: usize) -> Self {
        let mut set = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        set.trim();
        set
    }

    /// The bars for which `holds` is true.
    pub fn from_fn(len: usize, mut holds: impl FnMut(usize) -> bool) -> Self {
        let mut set = Self::empty(len);
        for (word, bits) in set.words.iter_mut().enumerate() {
            let start = word * 64;
            for bar in start..len.min(start + 64) {
                *bits |= u64::from(holds(bar)) << (bar - start);
            }
        }
        set
    }

    /// Number of bars, set or not.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Covers no bar.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds `bar`.
    pub fn insert(&mut self, bar: usize) {
        debug_assert!(bar < self.len);
        self.words[bar / 64] |= 1 << (bar % 64);
    }

    /// Is `bar` in the set? Bars past the end are not.
    pub fn contains(&self, bar: usize) -> bool {
        bar < self.len && self.words[bar / 64] >> (bar % 64) & 1 == 1
    }

    /// The first bar of the set at or after `from`.
    pub fn next(&self, from: usize) -> Option<usize> {
        if from >= self.len {
            return None;
        }
        let mut word = from / 64;
        let mut bits = self.words[word] & (u64::MAX << (from % 64));
        loop {
            if bits != 0 {
                return Some(word * 64 + bits.trailing_zeros() as usize);
            }
            word += 1;
            bits = *self.words.get(word)?;
        }
    }

    /// Number of bars in the set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Keeps the bars that are in both.
    pub fn intersect(&mut self, other: &Self) {
        self.zip(other, |a, b| a & b);
    }

    /// Adds the bars of `other`.
    pub fn unite(&mut self, other: &Self) {
        self.zip(other, |a, b| a | b);
    }

    /// The bars that are not in the set.
    #[must_use]
    pub fn complement(mut self) -> Self {
        for word in &mut self.words {
            *word = !*word;
        }
        self.trim();
        self
    }

    /// The words, 64 bars each, for block-wise writers. Bits past the end must stay zero.
    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// The words, 64 bars each.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    fn zip(&mut self, other: &Self, combine: impl Fn(u64, u64) -> u64) {
        assert_eq!(self.len, other.len, "sets over different bars");
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a = combine(*a, *b);
        }
    }

    fn trim(&mut self) {
        if let Some(last) = self.words.last_mut()
            && !self.len.is_multiple_of(64)
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_finds_bars_across_words_and_stops_at_the_end() {
        let set = BarSet::from_fn(200, |bar| [3, 64, 199].contains(&bar));
        assert_eq!([0, 4, 64, 65, 199].map(|from| set.next(from)), [Some(3), Some(64), Some(64), Some(199), Some(199)]);
        assert_eq!(set.next(200), None);
        assert_eq!(set.count(), 3);
    }

    #[test]
    fn a_full_set_has_no_bits_past_the_end() {
        assert_eq!(BarSet::full(70).count(), 70);
        assert_eq!(BarSet::full(64).count(), 64);
        assert_eq!(BarSet::full(0).count(), 0);
        let odd = BarSet::from_fn(70, |bar| bar % 2 == 1);
        assert_eq!(odd.clone().complement(), BarSet::from_fn(70, |bar| bar % 2 == 0));
        assert_eq!(odd.clone().complement().complement(), odd);
    }
}
