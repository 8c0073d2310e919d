//! Whether what is undone is still what was changed: IAM lets a name be used again, and never an id (IAM guide, "Unique identifiers").
//!
//! Owns: the comparison of the id that the plan recorded with the one of now. Must never: let an undo give somebody new what was
//! taken from somebody old of the same name.

use super::Done;
use super::facts::Facts;
use super::query::{IamQuery, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use crate::domain::{RoleName, UserName};

/// Refuses where the user is another one by now.
pub fn same_user(user: &UserName, done: &Done, facts: &Facts) -> Result<(), Stop> {
    let query = Query::Iam(IamQuery::IamUser { user: user.clone() });
    let (was, is) = (done.plan.before.iam_user(&query)?, facts.iam_user(&query)?);
    same(&format!("User {user}"), &was.id, &is.id)
}

/// Refuses where the role is another one by now.
pub fn same_role(role: &RoleName, done: &Done, facts: &Facts) -> Result<(), Stop> {
    let query = Query::Iam(IamQuery::IamRole { role: role.clone() });
    let (was, is) = (done.plan.before.iam_role(&query)?, facts.iam_role(&query)?);
    same(&format!("Role {role}"), &was.id, &is.id)
}

fn same(what: &str, was: &str, is: &str) -> Result<(), Stop> {
    if was == is {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalKind::Drifted,
        format!("{what} is another one by now: it was deleted and made again."),
        "There is nothing of the old one to put back.",
    )
    .into())
}
