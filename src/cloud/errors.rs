//! SDK errors in plain words: what kind it is, AWS's code, and a sentence.
//!
//! Owns: the one place that looks into `SdkError`. Must never: let the text of an API error through except as `Untrusted`.

mod reach;

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::RequestId as _;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::action::{ReadFailure, ReadFailureKind};
use crate::domain::Untrusted;

pub(super) use reach::causes;

/// What kind of failure a call met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The caller may not do it.
    Denied,
    /// The credentials are missing, expired or not valid.
    Credentials,
    /// AWS knows no such thing.
    NotFound,
    /// AWS did not accept the request for another reason that it names.
    Rejected,
    /// Too many requests.
    Throttled,
    /// The answer could not be understood.
    Malformed,
    /// A server error.
    Server,
    /// No answer came: a timeout, a dropped connection, no network.
    NoAnswer,
    /// The request never left this process.
    NotSent,
}

/// What a refusal of the credentials means in a region, where they are good in another.
pub(super) const NOT_ENABLED: &str = "the region is not enabled in this account, or its name is wrong";

/// A call that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    /// The IAM name of the call: `ec2:DescribeInstances`.
    pub call: &'static str,
    pub kind: ErrorKind,
    /// AWS's error code, where there is one.
    pub code: Option<String>,
    /// What AWS, or the network, said.
    pub message: Untrusted,
    pub request_id: Option<String>,
}

impl CallError {
    /// Looks into an SDK error.
    pub(super) fn from_sdk<E>(call: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let status = error.raw_response().map(|r| r.status().as_u16());
        let meta = error.as_service_error().map(ProvideErrorMetadata::meta);
        let code = meta.and_then(|m| m.code()).map(str::to_owned);
        let kind = match error {
            SdkError::ConstructionFailure(_) => ErrorKind::NotSent,
            SdkError::DispatchFailure(failure) if failure.is_user() => ErrorKind::NotSent,
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => ErrorKind::NoAnswer,
            SdkError::ServiceError(_) | SdkError::ResponseError(_) => of_response(status, code.as_deref()),
            _ => ErrorKind::Malformed,
        };
        let kind = if has_credentials_error(error) {
            ErrorKind::Credentials
        } else {
            kind
        };
        let message = meta.and_then(|m| m.message()).filter(|m| !m.is_empty());
        let message = message.map_or_else(|| causes(error), str::to_owned);
        let request_id = meta.and_then(|m| m.request_id()).or_else(|| error.request_id());
        Self {
            call,
            kind,
            request_id: request_id.map(str::to_owned),
            message: Untrusted::new(message),
            code,
        }
    }

    /// An answer that came but cannot be right.
    pub(super) fn malformed(call: &'static str, why: impl Into<String>) -> Self {
        Self {
            call,
            kind: ErrorKind::Malformed,
            code: None,
            message: Untrusted::new(why),
            request_id: None,
        }
    }

    /// Whether AWS does not know the credentials. A region that is not enabled answers so to any.
    pub(super) fn is_unknown_caller(&self) -> bool {
        matches!(
            self.code.as_deref(),
            Some("AuthFailure" | "InvalidClientTokenId" | "UnrecognizedClientException")
        )
    }

    /// The same of a region, where the credentials are known to be good elsewhere: it is the region's fault then.
    pub(super) fn good_elsewhere(self) -> Self {
        if !self.is_unknown_caller() {
            return self;
        }
        let message = Untrusted::new(format!("{NOT_ENABLED}; AWS said: {}", self.message.raw()));
        Self {
            kind: ErrorKind::Rejected,
            message,
            ..self
        }
    }

    /// Whether Security Hub says that it is not enabled. It has one code for that and for "The account doesn't have permission to
    /// perform this action" (API reference, `InvalidAccessException`); the sentence alone tells them apart: "Account 111111111111 is
    /// not subscribed to AWS Security Hub". What is not understood is a refusal, for that is a gap.
    pub(super) fn is_hub_off(&self) -> bool {
        let said = self.message.raw().to_ascii_lowercase();
        let off = ["not subscribed", "not enabled"]
            .iter()
            .any(|words| said.contains(words));
        self.code.as_deref() == Some("InvalidAccessException") && off
    }

    /// Whether AWS surely did nothing: it refused in its own words, or was never asked.
    pub(super) fn is_definite(&self) -> bool {
        match self.kind {
            ErrorKind::Denied
            | ErrorKind::Credentials
            | ErrorKind::NotFound
            | ErrorKind::Rejected
            | ErrorKind::Throttled
            | ErrorKind::NotSent => true,
            ErrorKind::Malformed | ErrorKind::Server | ErrorKind::NoAnswer => false,
        }
    }
}

/// What a response's status and code mean. A code that AWS's services share comes first, then the status.
fn of_response(status: Option<u16>, code: Option<&str>) -> ErrorKind {
    let Some(status) = status else {
        return ErrorKind::Malformed;
    };
    let Some(code) = code else {
        // Without a code it is not AWS that speaks, but something on the way; or a body that does not parse.
        return match status {
            500.. => ErrorKind::Server,
            _ => ErrorKind::Malformed,
        };
    };
    match code {
        "UnauthorizedOperation"
        | "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedAccess"
        | "InvalidAccessException" => ErrorKind::Denied,
        "AuthFailure"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "OptInRequired" => ErrorKind::Credentials,
        // Whatever the status: EC2 gives 503 with its code. AWS counts requests before it looks at them, so nothing was done.
        "Throttling"
        | "ThrottlingException"
        | "Throttled"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "EC2ThrottledException"
        | "SlowDown"
            if status >= 400 =>
        {
            ErrorKind::Throttled
        }
        "NoSuchEntity" | "NoSuchBucket" | "NotFound" | "NotFoundException" | "ResourceNotFoundException" => {
            ErrorKind::NotFound
        }
        "RequestTimeout" | "RequestTimeoutException" | "InternalFailure" | "InternalError" => ErrorKind::Server,
        _ if code.ends_with(".NotFound") => ErrorKind::NotFound,
        // RDS has a code for each kind of thing: `DBInstanceNotFound`, `DBClusterNotFoundFault`.
        _ if code.starts_with("DB") && code.trim_end_matches("Fault").ends_with("NotFound") => ErrorKind::NotFound,
        _ if code.ends_with(".NotFound") || code.ends_with("NotFoundException") => ErrorKind::NotFound,
        _ => match status {
            200..=299 => ErrorKind::Malformed,
            500.. => ErrorKind::Server,
            403 => ErrorKind::Denied,
            // Whatever its name: Security Hub's is `LimitExceededException`.
            429 => ErrorKind::Throttled,
            _ => ErrorKind::Rejected,
        },
    }
}

fn has_credentials_error(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<CredentialsError>() {
            return true;
        }
        next = error.source();
    }
    false
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::Denied => "was refused",
            ErrorKind::Credentials => "had no valid credentials",
            ErrorKind::NotFound => "found nothing",
            ErrorKind::Rejected => "was not accepted",
            ErrorKind::Throttled => "was throttled",
            ErrorKind::Malformed => "was answered in a way that cannot be understood",
            ErrorKind::Server => "met a server error",
            ErrorKind::NoAnswer => "got no answer",
            ErrorKind::NotSent => "could not be sent",
        };
        write!(f, "{} {what}", self.call)?;
        match &self.code {
            Some(code) => write!(f, " ({}): {}", Untrusted::new(code.clone()), self.message),
            None => write!(f, ": {}", self.message),
        }
    }
}

impl Error for CallError {}

impl From<CallError> for ReadFailure {
    fn from(error: CallError) -> Self {
        let kind = match error.kind {
            ErrorKind::NotFound => ReadFailureKind::NotFound,
            ErrorKind::Denied => ReadFailureKind::Denied,
            ErrorKind::Malformed => ReadFailureKind::Malformed,
            ErrorKind::Credentials
            | ErrorKind::Rejected
            | ErrorKind::Throttled
            | ErrorKind::Server
            | ErrorKind::NoAnswer
            | ErrorKind::NotSent => ReadFailureKind::Unreachable,
        };
        let message = Untrusted::new(format!("{}: {}", error.call, error.message.raw()));
        Self {
            kind,
            code: error.code,
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_sorted_by_code_then_by_status() {
        for (status, code, kind) in [
            (403, Some("UnauthorizedOperation"), ErrorKind::Denied),
            (403, Some("SomethingNew"), ErrorKind::Denied),
            (400, Some("InvalidInstanceID.NotFound"), ErrorKind::NotFound),
            (404, Some("NoSuchEntity"), ErrorKind::NotFound),
            (404, Some("DBClusterNotFoundFault"), ErrorKind::NotFound),
            (400, Some("InvalidPermission.Duplicate"), ErrorKind::Rejected),
            (503, Some("RequestLimitExceeded"), ErrorKind::Throttled),
            (400, Some("Throttling"), ErrorKind::Throttled),
            (429, Some("Throttled"), ErrorKind::Throttled),
            (429, Some("LimitExceededException"), ErrorKind::Throttled),
            (409, Some("LimitExceeded"), ErrorKind::Rejected),
            (401, Some("InvalidAccessException"), ErrorKind::Denied),
            (503, Some("ServiceUnavailable"), ErrorKind::Server),
            (503, Some("Unavailable"), ErrorKind::Server),
            (503, None, ErrorKind::Server),
            (200, Some("Throttling"), ErrorKind::Malformed),
            (401, Some("AuthFailure"), ErrorKind::Credentials),
            (500, Some("InternalError"), ErrorKind::Server),
            (502, None, ErrorKind::Server),
            (403, None, ErrorKind::Malformed),
            (200, None, ErrorKind::Malformed),
        ] {
            assert_eq!(of_response(Some(status), code), kind, "{status} {code:?}");
        }
    }

    #[test]
    fn a_caller_that_is_known_elsewhere_meets_a_region_that_is_not_enabled() {
        let with = |code: &str| CallError {
            kind: ErrorKind::Credentials,
            code: Some(code.to_owned()),
            ..CallError::malformed("guardduty:ListDetectors", "The security token is invalid.")
        };
        let said = with("UnrecognizedClientException").good_elsewhere();
        assert_eq!(said.kind, ErrorKind::Rejected);
        assert!(said.to_string().contains(NOT_ENABLED) && said.to_string().contains("token is invalid"));
        let expired = with("ExpiredTokenException");
        assert_eq!(expired.clone().good_elsewhere(), expired);
    }

    #[test]
    fn only_a_refusal_in_aws_own_words_is_definite() {
        let error = |kind| CallError {
            kind,
            ..CallError::malformed("ec2:CreateTags", "cut")
        };
        assert!(error(ErrorKind::Rejected).is_definite());
        assert!(!error(ErrorKind::Malformed).is_definite());
        assert!(!error(ErrorKind::NoAnswer).is_definite());
    }
}
