//! Columns that were computed once and are shared by every run over the same window.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use omega_types::{BarMap, Column};

use crate::{graph::Align, indicator::Identity};

/// Computed columns, found again by what they were computed from: the same memory, the same indicator, the same bits.
///
/// A column is computed by whoever asks first; others wait for it. The store keeps inputs and results alive until it is
/// cleared or dropped.
#[derive(Debug, Default)]
pub struct ColumnStore {
    entries: Mutex<HashMap<Key, Arc<Entry>>>,
    maps: Mutex<Maps>,
}

/// Bar maps by content. An id is never given twice, also not after the store was cleared.
#[derive(Debug, Default)]
struct Maps {
    known: Vec<(MapId, BarMap)>,
    given: usize,
}

/// What is done to the inputs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Recipe {
    Indicator(Identity),
    /// `map` is `None` on the primary timeframe; `limit` is the staleness limit, resolved.
    Align {
        step: Align,
        map: Option<MapId>,
        limit: usize,
    },
}

/// A bar map that the store knows by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MapId(usize);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    recipe: Recipe,
    /// Address and length of every input. Unique while the entry holds the inputs.
    inputs: Vec<(usize, usize)>,
}

#[derive(Debug)]
struct Entry {
    /// Held so that no other column can get their addresses.
    _inputs: Vec<Column>,
    outputs: OnceLock<Vec<Column>>,
}

impl ColumnStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of results.
    pub fn len(&self) -> usize {
        held(&self.entries).len()
    }

    /// Nothing was computed yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the results.
    pub fn bytes(&self) -> usize {
        let entries = held(&self.entries);
        let columns = entries.values().filter_map(|entry| entry.outputs.get()).flatten();
        columns.map(|column| size_of_val::<[f64]>(column)).sum()
    }

    /// Forgets every result. Columns that are in use stay valid.
    pub fn clear(&self) {
        held(&self.entries).clear();
        held(&self.maps).known.clear();
    }

    pub(crate) fn get_or_compute(
        &self,
        recipe: Recipe,
        inputs: &[Column],
        compute: impl FnOnce() -> Vec<Column>,
    ) -> Vec<Column> {
        let key = Key { recipe, inputs: inputs.iter().map(|c| (c.as_ptr().addr(), c.len())).collect() };
        let entry = {
            let mut entries = held(&self.entries);
            let fresh = || Arc::new(Entry { _inputs: inputs.to_vec(), outputs: OnceLock::new() });
            Arc::clone(entries.entry(key).or_insert_with(fresh))
        };
        entry.outputs.get_or_init(compute).clone()
    }

    /// Maps with the same content get the same id, also when they were built by different runs.
    pub(crate) fn map_id(&self, map: &BarMap) -> MapId {
        let mut maps = held(&self.maps);
        if let Some((id, _)) = maps.known.iter().find(|(_, known)| known == map) {
            return *id;
        }
        let id = MapId(maps.given);
        maps.given += 1;
        maps.known.push((id, map.clone()));
        id
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
