//! Security Hub's one change: a note and a workflow status on findings.

use crate::action::{Made, SecurityHubCall};
use aws_sdk_securityhub::operation::RequestId as _;
use aws_sdk_securityhub::types::{
    AwsSecurityFindingIdentifier, BatchUpdateFindingsUnprocessedFinding, NoteUpdate, WorkflowStatus, WorkflowUpdate,
};

use super::classify::{NotDone, Sent, done, error, unreadable};
use crate::action::{HubId, HubNote, Outcome, Workflow};
use crate::cloud::session::ResponderSession;
use crate::domain::Untrusted;

pub(super) async fn send(session: &ResponderSession, call: &SecurityHubCall, _made: &Made) -> Sent {
    match call {
        SecurityHubCall::BatchUpdateFindings { findings, note, status } => {
            Box::pin(note_findings(session, findings, note, *status)).await
        }
    }
}

const CALL: &str = "securityhub:BatchUpdateFindings";
/// Findings that a message names of those that were not changed.
const NAMED: usize = 3;

async fn note_findings(session: &ResponderSession, findings: &[HubId], note: &HubNote, status: Workflow) -> Sent {
    let identifier = |finding: &HubId| {
        AwsSecurityFindingIdentifier::builder()
            .id(&finding.id)
            .product_arn(&finding.product_arn)
            .build()
    };
    let note = NoteUpdate::builder().text(&note.text).updated_by(&note.by).build();
    let status = WorkflowUpdate::builder()
        .status(WorkflowStatus::from(status.as_str()))
        .build();
    let answer = aws_sdk_securityhub::Client::new(&session.here())
        .batch_update_findings()
        .set_finding_identifiers(Some(findings.iter().map(identifier).collect()))
        .note(note)
        .workflow(status)
        .send()
        .await
        .map_err(error(CALL, &[]))?;
    let request_id = answer.request_id().map(str::to_owned);
    let failed = answer.unprocessed_findings();
    // Each finding that was sent comes back once, on one list or the other.
    if failed.len() + answer.processed_findings().len() != findings.len() {
        return Err(unreadable(CALL, "word about every finding", request_id.as_deref()));
    }
    let Some(first) = failed.first() else {
        return Ok(done(request_id.as_deref()));
    };
    let code = first.error_code().unwrap_or("no code").to_owned();
    let message = not_changed(failed, findings.len());
    let outcome = if failed.len() == findings.len() {
        Outcome::Failed {
            request_id,
            code: Some(code),
            message,
        }
    } else {
        Outcome::Partly {
            request_id,
            code,
            message,
        }
    };
    Err(NotDone::from(outcome))
}

fn not_changed(failed: &[BatchUpdateFindingsUnprocessedFinding], of: usize) -> Untrusted {
    let mut names: Vec<String> = failed
        .iter()
        .take(NAMED)
        .map(|f| {
            let id = f.finding_identifier().and_then(AwsSecurityFindingIdentifier::id);
            let (code, why) = (f.error_code(), f.error_message());
            format!(
                "{} ({}: {})",
                id.unwrap_or("?"),
                code.unwrap_or("?"),
                why.unwrap_or("?")
            )
        })
        .collect();
    if failed.len() > NAMED {
        names.push(format!("and {} more", failed.len() - NAMED));
    }
    Untrusted::new(format!(
        "{} of {of} findings were not changed: {}",
        failed.len(),
        names.join(", ")
    ))
}
