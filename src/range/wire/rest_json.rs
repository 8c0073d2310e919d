//! REST-JSON: method and path tell the operation; labels of the path and the query string join the body's members.

use form_urlencoded::parse;
use serde_json::{Map, Value};

use super::{Decoded, Received, json11};
use crate::range::call::{ApiError, Items};
use crate::range::services::Route;

/// Finds the route and gathers the parameters. Query parameters are texts; a repeated one is a list of them.
pub fn decode(routes: &[Route], received: &Received) -> Result<Decoded, ApiError> {
    let path = received.path.trim_end_matches('/');
    let found = routes
        .iter()
        .filter(|r| r.method == received.method.as_str())
        .find_map(|r| labels(r.path.trim_end_matches('/'), path).map(|l| (r, l)));
    let Some((route, labels)) = found else {
        return Err(ApiError::new(
            404,
            "UnknownOperationException",
            "Unable to determine service/operation name to be authorized",
        ));
    };
    let mut params = match json11::body(received.body)? {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    for (key, value) in parse(received.query.as_bytes()) {
        add(&mut params, &key, value.into_owned());
    }
    for (key, value) in labels {
        params.insert(key.to_owned(), Value::String(value));
    }
    Ok(Decoded {
        operation: route.operation.to_owned(),
        params: Value::Object(params),
        body: Vec::new(),
    })
}

fn add(params: &mut Map<String, Value>, key: &str, value: String) {
    let value = Value::String(value);
    match params.get_mut(key) {
        None => {
            params.insert(key.to_owned(), value);
        }
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

/// The labels of a path that fits the template; a label takes one segment and is not empty. A label with a plus sign, which
/// stands last, takes all that is left, slashes and all.
fn labels<'r>(template: &'r str, path: &str) -> Option<Vec<(&'r str, String)>> {
    let mut out = Vec::new();
    let mut segments = path.split('/');
    for part in template.split('/') {
        let segment = segments.next()?;
        if let Some(label) = part.strip_prefix('{').and_then(|p| p.strip_suffix("+}")) {
            let rest = segments.fold(segment.to_owned(), |all, next| all + "/" + next);
            out.push((label, percent_decoded(&rest)));
            return (!segment.is_empty()).then_some(out);
        }
        match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            Some(_) if segment.is_empty() => return None,
            Some(label) => out.push((label, percent_decoded(segment))),
            None if part == segment => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(out)
}

/// Percent-decoded, with a plus sign left as it is; bytes that are not UTF-8 become U+FFFD.
pub(in crate::range) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The answer's body: its members, and the long list after them.
pub fn answer(value: &Value, long: Option<&Items>) -> String {
    let mut body = value.to_string();
    let (Some(Items { name, items }), Some('}')) = (long, body.pop()) else {
        return value.to_string();
    };
    body.reserve(items.iter().map(|item| item.len() + 1).sum::<usize>() + name.len() + 8);
    if body.len() > 1 {
        body.push(',');
    }
    body.push('"');
    body.push_str(name);
    body.push_str("\":[");
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            body.push(',');
        }
        body.push_str(item);
    }
    body.push_str("]}");
    body
}

/// The error's body: `__type`, and the sentence under the key that the service's model has.
pub fn error(message: &str, error: &ApiError) -> String {
    let mut body = Map::new();
    body.insert("__type".to_owned(), Value::String(error.code.clone()));
    body.insert(message.to_owned(), Value::String(error.message.clone()));
    Value::Object(body).to_string()
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use super::*;
    use crate::range::services::route;

    const ROUTES: &[Route] = &[
        route("POST", "/detector/{detectorId}/findings", "ListFindings"),
        route("GET", "/detector", "ListDetectors"),
    ];

    fn read(method: &Method, path: &str, query: &str, body: &str) -> Result<Decoded, ApiError> {
        decode(
            ROUTES,
            &Received {
                method,
                host: "",
                path,
                query,
                target: None,
                headers: &http::HeaderMap::new(),
                body: body.as_bytes(),
            },
        )
    }

    #[test]
    fn labels_and_query_join_the_body() {
        let decoded = read(&Method::POST, "/detector/a%2Fb/findings", "", r#"{"maxResults":5}"#).unwrap();
        assert_eq!(decoded.operation, "ListFindings");
        assert_eq!(decoded.params, json!({"detectorId": "a/b", "maxResults": 5}));
        let decoded = read(&Method::GET, "/detector", "maxResults=5&k=1&k=2", "").unwrap();
        assert_eq!(decoded.params, json!({"maxResults": "5", "k": ["1", "2"]}));
    }

    #[test]
    fn a_long_list_stands_after_the_members() {
        let long = |items: &[&str]| Items {
            name: "findings",
            items: items.iter().map(ToString::to_string).collect(),
        };
        let list = long(&[r#"{"id":"1"}"#, r#"{"id":"2"}"#]);
        let said = |value: &Value, long: Option<&Items>| serde_json::from_str::<Value>(&answer(value, long)).unwrap();
        let expected = json!({"nextToken": "t", "findings": [{"id": "1"}, {"id": "2"}]});
        assert_eq!(said(&json!({"nextToken": "t"}), Some(&list)), expected);
        assert_eq!(said(&json!({}), Some(&long(&[]))), json!({"findings": []}));
        assert_eq!(said(&json!({"a": 1}), None), json!({"a": 1}));
    }

    #[test]
    fn what_fits_no_route_is_not_found() {
        for (method, path) in [
            (Method::GET, "/"),
            (Method::POST, "/detector"),
            (Method::POST, "/detector//findings"),
        ] {
            assert_eq!(read(&method, path, "", "").unwrap_err().status, 404, "{path}");
        }
        let error = read(&Method::POST, "/detector/a/findings", "", "[1]").unwrap_err();
        assert_eq!(error.code, "SerializationException");
        assert_eq!(percent_decoded("%zz%4"), "%zz%4");
    }
}
