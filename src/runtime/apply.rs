//! Applying a confirmed plan: the one road from a confirmation to a change.

use crate::action::Ec2Call;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::gather::{NoPlan, gather};
use super::vet;
use crate::action::{self, Confirmed, Made, Mutation, Outcome, Plan};
use crate::cloud::{Cloud, write};
use crate::domain::{InterfaceId, Untrusted};
use crate::journal::{self, JournalError, Record, Underway, Writer};

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotApplied {
    /// The world is no longer as the plan says. One sentence for each difference.
    #[error("The world has changed since the plan was made: {}", .0.join(" "))]
    Drifted(Vec<String>),
    #[error("The plan cannot be made any more: {0}")]
    NoPlan(#[from] NoPlan),
    /// It was made by somebody else, and whoever would apply it may not: both are named.
    #[error("{0}")]
    NotByYou(String),
    /// The session for this plan could not be had.
    #[error("{0}")]
    Session(String),
    #[error("{0}")]
    Journal(#[from] JournalError),
}

/// How far a plan came.
#[derive(Debug)]
pub struct Run {
    /// The journal's record of the confirmation.
    pub seq: u64,
    pub plan: Plan,
    /// The outcomes of the calls that were sent, in order. Fewer than the plan's calls where it stopped.
    pub outcomes: Vec<Outcome>,
    pub made: Made,
    /// Why it did not come to its end.
    pub trouble: Option<String>,
}

/// What is told along the way.
#[derive(Debug)]
pub enum Told<'a> {
    /// A record was written.
    Recorded(&'a Record),
    /// The plan is this record of the journal.
    Began(u64),
    /// A call is being sent.
    Sent(usize),
    /// It was answered.
    Answered(usize, &'a Outcome),
}

/// Reads the facts again, refuses if they drifted, and then sends call after call: intent, call, outcome. Stops at the first
/// failure or unknown outcome. The journal is held for one record at a time, never while AWS is waited for.
pub async fn apply(
    cloud: &Arc<Cloud>,
    writer: &Mutex<Writer>,
    confirmed: Confirmed,
    tell: &mut (dyn FnMut(Told<'_>) + Send),
) -> Result<Run, NotApplied> {
    let plan = confirmed.plan().clone();
    let done = match plan.request.undoes {
        Some(seq) => {
            let records = writer.lock().await.records()?;
            Some(journal::done(&records, seq).map_err(NoPlan::Refused)?)
        }
        None => None,
    };
    // Making the plan again from fresh facts shows drift, and it shows a plan file that the action would never have made.
    let now = gather(cloud, &plan.request, done.as_ref()).await?;
    let differences = action::drift(&plan, &now);
    if !differences.is_empty() {
        return Err(NotApplied::Drifted(differences));
    }
    vet::not_against_the_caller(cloud, &now, done.as_ref()).await?;
    let session = cloud
        .responder(&plan)
        .await
        .map_err(|e| NotApplied::Session(Untrusted::new(e.to_string()).shown()))?;

    let (mut underway, record) = writer.lock().await.begin(confirmed, cloud.now())?;
    tell(Told::Recorded(&record));
    tell(Told::Began(underway.seq()));
    let mut run = Run {
        seq: underway.seq(),
        plan,
        outcomes: Vec::new(),
        made: Made::new(),
        trouble: None,
    };
    while let Some(call) = underway.next() {
        if let Err(error) = send(cloud, writer, &session, &mut underway, call, &mut run, tell).await {
            run.trouble = Some(error.to_string());
            break;
        }
    }
    run.made = underway.made().clone();
    if run.trouble.is_none() {
        run.trouble = stopped(&run);
    }
    let half_way = half_way(&run);
    if let Some(trouble) = &mut run.trouble
        && !half_way.is_empty()
    {
        let (interfaces, seq) = (half_way.join(", "), run.seq);
        let _ = write!(
            trouble,
            " {interfaces} had the first of two steps alone and may let everything in: make the plan again and apply it at once, or undo record {seq}."
        );
    }
    Ok(run)
}

async fn send(
    cloud: &Arc<Cloud>,
    writer: &Mutex<Writer>,
    session: &crate::cloud::ResponderSession,
    underway: &mut Underway,
    call: usize,
    run: &mut Run,
    tell: &mut (dyn FnMut(Told<'_>) + Send),
) -> Result<(), JournalError> {
    let (permit, record) = {
        let mut writer = writer.lock().await;
        let now = cloud.now();
        writer.intent(underway, now, session.time_at_aws(now))?
    };
    tell(Told::Recorded(&record));
    tell(Told::Sent(call));
    let (receipt, outcome) = write::send(session, permit, underway.made()).await;
    run.outcomes.push(outcome.clone());
    tell(Told::Answered(call, &outcome));
    let record = writer.lock().await.outcome(underway, receipt, outcome, cloud.now())?;
    tell(Told::Recorded(&record));
    Ok(())
}

/// The interfaces that were given groups which the plan meant to replace again, and did not. Between the two steps of an
/// isolation an interface has the conversion group, which allows everything.
fn half_way(run: &Run) -> Vec<String> {
    let mut given: BTreeMap<&InterfaceId, Vec<usize>> = BTreeMap::new();
    for (number, call) in run.plan.draft.calls.iter().enumerate() {
        if let Mutation::Ec2(Ec2Call::SetInterfaceGroups { interface, .. }) = &call.mutation {
            given.entry(interface).or_default().push(number);
        }
    }
    let took_effect = |number: &usize| run.outcomes.get(*number).is_some_and(Outcome::goes_on);
    let may_have =
        |number: &usize| took_effect(number) || matches!(run.outcomes.get(*number), Some(Outcome::Unknown { .. }));
    given
        .into_iter()
        .filter(|(_, calls)| {
            calls
                .split_last()
                .is_some_and(|(last, before)| before.iter().any(may_have) && !took_effect(last))
        })
        .map(|(interface, _)| interface.to_string())
        .collect()
}

/// Says why a plan ended early, where it did.
fn stopped(run: &Run) -> Option<String> {
    let (calls, last) = (run.plan.draft.calls.len(), run.outcomes.last()?);
    let number = run.outcomes.len();
    match last {
        Outcome::Failed { code, message, .. } => Some(format!(
            "Call {number} of {calls} was refused by AWS ({}): {message} Nothing after it was sent.",
            Untrusted::new(code.as_deref().unwrap_or("no code"))
        )),
        Outcome::Partly { code, message, .. } => Some(format!(
            "Call {number} of {calls} was done in part ({}): {message} Nothing after it was sent.",
            Untrusted::new(code.as_str())
        )),
        Outcome::Unknown { why } => Some(format!(
            "It is not known whether call {number} of {calls} took effect ({why}). Nothing after it was sent; it is read back, not sent again."
        )),
        Outcome::Applied { .. } | Outcome::AlreadySo { .. } => None,
    }
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
