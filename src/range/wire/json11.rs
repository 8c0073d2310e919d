//! AWS JSON 1.1: the operation in a header, JSON in both bodies.

use serde_json::{Map, Value, json};

use super::{Decoded, Received};
use crate::range::call::ApiError;

/// Reads `X-Amz-Target: PREFIX.Operation` and the body.
pub fn decode(target: &str, received: &Received) -> Result<Decoded, ApiError> {
    // CloudTrail's prefix has a namespace before it, which some clients send and others leave out.
    let (_, short) = target.rsplit_once('.').unwrap_or_default();
    let after = |prefix: &str| received.target?.strip_prefix(prefix)?.strip_prefix('.');
    let operation = after(target)
        .or_else(|| after(short).filter(|_| !short.is_empty()))
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
