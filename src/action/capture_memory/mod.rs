//! `capture-memory`: has Systems Manager run a fixed script on a Linux instance that images its memory into a bucket.
//!
//! It comes before `isolate-instance`, which cuts the way of the agent and of the upload. Must never: put text from outside into
//! the script; what varies in it are four values of strict shape ([`MemoryCapture`]).

mod owner;
mod wish;

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::answer::{Agent, Interface};
use super::expectation::Expectation;
use super::facts::Facts;
use super::mutation::{CaptureTool, MemoryCapture, Mutation};
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Choice, Done, Step, isolate_instance, radius, target};
use crate::action::{Ec2Query, IamQuery, SsmCall, SsmQuery, SsmState};
use crate::domain::{InstanceId, ProfileName, ResourceKind, Time, Untrusted};
use wish::Wish;

/// Captures that could still be running began no longer ago: two hours and ten minutes is the most that one is given.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(3);

#[derive(Debug)]
pub struct CaptureMemory;

impl Action for CaptureMemory {
    fn name(&self) -> ActionName {
        ActionName::CaptureMemory
    }

    fn step(&self) -> Step {
        Step::Snapshot
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Instance]
    }

    fn choices(&self) -> &'static [Choice] {
        wish::CHOICES
    }

    fn summary(&self) -> &'static str {
        "Image the memory of a Linux instance into a bucket through Systems Manager, before the instance is isolated."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let id = target::instance(request)?;
        let Wish { bucket, owner, capture } = Wish::of(request, &id)?;
        let (instance, interfaces) = (
            Query::Ec2(Ec2Query::Instance { id: id.clone() }),
            Query::Ec2(Ec2Query::Interfaces { of: id.clone() }),
        );
        let agent = Query::Ssm(SsmQuery::Agent { of: id.clone() });
        let captures = Query::Ssm(SsmQuery::Captures {
            of: id.clone(),
            since: since(request),
        });
        let lately = radius::question(LookupKey::ResourceName, id.as_str());
        let first = [&instance, &interfaces, &agent, &captures].into_iter().cloned();
        let whose = owner::questions(&bucket, owner, request);
        facts.want(first.chain(whose).chain([lately]))?;
        let found = facts.instance(&instance)?;
        if found.state != "running" {
            return Err(Refusal::new(
                RefusalKind::Gone,
                format!("{id} is {}, so its memory is gone.", found.state),
                "Take its volumes with snapshot-instance.",
            )
            .into());
        }
        let agent = reachable(&id, facts.agent(&agent)?.as_ref())?;
        nothing_runs(&id, facts.invocations(&captures)?)?;
        let profile = found.profile.as_ref().ok_or_else(|| {
            Refusal::new(
                RefusalKind::WrongTarget,
                format!("{id} has no instance profile, so it can upload nothing."),
                "Give it one whose role may write to the bucket (replace-instance-profile with=NAME), or capture its memory by hand.",
            )
        })?;
        let interfaces = facts.interfaces(&interfaces)?;
        let (gets, puts) = rights(request, profile, &capture);
        let vpcs = interfaces.iter().map(containment);
        facts.want(
            vpcs.chain(gets.clone())
                .chain([puts.clone()])
                .collect::<BTreeSet<Query>>(),
        )?;

        let mut draft = Draft::default();
        way_out(&id, interfaces, facts, &mut draft)?;
        owner::check(&bucket, owner, request, (facts, &mut draft))?;
        for (query, what) in gets.iter().map(|q| (q, "read")).chain([(&puts, "write")]) {
            allowed(query, what, profile, &capture, facts, &mut draft)?;
        }
        warn(&id, &capture, agent, &mut draft);
        radius::lately(LookupKey::ResourceName, id.as_str(), id.as_str(), facts, &mut draft)?;
        draft.expectations.push(Expectation::Ssm(SsmState::MemoryCaptured {
            instance: id.clone(),
            call: 0,
            image: capture.image.clone(),
            owner,
            comment: capture.comment.clone(),
            since: since(request),
            planned: request.at,
        }));
        draft.calls.push(PlannedCall {
            mutation: Mutation::Ssm(SsmCall::SendCommand { instance: id, capture }),
            undo: Undo::Kept,
            was: None,
        });
        Ok(draft)
    }

    fn undo(&self, _request: &Request, done: &Done, _facts: &Facts) -> Result<Draft, Stop> {
        Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!("Record {} captured memory, which is evidence.", done.seq),
            format!(
                "If the image must go, delete it by hand when the case is closed. A capture that is still running is cancelled in Systems Manager; then {}",
                MemoryCapture::LEFT
            ),
        )
        .into())
    }
}

/// From when on captures are looked for: a whole hour, so that a plan that is made again soon asks nothing new.
pub(super) fn since(request: &Request) -> Time {
    let back = request.at.checked_sub(LOOK_BACK).unwrap_or(request.at);
    Time::from_second(back.as_second() - back.as_second().rem_euclid(3600)).unwrap_or(back)
}

/// The agent, where it answers and the machine is one that the script is for.
fn reachable<'f>(id: &InstanceId, agent: Option<&'f Agent>) -> Result<&'f Agent, Stop> {
    let wrong = |why: String, instead: &str| Stop::from(Refusal::new(RefusalKind::WrongTarget, why, instead));
    let Some(agent) = agent else {
        return Err(wrong(
            format!("Systems Manager knows no agent on {id}."),
            "Capture memory by hand, or go on without it and write down why. An agent that is installed now takes minutes and changes the machine.",
        ));
    };
    if agent.platform.as_deref() != Some("Linux") {
        let platform = Untrusted::new(agent.platform.as_deref().unwrap_or("of an unknown platform"));
        return Err(wrong(
            format!("{id} is {platform}; avml and lime read the memory of Linux alone."),
            "Capture its memory by hand with a tool for that system.",
        ));
    }
    if agent.ping != "Online" {
        let ping = Untrusted::new(agent.ping.as_str());
        return Err(wrong(
            format!("The agent on {id} does not answer: Systems Manager says {ping}."),
            "See whether the instance has a way to Systems Manager and a role for it; else go on without memory and write down why.",
        ));
    }
    Ok(agent)
}

/// Two captures at once would fill the disk and read each other's writing.
fn nothing_runs(id: &InstanceId, captures: &[super::Invocation]) -> Result<(), Stop> {
    let Some(running) = captures.iter().find(|c| c.is_under_way()) else {
        return Ok(());
    };
    let command = Untrusted::new(running.command.as_str());
    Err(Refusal::new(
        RefusalKind::AlreadyDone,
        format!(
            "A capture of the memory of {id} is {}: command {command}.",
            running.details
        ),
        format!(
            "Verify it from the journal, or cancel that command in Systems Manager first; then {}",
            MemoryCapture::LEFT
        ),
    )
    .into())
}

fn containment(interface: &Interface) -> Query {
    let vpc = interface.vpc.clone();
    Query::Ec2(Ec2Query::ContainmentGroups { vpc })
}

/// Refuses an instance that is sealed; Systems Manager calls it online for some minutes more.
fn way_out(id: &InstanceId, interfaces: &[Interface], facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let mut closed = 0;
    let mut to_endpoints = false;
    for interface in interfaces {
        if isolate_instance::groups::is_closed(interface, facts)? {
            closed += 1;
            let groups = facts.groups(&containment(interface))?;
            let mut own = groups.iter().filter(|g| interface.groups.contains(&g.id));
            to_endpoints |= own.any(|group| !group.egress.is_empty());
        }
    }
    if closed < interfaces.len() {
        return Ok(());
    }
    if !to_endpoints {
        return Err(Refusal::new(
            RefusalKind::WrongTarget,
            format!("{id} is isolated: neither the agent nor the upload has a way out."),
            "Undo the isolation, or go on without memory and write down why. Memory comes before isolation.",
        )
        .into());
    }
    draft.warnings.push(format!(
        "{id} is isolated but for the endpoints of Systems Manager: the download and the upload need an interface endpoint for S3 with one of their groups. Without it the capture ends in an error."
    ));
    Ok(())
}

/// The questions whether the instance's role may download the tool, where that is in S3, and upload the image.
fn rights(request: &Request, profile: &ProfileName, capture: &MemoryCapture) -> (Option<Query>, Query) {
    let ask = |action: &str, object: &str| {
        Query::Iam(IamQuery::ProfileMay {
            profile: profile.clone(),
            action: action.to_owned(),
            resource: format!("arn:{}:s3:::{object}", request.partition()),
        })
    };
    let source = capture.source.as_str().strip_prefix("s3://");
    let image = capture.image.as_str().trim_start_matches("s3://");
    (
        source.map(|object| ask("s3:GetObject", object)),
        ask("s3:PutObject", image),
    )
}

fn allowed(
    query: &Query,
    what: &str,
    profile: &ProfileName,
    capture: &MemoryCapture,
    facts: &Facts,
    draft: &mut Draft,
) -> Result<(), Stop> {
    let object = if what == "read" {
        capture.source.as_str()
    } else {
        capture.image.as_str()
    };
    let Some(said) = facts.advisory(facts.simulated(query), &mut draft.warnings)? else {
        draft.warnings.push(format!(
            "Whether the role of {profile} may {what} {object} is not known."
        ));
        return Ok(());
    };
    if said.is_empty() || said.iter().any(|s| s.decision.raw() != "allowed") {
        draft.warnings.push(format!(
            "By its own policies the role of {profile} may not {what} {object}: unless the bucket's policy lets it, the capture ends in an error."
        ));
    }
    Ok(())
}

fn warn(id: &InstanceId, capture: &MemoryCapture, agent: &Agent, draft: &mut Draft) {
    let mut warn = |text: String| draft.warnings.push(text);
    warn(format!(
        "It runs code as root on {id} ({}), which changes its memory and disk. Whoever holds the machine sees it and can make it lie: the SHA-256 is what the machine says it uploaded. Read back from S3 are the object's size and time, not its content.",
        agent.system
    ));
    warn("The image lies in /var/tmp until it is uploaded, as large as the memory: what was deleted from that disk may be overwritten. Where that matters, start snapshot-instance before.".to_owned());
    warn(format!(
        "AWS gives up where the agent does not begin within {} minutes, and the agent after {} hours. A capture that times out or is cancelled is killed, and cleans up nothing: {}",
        MemoryCapture::DELIVERY / 60,
        MemoryCapture::EXECUTION / 3600,
        MemoryCapture::LEFT
    ));
    warn("Wait until this is verified before isolate-instance, stop-instance, replace-instance-profile, revoke-role-sessions, contain-role and quarantine-account: each of them ends it.".to_owned());
    warn("The machine needs the AWS CLI; a bucket with a key of its own needs leave for that key, too.".to_owned());
    if capture.tool == CaptureTool::Lime {
        warn("lime.ko must be built for the kernel that runs; another is not loaded, and one that is may bring the machine down.".to_owned());
    }
    if capture.sha256.is_none() {
        warn(format!(
            "No sha256 is chosen: whatever lies at {} is run.",
            capture.source
        ));
    }
    draft.neighbours.push(format!(
        "Whatever runs on {id} is slowed down while its memory is read and uploaded."
    ));
    draft.lost.push(
        "The image is evidence: quell never deletes it. What the command changed on the machine stays changed."
            .to_owned(),
    );
}
