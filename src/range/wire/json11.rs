//! AWS JSON 1.1: the operation in a header, JSON in both bodies.

use serde_json::{Map, Value, json};

use super::{Decoded, Received};
use crate::range::call::ApiError;

/// Reads `X-Amz-Target: PREFIX.Operation` and the body.
pub fn decode(target: &str, received: &Received) -> Result<Decoded, ApiError> {
    let operation = received
        .target
        .and_then(|t| t.strip_prefix(target))
        .and_then(|t| t.strip_prefix('.'))
        .ok_or_else(|| ApiError::new(400, "UnknownOperationException", ""))?;
    Ok(Decoded {
        operation: operation.to_owned(),
        params: body(received.body)?,
        body: Vec::new(),
    })
}

/// A JSON object; an empty body is an empty one.
pub fn body(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    match serde_json::from_slice(bytes) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(ApiError::new(
            400,
            "SerializationException",
            "The request body is not a JSON object",
        )),
    }
}

/// The error's body.
pub fn error(error: &ApiError) -> String {
    json!({ "__type": error.code, "Message": error.message }).to_string()
}
