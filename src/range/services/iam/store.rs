//! What one account's IAM holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{AccountId, Time};
use crate::range::policy::Policy;

/// Users, groups, roles, policies and instance profiles, each by name; managed policies by ARN.
#[derive(Clone, Debug)]
pub struct Store {
    pub account: AccountId,
    pub users: BTreeMap<String, User>,
    pub groups: BTreeMap<String, Group>,
    pub roles: BTreeMap<String, Role>,
    pub policies: BTreeMap<String, ManagedPolicy>,
    pub instance_profiles: BTreeMap<String, InstanceProfile>,
}

/// The policies of a user, group or role.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    /// Inline policies by name.
    pub inline: BTreeMap<String, Policy>,
    /// ARNs of managed policies. One that the account does not hold grants nothing.
    pub attached: BTreeSet<String>,
    /// What they were before changes that have not spread yet, oldest first.
    pub earlier: Vec<Earlier>,
}

/// Policies that were replaced and are still in force: IAM is eventually consistent.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// When what came after them is in force.
    pub until: Time,
    pub inline: BTreeMap<String, Policy>,
    pub attached: BTreeSet<String>,
}

/// A password for the console.
#[derive(Clone, Debug)]
pub struct Login {
    pub created: Time,
    pub reset_required: bool,
}

#[derive(Clone, Debug)]
pub struct User {
    pub name: String,
    /// `/` or `/team/`.
    pub path: String,
    /// `AIDA…`
    pub id: String,
    pub created: Time,
    pub password_last_used: Option<Time>,
    pub tags: BTreeMap<String, String>,
    pub grants: Grants,
    pub groups: BTreeSet<String>,
    /// At most two, as AWS allows.
    pub keys: Vec<AccessKey>,
    pub login: Option<Login>,
}

/// A long-term key.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// `AKIA…`
    pub id: String,
    pub secret: String,
    pub active: bool,
    pub created: Time,
    pub last_used: Option<LastUsed>,
}

#[derive(Clone, Debug)]
pub struct LastUsed {
    pub time: Time,
    pub service: String,
    pub region: String,
}

#[derive(Clone, Debug)]
pub struct Group {
    pub name: String,
    /// `AGPA…`
    pub id: String,
    pub created: Time,
    pub grants: Grants,
}

#[derive(Clone, Debug)]
pub struct Role {
    pub name: String,
    pub path: String,
    /// `AROA…`
    pub id: String,
    pub created: Time,
    pub description: String,
    pub trust: Policy,
    pub grants: Grants,
    /// Seconds; AWS's default is 3600.
    pub max_session: u32,
    pub last_used: Option<LastUsed>,
    pub tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
pub struct ManagedPolicy {
    pub name: String,
    pub path: String,
    pub arn: String,
    /// `ANPA…`
    pub id: String,
    pub created: Time,
    /// The default version's id, such as `v1`.
    pub default_version: String,
    /// Versions by id.
    pub versions: BTreeMap<String, Policy>,
}

#[derive(Clone, Debug)]
pub struct InstanceProfile {
    pub name: String,
    pub path: String,
    /// `AIPA…`
    pub id: String,
    pub created: Time,
    /// The name of its one role.
    pub role: Option<String>,
}

impl Grants {
    /// Keeps what is granted in force until a change to it has spread. Said before the change.
    pub fn keep_until(&mut self, now: Time, until: Time) {
        self.earlier.retain(|e| e.until > now);
        if until > now {
            self.earlier.push(Earlier {
                until,
                inline: self.inline.clone(),
                attached: self.attached.clone(),
            });
        }
    }

    /// The inline and attached policies by which requests are decided.
    pub fn in_force(&self, now: Time) -> (&BTreeMap<String, Policy>, &BTreeSet<String>) {
        let late = self.earlier.iter().find(|e| e.until > now);
        late.map_or((&self.inline, &self.attached), |e| (&e.inline, &e.attached))
    }
}

impl Store {
    /// An account without anybody in it.
    pub fn new(account: AccountId) -> Self {
        Self {
            account,
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            roles: BTreeMap::new(),
            policies: BTreeMap::new(),
            instance_profiles: BTreeMap::new(),
        }
    }

    /// A user without keys, groups or policies. One of that name that was there is replaced. `id` is `AIDA…`.
    pub fn add_user(&mut self, name: &str, id: String, created: Time) -> &mut User {
        let user = User {
            name: name.to_owned(),
            path: "/".to_owned(),
            id,
            created,
            password_last_used: None,
            tags: BTreeMap::new(),
            grants: Grants::default(),
            groups: BTreeSet::new(),
            keys: Vec::new(),
            login: None,
        };
        self.users.entry(name.to_owned()).insert_entry(user).into_mut()
    }

    /// A role without policies and with sessions of at most an hour. `id` is `AROA…`.
    pub fn add_role(&mut self, name: &str, id: String, created: Time, trust: Policy) -> &mut Role {
        let role = Role {
            name: name.to_owned(),
            path: "/".to_owned(),
            id,
            created,
            description: String::new(),
            trust,
            grants: Grants::default(),
            max_session: 3600,
            last_used: None,
            tags: BTreeMap::new(),
        };
        self.roles.entry(name.to_owned()).insert_entry(role).into_mut()
    }

    /// `arn:aws:iam::ACCOUNT:user/path/name` and its like.
    pub fn arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{path}{name}", self.account)
    }

    /// Every identity policy of a user that is in force, by itself and through groups.
    pub fn user_policies<'a>(&'a self, user: &'a User, now: Time) -> Vec<&'a Policy> {
        let groups = user.groups.iter().filter_map(|g| self.groups.get(g)).map(|g| &g.grants);
        std::iter::once(&user.grants)
            .chain(groups)
            .flat_map(|g| self.granted(g, now))
            .collect()
    }

    /// Every identity policy of these grants that is in force, managed ones in their default version.
    pub fn granted<'a>(&'a self, grants: &'a Grants, now: Time) -> impl Iterator<Item = &'a Policy> {
        let (inline, attached) = grants.in_force(now);
        let managed = attached
            .iter()
            .filter_map(|arn| self.policies.get(arn))
            .filter_map(|p| p.versions.get(&p.default_version));
        inline.values().chain(managed)
    }

    /// The user who has this access key, and the key.
    pub fn key(&self, id: &str) -> Option<(&User, &AccessKey)> {
        self.users
            .values()
            .find_map(|u| u.keys.iter().find(|k| k.id == id).map(|k| (u, k)))
    }

    /// The same key, to be changed.
    pub fn key_mut(&mut self, id: &str) -> Option<&mut AccessKey> {
        self.users.values_mut().flat_map(|u| &mut u.keys).find(|k| k.id == id)
    }
}
