//! A map with a bound: who was set longest ago goes.

use std::collections::BTreeMap;

/// What was set last, of so many keys.
pub(super) struct Recent<K, V> {
    most: usize,
    last: u64,
    entries: BTreeMap<K, (u64, V)>,
    /// The keys by when they were set.
    order: BTreeMap<u64, K>,
}

impl<K: Ord + Clone, V> Recent<K, V> {
    /// For at most so many keys.
    pub(super) fn new(most: usize) -> Self {
        Self { most, last: 0, entries: BTreeMap::new(), order: BTreeMap::new() }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key).map(|(_, value)| value)
    }

    /// Sets a value, which makes its key the newest.
    pub(super) fn set(&mut self, key: K, value: V) {
        self.last += 1;
        self.order.insert(self.last, key.clone());
        if let Some((before, _)) = self.entries.insert(key, (self.last, value)) {
            self.order.remove(&before);
        }
        while self.entries.len() > self.most {
            let Some((_, oldest)) = self.order.pop_first() else { return };
            self.entries.remove(&oldest);
        }
    }

    pub(super) fn remove(&mut self, key: &K) {
        if let Some((at, _)) = self.entries.remove(key) {
            self.order.remove(&at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes() {
        let mut recent = Recent::new(2);
        for (key, value) in [("a", 1), ("b", 2), ("a", 3), ("c", 4)] {
            recent.set(key, value);
        }
        assert_eq!([recent.get(&"a"), recent.get(&"b"), recent.get(&"c")], [Some(&3), None, Some(&4)]);
        recent.remove(&"a");
        recent.set("d", 5);
        assert_eq!([recent.get(&"a"), recent.get(&"c"), recent.get(&"d")], [None, Some(&4), Some(&5)]);
        assert_eq!((recent.entries.len(), recent.order.len()), (2, 2));
    }
}
