//! The account that evidence is given to: who it is, by the organisation's own word.
//!
//! Must never: take twelve digits for a known account. What a mistyped one gets cannot be taken back.

use super::answer::Member;
use super::facts::Facts;
use super::query::{OrganizationsQuery, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use crate::domain::AccountId;

/// The question what the organisation knows of the account.
pub fn known(account: AccountId) -> Query {
    Query::Organizations(OrganizationsQuery::Known { account })
}

/// The account, where it is of the organisation and somebody can work in it; refuses every other, and one of which that cannot be read.
pub fn member(account: AccountId, facts: &Facts) -> Result<&Member, Stop> {
    let member = match facts.member(&known(account)) {
        Err(Stop::Refuse(refusal)) if refusal.kind == RefusalKind::Gone => {
            return Err(Refusal::new(
                RefusalKind::BadChoice,
                format!("Account {account} is not of your organisation."),
                "Compare every digit. What a stranger gets cannot be taken back.",
            )
            .into());
        }
        Err(Stop::Refuse(refusal)) => {
            return Err(Refusal::new(
                RefusalKind::Unreadable,
                format!("Whether account {account} is of your organisation cannot be read: {}", refusal.why),
                "Start quell in the management account or one that a service is delegated to; these may ask Organizations.",
            )
            .into());
        }
        other => other?,
    };
    if member.state.raw() != "ACTIVE" {
        return Err(Refusal::new(
            RefusalKind::BadChoice,
            format!("Account {account} ({}) is {}.", member.name, member.state),
            "Choose an account that is active: in this one nobody can work, or soon nobody will.",
        )
        .into());
    }
    Ok(member)
}
