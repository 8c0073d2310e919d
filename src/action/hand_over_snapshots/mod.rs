//! `hand-over-snapshots`: what snapshot-instance took of an instance, for a forensic account to use.
//!
//! A snapshot under AWS's own key (`aws/ebs`) cannot be shared, so it is copied under a customer's first. A copy takes minutes to hours
//! and a confirmed plan does not wait for it, so this is planned twice: the first plan copies, the second, once the copies are
//! complete, gives a grant on the key, shares and locks. Must never: delete a snapshot, or make one public.

mod copies;
mod left;
mod lock;
mod restore;
mod sets;
mod share;
mod vet;
mod wish;

use super::facts::Facts;
use super::plan::{Draft, Request};
use super::query::{EbsQuery, Ec2Query, LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Choice, Done, Step, forensic, radius, target};
use crate::domain::{ResourceKind, Untrusted};
pub(super) use copies::description as copy_description;
pub(super) use sets::COPY_OF;
use sets::Sets;
use wish::{Key, Wish};

#[derive(Debug)]
pub struct HandOverSnapshots;

impl Action for HandOverSnapshots {
    fn name(&self) -> ActionName {
        ActionName::HandOverSnapshots
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

    /// The account: a plan for the right instance that names the wrong account must not be confirmed by habit.
    fn confirmed_by(&self, request: &Request) -> String {
        let account = request.choice(wish::ACCOUNT).filter(|_| request.undoes.is_none());
        account.unwrap_or_else(|| request.target.id.raw()).to_owned()
    }

    fn summary(&self) -> &'static str {
        "Let a forensic account use an instance's snapshots, in their region: copies under a customer key, then a grant and the shares."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let instance = target::instance(request)?;
        let wish = Wish::of(request)?;
        let taken = Query::Ebs(EbsQuery::EvidenceSnapshots {
            instance: instance.clone(),
            incident: request.incident.clone(),
        });
        let volumes = Query::Ec2(Ec2Query::Volumes { of: instance.clone() });
        let mut first = vec![taken.clone(), volumes.clone(), forensic::known(wish.account)];
        first.extend(wish.key.iter().flat_map(|key| around(key, &wish)));
        facts.want(first)?;
        if let Some(key) = &wish.key {
            refuse_key(key, facts)?;
        }
        let attached = facts.volumes(&volumes)?;
        let sets = Sets::of(facts.snapshots(&taken)?, attached, &instance, (&wish, request))?;

        let mut draft = Draft::default();
        wish::who(wish.account, facts, &mut draft)?;
        for failed in &sets.failed {
            let why = failed.state_message.as_ref().map_or_else(String::new, Untrusted::shown);
            draft
                .warnings
                .push(format!("{} is in the state error and is left out. {why}", failed.id));
        }
        if attached.is_empty() {
            draft.warnings.push(format!(
                "{instance} has no volume now, so nothing says that these are snapshots of its volumes but their own descriptions and tags."
            ));
        }
        for passed in &sets.passed {
            draft.warnings.push(format!("Passed over: {passed}."));
        }
        let keys = sets.keys(&wish, request);
        if wish.key.is_none() {
            // Nothing is copied then, so what is asked of the snapshots themselves is asked beside their keys.
            let ids = sets.taken.iter().map(|snapshot| snapshot.id.clone()).collect();
            let about = keys.iter().flat_map(|key| around(key, &wish));
            facts.want(about.chain(share::questions(ids, &wish)))?;
        }
        let sorted = sets.sort(&wish, request, facts)?;
        match &wish.key {
            Some(key) if !sorted.to_copy.is_empty() => {
                copies::draft(request, &wish, key, &sorted.to_copy, &mut draft)?;
            }
            _ => {
                let ids = sorted.ready.iter().map(|(snapshot, _)| snapshot.id.clone()).collect();
                facts.want(share::questions(ids, &wish))?;
                for key in &keys {
                    refuse_key(key, facts)?;
                }
                share::draft(request, &wish, &keys, &sorted.ready, (facts, &mut draft))?;
            }
        }
        for key in &keys {
            radius::lately(LookupKey::ResourceName, key.arn.as_str(), "Key used", facts, &mut draft)?;
        }
        Ok(draft)
    }

    fn undo(&self, _request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        restore::draft(done, facts)
    }
}

/// What is asked about a key.
fn around(key: &Key, wish: &Wish) -> [Query; 4] {
    [
        key.query(),
        share::grants(&key.id, wish),
        share::all_grants(&key.id),
        radius::question(LookupKey::ResourceName, key.arn.as_str()),
    ]
}

fn refuse_key(key: &Key, facts: &Facts) -> Result<(), Stop> {
    let found = facts.kms_key(&key.query())?;
    let refuse = |why: String, instead: &str| Err(Refusal::new(RefusalKind::BadChoice, why, instead).into());
    if found.aws_managed {
        return refuse(
            format!("{} is managed by AWS: nobody can be given leave to use it.", found.id),
            "Choose a customer managed key of the same region.",
        );
    }
    if found.state != "Enabled" {
        return refuse(
            format!(
                "{} is {}: nothing under it can be read.",
                found.id,
                Untrusted::new(found.state.as_str())
            ),
            "Choose a key that is enabled, or enable this one by hand.",
        );
    }
    Ok(())
}
