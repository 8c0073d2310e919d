//! `quarantine-account`: a service control policy denies everybody in a member account everything, but for an allow-list.
//!
//! Sent from the management account, or from one that Organizations is delegated to. The policy binds every user and role of the
//! account, its root user too, and no service-linked role (Organizations guide, "Service control policies").

use super::choice::{Choice, Takes};
use super::facts::Facts;
use super::plan::{Draft, Request};
use super::query::{OrganizationsQuery, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::scp::{self, Denial};
use super::{Action, ActionName, Done, Scope, Step, target};
use crate::action::answer::{Organization, Scp};
use crate::domain::{AccountId, Arn, PolicyTargetId, ResourceKind};

/// What its policies' names begin with, after `quell-`.
const QUARANTINE: &str = "quarantine";
/// The choice by which more roles stay able to work.
const ALLOW: &str = "allow";
/// Of a role's pattern so many characters are no star, so that it cannot stand for everybody.
const PLAIN: usize = 4;

#[derive(Debug)]
pub struct QuarantineAccount;

impl Action for QuarantineAccount {
    fn name(&self) -> ActionName {
        ActionName::QuarantineAccount
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Account]
    }

    fn scope(&self) -> Scope {
        Scope::Organization
    }

    fn choices(&self) -> &'static [Choice] {
        &[Choice {
            name: ALLOW,
            takes: Takes::Text("role names with their paths, separated by commas; * stands for any characters"),
            about: "Let these roles work on, beside quell's own.",
        }]
    }

    fn summary(&self) -> &'static str {
        "Deny everybody in a member account everything by a service control policy, but for quell's own roles."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let account: AccountId = target::of_kind(request, ResourceKind::Account)?;
        let place = PolicyTargetId::from(account);
        let (organization, roots, member) = (
            Query::Organizations(OrganizationsQuery::Organization {}),
            Query::Organizations(OrganizationsQuery::Roots {}),
            Query::Organizations(OrganizationsQuery::Member { account }),
        );
        let on = scp::on(&place);
        facts.want([organization.clone(), roots.clone(), member.clone(), on.clone()])?;
        let organization = facts.organization(&organization)?;
        bound(request, account, organization)?;
        let member = facts.member(&member)?;
        if member.state.raw() != "ACTIVE" {
            return Err(Refusal::new(
                RefusalKind::WrongTarget,
                format!("Account {account} ({}) is {}.", member.name, member.state),
                "Nobody can work in a closed account; ask AWS Support to reopen it first if it must be looked into.",
            )
            .into());
        }
        scp::enabled(facts.roots(&roots)?)?;
        let allowed = allowed(request, organization)?;
        let denial = denial(&allowed);
        let beside = facts.scps(&on)?;
        if denial.stands(beside, facts)? {
            return Err(Refusal::new(
                RefusalKind::AlreadyDone,
                format!("Account {account} has this quarantine already."),
                "Verify it from the journal; look for what goes on all the same: service-linked roles and other accounts.",
            )
            .into());
        }
        no_other(account, beside)?;
        let mut draft = Draft::default();
        denial.attach(request, &place, beside, facts, &mut draft)?;
        draft.neighbours.push(format!(
            "Everybody in account {account} ({}): people, pipelines and workloads. Only {} work on.",
            member.name,
            allowed.join(" and ")
        ));
        warn(request, organization, &mut draft);
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let account: AccountId = target::of_kind(request, ResourceKind::Account)?;
        let mut draft = Draft::default();
        scp::undo(done, facts, &mut draft)?;
        if draft.calls.is_empty() {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("What record {} attached is not there any more.", done.seq),
                "The account is bound by its other policies alone.",
            )
            .into());
        }
        let ours = scp::detached(&draft).map(str::to_owned);
        let attached = facts.scps(&scp::on(&PolicyTargetId::from(account)))?;
        let mut others = attached
            .iter()
            .filter(|scp| is_quarantine(scp) && Some(scp.id.as_str()) != ours.as_deref());
        draft.warnings.push(match others.next() {
            Some(other) => format!(
                "The account stays closed: the quarantine {} ({}) is attached to it, too.",
                other.name, other.id
            ),
            None => "Whoever still has credentials of the account can use them again, within minutes.".to_owned(),
        });
        Ok(draft)
    }
}

/// Refuses what a service control policy does not bind, and what would bind the responder.
fn bound(request: &Request, account: AccountId, organization: &Organization) -> Result<(), Stop> {
    let refuse = |why: String, instead: &str| Err(Refusal::new(RefusalKind::Unsafe, why, instead).into());
    if account == organization.management {
        return refuse(
            format!("{account} is the management account: service control policies do not bind it."),
            "By hand, from its root user: change the password and MFA of root, delete root's access keys, then contain each user and role by \
             itself (contain-user, contain-role).",
        );
    }
    let own = request
        .by
        .parse::<Arn>()
        .is_ok_and(|by| by.account() == account.as_str());
    if own || account == request.account {
        return refuse(
            format!("You work from account {account}: the quarantine could not be lifted from it."),
            "Work from another account, such as the management account, or contain its users and roles one by one.",
        );
    }
    Ok(())
}

fn is_quarantine(scp: &Scp) -> bool {
    scp.name.raw().starts_with(&format!("quell-{QUARANTINE}-"))
}

/// Refuses where a quarantine with another allow-list is attached: one denial is enough, so nobody would be let in whom that does not
/// let in, whatever this plan says; and whoever lifted one would find the account closed by the other.
fn no_other(account: AccountId, beside: &[Scp]) -> Result<(), Stop> {
    let Some(other) = beside.iter().find(|scp| is_quarantine(scp)) else {
        return Ok(());
    };
    Err(Refusal::new(
        RefusalKind::Unsafe,
        format!(
            "Account {account} is quarantined already, with another allow-list: {} ({}). It goes on denying whom it does not name.",
            other.name, other.id
        ),
        "Undo the record that attached it first, and plan again at once: between the two the account is open. Where the journal does not \
         have it, detach it by hand.",
    )
    .into())
}

/// The roles that work on, as patterns of `aws:PrincipalArn`.
fn allowed(request: &Request, organization: &Organization) -> Result<Vec<String>, Stop> {
    let mut names = vec![
        organization.reader_role.to_string(),
        organization.responder_role.to_string(),
    ];
    let typed = request.choice(ALLOW).unwrap_or_default();
    for name in typed.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let plain = name.bytes().filter(u8::is_ascii_alphanumeric).count();
        let fits = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+=.@_-/*".contains(&b));
        if !fits || plain < PLAIN || name.starts_with('/') {
            return Err(Refusal::new(
                RefusalKind::BadChoice,
                format!("{ALLOW}: {name:?} is not a role's name, or lets nearly everybody through."),
                "Name roles as in admins/break-glass, separated by commas.",
            )
            .into());
        }
        names.push(name.to_owned());
    }
    names.sort_unstable();
    names.dedup();
    Ok(names.iter().map(|name| format!("arn:*:iam::*:role/{name}")).collect())
}

/// One text for every account with the same allow-list, so that an organisation's policies stay few.
fn denial(allowed: &[String]) -> Denial {
    Denial::new(
        QUARANTINE,
        &serde_json::json!({
            "Sid": "QuellQuarantine",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": allowed}},
        }),
    )
}

fn warn(request: &Request, organization: &Organization, draft: &mut Draft) {
    draft.warnings.extend([
        "Sessions that are open now are denied too, once the policy is in force everywhere: some minutes.".to_owned(),
        "Not bound: service-linked roles, and principals of other accounts that a resource policy in it lets in (buckets, keys, queues, \
         roles)."
            .to_owned(),
        "What runs goes on running, but loses AWS's APIs: instances and functions stay up, deployments and scaling by its own roles stop."
            .to_owned(),
    ]);
    if request.account != organization.management {
        draft.warnings.push(format!(
            "Sent from account {}, which is not the management account {}: its delegation must allow these calls.",
            request.account, organization.management
        ));
    }
}
