//! How often AWS lets an operation be called, in each account and region.
//!
//! Owns: the numbers and where they are from.

/// A token bucket's size and how it fills.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quota {
    /// Calls a second.
    pub rate: f64,
    /// Calls at once.
    pub burst: f64,
}

const fn quota(rate: f64, burst: f64) -> Quota {
    Quota { rate, burst }
}

/// The name that the responder's reads go by. Most of them are EC2's, so all of an account and region share one bucket.
pub(in crate::cloud) const READS: &str = "ec2:Describe";

/// The quota of a call by its IAM name.
pub(super) fn of(call: &str) -> Quota {
    match call {
        // Security Hub API reference, "Welcome": the throttling limits.
        "securityhub:GetFindings" => quota(3.0, 6.0),
        _ if call.starts_with("securityhub:") => quota(10.0, 30.0),
        // GuardDuty publishes no number. This is a choice to begin with; where AWS throttles earlier, the rate is found by halving.
        _ if call.starts_with("guardduty:") => quota(25.0, 50.0),
        // CloudTrail API reference, LookupEvents: "limited to two per second, per account, per Region".
        "cloudtrail:LookupEvents" => quota(2.0, 2.0),
        // EC2 API reference, "Request throttling": the bucket of non-mutating actions.
        READS => quota(20.0, 100.0),
        // Others publish numbers well above what is asked of them from here.
        _ => quota(20.0, 40.0),
    }
}
