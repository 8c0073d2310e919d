//! `collect-evidence`: everything that AWS says of the incident, into files. It changes nothing, so its plan has no calls and there
//! is nothing to confirm: the command `quell evidence` does it at once.

use super::facts::Facts;
use super::plan::{Draft, Request};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Step};
use crate::domain::{ResourceKind, Untrusted};

#[derive(Debug)]
pub struct CollectEvidence;

/// What quell collects the settings of, beside CloudTrail's events.
const TARGETS: &[ResourceKind] = &[
    ResourceKind::Instance,
    ResourceKind::AccessKey,
    ResourceKind::User,
    ResourceKind::Role,
    ResourceKind::Bucket,
    ResourceKind::Function,
];

impl Action for CollectEvidence {
    fn name(&self) -> ActionName {
        ActionName::CollectEvidence
    }

    fn step(&self) -> Step {
        Step::Snapshot
    }

    fn targets(&self) -> &'static [ResourceKind] {
        TARGETS
    }

    fn summary(&self) -> &'static str {
        "Collect what AWS says of a resource and of those who used it into files with hashes; changes nothing."
    }

    fn draft(&self, request: &Request, _facts: &Facts) -> Result<Draft, Stop> {
        let kind = request.target.kind;
        if !TARGETS.contains(&kind) {
            return Err(Refusal::new(
                RefusalKind::WrongTarget,
                format!("The settings of a {} are not collected.", kind.word()),
                "quell evidence still collects CloudTrail's events of it.",
            )
            .into());
        }
        let command = Untrusted::new(format!(
            "quell evidence {} --target {} --account {} --region {}",
            request.incident,
            request.target.id.raw(),
            request.account,
            request.region
        ));
        Ok(Draft {
            warnings: vec![
                format!("Nothing changes, so there is nothing to confirm: run {command}"),
                "User data, console output and a function's environment may hold secrets.".to_owned(),
            ],
            ..Draft::default()
        })
    }

    fn undo(&self, _request: &Request, done: &Done, _facts: &Facts) -> Result<Draft, Stop> {
        Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!("Record {} collected evidence, which changed nothing.", done.seq),
            "Files that must go are deleted by hand when the case is closed.",
        )
        .into())
    }
}
