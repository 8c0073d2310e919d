//! Writes XML from JSON values.
//!
//! A character that XML 1.0 forbids cannot even be written as a reference, so it becomes U+FFFD; a carriage return is
//! written as a reference, since a parser would turn it into a line feed.

use serde_json::Value;

/// The name of a list's elements.
pub mod list_item {
    pub const ITEM: &str = "item";
    pub const MEMBER: &str = "member";
}

/// A document in the making. Element names come from this crate's own code and are not checked.
pub struct Writer(String);

impl Writer {
    pub fn new() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned())
    }

    pub fn open(&mut self, name: &str) {
        self.open_with(name, &[]);
    }

    pub fn open_with(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (key, value) in attributes {
            self.0.push(' ');
            self.0.push_str(key);
            self.0.push_str("=\"");
            self.text(value);
            self.0.push('"');
        }
        self.0.push('>');
    }

    pub fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    pub fn element(&mut self, name: &str, text: &str) {
        self.open(name);
        self.text(text);
        self.close(name);
    }

    /// The content that a value stands for. Numbers are floats where they have a point, as in JSON.
    pub fn value(&mut self, value: &Value, item: &str) {
        match value {
            Value::Null => {}
            Value::Bool(flag) => self.0.push_str(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.0.push_str(&number.to_string()),
            Value::String(text) => self.text(text),
            Value::Array(list) => {
                for one in list {
                    self.named(item, one, item);
                }
            }
            Value::Object(map) => {
                if let (1, Some(Value::Array(entries))) = (map.len(), map.get("entry")) {
                    for entry in entries {
                        self.named("entry", entry, item);
                    }
                    return;
                }
                for (key, inner) in map {
                    if let (Some(name), Value::Array(list)) = (key.strip_prefix('*'), inner) {
                        for one in list {
                            self.named(name, one, item);
                        }
                        continue;
                    }
                    if !inner.is_null() {
                        self.named(key, inner, item);
                    }
                }
            }
        }
    }

    fn named(&mut self, name: &str, value: &Value, item: &str) {
        let empty = matches!(value, Value::Array(list) if list.is_empty());
        if empty {
            self.0.push('<');
            self.0.push_str(name);
            self.0.push_str("/>");
        } else {
            self.open(name);
            self.value(value, item);
            self.close(name);
        }
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' => self.0.push_str("&#13;"),
                '\t' | '\n' => self.0.push(c),
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.0.push('\u{fffd}'),
                _ => self.0.push(c),
            }
        }
    }

    pub fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_comes_back_but_for_what_xml_forbids(text in ".*|[\\x00-\\x20\u{fffe}\r<&>\"']*") {
            let mut w = Writer::new();
            w.element("a", &text);
            let document = w.finish();
            let mut reader = quick_xml::Reader::from_str(&document);
            let mut read = String::new();
            loop {
                match reader.read_event().unwrap() {
                    quick_xml::events::Event::Text(t) => read.push_str(&t),
                    quick_xml::events::Event::GeneralRef(r) => {
                        let raw = format!("&{};", &*r);
                        read.push_str(&quick_xml::escape::unescape(&raw).unwrap());
                    }
                    quick_xml::events::Event::Eof => break,
                    _ => {}
                }
            }
            let expected: String = text
                .chars()
                .map(|c| match c {
                    '\t' | '\n' | '\r' => c,
                    '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
                    _ => c,
                })
                .collect();
            // The line break that follows the declaration is text to this reader.
            prop_assert_eq!(read.strip_prefix('\n').unwrap_or(&read), expected);
        }
    }
}
