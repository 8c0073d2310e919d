//! Security Hub's copies of GuardDuty's findings, in a list that is read once.
//!
//! Owns: the same rule by which the index makes one of both (`Index`), for `quell findings`, which keeps no index. Must never: drop a
//! copy whose finding is not in the list itself.

use std::collections::HashMap;

use super::index::is_handled;
use super::version::Version;
use super::{Finding, Source};
use crate::domain::{AccountId, Region, Untrusted};

/// Takes out each copy whose finding is in the list. What people did with the copy holds for the finding: suppressed or resolved in
/// Security Hub, it counts as archived.
pub fn join(findings: &mut Vec<Finding>) {
    if !findings.iter().any(|finding| finding.twin_of.is_some()) {
        return;
    }
    let mut own: HashMap<(AccountId, Region, Untrusted), usize> = HashMap::new();
    for (place, finding) in findings.iter().enumerate() {
        if finding.source == Source::GuardDuty {
            own.insert((finding.account, finding.region.clone(), finding.id.clone()), place);
        }
    }
    // Of several copies of one finding the latest speaks.
    let mut latest: HashMap<usize, usize> = HashMap::new();
    let mut out = vec![false; findings.len()];
    for (place, copy) in findings.iter().enumerate() {
        let Some(id) = &copy.twin_of else { continue };
        let Some(of) = own.get(&(copy.account, copy.region.clone(), id.clone())) else {
            continue;
        };
        out[place] = true;
        let said = latest.entry(*of).or_insert(place);
        if !Version::of(copy).is_older_than(&Version::of(&findings[*said])) {
            *said = place;
        }
    }
    for (of, copy) in latest {
        let workflow = findings[copy].workflow.clone();
        findings[of].archived |= workflow.as_ref().is_some_and(|status| is_handled(status.raw()));
        findings[of].workflow = workflow;
    }
    let mut out = out.into_iter();
    findings.retain(|_| !out.next().unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Place, asff, guardduty};

    fn place() -> Place {
        Place {
            account: "111122223333".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
        }
    }

    fn own() -> Finding {
        guardduty::parse(
            br#"{"id":"abc","accountId":"111122223333","region":"us-east-1","type":"T:EC2/X","severity":8}"#,
            &place(),
        )
    }

    fn copy(id: &str, workflow: &str, updated: &str) -> Finding {
        let raw = format!(
            r#"{{"Id":"arn:aws:guardduty:us-east-1:111122223333:detector/d1/finding/{id}","AwsAccountId":"111122223333",
            "ProductArn":"arn:aws:securityhub:us-east-1::product/aws/guardduty","Region":"us-east-1","UpdatedAt":"{updated}",
            "Severity":{{"Label":"HIGH"}},"RecordState":"ACTIVE","Workflow":{{"Status":"{workflow}"}}}}"#
        );
        asff::parse(raw.as_bytes(), &place())
    }

    #[test]
    fn a_finding_and_its_copy_are_one_and_what_was_done_with_the_copy_holds() {
        let (early, late) = ("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z");
        for (workflow, archived) in [
            ("SUPPRESSED", true),
            ("RESOLVED", true),
            ("NEW", false),
            ("NOTIFIED", false),
        ] {
            let alone = copy("other", "SUPPRESSED", early);
            let mut all = vec![copy("abc", workflow, late), own(), copy("abc", "NEW", early), alone];
            join(&mut all);
            let sources: Vec<Source> = all.iter().map(|f| f.source).collect();
            assert_eq!(sources, [Source::GuardDuty, Source::SecurityHub], "{workflow}");
            assert_eq!(
                (all[0].archived, all[0].workflow.as_ref().unwrap().raw()),
                (archived, workflow)
            );
            assert_eq!(all[1].twin_of.as_ref().unwrap().raw(), "other", "nothing else says it");
        }
    }
}
