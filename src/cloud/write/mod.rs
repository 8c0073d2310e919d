//! The only place where an account is changed.
//!
//! Owns: one file a service, one SDK call for each kind of mutation, and what an answer means. Must never: send without a
//! permit (or, for messages of quell's own queue, without the cache's receipt), send again what may have happened, or take silence for a failure: what may have happened is *unknown* until it is
//! read back.

mod classify;
mod ec2;
mod iam;
mod queue;
mod securityhub;
mod sns;
mod whole;

use crate::action::{Made, Mutation, Outcome};
use crate::domain::{Region, Untrusted};
use crate::journal::{Permit, Receipt};

use super::session::ResponderSession;
use classify::{Sent, refused};
pub(super) use queue::delete_messages;
pub(super) use whole::Whole;

/// Spends a permit on its call and says what became of it. The receipt is for the journal.
///
/// The call takes effect once at most. Only where AWS throttles it, which is to turn it away unseen, is it tried again after each
/// of the session's pauses: to give up between the two steps of an isolation would leave an interface open to everyone.
///
/// `made` are the results of the plan's earlier calls. The journal has put them into the permit's call already, so a call that
/// still refers to something unmade is not sent.
pub async fn send(session: &ResponderSession, permit: Permit, made: &Made) -> (Receipt, Outcome) {
    let (mutation, receipt) = permit.spend();
    let mut pauses = session.pauses().iter();
    loop {
        let not_done = match call(session, &mutation, made).await {
            Ok(done) => {
                let (request_id, made) = (done.request_id, done.made);
                return (receipt, Outcome::Applied { request_id, made });
            }
            Err(not_done) => not_done,
        };
        match pauses.next() {
            Some(pause) if not_done.throttled => tokio::time::sleep(*pause).await,
            _ => return (receipt, not_done.outcome),
        }
    }
}

/// One try.
async fn call(session: &ResponderSession, mutation: &Mutation, made: &Made) -> Sent {
    match mutation {
        Mutation::CreateTags { resource, tags } => ec2::create_tags(session, resource, tags, made).await,
        Mutation::DeleteTags { resource, keys } => ec2::delete_tags(session, resource, keys, made).await,
        Mutation::SetTerminationProtection { instance, on } => ec2::protect(session, instance, *on).await,
        Mutation::CreateSecurityGroup {
            vpc,
            name,
            description,
            tags,
        } => ec2::create_group(session, vpc, name, description, tags).await,
        Mutation::AuthorizeSecurityGroup {
            group,
            direction,
            cidrs,
        } => ec2::authorize(session, group, *direction, cidrs, made).await,
        Mutation::RevokeSecurityGroupEgress { group, cidr } => ec2::revoke_egress(session, group, cidr, made).await,
        Mutation::SetInterfaceGroups { interface, groups } => {
            ec2::set_interface_groups(session, interface, groups, made).await
        }
        Mutation::CreateSnapshots {
            instance,
            description,
            tags,
        } => ec2::create_snapshots(session, instance, description, tags).await,
        Mutation::UpdateAccessKey { user, key, status } => iam::update_key(session, user, key, *status).await,
        Mutation::BatchUpdateFindings { findings, note, status } => {
            Box::pin(securityhub::note_findings(session, findings, note, *status)).await
        }
        Mutation::Publish {
            topic,
            subject,
            message,
        } => match topic.region().parse::<Region>() {
            Ok(region) => sns::publish(session, &region, topic, subject, message).await,
            Err(bad) => refused(Untrusted::new(bad.to_string())),
        },
    }
}

#[cfg(test)]
mod tests;
