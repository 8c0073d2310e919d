//! REST-XML, as S3 speaks it: method, host, path and query tell the operation; headers and an XML body carry the rest.
//!
//! Owns: which operation a request is, in either style of address, and the shapes of bodies. Must never: answer a HEAD with
//! a body, for HTTP has none there.
//!
//! A service's answer is one object: `status`, `headers`, and one of `xml` (the root element by its name), `text`, or `bytes`
//! (text in which each character is one byte).

use bytes::Bytes;
use form_urlencoded::parse;
use http::{HeaderMap, Method, Response, StatusCode, header};
use serde_json::{Map, Value};

use super::document::{document, malformed};
use super::xml::Writer;
use super::{Decoded, Received, percent_decoded};
use crate::range::call::{Answer, ApiError};

/// The namespace of S3's documents.
const XMLNS: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// One way into S3: what is addressed, the method, and the query parameter that names a part of it (empty for the thing itself).
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub on: On,
    pub method: &'static str,
    pub part: &'static str,
    pub operation: &'static str,
    /// The form of its body.
    pub takes: Takes,
}

/// What a request addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Service,
    Account,
    Bucket,
    Object,
}

/// What the body of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    /// A document, whose root element becomes the parameter of that name.
    Xml,
    /// Text that becomes the parameter `Policy`.
    Policy,
    /// Bytes as they are.
    Bytes,
}

/// A way without a body; a short form for tables.
pub const fn way(on: On, method: &'static str, part: &'static str, operation: &'static str) -> Way {
    Way {
        on,
        method,
        part,
        operation,
        takes: Takes::Nothing,
    }
}

/// The same with a body.
pub const fn taking(takes: Takes, way: Way) -> Way {
    Way { takes, ..way }
}

/// Finds the way and gathers the parameters, under the names that the API reference gives them.
pub fn decode(ways: &[Way], received: &Received) -> Result<Decoded, ApiError> {
    let (on, mut params) = address(received);
    let query: Vec<(String, String)> = parse(received.query.as_bytes())
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    let fits = |way: &&Way| way.on == on && way.method == received.method.as_str();
    let part = |way: &&Way| query.iter().any(|(key, _)| !way.part.is_empty() && key == way.part);
    let found = ways.iter().filter(fits).find(part);
    let plain = || {
        // A part that is not in the table is not the thing itself.
        let parts = query.iter().any(|(_, value)| value.is_empty());
        ways.iter().filter(fits).find(|way| way.part.is_empty() && !parts)
    };
    let way = found.or_else(plain).ok_or_else(|| {
        ApiError::new(
            501,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
        )
    })?;
    for (key, value) in &query {
        if key != way.part || !value.is_empty() {
            params.insert(key.clone(), Value::String(value.clone()));
        }
    }
    headers(received.headers, &mut params);
    let sent = unchunked(received)?;
    let mut body = Vec::new();
    match way.takes {
        Takes::Nothing => {}
        Takes::Xml if sent.is_empty() => {}
        Takes::Xml => {
            if let Value::Object(root) = document(&sent)? {
                params.extend(root);
            }
        }
        Takes::Policy => {
            let text = String::from_utf8(sent).map_err(|_| malformed())?;
            params.insert("Policy".to_owned(), Value::String(text));
        }
        Takes::Bytes => body = sent,
    }
    Ok(Decoded {
        operation: way.operation.to_owned(),
        params: Value::Object(params),
        body,
    })
}

/// The bucket and key, from the host (`bucket.s3.region.amazonaws.com`, `bucket.localhost`) or from the path.
fn address(received: &Received) -> (On, Map<String, Value>) {
    let mut params = Map::new();
    if received.path.starts_with("/v20180820/configuration/publicAccessBlock") {
        return (On::Account, params);
    }
    let path = received.path.trim_start_matches('/');
    let (bucket, key) = match bucket_in(received.host) {
        Some(bucket) => (bucket, path),
        None => path.split_once('/').unwrap_or((path, "")),
    };
    if bucket.is_empty() {
        return (On::Service, params);
    }
    params.insert("Bucket".to_owned(), Value::String(percent_decoded(bucket)));
    if key.is_empty() {
        return (On::Bucket, params);
    }
    params.insert("Key".to_owned(), Value::String(percent_decoded(key)));
    (On::Object, params)
}

/// The bucket that stands in the host, if one does.
fn bucket_in(host: &str) -> Option<&str> {
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let bucket = if let Some(end) = host.find(".s3.").or_else(|| host.find(".s3-")) {
        &host[..end]
    } else {
        host.strip_suffix(".localhost")?
    };
    (!bucket.is_empty()).then_some(bucket)
}

/// The headers that carry parameters.
fn headers(headers: &HeaderMap, params: &mut Map<String, Value>) {
    for (name, key) in [
        ("x-amz-expected-bucket-owner", "ExpectedBucketOwner"),
        ("x-amz-account-id", "AccountId"),
        ("content-type", "ContentType"),
        ("range", "Range"),
        ("x-amz-object-lock-mode", "ObjectLockMode"),
        ("x-amz-object-lock-retain-until-date", "ObjectLockRetainUntilDate"),
        ("x-amz-bucket-object-lock-enabled", "ObjectLockEnabledForBucket"),
        ("x-amz-server-side-encryption", "ServerSideEncryption"),
        ("x-amz-server-side-encryption-aws-kms-key-id", "SSEKMSKeyId"),
        ("x-amz-checksum-sha256", "ChecksumSHA256"),
        ("content-md5", "ContentMD5"),
        ("if-none-match", "IfNoneMatch"),
    ] {
        if let Some(value) = headers.get(name).and_then(|v| v.to_str().ok()) {
            params.insert(key.to_owned(), Value::String(value.to_owned()));
        }
    }
    let metadata: Map<String, Value> = headers
        .iter()
        .filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix("x-amz-meta-")?;
            Some((name.to_owned(), Value::String(value.to_str().ok()?.to_owned())))
        })
        .collect();
    if !metadata.is_empty() {
        params.insert("Metadata".to_owned(), Value::Object(metadata));
    }
}

/// The body without the chunks that a client may sign one by one (S3 API reference, "Transferring payload in multiple chunks").
fn unchunked(received: &Received) -> Result<Vec<u8>, ApiError> {
    let signed_as = received
        .headers
        .get("x-amz-content-sha256")
        .and_then(|v| v.to_str().ok());
    if !signed_as.is_some_and(|s| s.starts_with("STREAMING-")) {
        return Ok(received.body.to_vec());
    }
    let (mut rest, mut body) = (received.body, Vec::new());
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n").ok_or_else(incomplete)?;
        let size = std::str::from_utf8(&rest[..end])
            .ok()
            .and_then(|line| line.split(';').next());
        let size = size
            .and_then(|s| usize::from_str_radix(s, 16).ok())
            .ok_or_else(incomplete)?;
        if size == 0 {
            return Ok(body);
        }
        let from = end + 2;
        let chunk = from
            .checked_add(size)
            .and_then(|to| rest.get(from..to))
            .ok_or_else(incomplete)?;
        body.extend_from_slice(chunk);
        rest = rest.get(from + size + 2..).ok_or_else(incomplete)?;
    }
}

fn incomplete() -> ApiError {
    ApiError::new(400, "IncompleteBody", "The request body terminated unexpectedly")
}

/// Writes the answer, with the request id under S3's own header.
pub fn encode(method: &Method, answer: &Answer, request_id: &str) -> Response<Bytes> {
    let (status, body, kind) = match answer {
        Ok(value) => {
            let status = value["status"]
                .as_u64()
                .and_then(|s| u16::try_from(s).ok())
                .unwrap_or(200);
            let (body, kind) = said(value);
            (status, body, kind)
        }
        Err(error) => (error.status, refusal(error, request_id).into_bytes(), "application/xml"),
    };
    let body = if method == Method::HEAD { Vec::new() } else { body };
    let length = body.len();
    let mut builder = Response::builder()
        .status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header("x-amz-request-id", request_id)
        .header("x-amz-id-2", request_id);
    let own = answer.as_ref().ok().and_then(|value| value["headers"].as_object());
    let own = own
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name, value.as_str()?)));
    let (mut has_type, mut has_length) = (false, false);
    for (name, value) in own {
        has_type |= name == "content-type";
        has_length |= name == "content-length";
        builder = builder.header(name.as_str(), value);
    }
    if !has_type && length > 0 {
        builder = builder.header(header::CONTENT_TYPE, kind);
    }
    // The length of what a HEAD asks about is said by the service; 204 has neither body nor length.
    if !has_length && status != 204 {
        builder = builder.header(header::CONTENT_LENGTH, length);
    }
    builder.body(Bytes::from(body)).unwrap_or_default()
}

fn said(value: &Value) -> (Vec<u8>, &'static str) {
    if let Some(text) = value["text"].as_str() {
        return (text.as_bytes().to_vec(), "application/json");
    }
    if let Some(text) = value["bytes"].as_str() {
        let bytes = text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
        return (bytes, "binary/octet-stream");
    }
    let Some((root, content)) = value["xml"].as_object().and_then(|map| map.iter().next()) else {
        return (Vec::new(), "application/xml");
    };
    let mut writer = Writer::new();
    writer.open_with(root, &[("xmlns", XMLNS)]);
    elements(&mut writer, content);
    writer.close(root);
    (writer.finish().into_bytes(), "application/xml")
}

/// What is in an element. A list repeats its element; keys with an `@` are attributes of the element that they stand in.
fn elements(writer: &mut Writer, value: &Value) {
    let Value::Object(map) = value else {
        writer.value(value, "member");
        return;
    };
    for (key, inner) in map
        .iter()
        .filter(|(key, inner)| !key.starts_with('@') && !inner.is_null())
    {
        match inner {
            Value::Array(list) => list.iter().for_each(|one| element(writer, key, one)),
            one => element(writer, key, one),
        }
    }
}

fn element(writer: &mut Writer, name: &str, value: &Value) {
    let attributes: Vec<(&str, &str)> = value
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.strip_prefix('@')?, value.as_str()?)))
        .collect();
    writer.open_with(name, &attributes);
    elements(writer, value);
    writer.close(name);
}

/// An error in S3's shape (S3 API reference, "REST error responses").
fn refusal(error: &ApiError, request_id: &str) -> String {
    let mut writer = Writer::new();
    writer.open("Error");
    writer.element("Code", &error.code);
    writer.element("Message", &error.message);
    writer.element("RequestId", request_id);
    writer.element("HostId", request_id);
    writer.close("Error");
    writer.finish()
}

#[cfg(test)]
#[path = "rest_xml_tests.rs"]
mod tests;
