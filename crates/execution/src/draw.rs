//! One uniform number per fill, independent of every other fill (execution.md 4.3).

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// The draws of one run.
///
/// A stream number per fill instead of a running generator: neighbouring seeds share no draws, and a draw that is not
/// needed may be left out.
///
/// - Source: ChaCha with 8 rounds, key expanded from the 64-bit seed as execution.md 4.3 writes it down; the test vectors
///   there pin every bit.
#[derive(Debug, Clone)]
pub struct Draws(ChaCha8Rng);

impl Draws {
    /// The draws of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// The draw of fill number `fill`, `0 ≤ u < 1`.
    pub fn uniform(&self, fill: u64) -> f64 {
        const TWO_TO_MINUS_53: f64 = 1.0 / 9_007_199_254_740_992.0;
        (self.word(fill) >> 11) as f64 * TWO_TO_MINUS_53
    }

    fn word(&self, fill: u64) -> u64 {
        let mut stream = self.0.clone();
        stream.set_stream(fill);
        stream.next_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_are_reproduced() {
        // execution.md 4.3, all nine.
        let vectors = [
            (42, 0, 12578764544318200737, 0.6818961923066714),
            (42, 1, 13222472167927179408, 0.7167916525047883),
            (42, 2, 3387013202841124863, 0.1836103536378716),
            (42, 3, 6672028999979260041, 0.36169141683319006),
            (42, 4, 16805319813727100726, 0.9110182125678307),
            (42, 5, 6506774120333837283, 0.3527329318569201),
            (43, 0, 1473335034287276021, 0.07986965224866338),
            (43, 1, 11924566142208987329, 0.6464320258665037),
            (43, 2, 2428035305452887654, 0.13162405765217622),
        ];
        for (seed, fill, word, uniform) in vectors {
            let draws = Draws::new(seed);
            assert_eq!(draws.word(fill), word, "seed {seed}, fill {fill}");
            assert_eq!(draws.uniform(fill), uniform, "seed {seed}, fill {fill}");
        }
    }

    #[test]
    fn a_draw_does_not_depend_on_the_draws_before_it() {
        let draws = Draws::new(42);
        let forwards: Vec<_> = (0..5).map(|fill| draws.uniform(fill)).collect();
        let mut backwards: Vec<_> = (0..5).rev().map(|fill| draws.uniform(fill)).collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
    }
}
