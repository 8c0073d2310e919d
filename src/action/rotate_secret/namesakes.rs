//! Whoever has the name that a secret is asked for by.
//!
//! Owns: the look at IAM beside the secret, and the sentence that says which ARN means which. Must never: take a user's name for a
//! secret's.

use super::super::facts::Facts;
use super::super::plan::{Draft, Request};
use super::super::query::{IamQuery, Query};
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::{is_gone, question};
use crate::domain::{SecretName, Untrusted};

/// What is typed without more may mean a secret, or a user or role that read secrets.
pub struct Namesakes {
    user: Option<Query>,
    role: Option<Query>,
}

impl Namesakes {
    /// An ARN says what it is.
    pub fn of(name: &SecretName) -> Self {
        Self {
            user: name
                .as_str()
                .parse()
                .ok()
                .map(|user| Query::Iam(IamQuery::IamUser { user })),
            role: name
                .as_str()
                .parse()
                .ok()
                .map(|role| Query::Iam(IamQuery::IamRole { role })),
        }
    }

    pub fn all(&self) -> impl Iterator<Item = Query> {
        self.user.iter().chain(&self.role).cloned()
    }

    /// Refuses a name that is a user's or a role's, and says by which ARN each is asked for.
    pub fn refuse(&self, name: &SecretName, request: &Request, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
        let mut found = Vec::new();
        if let Some(user) = self.user.as_ref().filter(|query| !is_gone(facts, query)) {
            let user = facts.advisory(facts.iam_user(user), &mut draft.warnings)?;
            found.extend(user.map(|user| ("a user", user.arn.clone())));
        }
        if let Some(role) = self.role.as_ref().filter(|query| !is_gone(facts, query)) {
            let role = facts.advisory(facts.iam_role(role), &mut draft.warnings)?;
            found.extend(role.map(|role| ("a role", role.arn.clone())));
        }
        if found.is_empty() {
            return Ok(());
        }
        let whose: Vec<&str> = found.iter().map(|(whose, _)| *whose).collect();
        let arns: Vec<String> = found
            .iter()
            .map(|(_, arn)| Untrusted::new(arn.as_str()).shown())
            .collect();
        let (why, instead) = match facts.secret(&question(name)) {
            Ok(secret) => (
                format!(
                    "{} is the name of a secret, and of {} of IAM.",
                    secret.name,
                    whose.join(" and of ")
                ),
                format!(
                    "Give {} for the secret, or {} for every secret that was read by that name.",
                    secret.arn,
                    arns.join(" or ")
                ),
            ),
            Err(_) if is_gone(facts, &question(name)) => (
                format!(
                    "There is no secret {} in {}; it is the name of {} of IAM.",
                    request.target,
                    request.region,
                    whose.join(" and of ")
                ),
                format!(
                    "Give {} to rotate every secret that was read by that name.",
                    arns.join(" or ")
                ),
            ),
            Err(stop) => return Err(stop),
        };
        Err(Refusal::new(RefusalKind::WrongTarget, why, instead).into())
    }
}
