//! The tags of the resources that a finding names, read from what its source sent.
//!
//! Owns: where GuardDuty and ASFF write them. Must never: keep them with every finding in memory; they are read when one is opened.

use crate::domain::Untrusted;

use super::Source;
use super::reader::{Doubts, Object};

/// The most tags that are taken of one finding; AWS allows 50 on a resource.
const MOST: usize = 200;
/// The parts of GuardDuty's `resource` that have tags.
const TAGGED: [&str; 5] = [
    "instanceDetails",
    "rdsDbInstanceDetails",
    "lambdaDetails",
    "eksClusterDetails",
    "ecsClusterDetails",
];

/// Keys with values, each pair once, in the order of the source. Empty where it cannot be read; the finding itself says so then.
#[must_use]
pub fn tags(source: Source, raw: &[u8]) -> Vec<(Untrusted, Untrusted)> {
    let (text, doubts) = (String::from_utf8_lossy(raw), Doubts::default());
    let Ok(root) = Object::root(&text, &doubts) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    match source {
        Source::GuardDuty => guardduty(&root, &mut all),
        Source::SecurityHub => asff(&root, &mut all),
        // The finding is the event's detail: GuardDuty's itself, or Security Hub's in a list of one.
        Source::EventBridge => {
            let detail = root.object("detail");
            guardduty(&detail, &mut all);
            for finding in detail.objects("findings") {
                asff(&finding, &mut all);
            }
        }
    }
    all.truncate(MOST);
    all
}

fn guardduty(root: &Object<'_>, all: &mut Vec<(Untrusted, Untrusted)>) {
    let resource = root.object("resource");
    let single = TAGGED.into_iter().map(|part| resource.object(part));
    for tagged in single.chain(resource.objects("s3BucketDetails")) {
        for tag in tagged.objects("tags") {
            add(all, tag.text("key"), tag.text("value"));
        }
    }
}

fn asff(root: &Object<'_>, all: &mut Vec<(Untrusted, Untrusted)>) {
    for resource in root.objects("Resources") {
        let tags = resource.object("Tags");
        for key in tags.names() {
            add(all, Some(key.to_owned()), tags.text(key));
        }
    }
}

fn add(all: &mut Vec<(Untrusted, Untrusted)>, key: Option<String>, value: Option<String>) {
    let Some(key) = key else { return };
    let tag = (Untrusted::new(key), Untrusted::new(value.unwrap_or_default()));
    if !all.contains(&tag) {
        all.push(tag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: Source, text: &str) -> Vec<String> {
        let all = tags(source, text.as_bytes());
        all.iter()
            .map(|(key, value)| format!("{}={}", key.raw(), value.raw()))
            .collect()
    }

    #[test]
    fn tags_are_read_where_each_source_writes_them() {
        let guardduty = r#"{"resource": {"instanceDetails": {"tags": [{"key": "env", "value": "prod"}, {"key": "env", "value": "prod"}]},
            "s3BucketDetails": [{"tags": [{"key": "Data", "value": "PII"}, {"value": "no key"}]}]}}"#;
        assert_eq!(read(Source::GuardDuty, guardduty), ["env=prod", "Data=PII"]);
        let asff = r#"{"Resources": [{"Id": "a", "Tags": {"stage": "dev", "odd": null}}, {"Id": "b"}]}"#;
        assert_eq!(read(Source::SecurityHub, asff), ["stage=dev", "odd="]);
        let event = format!(r#"{{"detail": {{"findings": [{asff}]}}}}"#);
        assert_eq!(read(Source::EventBridge, &event), ["stage=dev", "odd="]);
        let event = format!(r#"{{"detail": {guardduty}}}"#);
        assert_eq!(read(Source::EventBridge, &event), ["env=prod", "Data=PII"]);
    }

    #[test]
    fn what_is_no_finding_has_no_tags() {
        for text in ["", "[]", "{", r#"{"resource": {"instanceDetails": {"tags": "none"}}}"#] {
            assert!(read(Source::GuardDuty, text).is_empty(), "{text}");
        }
    }
}
