//! EC2's way of writing answers and errors. Its way in is that of the query protocol.

use serde_json::Value;

use super::xml::{Writer, list_item};
use crate::range::call::ApiError;

/// `<OpResponse><requestId>…</requestId>…`
pub fn answer(xmlns: &str, operation: &str, value: &Value, request_id: &str) -> String {
    let mut w = Writer::new();
    let name = format!("{operation}Response");
    w.open_with(&name, &[("xmlns", xmlns)]);
    w.element("requestId", request_id);
    w.value(value, list_item::ITEM);
    w.close(&name);
    w.finish()
}

/// `<Response><Errors><Error>…`
pub fn error(error: &ApiError, request_id: &str) -> String {
    let mut w = Writer::new();
    w.open("Response");
    w.open("Errors");
    w.open("Error");
    w.element("Code", &error.code);
    w.element("Message", &error.message);
    w.close("Error");
    w.close("Errors");
    w.element("RequestID", request_id);
    w.close("Response");
    w.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_are_items() {
        let text = answer(
            "urn:x",
            "DescribeTags",
            &json!({"tagSet": [{"key": "a<b"}, {"key": "c"}], "none": null, "e": []}),
            "r",
        );
        assert!(text.contains(
            "<requestId>r</requestId><e/><tagSet><item><key>a&lt;b</key></item><item><key>c</key></item></tagSet>"
        ));
        assert!(!text.contains("none"), "{text}");
    }
}
