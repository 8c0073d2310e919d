//! The query protocol: form-encoded parameters with dots in, XML out. EC2 shares the way in.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Map, Value};

use super::xml::{Writer, list_item};
use super::{Decoded, Received};
use crate::range::call::ApiError;

/// Parameters in one request; AWS refuses far fewer.
const MAX_PARAMETERS: usize = 20_000;
/// Levels of one parameter's name.
const MAX_DEPTH: usize = 16;

/// Reads `Action` and the parameters from the body, or from the URL for a GET.
pub fn decode(received: &Received) -> Result<Decoded, ApiError> {
    let form = if received.method == Method::GET {
        received.query.as_bytes()
    } else {
        received.body
    };
    let mut root = Node::default();
    let mut operation = String::new();
    for (count, (key, value)) in form_urlencoded::parse(form).enumerate() {
        if count >= MAX_PARAMETERS {
            return Err(malformed("Too many parameters"));
        }
        match key.as_ref() {
            "Action" => operation = value.into_owned(),
            "Version" => {}
            _ => root.put(&key, value.into_owned())?,
        }
    }
    if operation.is_empty() {
        return Err(ApiError::new(
            400,
            "MissingAction",
            "Action is missing from the request",
        ));
    }
    let params = match root.value() {
        Value::Object(map) => Value::Object(map),
        _ => Value::Object(Map::new()),
    };
    Ok(Decoded {
        operation,
        params,
        body: Vec::new(),
    })
}

fn malformed(text: &str) -> ApiError {
    ApiError::new(400, "MalformedQueryString", text)
}

/// A parameter name's parts as a tree.
#[derive(Default)]
struct Node {
    leaf: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    fn put(&mut self, key: &str, value: String) -> Result<(), ApiError> {
        let mut node = self;
        for (depth, part) in key.split('.').enumerate() {
            if depth >= MAX_DEPTH || part.is_empty() {
                return Err(malformed("A parameter's name is malformed"));
            }
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.leaf = Some(value);
        Ok(())
    }

    /// Numbered children become a list in the order of their numbers, and a `member` or `entry` between becomes nothing.
    fn value(self) -> Value {
        if self.children.is_empty() {
            return self.leaf.map_or(Value::Null, Value::String);
        }
        let numbers: Option<Vec<u32>> = self.children.keys().map(|k| index(k)).collect();
        if let Some(numbers) = numbers {
            let mut list: Vec<(u32, Node)> = numbers.into_iter().zip(self.children.into_values()).collect();
            list.sort_by_key(|(number, _)| *number);
            return Value::Array(list.into_iter().map(|(_, node)| node.value()).collect());
        }
        let mut children = self.children;
        if children.len() == 1
            && let Some(list) = children.remove("member").or_else(|| children.remove("entry"))
        {
            return match list.value() {
                // An empty list is sent as `Name.member=` or not at all.
                Value::String(_) | Value::Null => Value::Array(Vec::new()),
                value => value,
            };
        }
        Value::Object(children.into_iter().map(|(key, node)| (key, node.value())).collect())
    }
}

fn index(key: &str) -> Option<u32> {
    key.bytes().all(|b| b.is_ascii_digit()).then(|| key.parse().ok())?
}

/// `<OpResponse><OpResult>…</OpResult><ResponseMetadata>…`
pub fn answer(xmlns: &str, operation: &str, value: &Value, request_id: &str) -> String {
    let mut w = Writer::new();
    w.open_with(&format!("{operation}Response"), &[("xmlns", xmlns)]);
    let empty = value.as_object().is_none_or(Map::is_empty);
    if !empty {
        w.open(&format!("{operation}Result"));
        w.value(value, list_item::MEMBER);
        w.close(&format!("{operation}Result"));
    }
    w.open("ResponseMetadata");
    w.element("RequestId", request_id);
    w.close("ResponseMetadata");
    w.close(&format!("{operation}Response"));
    w.finish()
}

/// `<ErrorResponse><Error><Type>Sender</Type><Code>…`
pub fn error(xmlns: &str, error: &ApiError, request_id: &str) -> String {
    let mut w = Writer::new();
    w.open_with("ErrorResponse", &[("xmlns", xmlns)]);
    w.open("Error");
    w.element("Type", if error.status < 500 { "Sender" } else { "Receiver" });
    w.element("Code", &error.code);
    w.element("Message", &error.message);
    w.close("Error");
    w.element("RequestId", request_id);
    w.close("ErrorResponse");
    w.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &str) -> Result<Decoded, ApiError> {
        decode(&Received {
            method: &Method::POST,
            host: "",
            path: "/",
            query: "",
            target: None,
            headers: &http::HeaderMap::new(),
            body: body.as_bytes(),
        })
    }

    #[test]
    fn dotted_names_become_trees() {
        let body = "Action=X&Version=1&Filter.2.Name=b&Filter.1.Name=a&Filter.1.Value.1=v&Filter.10.Name=c\
            &Tags.member.1.Key=k&Tags.member.1.Value=&Attribute.Value=true&InstanceId.1=i-1&Attributes.entry.1.key=q";
        let decoded = read(body).unwrap();
        assert_eq!(decoded.operation, "X");
        assert_eq!(
            decoded.params,
            json!({
                "Filter": [{"Name": "a", "Value": ["v"]}, {"Name": "b"}, {"Name": "c"}],
                "Tags": [{"Key": "k", "Value": ""}],
                "Attribute": {"Value": "true"},
                "InstanceId": ["i-1"],
                "Attributes": [{"key": "q"}],
            })
        );
    }

    #[test]
    fn bad_forms_are_errors_and_not_panics() {
        assert_eq!(read("A=1").unwrap_err().code, "MissingAction");
        assert_eq!(read("Action=X&a..b=1").unwrap_err().code, "MalformedQueryString");
        let deep = format!("Action=X&{}=1", vec!["a"; 100].join("."));
        assert_eq!(read(&deep).unwrap_err().code, "MalformedQueryString");
        assert_eq!(
            read("Action=X&a.4294967295=1&a.99999999999999=2").unwrap().params["a"]["4294967295"],
            "1"
        );
    }

    #[test]
    fn an_answer_without_members_has_no_result_element() {
        let text = answer("urn:x", "UpdateAccessKey", &json!({}), "r");
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<UpdateAccessKeyResponse xmlns=\"urn:x\"><ResponseMetadata>\
             <RequestId>r</RequestId></ResponseMetadata></UpdateAccessKeyResponse>"
        );
    }
}
