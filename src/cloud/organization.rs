//! Which account acts for the whole organisation.
//!
//! Owns: the one question for it. Must never: guess; where AWS does not say, the caller is told how to pin it.

use aws_config::SdkConfig;
use aws_sdk_organizations::Client;

use super::connect::Cloud;
use super::errors::{CallError, ErrorKind};
use super::session::{at, global_region};
use crate::domain::AccountId;

const CALL: &str = "organizations:DescribeOrganization";

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
}

async fn management(config: &SdkConfig) -> Result<AccountId, CallError> {
    let answer = Client::new(config).describe_organization().send().await;
    let answer = answer.map_err(|e| CallError::from_sdk(CALL, &e))?;
    let id = answer.organization().and_then(|o| o.master_account_id());
    let id = id.ok_or_else(|| CallError::malformed(CALL, "the answer has no MasterAccountId"))?;
    id.parse()
        .map_err(|_| CallError::malformed(CALL, "MasterAccountId is not an account"))
}
