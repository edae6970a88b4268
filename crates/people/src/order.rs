//! Putting things in order. The sorting functions of the standard library are 4 kB of wasm for every type that they sort; the
//! tree of JSON objects is there anyway and has its keys in order.

use kandy_wire::{Map, Value};

use crate::plain;

/// The places of things by the order of their keys; things with the same key stay as they are.
pub(crate) fn by_text<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut tree = Map::new();
    for (place, key) in keys.enumerate() {
        // No text of a key has this character, so the place counts only between equal keys.
        let key = [key, "\u{0}", &digits(place as u64)].concat();
        plain::put(&mut tree, &key, place);
    }
    tree.values().filter_map(Value::as_u64).map(|place| place as usize).collect()
}

/// The same by numbers.
pub(crate) fn by_number(keys: impl Iterator<Item = u64>) -> Vec<usize> {
    let keys: Vec<String> = keys.map(digits).collect();
    by_text(keys.iter().map(String::as_str))
}

/// Things in the order of these places.
pub(crate) fn put<T>(things: impl Iterator<Item = T>, places: &[usize]) -> Vec<T> {
    let mut things: Vec<Option<T>> = things.map(Some).collect();
    places.iter().filter_map(|place| things.get_mut(*place)?.take()).collect()
}

/// A number with as many digits as the longest one.
fn digits(number: u64) -> String {
    let text = number.to_string();
    let mut padded = String::with_capacity(20);
    for _ in text.len()..20 {
        padded.push('0');
    }
    padded.push_str(&text);
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_that_of_keys_and_equal_ones_stay() {
        assert_eq!(by_text(["b", "", "ab", "a", "b"].into_iter()), [1, 3, 2, 0, 4]);
        let numbers = [10, 9, u64::MAX, 0, 9];
        let places = by_number(numbers.into_iter());
        assert_eq!(put(numbers.into_iter(), &places), [0, 9, 9, 10, u64::MAX]);
        assert_eq!(places, [3, 1, 4, 0, 2]);
    }
}
