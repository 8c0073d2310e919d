//! A new password for the master user, where one is chosen.
//!
//! Owns: how RDS is to make it, what it brings with it, and how it is known that it is another one. Must never: let what others left
//! for the maintenance window be applied unless that is chosen by its name.

use super::super::answer::{Database, Secret};
use super::super::choice::{Choice, Takes};
use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::NewPassword;
use super::super::plan::{Draft, Request};
use super::super::query::Query;
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::target::Found;
use crate::action::{RdsState, SecretsQuery};
use crate::domain::{SecretName, Untrusted};

pub const MASTER_PASSWORD: &str = "master-password";
const PENDING: &str = "pending";

pub const CHOICE: Choice = Choice {
    name: MASTER_PASSWORD,
    takes: Takes::Flag,
    about: "Has Secrets Manager make a new password for the master user; whoever uses the old one is locked out for good.",
};

pub const PENDING_CHOICE: Choice = Choice {
    name: PENDING,
    takes: Takes::Flag,
    about: "Lets what waits for the database's maintenance window be applied at once, which a new master password brings with it.",
};

/// How the password is made anew.
#[derive(Clone, Copy, Debug)]
pub enum Password<'f> {
    /// Secrets Manager has none yet.
    HandOver,
    /// It has one, in this secret.
    Rotate(&'f Secret),
}

impl Password<'_> {
    pub fn call(self) -> NewPassword {
        match self {
            Self::HandOver => NewPassword::HandOver,
            Self::Rotate(_) => NewPassword::Rotate,
        }
    }
}

/// What must be read where Secrets Manager has the password already: which version is in use.
pub fn question(request: &Request, database: &Database) -> Result<Option<Query>, Stop> {
    let Some(arn) = database
        .master_secret
        .as_ref()
        .filter(|_| request.chose(MASTER_PASSWORD))
    else {
        return Ok(None);
    };
    let name: SecretName = arn.parse().map_err(|_| {
        Refusal::new(
            RefusalKind::Unreadable,
            format!("RDS names {} as the secret of {}.", Untrusted::new(arn), database.id),
            format!("That is not a secret's ARN. Isolate it without a new password: leave {MASTER_PASSWORD} out."),
        )
    })?;
    Ok(Some(Query::Secrets(SecretsQuery::Secret { name })))
}

/// The new password that is chosen, if one is.
pub fn chosen<'f>(request: &Request, database: &Database, facts: &'f Facts) -> Result<Option<Password<'f>>, Stop> {
    if !request.chose(MASTER_PASSWORD) {
        return Ok(None);
    }
    let without = format!("Isolate it without a new password first: leave {MASTER_PASSWORD} out.");
    if !database.pending.is_empty() && !request.chose(PENDING) {
        return Err(Refusal::new(
            RefusalKind::Unsafe,
            format!(
                "With a new password RDS at once applies what waits for the maintenance window of {}, too: {}.",
                database.id,
                waiting(database)
            ),
            format!("{without} Where that may be applied now: --with {PENDING}=yes."),
        )
        .into());
    }
    let Some(query) = question(request, database)? else {
        return Ok(Some(Password::HandOver));
    };
    if database.master_secret_status.as_deref() == Some("impaired") {
        let why = format!(
            "The secret of {} is impaired: RDS cannot rotate it, and would refuse.",
            database.id
        );
        return Err(Refusal::new(RefusalKind::WrongTarget, why, without).into());
    }
    Ok(Some(Password::Rotate(facts.secret(&query)?)))
}

fn waiting(database: &Database) -> String {
    let waiting: Vec<String> = database.pending.iter().map(Untrusted::shown).collect();
    waiting.join(", ")
}

/// What is read back of it, what it costs, and what undo cannot give back.
pub fn told(password: Password<'_>, found: &Found<'_>, draft: &mut Draft) {
    let (database, cluster) = (found.database, found.is_cluster);
    let id = database.id.clone();
    draft.expectations.push(Expectation::Rds(match password {
        Password::HandOver => RdsState::MasterPasswordManaged { id, cluster },
        Password::Rotate(secret) => RdsState::MasterPasswordRotated {
            id,
            cluster,
            secret: secret.name.clone(),
            before: secret.current.clone(),
        },
    }));
    if let Password::HandOver = password {
        draft.warnings.push(
            "Secrets Manager keeps the master user's password from then on; undo does not give it back.".to_owned(),
        );
    }
    draft
        .lost
        .push("The master user's old password: RDS does not give it back.".to_owned());
    if !database.pending.is_empty() {
        let waiting = waiting(database);
        draft.warnings.push(format!(
            "What waits for its maintenance window is applied at once, too, and may restart it: {waiting}."
        ));
        draft.lost.push(format!(
            "What waited for the maintenance window stays applied: {waiting}."
        ));
    }
}
