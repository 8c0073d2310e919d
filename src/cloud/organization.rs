//! Which account acts for the whole organisation, and which it has.
//!
//! Owns: the questions for it. Must never: guess; where AWS does not say, the caller is told how to pin it.

use aws_config::SdkConfig;
use aws_sdk_organizations::Client;

use super::connect::Cloud;
use super::discover::is_active;
use super::errors::{CallError, ErrorKind};
use super::pages::Pages;
use super::session::{at, global_region};
use crate::domain::AccountId;

const CALL: &str = "organizations:DescribeOrganization";
const LIST: &str = "organizations:ListAccounts";

impl Cloud {
    /// The account that an action of [`Scope::Organization`](crate::action::Scope) is sent from: the one that is pinned, else the
    /// organisation's management account. Any member may ask for it (API reference, `DescribeOrganization`); the caller's own
    /// credentials are tried first, then the reader role of its account.
    pub async fn organization_account(&self) -> Result<AccountId, CallError> {
        if let Some(pinned) = self.options.management_account {
            return Ok(pinned);
        }
        let region = global_region(self.identity());
        match management(&at(&self.base, &region)).await {
            Err(error) if error.kind == ErrorKind::Denied => match self.session(&self.identity().account).await {
                Ok(session) if !session.is_own_credentials() => management(&session.at(&region)).await,
                _ => Err(error),
            },
            asked => asked,
        }
    }

    /// The accounts that are looked at: those of the options, else every active one of the organisation that can be listed.
    pub(super) async fn accounts(&self) -> Result<Vec<AccountId>, CallError> {
        if !self.options.accounts.is_empty() {
            return Ok(self.options.accounts.clone());
        }
        let region = global_region(self.identity());
        match listed(&at(&self.base, &region)).await {
            Err(error) if error.kind == ErrorKind::Denied => match self.session(&self.identity().account).await {
                Ok(session) if !session.is_own_credentials() => listed(&session.at(&region)).await,
                _ => Err(error),
            },
            asked => asked,
        }
    }
}

async fn listed(config: &SdkConfig) -> Result<Vec<AccountId>, CallError> {
    let (client, mut found) = (Client::new(config), Vec::new());
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let answer = client.list_accounts().set_next_token(token).send().await;
        let page = answer.map_err(|e| CallError::from_sdk(LIST, &e))?;
        let list = page.accounts.as_ref();
        let list = list.ok_or_else(|| CallError::malformed(LIST, "the answer has no list of accounts"))?;
        for account in list.iter().filter(|account| is_active(account)) {
            let id = account.id().unwrap_or_default();
            found.push(id.parse().map_err(|bad| CallError::malformed(LIST, format!("{bad}")))?);
        }
        token = pages
            .next(page.next_token())
            .map_err(|circle| CallError::malformed(LIST, circle.to_string()))?;
        if token.is_none() {
            return Ok(found);
        }
    }
}

async fn management(config: &SdkConfig) -> Result<AccountId, CallError> {
    let answer = Client::new(config).describe_organization().send().await;
    let answer = answer.map_err(|e| CallError::from_sdk(CALL, &e))?;
    let id = answer.organization().and_then(|o| o.master_account_id());
    let id = id.ok_or_else(|| CallError::malformed(CALL, "the answer has no MasterAccountId"))?;
    id.parse()
        .map_err(|_| CallError::malformed(CALL, "MasterAccountId is not an account"))
}
