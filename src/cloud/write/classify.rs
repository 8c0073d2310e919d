//! What the answer to a change means.
//!
//! Owns: the line between *failed* and *unknown*. Must never: call a change failed unless AWS refused it in its own words, or the
//! request was never sent.

use std::collections::BTreeMap;
use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::action::{NotMade, Outcome};
use crate::cloud::errors::{CallError, ErrorKind};
use crate::domain::Untrusted;

/// A change that AWS accepted.
#[derive(Debug)]
pub(super) struct Done {
    pub request_id: Option<String>,
    pub made: BTreeMap<String, String>,
}

/// A change that AWS did not accept, or that may not have come to it.
#[derive(Debug)]
pub(super) struct NotDone {
    pub outcome: Outcome,
    /// Whether AWS turned it away for coming too soon, before it looked at it. This alone may be tried again.
    pub throttled: bool,
}

impl From<Outcome> for NotDone {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            throttled: false,
        }
    }
}

/// Accepted, or one of the other outcomes.
pub(super) type Sent = Result<Done, NotDone>;

/// Accepted, and nothing was made.
pub(super) fn done(request_id: Option<&str>) -> Done {
    Done {
        request_id: request_id.map(str::to_owned),
        made: BTreeMap::new(),
    }
}

/// What an SDK error means. The codes in `already` say that the state which the call would bring about is there.
pub(super) fn error<E>(
    call: &'static str,
    already: &'static [&'static str],
) -> impl FnOnce(SdkError<E, HttpResponse>) -> NotDone
where
    E: ProvideErrorMetadata + Error + 'static,
{
    move |error| {
        let error = CallError::from_sdk(call, &error);
        let throttled = error.kind == ErrorKind::Throttled;
        NotDone {
            outcome: meaning(error, already),
            throttled,
        }
    }
}

fn meaning(error: CallError, already: &[&str]) -> Outcome {
    if !error.is_definite() {
        let id = error.request_id.as_ref().map(|id| format!(" (request {id})"));
        let why = format!("{}{}", error, id.unwrap_or_default());
        return Outcome::Unknown {
            why: Untrusted::new(why),
        };
    }
    match error.code {
        Some(code) if already.contains(&code.as_str()) => Outcome::AlreadySo {
            request_id: error.request_id,
            code,
        },
        code => Outcome::Failed {
            request_id: error.request_id,
            code,
            message: error.message,
        },
    }
}

/// AWS accepted the call, but its answer does not say what was made, so later calls cannot go on from it.
pub(super) fn unreadable(call: &'static str, what: &str, request_id: Option<&str>) -> NotDone {
    let id = request_id.map(|id| format!(" (request {id})")).unwrap_or_default();
    let why = Untrusted::new(format!("{call} was accepted, but the answer has no {what}{id}"));
    Outcome::Unknown { why }.into()
}

/// The call was not sent.
pub(super) fn refused(message: Untrusted) -> Sent {
    let failed = Outcome::Failed {
        request_id: None,
        code: None,
        message,
    };
    Err(failed.into())
}

/// A reference to something that was not made, so the call was not sent.
pub(super) fn not_made(error: &NotMade) -> NotDone {
    let failed = Outcome::Failed {
        request_id: None,
        code: None,
        message: Untrusted::new(error.to_string()),
    };
    failed.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, code: Option<&str>) -> CallError {
        CallError {
            kind,
            code: code.map(str::to_owned),
            ..CallError::malformed("ec2:AuthorizeSecurityGroupIngress", "said")
        }
    }

    #[test]
    fn only_a_refusal_is_a_failure() {
        const ALREADY: &[&str] = &["InvalidPermission.Duplicate"];
        for (kind, code, word) in [
            (ErrorKind::Rejected, Some("InvalidPermission.Duplicate"), "already so"),
            (ErrorKind::Rejected, Some("InvalidParameterValue"), "failed"),
            (ErrorKind::Denied, Some("UnauthorizedOperation"), "failed"),
            (ErrorKind::Throttled, Some("Throttling"), "failed"),
            (ErrorKind::NotSent, None, "failed"),
            (ErrorKind::NoAnswer, None, "unknown"),
            (ErrorKind::Server, Some("InternalError"), "unknown"),
            (ErrorKind::Server, Some("InvalidPermission.Duplicate"), "unknown"),
            (ErrorKind::Malformed, None, "unknown"),
        ] {
            assert_eq!(meaning(error(kind, code), ALREADY).word(), word, "{kind:?} {code:?}");
        }
    }
}
