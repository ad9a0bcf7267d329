//! A few long-lived things by key; the one that was not used for longest makes room.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// At most `limit` things. Lookups walk the list, which is as fast as a map at this size.
#[derive(Debug)]
pub(super) struct Lru<K, V> {
    limit: usize,
    /// Most recently used last.
    entries: Mutex<VecDeque<(K, Arc<V>)>>,
}

impl<K: PartialEq, V> Lru<K, V> {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, entries: Mutex::new(VecDeque::new()) }
    }

    /// The thing of `key`, made if it is not there. Whoever still holds a thing that made room keeps it.
    pub(super) fn get_or_make(&self, key: K, make: impl FnOnce(&K) -> V) -> Arc<V> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let known = entries.iter().position(|(of, _)| *of == key);
        let entry = known.and_then(|index| entries.remove(index)).unwrap_or_else(|| {
            let made = Arc::new(make(&key));
            (key, made)
        });
        let thing = Arc::clone(&entry.1);
        entries.push_back(entry);
        if entries.len() > self.limit {
            entries.pop_front();
        }
        thing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_makes_room() {
        let kept: Lru<&str, String> = Lru::new(2);
        let get = |key| kept.get_or_make(key, |key| (*key).to_owned());
        let (a, b) = (get("a"), get("b"));
        assert!(Arc::ptr_eq(&a, &get("a")));
        get("c");
        assert!(Arc::ptr_eq(&a, &get("a")));
        assert!(!Arc::ptr_eq(&b, &get("b")));
    }
}
