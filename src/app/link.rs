//! Where AWS's own console shows a finding.
//!
//! Must never: open anything. The console may run on a server, under a tester's hand or in a recording; a link is shown and
//! copied, and who reads it decides.

use std::fmt::Write;

use crate::domain::{Region, ResourceKind};
use crate::findings::{Finding, Source};

/// The address of a finding in AWS's console, or of the resource where the console has no page for the finding. `None` where
/// quell knows of neither.
///
/// GuardDuty's is the one that it gives as `SourceUrl` in its own ASFF; Security Hub's is its search by `Id`.
#[must_use]
pub fn console(finding: &Finding) -> Option<String> {
    let region = &finding.region;
    let base = base(region)?;
    match finding.source {
        Source::GuardDuty => {
            let which = if finding.archived { "all" } else { "current" };
            let id = escape(finding.id.raw(), 1);
            Some(format!(
                "{base}/guardduty/home?region={region}#/findings?macros={which}&fId={id}"
            ))
        }
        Source::SecurityHub => {
            // The search is a query within a fragment, so its value is escaped twice.
            let id = escape(finding.id.raw(), 2);
            Some(format!(
                "{base}/securityhub/home?region={region}#/findings?search=Id%3D%255Coperator%255C%253AEQUALS%255C%253A{id}"
            ))
        }
        Source::EventBridge => resource(finding, &base),
    }
}

/// The page of the resource, for the kinds that have one by their id alone.
fn resource(finding: &Finding, base: &str) -> Option<String> {
    let region = &finding.region;
    let id = escape(finding.resource.id.raw(), 1);
    match finding.resource.kind {
        ResourceKind::Instance => Some(format!(
            "{base}/ec2/home?region={region}#InstanceDetails:instanceId={id}"
        )),
        ResourceKind::Bucket => Some(format!("{base}/s3/buckets/{id}?region={region}")),
        ResourceKind::User => Some(format!("{base}/iam/home#/users/details/{id}")),
        ResourceKind::Role => Some(format!("{base}/iam/home#/roles/details/{id}")),
        ResourceKind::Function => Some(format!("{base}/lambda/home?region={region}#/functions/{id}")),
        ResourceKind::AccessKey
        | ResourceKind::Database
        | ResourceKind::Cluster
        | ResourceKind::Account
        | ResourceKind::Topic
        | ResourceKind::Secret
        | ResourceKind::Key
        | ResourceKind::Address
        | ResourceKind::IdentityUser
        | ResourceKind::Finding
        | ResourceKind::Other => None,
    }
}

/// Where the console of a region is. Partitions differ in their domain; of those that are not listed nothing is guessed.
fn base(region: &Region) -> Option<String> {
    let code = region.as_str();
    if code.starts_with("us-gov-") {
        Some("https://console.amazonaws-us-gov.com".to_owned())
    } else if code.starts_with("cn-") {
        Some("https://console.amazonaws.cn".to_owned())
    } else if ["us-iso", "eu-iso", "eusc-"]
        .iter()
        .any(|other| code.starts_with(other))
    {
        None
    } else {
        Some(format!("https://{code}.console.aws.amazon.com"))
    }
}

/// The text with everything but letters, digits and `-._~/:` escaped, `times` times: what an attacker named cannot leave its
/// place in the address.
fn escape(text: &str, times: u32) -> String {
    let mut text = text.to_owned();
    for _ in 0..times {
        let mut out = String::with_capacity(text.len());
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        text = out;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_place() {
        assert_eq!(escape("arn:aws:a/b-c_d.e", 2), "arn:aws:a/b-c_d.e");
        assert_eq!(escape("a&b#c d\u{1b}é", 1), "a%26b%23c%20d%1B%C3%A9");
        assert_eq!(escape("a&", 2), "a%2526");
    }

    #[test]
    fn partitions_have_their_own_console() {
        let of = |code: &str| base(&code.parse().unwrap());
        assert_eq!(of("us-east-1").unwrap(), "https://us-east-1.console.aws.amazon.com");
        assert_eq!(of("us-gov-west-1").unwrap(), "https://console.amazonaws-us-gov.com");
        assert_eq!(of("cn-north-1").unwrap(), "https://console.amazonaws.cn");
        assert_eq!(of("us-isob-east-1"), None);
    }
}
