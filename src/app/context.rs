//! What hangs on the resource of a finding, as a tree that can be read from the resource outwards.
//!
//! Like an action, this is one function over facts: where one is missing, it names the query, and the screen shows what there
//! is meanwhile.

use jiff::tz::TimeZone;

use crate::action::{AccessKeyUse, Ec2Query, Facts, Group, IamQuery, Interface, KeyStatus, Query, Stop};
use crate::domain::{AccessKeyId, InstanceId, Resource, ResourceKind, RoleName, Time, UserName};

use super::state::local;
use crate::findings::incident::Incident;

/// One line of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// 0 is the resource itself.
    pub depth: usize,
    /// What kind of thing it is: `eni`, `group`, `role`, …
    pub kind: &'static str,
    /// Its id, safe to show.
    pub id: String,
    /// What is worth knowing about it, safe to show.
    pub note: String,
    /// Whether the note is a reason to look closer.
    pub marked: bool,
}

/// The tree so far, and what must still be read to finish it.
#[derive(Clone, Debug)]
pub struct Tree {
    pub nodes: Vec<Node>,
    pub missing: Vec<Query>,
    /// Where times are shown.
    zone: TimeZone,
}

/// The tree of the resources of an incident's findings, the worst finding's first. Those of other accounts and regions than the
/// worst finding's are named only: one set of reads goes to one place.
#[must_use]
pub fn tree(incident: &Incident, facts: &Facts, zone: &TimeZone) -> Tree {
    let mut tree = Tree {
        nodes: Vec::new(),
        missing: Vec::new(),
        zone: zone.clone(),
    };
    let near = incident.near();
    for resource in &near.resources {
        tree.resource(resource, facts);
    }
    if near.more > 0 {
        tree.add(0, "and", format!("{} more resources", near.more), "", false);
    }
    if near.elsewhere > 0 {
        let said = format!("{} in other accounts or regions", near.elsewhere);
        tree.add(0, "and", said, "", true);
    }
    tree.missing.dedup();
    tree
}

impl Tree {
    fn resource(&mut self, resource: &Resource, facts: &Facts) {
        let raw = resource.id.raw();
        match resource.kind {
            ResourceKind::Instance => match raw.parse() {
                Ok(id) => self.instance(&id, facts),
                Err(_) => self.plain(resource),
            },
            ResourceKind::AccessKey => match raw.parse() {
                Ok(key) => self.key(&key, facts),
                Err(_) => self.plain(resource),
            },
            ResourceKind::User => match raw.parse() {
                Ok(user) => self.user(0, &user, facts),
                Err(_) => self.plain(resource),
            },
            ResourceKind::Role => match raw.parse() {
                Ok(role) => self.role(0, &role, facts),
                Err(_) => self.plain(resource),
            },
            ResourceKind::Bucket
            | ResourceKind::Function
            | ResourceKind::Database
            | ResourceKind::Cluster
            | ResourceKind::Account
            | ResourceKind::Topic
            | ResourceKind::Secret
            | ResourceKind::Key
            | ResourceKind::Address
            | ResourceKind::IdentityUser
            | ResourceKind::Finding
            | ResourceKind::Other => self.plain(resource),
        }
    }

    fn local(&self, at: Time) -> String {
        local(at, &self.zone)
    }

    fn plain(&mut self, resource: &Resource) {
        self.add(0, resource.kind.word(), resource.id.shown(), "", false);
    }

    fn has(&self, kind: &str, id: &str) -> bool {
        self.nodes.iter().any(|node| node.kind == kind && node.id == id)
    }

    fn add(&mut self, depth: usize, kind: &'static str, id: impl Into<String>, note: impl Into<String>, marked: bool) {
        self.nodes.push(Node {
            depth,
            kind,
            id: id.into(),
            note: note.into(),
            marked,
        });
    }

    /// What is said of something whose value is not there: that it is being read, unless a line since then says that it cannot be.
    fn waits(&self, before: usize) -> &'static str {
        if self.nodes.len() > before {
            "not read"
        } else {
            "reading …"
        }
    }

    /// The value, or nothing: a missing one is noted down to be read, an unreadable one becomes a line.
    fn have<T>(&mut self, depth: usize, read: Result<T, Stop>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(Stop::Ask(queries)) => {
                self.missing.extend(queries);
                None
            }
            Err(Stop::Refuse(refusal)) => {
                self.add(depth, "unreadable", refusal.why, "", true);
                None
            }
        }
    }

    fn instance(&mut self, id: &InstanceId, facts: &Facts) {
        let interfaces = facts.interfaces(&Query::Ec2(Ec2Query::Interfaces { of: id.clone() }));
        let volumes = facts.volumes(&Query::Ec2(Ec2Query::Volumes { of: id.clone() }));
        let before = self.nodes.len();
        let Some(instance) = self.have(0, facts.instance(&Query::Ec2(Ec2Query::Instance { id: id.clone() }))) else {
            self.add(0, "instance", id.as_str(), self.waits(before), false);
            // What has been answered is not asked for again, whatever the answer was.
            for stop in [interfaces.err(), volumes.err()].into_iter().flatten() {
                if let Stop::Ask(queries) = stop {
                    self.missing.extend(queries);
                }
            }
            return;
        };
        let name = instance
            .tags
            .get("Name")
            .map(crate::domain::Untrusted::shown)
            .unwrap_or_default();
        let note = format!("{name}  {} · {}", instance.instance_type, instance.state);
        self.add(
            0,
            "instance",
            id.as_str(),
            note.trim(),
            instance.tags.contains_key("quell:state"),
        );
        if let Some(group) = instance.tags.get("aws:autoscaling:groupName") {
            self.add(1, "auto scaling", group.shown(), "may replace the instance", true);
        }
        for interface in self.have(1, interfaces).into_iter().flatten() {
            self.interface(id, interface, facts);
        }
        for volume in self.have(1, volumes).into_iter().flatten() {
            let crypt = if volume.encrypted { "encrypted" } else { "not encrypted" };
            self.add(
                1,
                "volume",
                volume.id.as_str(),
                format!("{} · {} GiB · {crypt}", volume.device, volume.size_gib),
                false,
            );
        }
        if let Some(name) = &instance.profile {
            self.add(1, "profile", name.as_str(), "", false);
            let roles = facts.profile_roles(&Query::Iam(IamQuery::InstanceProfile { name: name.clone() }));
            for role in self.have(2, roles).into_iter().flatten() {
                match role.parse() {
                    Ok(role) => self.role(2, &role, facts),
                    Err(_) => self.add(
                        2,
                        "role",
                        crate::domain::Untrusted::new(role.as_str()).shown(),
                        "",
                        false,
                    ),
                }
            }
        }
    }

    fn interface(&mut self, of: &InstanceId, interface: &Interface, facts: &Facts) {
        let mut addresses = interface.private_ips.clone();
        addresses.extend(interface.ipv6.iter().cloned());
        let public = interface
            .public_ip
            .as_ref()
            .map(|ip| format!(" · public {ip}"))
            .unwrap_or_default();
        self.add(
            1,
            "eni",
            interface.id.as_str(),
            format!("{}{public}", addresses.join(", ")),
            !public.is_empty(),
        );
        let rules = Query::Ec2(Ec2Query::Groups {
            ids: interface.groups.clone(),
        });
        let groups: &[Group] = self.have(2, facts.groups(&rules)).map_or(&[], Vec::as_slice);
        for id in &interface.groups {
            let name = interface
                .group_names
                .get(id)
                .map(crate::domain::Untrusted::shown)
                .unwrap_or_default();
            let mut note = name;
            let mut open = false;
            if let Some(group) = groups.iter().find(|g| g.id == *id) {
                open = group.ingress.iter().any(|r| r.peer == "0.0.0.0/0" || r.peer == "::/0");
                let world = if open { " · open to the world" } else { "" };
                note = format!("{note} · {} in, {} out{world}", group.ingress.len(), group.egress.len());
            }
            self.add(2, "group", id.as_str(), note, open);
            let users = facts.interfaces(&Query::Ec2(Ec2Query::InterfacesUsing { group: id.clone() }));
            if let Some(users) = self.have(3, users) {
                let others = users.iter().filter(|i| i.attached_to.as_ref() != Some(of)).count();
                if others > 0 {
                    self.add(
                        3,
                        "also used by",
                        if others == 1 {
                            "1 other interface".to_owned()
                        } else {
                            format!("{others} other interfaces")
                        },
                        "",
                        false,
                    );
                }
            }
        }
    }

    fn role(&mut self, depth: usize, role: &RoleName, facts: &Facts) {
        if self.has("role", role.as_str()) {
            return;
        }
        self.add(depth, "role", role.as_str(), "", false);
        let policies = facts.policies(&Query::Iam(IamQuery::RolePolicies { role: role.clone() }));
        self.policies(depth + 1, policies);
    }

    fn policies(&mut self, depth: usize, policies: Result<&crate::action::Policies, Stop>) {
        let Some(policies) = self.have(depth, policies) else {
            return;
        };
        for arn in &policies.managed {
            let powerful = ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess"]
                .iter()
                .any(|p| arn.ends_with(p));
            let shown = crate::domain::Untrusted::new(arn.as_str()).shown();
            self.add(
                depth,
                "policy",
                shown,
                if powerful { "far-reaching" } else { "managed" },
                powerful,
            );
        }
        for name in &policies.inline {
            self.add(
                depth,
                "policy",
                crate::domain::Untrusted::new(name.as_str()).shown(),
                "inline",
                false,
            );
        }
        if policies.managed.is_empty() && policies.inline.is_empty() {
            self.add(depth, "policy", "none", "", false);
        }
    }

    fn key(&mut self, key: &AccessKeyId, facts: &Facts) {
        if key.is_session() {
            self.add(
                0,
                "session key",
                key.as_str(),
                "belongs to a session: revoke the role's sessions",
                true,
            );
            return;
        }
        let before = self.nodes.len();
        let Some(used) = self.have(
            0,
            facts.access_key_use(&Query::Iam(IamQuery::AccessKeyUse { key: key.clone() })),
        ) else {
            self.add(0, "access key", key.as_str(), self.waits(before), false);
            return;
        };
        let last = self.last_use(used);
        self.add(0, "access key", key.as_str(), last, false);
        match used.user.clone() {
            Some(user) => self.user(1, &user, facts),
            None => self.add(1, "user", "none", "unknown key, or the root user's", true),
        }
    }

    fn last_use(&self, used: &AccessKeyUse) -> String {
        match used.last_used {
            Some(at) => format!("last used {} for {} in {}", self.local(at), used.service, used.region),
            None => "no record of use".to_owned(),
        }
    }

    fn user(&mut self, depth: usize, user: &UserName, facts: &Facts) {
        // A finding may name a key and its user; the tree shows the user once.
        if self.has("user", user.as_str()) {
            return;
        }
        self.add(depth, "user", user.as_str(), "", false);
        let keys = facts.access_keys(&Query::Iam(IamQuery::AccessKeys { user: user.clone() }));
        for key in self.have(depth + 1, keys).into_iter().flatten() {
            let mut note = key.status.as_str().to_owned();
            if let Some(at) = key.created_at {
                note = format!("{note} · made {}", self.local(at));
            }
            let used = facts.access_key_use(&Query::Iam(IamQuery::AccessKeyUse { key: key.id.clone() }));
            if let Some(used) = self.have(depth + 1, used) {
                note = format!("{note} · {}", self.last_use(used));
            }
            self.add(
                depth + 1,
                "access key",
                key.id.as_str(),
                note,
                key.status == KeyStatus::Active,
            );
        }
        let policies = facts.policies(&Query::Iam(IamQuery::UserPolicies { user: user.clone() }));
        self.policies(depth + 1, policies);
    }
}
