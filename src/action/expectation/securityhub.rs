//! What must be true afterwards of what Security Hub holds.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::facts::Facts;
use crate::action::hub::{HubFinding, HubId, HubNote, Workflow};
use crate::action::mutation::Made;
use crate::action::query::{Query, SecurityHubQuery};
use crate::action::refusal::Stop;

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SecurityHubState {
    /// The findings that this call was for have the note and the workflow status.
    FindingsNoted {
        call: usize,
        findings: Vec<HubId>,
        note: HubNote,
        status: Workflow,
    },
}

impl State for SecurityHubState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        match self {
            Self::FindingsNoted { findings, .. } => vec![hub_query(findings)],
        }
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            // Security Hub says "several minutes".
            Self::FindingsNoted { .. } => Some(Duration::from_mins(10)),
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        let verdict = match self {
            Self::FindingsNoted {
                call,
                findings,
                note,
                status,
            } => {
                let accepted = made.contains_key(call);
                noted(facts, findings, (note, *status), accepted)?
            }
        };
        Ok(verdict)
    }
}

/// Whether the findings have the note and the status. `accepted` is whether AWS took the call: it says that it may take minutes then
/// (API reference, `BatchUpdateFindings`).
fn noted(
    facts: &Facts,
    findings: &[HubId],
    (note, status): (&HubNote, Workflow),
    accepted: bool,
) -> Result<Verdict, Stop> {
    let found = facts.hub_findings(&hub_query(findings))?;
    let has = |id: &&HubId| {
        let this = |f: &&HubFinding| f.id == **id && f.workflow == status && f.note.as_ref() == Some(note);
        found.iter().any(|f| this(&f))
    };
    let done = findings.iter().filter(has).count();
    let far = format!("{done} of {} findings have it", findings.len());
    Ok(if done == findings.len() {
        Verdict::Verified
    } else if accepted {
        Verdict::Pending(far)
    } else {
        Verdict::Failed(format!("{far}."))
    })
}

fn hub_query(findings: &[HubId]) -> Query {
    let ids: BTreeSet<String> = findings.iter().map(|f| f.id.clone()).collect();
    Query::SecurityHub(SecurityHubQuery::HubFindings {
        ids: ids.into_iter().collect(),
    })
}

impl fmt::Display for SecurityHubState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FindingsNoted { findings, status, .. } => {
                let status = status.as_str();
                match findings.len() {
                    1 => write!(f, "the finding is {status} and has the note"),
                    many => write!(f, "{many} findings are {status} and have the note"),
                }
            }
        }
    }
}
