//! Failures on request, for drills and tests.
//!
//! Owns: which call fails, and how. Must never: fail a call that nobody asked to fail.

use bytes::Bytes;
use http::{Response, header};
use serde_json::Value;

use crate::domain::{AccountId, Region};

use super::call::{Answer, ApiError, LongList};
use super::services::{Protocol, Service};

/// A failure that waits for calls that fit it. What is `None` fits any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    pub service: Option<String>,
    pub operation: Option<String>,
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    /// The page of a chain of pages, from 1; a call without a token asks for the first. Chains are followed from the moment when
    /// the fault is added, so a page of a chain that began before fits no number but 1.
    pub page: Option<usize>,
    /// How many fitting calls go well first.
    pub skip: u32,
    /// How many fitting calls fail then; 0 is all of them.
    pub times: u32,
    pub kind: Kind,
}

/// How a call fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Refused as the service throttles; nothing is done.
    #[default]
    Throttle,
    /// Refused as the service fails by its own fault (5xx); nothing is done.
    Internal,
    /// Refused as the service refuses who may not (403, or 400 under JSON 1.1); nothing is done.
    Denied,
    /// Answered with this error; nothing is done.
    Error(ApiError),
    /// Done, but the body ends after so many bytes, as if that were its length.
    CutBody(usize),
    /// Done, but the connection breaks after so many bytes of the body.
    Abort(usize),
    /// Done, but eight bytes in the middle of the body arrive as zeros.
    Corrupt,
    /// Done, but the answer is never seen.
    DropReply,
    /// Done, but the token for the next page is the one that this call gave. A first page, which gave none, is answered as it is.
    RepeatToken,
    /// Done, but so many findings of the answer are missing from its end.
    Fewer(usize),
}

/// The connection is to break behind the body that came this far. Kept among a response's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

/// A call as faults look at it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub service: &'a str,
    pub operation: &'a str,
    pub account: AccountId,
    pub region: &'a Region,
    /// Nothing where it is not known.
    pub page: Option<usize>,
}

/// The faults that are waiting.
#[derive(Debug, Default)]
pub struct Faults(Vec<(Fault, u32)>);

impl Faults {
    /// Adds one behind those that wait.
    pub fn add(&mut self, fault: Fault) {
        self.0.push((fault, 0));
    }

    /// Forgets them all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether any of them waits for a page, so that chains have to be followed.
    pub fn by_page(&self) -> bool {
        self.0.iter().any(|(fault, _)| fault.page.is_some())
    }

    /// The failure that this call meets: that of the first fault that fits and is in its turn. Each fault that fits counts it.
    pub fn strike(&mut self, asked: &Asked) -> Option<Kind> {
        let mut struck = None;
        for (fault, seen) in &mut self.0 {
            if !fault.fits(asked) {
                continue;
            }
            *seen = seen.saturating_add(1);
            let turn = *seen > fault.skip && (fault.times == 0 || *seen <= fault.skip.saturating_add(fault.times));
            if turn && struck.is_none() {
                struck = Some(fault.kind.clone());
            }
        }
        struck
    }
}

impl Fault {
    fn fits(&self, asked: &Asked) -> bool {
        self.service.as_deref().is_none_or(|s| s == asked.service)
            && self.operation.as_deref().is_none_or(|o| o == asked.operation)
            && self.account.is_none_or(|a| a == asked.account)
            && self.region.as_ref().is_none_or(|r| r == asked.region)
            && self.page.is_none_or(|p| asked.page == Some(p))
    }
}

impl Kind {
    /// The error that is answered in place of doing the work; nothing where the work is done.
    pub fn refusal(&self, service: &Service) -> Option<ApiError> {
        match self {
            Self::Throttle => Some(throttled(service)),
            Self::Internal => Some(internal(service)),
            Self::Denied => Some(denied(service)),
            Self::Error(error) => Some(error.clone()),
            Self::CutBody(_)
            | Self::Abort(_)
            | Self::Corrupt
            | Self::DropReply
            | Self::RepeatToken
            | Self::Fewer(_) => None,
        }
    }

    /// Changes what is answered.
    pub fn twist(&self, params: &Value, answer: &mut Answer, long: &LongList) {
        let Ok(answer) = answer else { return };
        match self {
            Self::RepeatToken => {
                for key in ["NextToken", "nextToken"] {
                    if let (Some(given), Some(next)) = (params.get(key), answer.get_mut(key)) {
                        *next = given.clone();
                    }
                }
            }
            Self::Fewer(missing) => long.shorten(*missing),
            Self::Throttle
            | Self::Internal
            | Self::Denied
            | Self::Error(_)
            | Self::CutBody(_)
            | Self::Abort(_)
            | Self::Corrupt
            | Self::DropReply => {}
        }
    }

    /// Changes what is sent; nothing where the answer is lost.
    pub fn damage(&self, mut response: Response<Bytes>) -> Option<Response<Bytes>> {
        match self {
            Self::DropReply => return None,
            Self::CutBody(bytes) => {
                response.body_mut().truncate(*bytes);
                response.headers_mut().remove(header::CONTENT_LENGTH);
            }
            // The announced length stays, as it does where a connection breaks.
            Self::Abort(bytes) => {
                response.body_mut().truncate(*bytes);
                response.extensions_mut().insert(Broken);
            }
            Self::Corrupt => {
                let mut body = response.body().to_vec();
                let middle = body.len() / 2;
                body.iter_mut().skip(middle).take(8).for_each(|byte| *byte = 0);
                *response.body_mut() = body.into();
            }
            Self::Throttle | Self::Internal | Self::Denied | Self::Error(_) | Self::RepeatToken | Self::Fewer(_) => {}
        }
        Some(response)
    }
}

/// A throttled call's error in the service's words. Organizations and SQS name theirs in their API references, Security Hub and
/// GuardDuty answer as the gateway before them does, the rest as in "Common errors" of each API reference.
pub fn throttled(service: &Service) -> ApiError {
    match (&service.protocol, service.name) {
        (Protocol::Ec2 { .. }, _) => ApiError::new(503, "RequestLimitExceeded", "Request limit exceeded."),
        (Protocol::Query { .. }, _) => ApiError::new(400, "Throttling", "Rate exceeded"),
        (_, "organizations") => ApiError::new(400, "TooManyRequestsException", "Rate exceeded"),
        (_, "securityhub" | "guardduty") => ApiError::new(429, "TooManyRequestsException", "Rate exceeded"),
        (Protocol::Json10 { .. }, _) => ApiError::new(400, "RequestThrottled", "Request is throttled."),
        (Protocol::Json11 { .. }, _) => ApiError::new(400, "ThrottlingException", "Rate exceeded"),
        (Protocol::RestJson { .. }, "lambda") => ApiError::new(429, "TooManyRequestsException", "Rate Exceeded."),
        (Protocol::RestJson { .. }, _) => ApiError::new(429, "ThrottlingException", "Rate exceeded"),
        (Protocol::RestXml { .. }, _) => ApiError::new(503, "SlowDown", "Please reduce your request rate."),
    }
}

/// A service's own failure in its words.
fn internal(service: &Service) -> ApiError {
    const SENTENCE: &str = "The request processing has failed because of an unknown error, exception or failure.";
    let code = match (&service.protocol, service.name) {
        (Protocol::Ec2 { .. } | Protocol::RestXml { .. }, _) => "InternalError",
        (_, "lambda") => "ServiceException",
        (Protocol::Query { .. } | Protocol::Json10 { .. }, _) => "InternalFailure",
        (_, "organizations") => "ServiceException",
        (_, "guardduty") => "InternalServerErrorException",
        (_, "securityhub" | "events") => "InternalException",
        (Protocol::Json11 { .. } | Protocol::RestJson { .. }, _) => "InternalFailure",
    };
    ApiError::new(500, code, SENTENCE)
}

/// A refusal in the service's words.
fn denied(service: &Service) -> ApiError {
    let (status, code) = match (&service.protocol, service.name) {
        (Protocol::Ec2 { .. }, _) => (403, "UnauthorizedOperation"),
        (_, "sns") => (403, "AuthorizationError"),
        (Protocol::Query { .. } | Protocol::RestXml { .. }, _) => (403, "AccessDenied"),
        (Protocol::Json11 { .. } | Protocol::Json10 { .. }, _) => (400, "AccessDeniedException"),
        (Protocol::RestJson { .. }, _) => (403, "AccessDeniedException"),
    };
    ApiError::new(status, code, "You are not authorized to perform this operation.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_and_third_fitting_call_fail() {
        let (account, region) = ("111111111111".parse().unwrap(), Region::global());
        let mut faults = Faults::default();
        faults.add(Fault {
            operation: Some("Publish".to_owned()),
            skip: 1,
            times: 2,
            ..Fault::default()
        });
        let mut hit = |operation: &str| {
            let asked = Asked {
                service: "sns",
                operation,
                account,
                region: &region,
                page: None,
            };
            faults.strike(&asked).is_some()
        };
        assert!(!hit("ListTopics"));
        let hits: Vec<bool> = (0..5).map(|_| hit("Publish")).collect();
        assert_eq!(hits, [false, true, true, false, false]);
    }
}
