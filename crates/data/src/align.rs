//! Bid and ask on the same stamps (data.md 4.4).

use omega_types::{Timeframe, round::round_to};

use crate::{DataError, Span, error::AlignmentLoss, write::FileSide};

/// Where two sorted sets of stamps meet, and what is left over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Merge {
    /// Rows of the bid side that have a partner.
    pub(crate) bid: Vec<usize>,
    /// Their partners.
    pub(crate) ask: Vec<usize>,
    /// Stamps of the bid side without a partner.
    pub(crate) bid_only: Vec<i64>,
    /// Stamps of the ask side without a partner.
    pub(crate) ask_only: Vec<i64>,
}

/// Merges strictly increasing stamps in one pass.
pub(crate) fn merge(bid: &[i64], ask: &[i64]) -> Merge {
    let mut merge = Merge::default();
    let (mut b, mut a) = (0, 0);
    while let (Some(&bid_time), Some(&ask_time)) = (bid.get(b), ask.get(a)) {
        if bid_time < ask_time {
            merge.bid_only.push(bid_time);
            b += 1;
        } else if ask_time < bid_time {
            merge.ask_only.push(ask_time);
            a += 1;
        } else {
            merge.bid.push(b);
            merge.ask.push(a);
            b += 1;
            a += 1;
        }
    }
    merge.bid_only.extend(bid.get(b..).unwrap_or_default());
    merge.ask_only.extend(ask.get(a..).unwrap_or_default());
    merge
}

/// `max(1 - |I|/|B|, 1 - |I|/|A|)`, rounded to 6 decimals; 0 without any bar.
pub(crate) fn loss(bid: usize, ask: usize, aligned: usize) -> f64 {
    match bid.max(ask) {
        0 => 0.0,
        longest => round_to(longest.saturating_sub(aligned) as f64 / longest as f64, 6),
    }
}

/// More than 1 % lost? In integers: 990 of 1000 is exactly 1 %, and no more.
pub(crate) fn exceeds_limit(bid: usize, ask: usize, aligned: usize) -> bool {
    let longest = bid.max(ask) as u128;
    100 * longest.saturating_sub(aligned as u128) > longest
}

/// Judges a merge of whole files.
///
/// # Errors
///
/// `DATA_NO_OVERLAP`, `DATA_ALIGNMENT_LOSS`.
pub(crate) fn judge(
    symbol: &str,
    timeframe: Timeframe,
    bid: &[i64],
    ask: &[i64],
    merge: &Merge,
) -> Result<(), DataError> {
    if merge.bid.is_empty() {
        let (bid, ask) = (Span::of(bid), Span::of(ask));
        return Err(DataError::NoOverlap { symbol: symbol.to_owned(), timeframe, bid, ask });
    }
    if exceeds_limit(bid.len(), ask.len(), merge.bid.len()) {
        return Err(DataError::AlignmentLoss(Box::new(AlignmentLoss {
            symbol: symbol.to_owned(),
            timeframe,
            scope: "file",
            bid_count: bid.len(),
            ask_count: ask.len(),
            aligned_count: merge.bid.len(),
            first: first_one_sided(&merge.bid_only, &merge.ask_only),
        })));
    }
    Ok(())
}

/// The first ten one-sided stamps of both sides, in time order.
pub(crate) fn first_one_sided(bid_only: &[i64], ask_only: &[i64]) -> Vec<(i64, FileSide)> {
    let bid = bid_only.iter().take(10).map(|&time| (time, FileSide::Bid));
    let ask = ask_only.iter().take(10).map(|&time| (time, FileSide::Ask));
    let mut first: Vec<_> = bid.chain(ask).collect();
    first.sort_by_key(|&(time, _)| time);
    first.truncate(10);
    first
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use omega_types::Coded;
    use proptest::prelude::*;

    use super::*;

    fn verdict(bid: &[i64], ask: &[i64]) -> Result<(), DataError> {
        judge("EURUSD", Timeframe::M15, bid, ask, &merge(bid, ask))
    }

    /// `count` stamps, of which the last `own` are not those of any other side with another `offset`.
    fn stamps(count: i64, own: i64, offset: i64) -> Vec<i64> {
        (0..count).map(|i| if i < count - own { i } else { i * 1_000 + offset }).collect()
    }

    #[test]
    fn example_1_of_the_data_contract_fails() {
        // data.md 4.4, example 1, minutes after 09:00; 8 and 8 bars, 7 common, loss 1/8.
        let bid = [0, 15, 30, 45, 60, 75, 90, 105];
        let ask = [0, 15, 30, 60, 75, 90, 105, 120];
        let merged = merge(&bid, &ask);
        assert_eq!(merged.bid.iter().map(|&i| bid[i]).collect::<Vec<_>>(), [0, 15, 30, 60, 75, 90, 105]);
        assert_eq!((&merged.bid_only[..], &merged.ask_only[..]), (&[45][..], &[120][..]));
        let error = verdict(&bid, &ask).unwrap_err();
        assert_eq!(error.to_string(), "EURUSD M15: alignment loss 0.125 exceeds 0.01 (2 bars one-sided, scope file)");
        assert_eq!(error.details()["first_one_sided"][1]["side"], "ask");
    }

    #[test]
    fn example_2_of_the_data_contract_passes() {
        // data.md 4.4, example 2: 1000 and 996 bars, 995 common; loss 0.005, 5 + 1 discarded.
        let (bid, ask) = (stamps(1_000, 5, 1), stamps(996, 1, 2));
        let merged = merge(&bid, &ask);
        assert_eq!((merged.bid.len(), merged.bid_only.len(), merged.ask_only.len()), (995, 5, 1));
        assert_eq!(loss(1_000, 996, 995), 0.005);
        assert!(verdict(&bid, &ask).is_ok());
    }

    #[test]
    fn one_percent_exactly_still_passes() {
        assert!(verdict(&stamps(1_000, 10, 1), &stamps(990, 0, 2)).is_ok());
        assert!(verdict(&stamps(1_000, 11, 1), &stamps(989, 0, 2)).is_err());
        assert!(verdict(&stamps(100, 1, 1), &stamps(100, 1, 2)).is_ok());
        assert!(verdict(&stamps(99, 1, 1), &stamps(98, 0, 2)).is_err());
    }

    #[test]
    fn disjoint_sides_have_no_overlap() {
        let error = verdict(&[0, 2], &[1, 3, 5]).unwrap_err();
        assert_eq!(error.code().name, "DATA_NO_OVERLAP");
        assert_eq!(error.details()["ask"]["count"], 3);
        assert_eq!(error.details()["bid"]["last_ns"], "2");
    }

    proptest! {
        /// Property: the merge is the intersection and the two differences of the sets.
        #[test]
        fn a_merge_is_set_algebra(
            bid in prop::collection::btree_set(0_i64..80, 0..60),
            ask in prop::collection::btree_set(0_i64..80, 0..60),
        ) {
            let (b, a): (Vec<_>, Vec<_>) = (bid.iter().copied().collect(), ask.iter().copied().collect());
            let merged = merge(&b, &a);
            let common: Vec<_> = bid.intersection(&ask).copied().collect();
            prop_assert_eq!(merged.bid.iter().map(|&i| b[i]).collect::<Vec<_>>(), common.clone());
            prop_assert_eq!(merged.ask.iter().map(|&i| a[i]).collect::<Vec<_>>(), common.clone());
            prop_assert_eq!(merged.bid_only.iter().copied().collect::<BTreeSet<_>>(), &bid - &ask);
            prop_assert_eq!(merged.ask_only.iter().copied().collect::<BTreeSet<_>>(), &ask - &bid);
            prop_assert_eq!(b.len() + a.len() - 2 * common.len(), merged.bid_only.len() + merged.ask_only.len());
        }
    }
}
