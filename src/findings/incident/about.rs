//! What the findings of an incident name, each thing once.
//!
//! Owns: which things those are, in which order, and what kind of name each is. It is made when it is first asked for and kept with the
//! incident, so that a frame costs what is shown, however many findings there are. Must never: leave out a thing that a finding names.

use core::net::IpAddr;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use crate::domain::{
    AccessKeyId, AccountId, IDENTITY_CENTER_ROLE, Principal, Region, Resource, ResourceKind, Untrusted,
};
use crate::findings::Finding;

/// What a name is worth to whoever wants to act on the thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A finding is about it.
    Plain,
    /// The same, of the key of a session (`ASIA…`), which nobody can switch off.
    Session,
    /// The same, of a role that IAM Identity Center made, which it alone can change.
    Reserved,
    /// Merely the address that the calls came from, or the account in which it happened.
    Aside,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Session, Self::Reserved, Self::Aside];

    /// Whether the finding is about it.
    #[must_use]
    pub fn is_plain(self) -> bool {
        self != Self::Aside
    }

    fn of(resource: &Resource, plainly: bool) -> Self {
        let id = resource.id.raw();
        match resource.kind {
            _ if !plainly => Self::Aside,
            ResourceKind::AccessKey if id.parse::<AccessKeyId>().is_ok_and(|key| key.is_session()) => Self::Session,
            ResourceKind::Role if id.starts_with(IDENTITY_CENTER_ROLE) => Self::Reserved,
            _ => Self::Plain,
        }
    }
}

/// A thing in one account and region.
#[derive(Clone, Debug)]
pub struct Thing {
    /// Its number in the order in which things are named, the worst finding's first.
    pub order: usize,
    pub resource: Resource,
    pub class: Class,
    /// The worst finding that names it.
    pub finding: Arc<Finding>,
}

/// Who or what a rule of classification can go by, beside what was found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Clue {
    Account(AccountId),
    User(Untrusted),
    Role(Untrusted),
}

/// What the findings of an incident name.
#[derive(Clone, Debug, Default)]
pub struct About {
    things: BTreeMap<(ResourceKind, Class), Vec<Thing>>,
    /// The kinds of thing that findings are about, and that of the addresses that calls came from, in the order in which they are named.
    pub kinds: Vec<ResourceKind>,
    /// The types of the findings, the worst first.
    pub types: Vec<Untrusted>,
    /// The accounts, users and roles, in the order of the findings.
    pub clues: Vec<Clue>,
    /// How many systems there are: what runs or holds data.
    pub systems: usize,
}

impl About {
    /// Of these findings, the worst first.
    pub(super) fn of(members: &[Arc<Finding>]) -> Self {
        let mut about = Self::default();
        let mut places: HashMap<(AccountId, &Region, Resource), usize> = HashMap::new();
        let mut all: Vec<Thing> = Vec::new();
        let (mut types, mut clues) = (Once::default(), Once::default());
        for finding in members {
            types.add(finding.kind.clone());
            clues.add(Clue::Account(finding.account));
            for resource in std::iter::once(&finding.resource).chain(&finding.others) {
                match resource.kind {
                    ResourceKind::User => clues.add(Clue::User(resource.id.clone())),
                    ResourceKind::Role => clues.add(Clue::Role(resource.id.clone())),
                    _ => {}
                }
            }
            for Named { resource, plainly } in named_by(finding) {
                let kind = resource.kind;
                if (plainly || kind == ResourceKind::Address) && !about.kinds.contains(&kind) {
                    about.kinds.push(kind);
                }
                let class = Class::of(&resource, plainly);
                match places.entry((finding.account, &finding.region, resource.clone())) {
                    // What a worse finding names in passing another one may be about.
                    Entry::Occupied(known) if class.is_plain() => all[*known.get()].class = class,
                    Entry::Occupied(_) => {}
                    Entry::Vacant(new) => {
                        about.systems += usize::from(is_system(kind));
                        let order = *new.insert(all.len());
                        all.push(Thing {
                            order,
                            resource,
                            class,
                            finding: Arc::clone(finding),
                        });
                    }
                }
            }
        }
        for thing in all {
            let place = (thing.resource.kind, thing.class);
            about.things.entry(place).or_default().push(thing);
        }
        (about.types, about.clues) = (types.all, clues.all);
        about
    }

    /// The things of a kind and class, in their order.
    #[must_use]
    pub fn things(&self, kind: ResourceKind, class: Class) -> &[Thing] {
        self.things.get(&(kind, class)).map_or(&[], Vec::as_slice)
    }

    /// All that findings are about, in their order.
    #[must_use]
    pub fn plain(&self) -> Vec<&Thing> {
        let mut all: Vec<&Thing> = self.each_plain().flatten().collect();
        all.sort_unstable_by_key(|thing| thing.order);
        all
    }

    /// How many these are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.each_plain().map(Vec::len).sum()
    }

    fn each_plain(&self) -> impl Iterator<Item = &Vec<Thing>> {
        let plain = self.things.iter().filter(|((_, class), _)| class.is_plain());
        plain.map(|(_, things)| things)
    }
}

/// What comes several times, once, in the order of its first coming.
struct Once<T> {
    seen: HashSet<T>,
    all: Vec<T>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self {
            seen: HashSet::new(),
            all: Vec::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Once<T> {
    fn add(&mut self, item: T) {
        if self.seen.insert(item.clone()) {
            self.all.push(item);
        }
    }
}

fn is_system(kind: ResourceKind) -> bool {
    match kind {
        ResourceKind::Instance
        | ResourceKind::Bucket
        | ResourceKind::Function
        | ResourceKind::Database
        | ResourceKind::Cluster => true,
        ResourceKind::AccessKey
        | ResourceKind::User
        | ResourceKind::Role
        | ResourceKind::Account
        | ResourceKind::Topic
        | ResourceKind::Secret
        | ResourceKind::Key
        | ResourceKind::Address
        | ResourceKind::IdentityUser
        | ResourceKind::Finding
        | ResourceKind::Other => false,
    }
}

/// A thing that a finding names.
#[derive(Clone, Debug)]
pub struct Named {
    pub resource: Resource,
    /// Whether the finding is about it: not merely the address that the calls came from, or the account in which it happened.
    pub plainly: bool,
}

/// What a finding names, what it is about first.
#[must_use]
pub fn named_by(finding: &Finding) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::with_capacity(finding.others.len() + 5);
    let mut seen: HashSet<Resource> = HashSet::with_capacity(all.capacity());
    let mut name = |resource: Resource, plainly: bool| {
        if seen.insert(resource.clone()) {
            all.push(Named { resource, plainly });
        }
    };
    let mut keyed = false;
    for resource in std::iter::once(&finding.resource).chain(&finding.others) {
        keyed |= resource.kind == ResourceKind::AccessKey;
        name(resource.clone(), true);
    }
    if let Some(id) = finding.principal.access_key.as_ref().filter(|_| !keyed)
        && id.raw().parse::<AccessKeyId>().is_ok()
    {
        let id = id.clone();
        name(
            Resource {
                kind: ResourceKind::AccessKey,
                id,
            },
            true,
        );
    }
    if let Some(resource) = behind(&finding.principal, finding.account) {
        name(resource, true);
    }
    if let Some(id) = &finding.principal.remote_ip
        && id.raw().parse::<IpAddr>().is_ok()
    {
        let id = id.clone();
        name(
            Resource {
                kind: ResourceKind::Address,
                id,
            },
            false,
        );
    }
    name(Resource::new(ResourceKind::Account, finding.account.as_str()), false);
    all
}

/// The user or role that a principal's key or session belongs to; for the root user the account itself.
fn behind(principal: &Principal, account: AccountId) -> Option<Resource> {
    let kind = match principal.kind.as_ref()?.raw() {
        "IAMUser" => ResourceKind::User,
        "AssumedRole" | "Role" => ResourceKind::Role,
        "Root" => return Some(Resource::new(ResourceKind::Account, account.as_str())),
        // Services, federated users and other accounts have no name in this account that one could act on.
        _ => return None,
    };
    let id = principal.name.clone().filter(|name| !name.is_empty())?;
    Some(Resource { kind, id })
}
