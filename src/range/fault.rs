//! Failures on request, for drills and tests.
//!
//! Owns: which call fails, and how. Must never: fail a call that nobody asked to fail.

use crate::domain::{AccountId, Region};

use super::call::ApiError;
use super::services::{Protocol, Service};

/// A failure that waits for calls that fit it. What is `None` fits any.
#[derive(Clone, Debug, Default)]
pub struct Fault {
    pub service: Option<String>,
    pub operation: Option<String>,
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    /// How many fitting calls go well first.
    pub skip: u32,
    /// How many fitting calls fail then; 0 is all of them.
    pub times: u32,
    pub kind: Kind,
}

/// How a call fails.
#[derive(Clone, Debug, Default)]
pub enum Kind {
    /// Refused as the service throttles; nothing is done.
    #[default]
    Throttle,
    /// Answered with this error; nothing is done.
    Error(ApiError),
    /// Done, but only so many bytes of the answer's body arrive.
    CutBody(usize),
    /// Done, but the answer is never seen.
    DropReply,
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

    /// The failure that this call meets: that of the first fault that fits and is in its turn. Each fault that fits counts it.
    pub fn strike(&mut self, service: &str, operation: &str, account: &AccountId, region: &Region) -> Option<Kind> {
        let mut struck = None;
        for (fault, seen) in &mut self.0 {
            let fits = fault.service.as_deref().is_none_or(|s| s == service)
                && fault.operation.as_deref().is_none_or(|o| o == operation)
                && fault.account.as_ref().is_none_or(|a| a == account)
                && fault.region.as_ref().is_none_or(|r| r == region);
            if !fits {
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

/// A throttled call's error in the service's words.
pub fn throttled(service: &Service) -> ApiError {
    match (&service.protocol, service.name) {
        (Protocol::Ec2 { .. }, _) => ApiError::new(503, "RequestLimitExceeded", "Request limit exceeded."),
        (Protocol::Query { .. }, _) => ApiError::new(400, "Throttling", "Rate exceeded"),
        (Protocol::Json10 { .. }, _) => ApiError::new(400, "RequestThrottled", "The request was throttled."),
        (_, "organizations" | "securityhub") => ApiError::new(429, "TooManyRequestsException", "Rate exceeded"),
        (Protocol::Json11 { .. } | Protocol::RestJson { .. }, _) => {
            ApiError::new(429, "ThrottlingException", "Rate exceeded")
        }
    }
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
        let mut hit = |operation: &str| faults.strike("sns", operation, &account, &region).is_some();
        assert!(!hit("ListTopics"));
        let hits: Vec<bool> = (0..5).map(|_| hit("Publish")).collect();
        assert_eq!(hits, [false, true, true, false, false]);
    }
}
