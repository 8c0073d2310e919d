//! The protocols that AWS's services speak: from an HTTP request to a `Call`'s parameters, and from an `Answer` to HTTP.
//!
//! Owns: bytes and their shapes. Must never: look at the world, or put what cannot be XML into XML.

mod document;
pub mod ec2;
mod json10;
pub mod json11;
pub mod query;
pub mod rest_json;
pub mod rest_xml;
mod xml;

pub(super) use rest_json::percent_decoded;

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, header};
use serde_json::Value;

use super::call::{Answer, ApiError, Items};
use super::services::{Protocol, Service};

/// A request as far as the codecs look at it.
#[derive(Debug)]
pub struct Received<'a> {
    pub method: &'a Method,
    /// The host that was asked, with its port where it has one.
    pub host: &'a str,
    /// The path as sent, percent signs and all.
    pub path: &'a str,
    pub query: &'a str,
    pub target: Option<&'a str>,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// What is asked for.
#[derive(Debug)]
pub struct Decoded {
    pub operation: String,
    pub params: Value,
    /// Bytes that are no parameter: an object's content.
    pub body: Vec<u8>,
}

/// Reads the operation and its parameters. An operation that the service does not have is an error in its own words.
pub fn decode(service: &Service, received: &Received) -> Result<Decoded, ApiError> {
    let decoded = match &service.protocol {
        Protocol::Query { .. } | Protocol::Ec2 { .. } => query::decode(received)?,
        Protocol::Json10 { target, .. } | Protocol::Json11 { target } => json11::decode(target, received)?,
        Protocol::RestJson { routes, .. } => rest_json::decode(routes, received)?,
        Protocol::RestXml { ways } => rest_xml::decode(ways, received)?,
    };
    if service.operation(&decoded.operation).is_none() {
        return Err(unknown(service, &decoded.operation));
    }
    Ok(decoded)
}

fn unknown(service: &Service, operation: &str) -> ApiError {
    match service.protocol {
        Protocol::Query { .. } | Protocol::Ec2 { .. } => ApiError::new(
            400,
            "InvalidAction",
            format!("The action {operation} is not valid for this web service."),
        ),
        Protocol::Json10 { .. } | Protocol::Json11 { .. } => ApiError::new(400, "UnknownOperationException", ""),
        Protocol::RestJson { .. } => ApiError::new(
            404,
            "UnknownOperationException",
            "Unable to determine service/operation",
        ),
        Protocol::RestXml { .. } => ApiError::new(
            405,
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        ),
    }
}

/// What a service said to a call.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    pub operation: &'a str,
    pub answer: &'a Answer,
    /// The list that goes with the answer, if it is a long one.
    pub long: Option<&'a Items>,
}

/// Writes the answer.
pub fn encode(service: &Service, method: &Method, said: &Said, request_id: &str) -> Response<Bytes> {
    let Said {
        operation,
        answer,
        long,
    } = *said;
    match (&service.protocol, answer) {
        (Protocol::Query { xmlns }, Ok(value)) => {
            let body = query::answer(xmlns, operation, value, request_id);
            respond(200, "text/xml", None, request_id, body)
        }
        (Protocol::Query { xmlns }, Err(error)) => {
            let body = query::error(xmlns, error, request_id);
            respond(error.status, "text/xml", None, request_id, body)
        }
        (Protocol::Ec2 { xmlns }, Ok(value)) => {
            let body = ec2::answer(xmlns, operation, value, request_id);
            respond(200, "text/xml;charset=UTF-8", None, request_id, body)
        }
        (Protocol::Ec2 { .. }, Err(error)) => {
            let body = ec2::error(error, request_id);
            respond(error.status, "text/xml;charset=UTF-8", None, request_id, body)
        }
        (Protocol::Json10 { .. }, Ok(value)) => {
            respond(200, "application/x-amz-json-1.0", None, request_id, value.to_string())
        }
        (
            Protocol::Json10 {
                namespace, query_codes, ..
            },
            Err(error),
        ) => {
            let body = json10::error(namespace, error);
            let mut response = respond(error.status, "application/x-amz-json-1.0", None, request_id, body);
            if let Ok(code) = json10::query_error(query_codes, error).parse() {
                response.headers_mut().insert("x-amzn-query-error", code);
            }
            response
        }
        (Protocol::Json11 { .. }, Ok(value)) => {
            respond(200, "application/x-amz-json-1.1", None, request_id, value.to_string())
        }
        (Protocol::Json11 { .. }, Err(error)) => {
            let body = json11::error(error);
            respond(
                error.status,
                "application/x-amz-json-1.1",
                Some(&error.code),
                request_id,
                body,
            )
        }
        (Protocol::RestJson { .. }, Ok(value)) => {
            let body = rest_json::answer(value, long);
            respond(200, "application/json", None, request_id, body)
        }
        (Protocol::RestJson { message, .. }, Err(error)) => {
            let body = rest_json::error(message, error);
            respond(error.status, "application/json", Some(&error.code), request_id, body)
        }
        (Protocol::RestXml { .. }, answer) => rest_xml::encode(method, answer, request_id),
    }
}

/// An HTTP answer with the headers that every AWS service gives.
fn respond(status: u16, kind: &str, error: Option<&str>, request_id: &str, body: String) -> Response<Bytes> {
    let mut builder = Response::builder()
        .status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header(header::CONTENT_TYPE, kind)
        .header("x-amzn-requestid", request_id);
    if let Some(code) = error {
        builder = builder.header("x-amzn-errortype", code);
    }
    let mut response = builder.body(Bytes::from(body)).unwrap_or_default();
    let length = response.body().len();
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}
