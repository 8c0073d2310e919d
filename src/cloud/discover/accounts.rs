//! Which accounts the organisation has.
//!
//! Owns: the asking of Organizations for accounts, page by page. Must never: take a list that ended early for the whole.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws_config::SdkConfig;

use super::scout::{Scout, counted};
use super::{Account, Remark, Topic};
use crate::cloud::doctor::Health;
use crate::cloud::errors::{CallError, ErrorKind};
use crate::cloud::pages::Pages;
use crate::cloud::session::{at, global_region};
use crate::domain::{AccountId, Untrusted};

const CALL: &str = "organizations:ListAccounts";
const ADVICE: &str = "Allow organizations:ListAccounts for the reader role, call from the management account or a delegated administrator, or name the accounts.";

/// Lists them, and hands over each page as it comes.
pub(super) async fn list(scout: Arc<Scout>) {
    let own = scout.cloud.identity().account;
    let ended = Box::pin(follow(&scout, true)).await;
    let count = scout.accounts.borrow().items.len();
    let (how, may_miss) = match &ended {
        Ok(()) if count > 0 => (
            format!("Organizations lists {}.", counted(count, "active account")),
            false,
        ),
        Ok(()) => (only(own, "Organizations lists no active account"), true),
        Err(error) if error.code.as_deref() == Some("AWSOrganizationsNotInUseException") => {
            scout.alone.store(true, Ordering::Relaxed);
            (only(own, "this account is in no organisation"), false)
        }
        Err(error) if count > 0 => {
            let why = format!(
                "Organizations listed {} and then ended early ({error}).",
                counted(count, "account")
            );
            (why, true)
        }
        Err(error) if error.kind == ErrorKind::Denied => (
            only(
                own,
                &format!("the organisation's accounts may not be listed from here ({error})"),
            ),
            true,
        ),
        Err(error) => (
            only(
                own,
                &format!("the organisation's accounts could not be listed ({error})"),
            ),
            true,
        ),
    };
    if may_miss {
        let remark = Remark::new(Topic::Accounts, Health::Problem, how.clone(), ADVICE);
        scout.tell.remark(remark);
    }
    if count == 0 {
        let account = Account {
            id: own,
            name: Untrusted::default(),
        };
        scout.tell.accounts(vec![account]).await;
    }
    scout.accounts.send_modify(|list| {
        // The caller is there, whoever lists it or not.
        if count == 0 {
            list.items.push(own);
        }
        (list.how, list.may_miss, list.ended) = (how, list.may_miss || may_miss, true);
    });
}

fn only(own: AccountId, why: &str) -> String {
    format!("Of the organisation only the caller's own account {own} is known: {why}. Name others with --account.")
}

/// Asks for the names of accounts that were chosen; where nobody tells, they stay without.
pub(super) async fn name(scout: Arc<Scout>) {
    let _ = Box::pin(follow(&scout, false)).await;
}

/// Asks with the caller's own credentials, which are there at once; where they may not, with the reader role of its account.
async fn follow(scout: &Scout, grow: bool) -> Result<(), CallError> {
    let cloud = &scout.cloud;
    let region = global_region(cloud.identity());
    match pages(scout, &at(&cloud.base, &region), grow).await {
        Err(error) if error.kind == ErrorKind::Denied => match cloud.session(&cloud.identity().account).await {
            Ok(session) if !session.is_own_credentials() => pages(scout, &session.at(&region), grow).await,
            _ => Err(error),
        },
        followed => followed,
    }
}

async fn pages(scout: &Scout, config: &SdkConfig, grow: bool) -> Result<(), CallError> {
    let client = aws_sdk_organizations::Client::new(config);
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let answer = client.list_accounts().set_next_token(token).send().await;
        let page = answer.map_err(|e| CallError::from_sdk(CALL, &e))?;
        // An answer whose list is missing was cut on its way; an empty page has an empty list.
        let list = page.accounts.as_ref();
        let list = list.ok_or_else(|| CallError::malformed(CALL, "the answer has no list of accounts"))?;
        let mut accounts = Vec::new();
        for account in list.iter().filter(|a| is_active(a)) {
            let id = account.id().unwrap_or_default();
            accounts.push(Account {
                id: id.parse().map_err(|bad| CallError::malformed(CALL, format!("{bad}")))?,
                name: Untrusted::new(account.name().unwrap_or_default()),
            });
        }
        told(scout, accounts, grow).await;
        token = pages
            .next(page.next_token())
            .map_err(|circle| CallError::malformed(CALL, circle.to_string()))?;
        if token.is_none() {
            return Ok(());
        }
    }
}

/// Hands over a page: the accounts themselves, or only the names of those that are looked at.
async fn told(scout: &Scout, mut accounts: Vec<Account>, grow: bool) {
    if !grow {
        accounts.retain(|a| scout.accounts.borrow().items.contains(&a.id));
    }
    let ids: Vec<AccountId> = accounts.iter().map(|a| a.id).collect();
    scout.tell.accounts(accounts).await;
    if grow && !ids.is_empty() {
        scout.accounts.send_modify(|list| {
            for id in ids {
                if !list.items.contains(&id) {
                    list.items.push(id);
                }
            }
        });
    }
}

/// `State` is the newer field; endpoints that do not send it send `Status`.
pub(in crate::cloud) fn is_active(account: &aws_sdk_organizations::types::Account) -> bool {
    match (account.state(), account.status()) {
        (Some(state), _) => state.as_str() == "ACTIVE",
        (None, Some(status)) => status.as_str() == "ACTIVE",
        (None, None) => true,
    }
}
