//! Notifications that come twice: the last ids are remembered (protocol §3.8).

use std::collections::VecDeque;

use kandy_wire::Value;

/// The ids of the last notifications.
#[derive(Debug, Default)]
pub(super) struct Filter {
    seen: VecDeque<Value>,
    length: usize,
}

impl Filter {
    /// Remembers `length` ids.
    pub(super) fn new(length: usize) -> Self {
        // Whatever the application configured, a list has a bound.
        Self { seen: VecDeque::new(), length: length.min(10_000) }
    }

    /// Whether a notification with this id has not been seen. One without an id is always new: nothing tells it apart.
    pub(super) fn is_new(&mut self, id: Option<&Value>) -> bool {
        let Some(id) = id else { return true };
        if self.seen.contains(id) {
            return false;
        }
        self.seen.push_back(id.clone());
        if self.seen.len() > self.length {
            self.seen.pop_front();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ids_are_remembered_and_types_matter() {
        let mut filter = Filter::new(2);
        let (a, b, c) = (Value::from("7"), Value::from(7), Value::from("8"));
        assert!(filter.is_new(Some(&a)) && filter.is_new(Some(&b)), "text and number differ");
        assert!(!filter.is_new(Some(&a)) && !filter.is_new(Some(&b)));
        assert!(filter.is_new(Some(&c)));
        assert!(filter.is_new(Some(&a)), "pushed out");
        assert!(filter.is_new(None) && filter.is_new(None));
    }
}
