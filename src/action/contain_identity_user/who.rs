//! Which user of Identity Center it is: by the id in the identity store, or by the user's name, which is what a session shows.
//!
//! Owns: the questions about the user. Must never: take a name for an id, or somebody of the same name in another store.

use crate::action::answer::{IdentityCenter, IdentityUser, Organization};
use crate::action::facts::Facts;
use crate::action::plan::Request;
use crate::action::query::{Query, SsoQuery};
use crate::action::refusal::{Refusal, RefusalKind, Stop};
use crate::action::target;
use crate::domain::{Arn, IDENTITY_CENTER_ROLE, ResourceKind, StoreEntryId, StoreUserName};

/// How the request names the user.
pub(super) enum Named {
    Id(StoreEntryId),
    Name(StoreUserName),
}

impl Named {
    /// A session of Identity Center carries the user's name, so findings give that; an id is one by its shape.
    pub fn of(request: &Request) -> Result<Self, Stop> {
        if let Ok(id) = request.target.id.raw().parse()
            && request.target.kind == ResourceKind::IdentityUser
        {
            return Ok(Self::Id(id));
        }
        target::of_kind(request, ResourceKind::IdentityUser).map(Self::Name)
    }

    /// The id, where the request gives it.
    pub fn id(&self) -> Option<&StoreEntryId> {
        match self {
            Self::Id(id) => Some(id),
            Self::Name(_) => None,
        }
    }

    /// What must be asked for the id.
    pub fn query(&self, center: &IdentityCenter) -> Option<Query> {
        match self {
            Self::Id(_) => None,
            Self::Name(name) => Some(id_of(center, name)),
        }
    }

    /// The id in this store.
    pub fn user(&self, center: &IdentityCenter, facts: &Facts) -> Result<StoreEntryId, Stop> {
        match self {
            Self::Id(id) => Ok(id.clone()),
            Self::Name(name) => facts.identity_user_id(&id_of(center, name)).cloned(),
        }
    }
}

fn id_of(center: &IdentityCenter, name: &StoreUserName) -> Query {
    Query::Sso(SsoQuery::IdentityUserId {
        store: center.store.clone(),
        name: name.clone(),
    })
}

/// What is asked about a user.
pub(super) struct Asked {
    pub user: Query,
    pub memberships: Query,
    pub assignments: Query,
}

impl Asked {
    pub fn of(center: &IdentityCenter, user: &StoreEntryId) -> Self {
        let store = &center.store;
        Self {
            user: Query::Sso(SsoQuery::IdentityUser {
                store: store.clone(),
                user: user.clone(),
            }),
            memberships: Query::Sso(SsoQuery::Memberships {
                store: store.clone(),
                user: user.clone(),
            }),
            assignments: Query::Sso(SsoQuery::Assignments {
                instance: center.arn.clone(),
                user: user.clone(),
            }),
        }
    }

    pub fn all(&self) -> [Query; 3] {
        [self.user.clone(), self.memberships.clone(), self.assignments.clone()]
    }
}

/// The organisation's instance: it belongs to the management account. Those that members have of their own reach no accounts.
pub(super) fn home<'f>(
    request: &Request,
    centers: &'f [IdentityCenter],
    organization: &Organization,
) -> Result<&'f IdentityCenter, Stop> {
    let found = centers.iter().find(|center| center.owner == organization.management);
    found.ok_or_else(|| {
        Refusal::new(
            RefusalKind::Gone,
            format!(
                "There is no instance of IAM Identity Center of the organisation in {}.",
                request.region
            ),
            "Name its home region: --with region=eu-west-1, or region under [choices.contain-identity-user].",
        )
        .into()
    })
}

/// A session of Identity Center carries the user's name.
pub(super) fn not_oneself(request: &Request, user: &StoreEntryId, person: &IdentityUser) -> Result<(), Stop> {
    let own = request.by.parse::<Arn>().is_ok_and(|by| {
        by.resource()
            .starts_with(&format!("assumed-role/{IDENTITY_CENTER_ROLE}"))
            && by.name() == person.name.raw()
    });
    if !own {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalKind::Unsafe,
        format!(
            "{} ({user}) seems to be you: the denial would end your own session.",
            person.name
        ),
        "Let somebody else contain this user.",
    )
    .into())
}
