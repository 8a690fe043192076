//! Looking up columns by name.

use super::{Complaint, Values};

/// The names of the columns of a source, matched without regard to case.
pub(in super::super) struct Columns<'a>(pub(in super::super) &'a [String]);

impl Columns<'_> {
    /// The place of a column, which must be there once.
    pub(in super::super) fn one(&self, name: &str) -> Result<usize, Complaint> {
        self.find(name)?.ok_or_else(|| Complaint::far(format!("there is no column '{name}'")))
    }

    /// The place of a column that may be missing.
    pub(super) fn find(&self, name: &str) -> Result<Option<usize>, Complaint> {
        let mut places = (0..self.0.len()).filter(|&i| self.0.get(i).is_some_and(|n| n.to_lowercase() == name));
        let first = places.next();
        if places.next().is_some() {
            return Err(Complaint::far(format!("the column '{name}' occurs twice")));
        }
        Ok(first)
    }

    /// The first of `names` that occurs.
    pub(super) fn first(&self, names: &[&str]) -> Result<Option<usize>, Complaint> {
        for name in names {
            if let Some(place) = self.find(name)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// The one of `names` that occurs, and its name.
    pub(super) fn only<'n>(&self, names: &[&'n str]) -> Result<(usize, &'n str), Complaint> {
        let mut found = Vec::new();
        for name in names {
            if let Some(place) = self.find(name)? {
                found.push((place, *name));
            }
        }
        match found.as_slice() {
            [] => Err(Complaint::far(format!("there is no time column ({})", names.join(", ")))),
            [one] => Ok(*one),
            several => {
                let shown: Vec<_> = several.iter().map(|(_, name)| *name).collect();
                Err(Complaint::far(format!("the time column is ambiguous ({})", shown.join(", "))).near())
            }
        }
    }

    /// Open, high, low and close by these names, and the first volume that occurs. The time column is there already.
    pub(super) fn bar(&self, names: [&str; 4], volumes: &[&str]) -> Result<Values, Complaint> {
        let places = || {
            let [open, high, low, close] = names;
            let prices = [self.one(open)?, self.one(high)?, self.one(low)?, self.one(close)?];
            Ok(Values::Bar { prices, volume: self.first(volumes)? })
        };
        places().map_err(Complaint::near)
    }

    /// Bid and ask by these names. The time column is there already.
    pub(super) fn quote(&self, bid: &str, ask: &str, carries: bool) -> Result<Values, Complaint> {
        let places = || Ok(Values::Quote { bid: self.one(bid)?, ask: self.one(ask)?, carries });
        places().map_err(Complaint::near)
    }
}
