//! AWS's request quotas by service and operation, as far as AWS publishes them; where it does not, a choice that says so.
//!
//! Owns: the numbers. Must never: name a quota that a client could not meet on AWS too.

use serde_json::Value;

use crate::range::services::Service;

/// A bucket's size and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Tokens a second.
    pub rate: f64,
    /// Tokens that it holds; it begins full.
    pub burst: f64,
}

const fn limit_of(rate: f64, burst: f64) -> Limit {
    Limit { rate, burst }
}

/// The bucket that a call draws from: its name within the service, and its limit. Nothing where there is no quota: SQS's standard
/// queues take "a nearly unlimited number" of calls (Amazon SQS quotas).
pub fn limit<'a>(service: &Service, operation: &'a str, params: &Value) -> Option<(&'a str, Limit)> {
    let limit = match service.name {
        "securityhub" => securityhub(operation),
        "ec2" => ec2(service, operation, params),
        // "AWS STS request quotas" (IAM User Guide): 600 a second in an account and region, for AssumeRole, GetCallerIdentity and
        // a few more together.
        "sts" => return Some(("*", limit_of(600.0, 600.0))),
        // Unpublished, so a choice: above what one chain of pages with its gets needs at any latency that a network has, below
        // what a client that has lost its patience sends.
        "guardduty" => limit_of(25.0, 50.0),
        // AWS throttles by account and by organisation; the numbers here are a choice of the size that it publishes for the like
        // reads of Account Management (10 a second, 15 at once).
        "organizations" => limit_of(10.0, 15.0),
        // Unpublished ("Rate exceeded" is all that is said), so a choice.
        "iam" => limit_of(20.0, 40.0),
        // API reference, LookupEvents: "limited to two per second, per account, per Region".
        "cloudtrail" => limit_of(2.0, 2.0),
        "sns" => sns(operation),
        // Unpublished but for PutEvents, which has thousands; a choice for the rest.
        "events" => limit_of(50.0, 50.0),
        _ => return None,
    };
    Some((operation, limit))
}

/// "Security Hub quotas": the rates of API requests. They hold for an account in a region, each operation for itself.
fn securityhub(operation: &str) -> Limit {
    match operation {
        "GetFindings" => limit_of(3.0, 6.0),
        "BatchEnableStandards" | "GetEnabledStandards" => limit_of(1.0, 1.0),
        "UpdateFindings" => limit_of(1.0, 5.0),
        _ => limit_of(10.0, 30.0),
    }
}

/// "Request throttling for the Amazon EC2 API": non-mutating actions 100 tokens and 20 a second, a few of them 50 and 10 when they
/// ask neither for a page nor for anything in particular, mutating actions 50 and 5.
fn ec2(service: &Service, operation: &str, params: &Value) -> Limit {
    const HEAVY: &[&str] = &[
        "DescribeInstances",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeSnapshots",
        "DescribeVolumes",
    ];
    if service.operation(operation).is_some_and(|o| o.mutating) {
        return limit_of(5.0, 50.0);
    }
    let particular = params.as_object().is_some_and(|given| {
        given
            .keys()
            .any(|key| key == "Filter" || key == "MaxResults" || key.ends_with("Id"))
    });
    if HEAVY.contains(&operation) && !particular {
        limit_of(10.0, 50.0)
    } else {
        limit_of(20.0, 100.0)
    }
}

/// "Amazon SNS quotas": messages published a second, the least that any region has by default; for the rest of the API a choice of
/// the size that the page gives for listing.
fn sns(operation: &str) -> Limit {
    match operation {
        "Publish" => limit_of(300.0, 300.0),
        _ => limit_of(30.0, 30.0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::range::services::by_name;

    #[test]
    fn the_numbers_that_aws_publishes() {
        for (service, operation, params, rate, burst) in [
            ("securityhub", "GetFindings", json!({}), 3.0, 6.0),
            ("securityhub", "BatchUpdateFindings", json!({}), 10.0, 30.0),
            ("securityhub", "DescribeHub", json!({}), 10.0, 30.0),
            ("ec2", "DescribeRegions", json!({}), 20.0, 100.0),
            ("ec2", "DescribeInstances", json!({}), 10.0, 50.0),
            ("ec2", "DescribeInstances", json!({"InstanceId": ["i-1"]}), 20.0, 100.0),
            ("ec2", "CreateTags", json!({}), 5.0, 50.0),
            ("sts", "AssumeRole", json!({}), 600.0, 600.0),
            ("cloudtrail", "LookupEvents", json!({}), 2.0, 2.0),
        ] {
            let (_, limit) = limit(by_name(service).unwrap(), operation, &params).unwrap();
            assert_eq!((limit.rate, limit.burst), (rate, burst), "{service} {operation}");
        }
    }
}
