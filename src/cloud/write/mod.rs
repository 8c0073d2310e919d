//! The only place where an account is changed.
//!
//! Owns: one file a service, one SDK call for each kind of mutation, and what an answer means. Must never: send without a
//! permit (or, for messages of quell's own queue, without the cache's receipt), send again what may have happened, or take silence for a failure: what may have happened is *unknown* until it is
//! read back.

mod autoscaling;
mod classify;
mod ebs;
mod ec2;
mod elb;
mod iam;
mod instance;
mod kms;
mod lambda;
mod network;
mod organizations;
mod queue;
mod rds;
mod rehearse;
mod s3;
mod secrets;
mod securityhub;
mod sns;
mod ssm;
mod sso;
mod waf;

use crate::action::{Made, Mutation, Outcome};
use crate::journal::{Permit, Receipt};

use super::session::ResponderSession;
pub(super) use super::whole::Whole;
use classify::Sent;
pub(super) use queue::delete_messages;
pub(super) use rehearse::{OnlyDryRuns, rehearse};

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
        // Boxed: the calls of all services together make a future too large to be passed around.
        let not_done = match Box::pin(call(session, &mutation, made)).await {
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
        Mutation::Ec2(call) => ec2::send(session, call, made).await,
        Mutation::Ebs(call) => ebs::send(session, call, made).await,
        Mutation::Iam(call) => iam::send(session, call, made).await,
        Mutation::SecurityHub(call) => securityhub::send(session, call, made).await,
        Mutation::AutoScaling(call) => autoscaling::send(session, call, made).await,
        Mutation::Elb(call) => elb::send(session, call, made).await,
        Mutation::Kms(call) => kms::send(session, call, made).await,
        Mutation::Lambda(call) => lambda::send(session, call, made).await,
        Mutation::Network(call) => network::send(session, call, made).await,
        Mutation::Organizations(call) => organizations::send(session, call, made).await,
        Mutation::Rds(call) => rds::send(session, call, made).await,
        Mutation::S3(call) => s3::send(session, call, made).await,
        Mutation::Secrets(call) => secrets::send(session, call, made).await,
        Mutation::Sso(call) => sso::send(session, call, made).await,
        Mutation::Ssm(call) => ssm::send(session, call, made).await,
        Mutation::Waf(call) => waf::send(session, call, made).await,
        Mutation::Sns(call) => sns::send(session, call, made).await,
    }
}

#[cfg(test)]
mod tests;
