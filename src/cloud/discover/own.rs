//! What the caller's own account says of who administers a source, where no organisation delegated it.
//!
//! Owns: the question, and what stays unknown after it. Must never: take a call that failed for an account that nobody administers.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::task::JoinSet;

use super::administrators::{Answer, Member, members};
use super::scout::Scout;
use super::{guardduty, securityhub};
use crate::cloud::errors::CallError;
use crate::cloud::session::Session;
use crate::domain::{AccountId, Region};
use crate::findings::Source;

/// What it says.
#[derive(Debug)]
pub(super) enum Says {
    /// It has members whose findings it sees.
    Sees(Arc<Session>),
    /// Another account administers it.
    Names(AccountId),
    /// Neither, though the service is on.
    Nobody,
    /// The service is off, or the region is.
    Off,
    /// A call failed, so none of these is known: why.
    Unknown(String),
}

impl Says {
    /// Which answer counts where regions say different things: the lower one. What is known goes before what is not, and a failed
    /// call before the word of a region that has nothing to tell.
    fn rank(&self) -> u8 {
        match self {
            Self::Sees(_) => 0,
            Self::Names(_) => 1,
            Self::Unknown(_) => 2,
            Self::Nobody => 3,
            Self::Off => 4,
        }
    }
}

/// Asks for its members and for its administrator, in the first region; where the service is off there, in the other known ones.
pub(super) async fn ask(scout: Arc<Scout>, source: Source) -> Says {
    let session = match scout.cloud.session(&scout.cloud.identity().account).await {
        Ok(session) => session,
        Err(error) => return Says::Unknown(error.to_string()),
    };
    let mut regions = scout.known_regions().into_iter();
    let Some(first) = regions.next() else {
        return Says::Off;
    };
    let mut said = Box::pin(there(Arc::clone(&session), source, first)).await;
    if !matches!(said, Says::Off) {
        return said;
    }
    let mut tasks = JoinSet::new();
    for (place, region) in regions.enumerate() {
        let session = Arc::clone(&session);
        tasks.spawn(async move { (place, Box::pin(there(session, source, region)).await) });
    }
    let mut others = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(other) => others.push(other),
            Err(_) => scout.broken(),
        }
    }
    // Whichever answered first, the same regions give the same answer.
    others.sort_by_key(|(place, other)| (other.rank(), *place));
    if let Some((_, best)) = others.into_iter().next() {
        said = best;
    }
    said
}

async fn there(session: Arc<Session>, source: Source, region: Region) -> Says {
    let named = async {
        match source {
            Source::GuardDuty => Box::pin(guardduty::administrator(&session, &region)).await,
            Source::SecurityHub => Box::pin(securityhub::administrator(&session, &region)).await,
            Source::EventBridge => Ok(Answer::Off),
        }
    };
    let (members, named) = tokio::join!(members(&session, source, &region), named);
    match (members, named) {
        (Ok(Answer::Is(members)), _) if members.iter().any(Member::is_seen) => Says::Sees(session),
        (_, Ok(Answer::Is(Some(id)))) if id != session.identity().account => Says::Names(id),
        (Err(error), _) | (_, Err(error)) => failed(&session, error, &region),
        (Ok(Answer::Off), Ok(_)) | (Ok(_), Ok(Answer::Off)) => Says::Off,
        (Ok(Answer::Is(_)), Ok(Answer::Is(_))) => Says::Nobody,
    }
}

/// The session was opened, so its credentials are good: a region that does not know them is not enabled, and nothing is on there.
fn failed(session: &Session, error: CallError, region: &Region) -> Says {
    if error.is_unknown_caller() {
        Says::Off
    } else {
        Says::Unknown(format!("in {region}, {}", session.placed(error, region)))
    }
}

/// Says behind `how` what stayed unknown. True where no organisation lists the accounts: then members may be missed for it.
pub(super) fn told(scout: &Scout, how: &mut String) -> bool {
    if !scout.alone.load(Ordering::Relaxed) {
        return false;
    }
    let unsaid = scout.unsaid();
    for sentence in &unsaid {
        let _ = write!(
            how,
            " {sentence}; members that only an administrator knows may be missed."
        );
    }
    !unsaid.is_empty()
}
