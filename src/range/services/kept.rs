//! A finding as its service keeps it.
//!
//! Owns: the JSON and the text that it is answered with. Must never: answer with a text that is older than the finding.

use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use serde_json::Value;

/// A finding: the JSON that its service answers with. Its text is written once and not for each who asks, since thousands are asked
/// for in a second, and to write them would take the processor from those who ask.
#[derive(Clone, Debug)]
pub struct Kept {
    value: Value,
    text: OnceLock<String>,
}

impl Kept {
    /// The finding as JSON.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| self.value.to_string())
    }
}

impl From<Value> for Kept {
    fn from(value: Value) -> Self {
        Self {
            value,
            text: OnceLock::new(),
        }
    }
}

impl Deref for Kept {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.value
    }
}

impl DerefMut for Kept {
    /// Whoever may change the finding makes its text void.
    fn deref_mut(&mut self) -> &mut Value {
        self.text.take();
        &mut self.value
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_text_follows_the_finding() {
        let mut kept = Kept::from(json!({"Id": "1"}));
        assert_eq!(kept.text(), r#"{"Id":"1"}"#);
        kept["Id"] = "2".into();
        assert_eq!(kept.text(), r#"{"Id":"2"}"#);
    }
}
