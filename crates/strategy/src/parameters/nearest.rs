//! "Did you mean": the allowed name closest to a misspelt one.

/// The candidate with the smallest edit distance to `word`, if that is at most 2. Of equals the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    for candidate in candidates {
        let distance = distance(word, candidate);
        if distance <= 2 && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Levenshtein distance: insertions, deletions and substitutions. Saturates at 3.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(200).collect(), b.chars().take(200).collect());
    if a.len().abs_diff(b.len()) > 2 {
        return 3;
    }
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for (row, x) in a.iter().enumerate() {
        let mut current = Vec::with_capacity(b.len() + 1);
        let mut left = row + 1;
        current.push(left);
        for (above, y) in previous.windows(2).zip(&b) {
            let (diagonal, up) = (above[0], above[1]);
            left = (diagonal + usize::from(x != y)).min(up + 1).min(left + 1);
            current.push(left);
        }
        previous = current;
    }
    previous.last().copied().unwrap_or(0).min(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_two_edits_are_a_misspelling() {
        // By hand: one letter more, two letters swapped (two substitutions), three edits.
        assert_eq!(nearest("atr_multt", ["atr_length", "atr_mult"]), Some("atr_mult"));
        assert_eq!(nearest("atr_mutl", ["atr_length", "atr_mult"]), Some("atr_mult"));
        assert_eq!(nearest("atrmul", ["atr_mult"]), Some("atr_mult"));
        assert_eq!(nearest("ermul", ["atr_mult"]), None);
        assert_eq!(nearest("", ["ab", "abc"]), Some("ab"));
    }

    #[test]
    fn the_closest_wins_and_the_first_of_equals() {
        assert_eq!(nearest("ema", ["ems", "ema_x", "emb"]), Some("ems"));
    }
}
