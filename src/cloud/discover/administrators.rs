//! Who administers a source: pinned, delegated by the organisation, the caller itself, or whom the caller's account names.
//!
//! Owns: the order in which these are asked. Must never: believe in an administrator whose account cannot be opened.

use std::sync::Arc;

use aws_config::SdkConfig;
use tokio::task::JoinSet;

use super::listing::{self, Page};
use super::own::{self, Says};
use super::scout::{Scout, for_each};
use super::{Remark, Topic, guardduty, securityhub};
use crate::cloud::config::Way;
use crate::cloud::doctor::Health;
use crate::cloud::errors::{CallError, ErrorKind};
use crate::cloud::session::{Session, at, global_region};
use crate::domain::{AccountId, Region};
use crate::findings::Source;

const CALL: &str = "organizations:ListDelegatedAdministrators";

/// An administrator, and how it became known.
#[derive(Clone, Debug)]
pub(super) struct Administrator {
    pub session: Arc<Session>,
    pub id: AccountId,
    pub by: By,
}

/// How an administrator became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The configuration names it.
    Pinned,
    /// The organisation delegated the service to it.
    Delegated,
    /// It is the caller's own account, which has members.
    Members,
    /// The caller's own account names it as its administrator.
    Named,
}

/// What an account in a region says of its members or its administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer<T> {
    /// The service is not enabled there.
    Off,
    Is(T),
}

/// The administrator of a source, if it has one that can be used.
pub(super) async fn find(scout: &Arc<Scout>, source: Source) -> Option<Administrator> {
    if scout.way() == Way::Organization {
        return None;
    }
    if let Some(id) = scout.cloud.options.discovery.administrator(source) {
        return usable(scout, source, id, By::Pinned).await;
    }
    // The own account is asked meanwhile: without a delegated administrator, what it says is waited for by every other account.
    // It is a task, for it may hold up others who want the same session as long as nobody drives it; it ends with this function.
    let mut own = JoinSet::new();
    own.spawn(own::ask(Arc::clone(scout), source));
    let mut ahead = JoinSet::new();
    let refused = match Box::pin(delegated(scout, source)).await {
        Ok(ids) => {
            if ids.is_empty() && scout.way() == Way::Auto {
                ahead.spawn(Box::pin(open_ahead(Arc::clone(scout))));
            }
            for id in ids {
                if let Some(found) = usable(scout, source, id, By::Delegated).await {
                    return Some(found);
                }
            }
            None
        }
        Err(error) => Some(error),
    };
    // Its own findings are wanted in any case, so they are told before its answer is there.
    if source == Source::GuardDuty {
        let account = scout.cloud.identity().account;
        if scout.cloud.session(&account).await.is_ok() {
            for region in scout.known_regions() {
                scout.tell.unsure_route(source, account, &region).await;
            }
        }
    }
    let found = match own.join_next().await {
        Some(Ok(said)) => Box::pin(through_own(scout, source, said)).await,
        Some(Err(_)) => {
            scout.broken();
            None
        }
        None => None,
    };
    if let (None, Some(error)) = (&found, refused)
        && error.code.as_deref() != Some("AWSOrganizationsNotInUseException")
    {
        let sentence = format!("Who administers {} is not known: {error}", source.name());
        let advice = "Allow organizations:ListDelegatedAdministrators for the reader role, or name the administrator under [discovery] in the configuration.";
        scout
            .tell
            .remark(Remark::new(Topic::Administrator, Health::Warning, sentence, advice));
    }
    found
}

/// Opens the accounts that are listed meanwhile: where the organisation delegated the service to nobody, each of them is most likely to
/// be read by its own role, and its session takes as long as the own account's answer. Whoever drops this leaves no session half open.
async fn open_ahead(scout: Arc<Scout>) {
    let each = |account: AccountId| {
        let cloud = Arc::clone(&scout.cloud);
        let opens = async move {
            // What is refused is told by whoever wants to read there.
            let _ = cloud.session(&account).await;
        };
        async move { drop(tokio::spawn(opens).await) }
    };
    for_each(&scout, &scout.accounts, each).await;
}

async fn usable(scout: &Scout, source: Source, id: AccountId, by: By) -> Option<Administrator> {
    match scout.cloud.session(&id).await {
        Ok(session) => Some(Administrator { session, id, by }),
        Err(error) => {
            let sentence = format!("{}'s administrator cannot be read: {error}", source.name());
            let advice = "Make the reader role there, or let its trust policy name you; until then each account is read by itself.";
            let remark = Remark::new(Topic::Administrator, Health::Problem, sentence, advice);
            scout.tell.remark(remark.at(id, None));
            None
        }
    }
}

/// The caller's own account, where it has members; else the administrator that it names. Where neither can be had though one of them
/// may be there, that is noted.
async fn through_own(scout: &Scout, source: Source, said: Says) -> Option<Administrator> {
    let sentence = match said {
        Says::Sees(session) => {
            return Some(Administrator {
                session,
                id: scout.cloud.identity().account,
                by: By::Members,
            });
        }
        Says::Names(id) => {
            if let Some(found) = usable(scout, source, id, By::Named).await {
                return Some(found);
            }
            // A remark with the reason and its advice is there already.
            format!("{}'s administrator {id} cannot be read", source.name())
        }
        Says::Unknown(why) => {
            let sentence = format!(
                "Whether {} has members or an administrator is not known, for your own account did not tell: {why}",
                source.name()
            );
            let advice = "Try again; if it stays, allow the call for the reader role of your own account, or name the administrator under [discovery] in the configuration.";
            let remark = Remark::new(Topic::Administrator, Health::Warning, sentence.clone(), advice);
            scout.tell.remark(remark);
            sentence
        }
        Says::Nobody | Says::Off => return None,
    };
    scout.not_said(source, sentence);
    None
}

/// A member, as its administrator lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub id: AccountId,
    /// `Enabled` where the administrator sees it. GuardDuty and Security Hub write the words differently.
    pub status: String,
}

impl Member {
    /// Whether the administrator sees its findings.
    pub fn is_seen(&self) -> bool {
        self.status.eq_ignore_ascii_case("enabled")
    }
}

/// The members of an administrator in a region.
pub(super) async fn members(
    session: &Session,
    source: Source,
    region: &Region,
) -> Result<Answer<Vec<Member>>, CallError> {
    match source {
        Source::GuardDuty => Box::pin(guardduty::members(session, region)).await,
        Source::SecurityHub => Box::pin(securityhub::members(session, region)).await,
        Source::EventBridge => Ok(Answer::Off),
    }
}

/// Asks with the caller's own credentials, which are there at once; where they may not, with the reader role of its account.
async fn delegated(scout: &Scout, source: Source) -> Result<Vec<AccountId>, CallError> {
    let principal = match source {
        Source::GuardDuty => "guardduty.amazonaws.com",
        Source::SecurityHub => "securityhub.amazonaws.com",
        Source::EventBridge => return Ok(Vec::new()),
    };
    let cloud = &scout.cloud;
    let region = global_region(cloud.identity());
    match ask(&at(&cloud.base, &region), principal).await {
        Err(error) if error.kind == ErrorKind::Denied => match cloud.session(&cloud.identity().account).await {
            Ok(session) if !session.is_own_credentials() => ask(&session.at(&region), principal).await,
            _ => Err(error),
        },
        asked => asked,
    }
}

async fn ask(config: &SdkConfig, principal: &'static str) -> Result<Vec<AccountId>, CallError> {
    let client = aws_sdk_organizations::Client::new(config);
    let page = |token| {
        let call = client.list_delegated_administrators().service_principal(principal);
        let call = call.set_next_token(token);
        async move {
            let answer = call.send().await.map_err(|e| CallError::from_sdk(CALL, &e))?;
            Ok(Page {
                items: answer.delegated_administrators,
                next: answer.next_token,
            })
        }
    };
    let all = Box::pin(listing::whole(CALL, page)).await?;
    let ids = all.iter().map(|a| a.id().unwrap_or_default().parse());
    ids.collect::<Result<_, _>>()
        .map_err(|bad: crate::domain::BadAccountId| CallError::malformed(CALL, bad.to_string()))
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::cloud::Cloud;
    use crate::cloud::discover::{administered, told};
    use crate::cloud::testing::{PROD, account, options, range};

    #[tokio::test]
    async fn accounts_are_opened_ahead_as_they_are_listed() {
        let (range, login) = range();
        let cloud = Cloud::connect(options(&range, &login)).await.unwrap();
        let (tx, _rx) = mpsc::channel(1);
        let scout = Arc::new(Scout::new(Arc::clone(&cloud), tx));
        let opening = tokio::spawn(open_ahead(Arc::clone(&scout)));
        scout.accounts.send_modify(|list| list.items.push(account(PROD)));
        // One that refuses holds up no other, and what it says is told by whoever wants to read there.
        scout.accounts.send_modify(|list| {
            list.items.push(account("999999999999"));
            list.ended = true;
        });
        opening.await.unwrap();
        assert_eq!(cloud.opened(), [account(PROD)]);
        assert!(scout.tell.remarks().is_empty());
    }

    /// A call into each member's account that nobody needs would only be noise in its trail.
    #[tokio::test]
    async fn where_an_administrator_is_delegated_no_member_is_opened() {
        let (range, login) = administered();
        let cloud = Cloud::connect(options(&range, &login)).await.unwrap();
        told(&cloud).await;
        assert!(!cloud.opened().contains(&account(PROD)), "{:?}", cloud.opened());
    }
}
