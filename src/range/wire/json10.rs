//! AWS JSON 1.0, as the services that once spoke the query protocol have it: errors carry the older code in a header.
//!
//! The body's `__type` is the error's shape with its namespace; requests are those of JSON 1.1.

use serde_json::json;

use crate::range::call::ApiError;

/// The error's body.
pub fn error(namespace: &str, error: &ApiError) -> String {
    json!({ "__type": format!("{namespace}#{}", error.code), "message": error.message }).to_string()
}

/// `x-amzn-query-error`: the query protocol's code, and whose fault it is.
pub fn query_error(codes: &[(&str, &str)], error: &ApiError) -> String {
    let code = codes.iter().find(|(shape, _)| *shape == error.code);
    let code = code.map_or(error.code.as_str(), |(_, query)| query);
    let fault = if error.status < 500 { "Sender" } else { "Receiver" };
    format!("{code};{fault}")
}
