//! Pages over an ordered listing, for services whose clients choose the order.
//!
//! Owns: sort keys and the token. The token carries the last key that was given, so what arrives or goes between two pages
//! neither repeats nor hides anything that was there all along.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
/// One part of a sort key, ascending or descending.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    value: Part,
    descending: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Part {
    Number(f64),
    Text(String),
}

impl Key {
    /// Ascending by a number.
    pub fn up_number(value: f64) -> Self {
        Self {
            value: Part::Number(value),
            descending: false,
        }
    }

    /// Ascending by a text, in the order of its code points.
    pub fn up_text(value: &str) -> Self {
        Self {
            value: Part::Text(value.to_owned()),
            descending: false,
        }
    }

    /// The same key in the other direction.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.descending = !self.descending;
        self
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = match (&self.value, &other.value) {
            (Part::Number(a), Part::Number(b)) => a.total_cmp(b),
            (Part::Text(a), Part::Text(b)) => a.cmp(b),
            (Part::Number(_), Part::Text(_)) => Ordering::Less,
            (Part::Text(_), Part::Number(_)) => Ordering::Greater,
        };
        if self.descending { order.reverse() } else { order }
    }
}

/// Sorts the items and cuts out the page after the token. `None` if the token is not one that this function made.
pub fn page<T>(items: &mut Vec<(Vec<Key>, T)>, token: Option<&str>, size: usize) -> Option<(Vec<T>, Option<String>)> {
    let after: Option<Vec<Key>> = match token {
        None => None,
        Some(token) => Some(serde_json::from_slice(&unhex(token)?).ok()?),
    };
    items.sort_by(|a, b| a.0.cmp(&b.0));
    if let Some(after) = after {
        items.retain(|(key, _)| *key > after);
    }
    let more = items.len() > size;
    items.truncate(size);
    let next = match items.last() {
        Some((key, _)) if more => Some(hex(&serde_json::to_vec(key).ok()?)),
        _ => None,
    };
    Some((items.drain(..).map(|(_, item)| item).collect(), next))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The bytes of a hexadecimal text, if it is one.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn items(severities: &[f64]) -> Vec<(Vec<Key>, Value)> {
        severities
            .iter()
            .enumerate()
            .map(|(at, s)| {
                let id = format!("{at:02}");
                (vec![Key::up_number(*s).reversed(), Key::up_text(&id)], Value::from(id))
            })
            .collect()
    }

    #[test]
    fn what_arrives_between_pages_repeats_nothing() {
        let (first, token) = page(&mut items(&[5.0, 8.0, 5.0]), None, 2).unwrap();
        assert_eq!(first, ["01", "00"]);
        // A worse finding arrives: it belongs on a page that has been given already.
        let (second, token) = page(&mut items(&[5.0, 8.0, 5.0, 9.0]), token.as_deref(), 2).unwrap();
        assert_eq!((second, token), (vec![Value::from("02")], None));
    }

    #[test]
    fn a_made_up_token_is_refused() {
        for bad in ["", "zz", "7b7d", "결"] {
            assert!(page(&mut items(&[1.0]), Some(bad), 2).is_none(), "{bad}");
        }
    }
}
