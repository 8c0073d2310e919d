//! An HTTP client under the SDK that spoils a range's answers in ways that the range itself, which answers as AWS does, never would.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use quell::range::Range;
use serde_json::{Value, json};

/// The calls whose answers are lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    ListDetectors,
    ListFindings,
    GuardDutyGetFindings,
    SecurityHubGetFindings,
}

impl Operation {
    pub const ALL: [Self; 4] = [
        Self::ListDetectors,
        Self::ListFindings,
        Self::GuardDutyGetFindings,
        Self::SecurityHubGetFindings,
    ];

    fn of(method: &str, path: &str) -> Option<Self> {
        Some(match (method, path) {
            ("GET", "/detector") => Self::ListDetectors,
            ("POST", path) if path.starts_with("/detector/") && path.ends_with("/findings") => Self::ListFindings,
            ("POST", path) if path.starts_with("/detector/") && path.ends_with("/findings/get") => {
                Self::GuardDutyGetFindings
            }
            ("POST", "/findings") => Self::SecurityHubGetFindings,
            _ => return None,
        })
    }
}

/// How an answer with status 200 is spoiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mischief {
    /// Every page ends with the same token.
    SameToken,
    /// The last finding is left out.
    FewerThanAsked,
    /// Half of the bytes arrive, and the length says that this is all.
    Half,
    EmptyObject,
    Null,
    /// A proxy's page.
    Html,
    /// Arrays in arrays, 100,000 deep.
    Deep,
}

impl Mischief {
    pub const ALL: [Self; 7] = [
        Self::SameToken,
        Self::FewerThanAsked,
        Self::Half,
        Self::EmptyObject,
        Self::Null,
        Self::Html,
        Self::Deep,
    ];

    fn spoil(self, body: &Bytes) -> Bytes {
        let mut value: Value = serde_json::from_slice(body).unwrap_or_default();
        match self {
            Self::SameToken => {
                let list = if value.get("Findings").is_some() {
                    "NextToken"
                } else {
                    "nextToken"
                };
                value[list] = json!("round-and-round");
                value.to_string().into()
            }
            Self::FewerThanAsked => {
                value["findings"].as_array_mut().map(Vec::pop);
                value.to_string().into()
            }
            Self::Half => body.slice(..body.len() / 2),
            Self::EmptyObject => Bytes::from_static(b"{}"),
            Self::Null => Bytes::from_static(b"null"),
            Self::Html => Bytes::from_static(b"<html><body>Please log in.</body></html>"),
            Self::Deep => "[".repeat(100_000).into(),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Tampering {
    range: Range,
    operation: Operation,
    mischief: Mischief,
    struck: Arc<Mutex<usize>>,
}

impl Tampering {
    pub fn new(range: &Range, operation: Operation, mischief: Mischief) -> Self {
        Self {
            range: range.clone(),
            operation,
            mischief,
            struck: Arc::default(),
        }
    }

    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// How many answers were spoiled.
    pub fn struck(&self) -> usize {
        *self.struck.lock().unwrap()
    }

    fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request.try_into_http1x().map_err(|e| ConnectorError::user(e.into()))?;
        let request = request.map(|body| body.bytes().map(Bytes::copy_from_slice).unwrap_or_default());
        let operation = Operation::of(request.method().as_str(), request.uri().path());
        let mut response = self.range.answer(&request);
        // A refusal stays what it is, but for a page that the spoiled token asked for: it is the first one, again.
        let asked_again = request.body().windows(15).any(|part| part == b"round-and-round")
            || request.uri().query().is_some_and(|q| q.contains("round-and-round"));
        if operation == Some(self.operation) && (response.status().is_success() || asked_again) {
            *self.struck.lock().unwrap() += 1;
            let body = if asked_again {
                Bytes::from_static(b"{\"Findings\":[]}")
            } else {
                response.body().clone()
            };
            let body = match (asked_again, self.operation) {
                (true, Operation::ListDetectors) => Bytes::from_static(b"{\"detectorIds\":[]}"),
                (true, Operation::ListFindings) => Bytes::from_static(b"{\"findingIds\":[]}"),
                _ => body,
            };
            *response.status_mut() = http::StatusCode::OK;
            response.headers_mut().remove(http::header::CONTENT_LENGTH);
            *response.body_mut() = self.mischief.spoil(&body);
        }
        HttpResponse::try_from(response.map(SdkBody::from)).map_err(|e| ConnectorError::user(e.into()))
    }
}

impl HttpClient for Tampering {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Tampering {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.exchange(request))
    }
}
