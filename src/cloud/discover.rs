//! Which accounts there are.
//!
//! Owns: the asking of Organizations, and the sentence that says how the accounts were found. Must never: take a list that
//! ended early for the whole.

use std::fmt::Write as _;
use std::sync::Arc;

use aws_config::SdkConfig;
use tokio::sync::mpsc::Sender;

use super::connect::Cloud;
use super::errors::{CallError, ErrorKind};
use super::pages::Pages;
use super::route::{Found, Route};
use super::session::{at, global_region};
use crate::domain::{AccountId, Untrusted};
use crate::findings::Source;

const CALL: &str = "organizations:ListAccounts";

/// An account and what its organisation calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// Empty where nobody said.
    pub name: Untrusted,
}

/// The accounts that quell looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// By id, each once. Never empty.
    pub accounts: Vec<Account>,
    /// How they were found, or why they are not more: one sentence, safe to show.
    pub how: String,
    /// Whether there may be accounts that are not in the list.
    pub may_miss: bool,
}

/// The accounts of the options, else the organisation's active ones, else the caller's own.
pub async fn discover(cloud: &Cloud) -> Discovery {
    let mut discovery = find(cloud).await;
    let own = &cloud.identity().account;
    if discovery.accounts.iter().any(|a| a.id == *own)
        && let Ok(session) = cloud.session(own).await
        && session.is_own_credentials()
    {
        let _ = write!(
            discovery.how,
            " {own} is read with your own credentials, for there is no role to assume: only the program, not the credentials, keeps it from writing there."
        );
    }
    discovery
}

/// Tells the routes to every account's findings, one by one as they are found, and at last which way was taken.
pub async fn routes(cloud: Arc<Cloud>, tx: Sender<Found>) {
    let discovery = discover(&cloud).await;
    let mut all = vec![Found::Accounts(discovery.accounts.clone())];
    for account in &discovery.accounts {
        for region in cloud.regions() {
            all.extend(Source::REGIONAL.map(|source| {
                Found::Route(Route {
                    source,
                    via: account.id,
                    region: region.clone(),
                })
            }));
        }
    }
    all.push(Found::Way {
        how: discovery.how,
        may_miss: discovery.may_miss,
    });
    for found in all {
        if tx.send(found).await.is_err() {
            return;
        }
    }
}

async fn find(cloud: &Cloud) -> Discovery {
    let listed = list(cloud).await;
    if !cloud.options.accounts.is_empty() {
        return chosen(cloud, &listed.unwrap_or_default());
    }
    match listed {
        Ok(accounts) if !accounts.is_empty() => Discovery {
            how: format!("Organizations lists {} active accounts.", accounts.len()),
            accounts,
            may_miss: false,
        },
        Ok(_) => own(cloud, "Organizations lists no active account"),
        Err(error) if error.code.as_deref() == Some("AWSOrganizationsNotInUseException") => {
            let mut discovery = own(cloud, "this account is in no organisation");
            discovery.may_miss = false;
            discovery
        }
        Err(error) if error.kind == ErrorKind::Denied => own(
            cloud,
            &format!("the organisation's accounts may not be listed from here ({error})"),
        ),
        Err(error) => own(
            cloud,
            &format!("the organisation's accounts could not be listed ({error})"),
        ),
    }
}

fn own(cloud: &Cloud, why: &str) -> Discovery {
    let id = cloud.identity().account;
    Discovery {
        how: format!("Only the caller's own account {id}: {why}. Name others with --account."),
        accounts: vec![Account {
            id,
            name: Untrusted::default(),
        }],
        may_miss: true,
    }
}

/// The accounts that were asked for, with their names where the organisation tells.
fn chosen(cloud: &Cloud, listed: &[Account]) -> Discovery {
    let mut ids = cloud.options.accounts.clone();
    ids.sort();
    ids.dedup();
    let name = |id: &AccountId| listed.iter().find(|a| a.id == *id).map(|a| a.name.clone());
    let accounts: Vec<Account> = ids
        .into_iter()
        .map(|id| Account {
            name: name(&id).unwrap_or_default(),
            id,
        })
        .collect();
    Discovery {
        how: format!("The {} accounts that were asked for.", accounts.len()),
        accounts,
        may_miss: false,
    }
}

/// Asks with the reader role of the caller's account, which is made for it; where that may not, with the caller's own credentials.
async fn list(cloud: &Cloud) -> Result<Vec<Account>, CallError> {
    let region = global_region(cloud.identity());
    if let Ok(session) = cloud.session(&cloud.identity().account).await
        && !session.is_own_credentials()
    {
        match list_as(&session.at(&region)).await {
            Err(error) if error.kind == ErrorKind::Denied => {}
            listed => return listed,
        }
    }
    list_as(&at(&cloud.base, &region)).await
}

async fn list_as(config: &SdkConfig) -> Result<Vec<Account>, CallError> {
    let client = aws_sdk_organizations::Client::new(config);
    let (mut accounts, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let answer = client.list_accounts().set_next_token(token).send().await;
        let page = answer.map_err(|e| CallError::from_sdk(CALL, &e))?;
        // An answer whose list is missing was cut on its way; an empty page has an empty list.
        let list = page.accounts.as_ref();
        let list = list.ok_or_else(|| CallError::malformed(CALL, "the answer has no list of accounts"))?;
        for account in list {
            if !is_active(account) {
                continue;
            }
            let id = account.id().unwrap_or_default();
            accounts.push(Account {
                id: id.parse().map_err(|bad| CallError::malformed(CALL, format!("{bad}")))?,
                name: Untrusted::new(account.name().unwrap_or_default()),
            });
        }
        token = pages
            .next(page.next_token())
            .map_err(|circle| CallError::malformed(CALL, circle.to_string()))?;
        if token.is_none() {
            break;
        }
    }
    accounts.sort_by_key(|a| a.id);
    accounts.dedup_by(|a, b| a.id == b.id);
    Ok(accounts)
}

/// `State` is the newer field; endpoints that do not send it send `Status`.
fn is_active(account: &aws_sdk_organizations::types::Account) -> bool {
    match (account.state(), account.status()) {
        (Some(state), _) => state.as_str() == "ACTIVE",
        (None, Some(status)) => status.as_str() == "ACTIVE",
        (None, None) => true,
    }
}
