//! IAM Identity Center of a scenario: its users, groups and assignments, and the roles that they are in the accounts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::build::Builder;
use super::error::Fault;
use super::schema::{IdentityCenter, Name};
use super::schema_center::{CenterAssignment, PermissionSet};
use crate::domain::{AccountId, Region};
use crate::range::policy::Policy;
use crate::range::services::iam::Role;
use crate::range::services::sso::{Assignment, Store, User};

impl<'a> Builder<'a> {
    /// The instance with everybody in it.
    pub fn add_identity_center(&mut self) -> Result<(), Fault> {
        let Some(spec) = &self.file.identity_center else {
            return Ok(());
        };
        let home = self.file.region(&spec.region)?.clone();
        let mut center = Store {
            home,
            instance: format!("arn:aws:sso:::instance/ssoins-{}", self.ids.hex("ssoins", "", 16)),
            store: format!("d-{}", self.store_digits()),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            memberships: BTreeMap::new(),
            assignments: BTreeSet::new(),
            permission_sets: BTreeMap::new(),
        };
        for user in &spec.user {
            let id = self.entry_id("user", user.name.as_ref());
            for group in &user.groups {
                let group_id = self.entry_id("group", group);
                center.groups.insert(group_id.clone(), group.clone());
                let membership = self.entry_id("membership", &format!("{group}/{}", user.name.as_ref()));
                center.memberships.insert(membership, (group_id, id.clone()));
            }
            let made = User {
                name: user.name.as_ref().clone(),
                issuer: user.issuer.clone(),
                disabled: false,
            };
            if center.users.insert(id, made).is_some() {
                return Err(Fault::at(&user.name, "a user of this name is already there"));
            }
        }
        for assignment in &spec.assignment {
            let made = self.assignment(spec, &mut center, assignment)?;
            center.assignments.insert(made);
        }
        self.world.identity_center = Some(center);
        Ok(())
    }

    /// The role of an Identity Center user in an account, by the first assignment that the file gives it there.
    pub fn person(&self, account: AccountId, user: &str) -> Option<&Role> {
        let spec = self.file.identity_center.as_ref()?;
        let groups = &spec.user.iter().find(|u| u.name.as_ref() == user)?.groups;
        let is = |name: &Option<Name>, is: &dyn Fn(&String) -> bool| name.as_ref().is_some_and(|n| is(n.as_ref()));
        let assigned = spec.assignment.iter().find(|a| {
            let here = self.file.account_id(&a.account).is_ok_and(|id| *id == account);
            here && (is(&a.user, &|name| name == user) || is(&a.group, &|name| groups.contains(name)))
        })?;
        let role = self.role_name(account, assigned.permission_set.as_ref());
        self.world.accounts.get(&account)?.iam.roles.get(&role)
    }

    fn assignment(
        &mut self,
        spec: &'a IdentityCenter,
        center: &mut Store,
        assignment: &'a CenterAssignment,
    ) -> Result<Assignment, Fault> {
        let account = *self.file.account_id(&assignment.account)?;
        let wanted = &assignment.permission_set;
        let set = spec.permission_set.iter().find(|s| s.name.as_ref() == wanted.as_ref());
        let set = set.ok_or_else(|| Fault::at(wanted, format!("no permission set is called {:?}", wanted.as_ref())))?;
        let (kind, name) = match (&assignment.user, &assignment.group) {
            (Some(user), None) => ("user", user),
            (None, Some(group)) => ("group", group),
            _ => {
                return Err(Fault::at(
                    wanted,
                    "an assignment needs either a \"user\" or a \"group\"",
                ));
            }
        };
        let principal = self.entry_id(kind, name.as_ref());
        if !center.users.contains_key(&principal) && !center.groups.contains_key(&principal) {
            return Err(Fault::at(name, format!("no {kind} is called {:?}", name.as_ref())));
        }
        self.add_set_role(account, &center.home, set)?;
        let instance = center.instance.trim_start_matches("arn:aws:sso:::instance/");
        let number = self.ids.hex("permissionSet", set.name.as_ref(), 16);
        let arn = format!("arn:aws:sso:::permissionSet/{instance}/ps-{number}");
        center.permission_sets.insert(arn.clone(), set.name.as_ref().to_owned());
        Ok(Assignment {
            account,
            permission_set: arn,
            principal,
        })
    }

    /// The role that Identity Center makes in an account for a permission set (IAM Identity Center User Guide, "Referencing
    /// permission sets in resource policies").
    fn add_set_role(&mut self, account: AccountId, home: &Region, set: &'a PermissionSet) -> Result<(), Fault> {
        let name = self.role_name(account, set.name.as_ref());
        let provider = format!(
            "arn:aws:iam::{account}:saml-provider/AWSSSO_{}_DO_NOT_DELETE",
            self.ids.hex("saml-provider", account.as_str(), 16)
        );
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Federated": provider}, "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        }]});
        let trust = Policy::trust(&trust.to_string()).map_err(|bad| Fault::at(&set.name, bad.to_string()))?;
        let mut attached = Vec::new();
        for managed in &set.managed {
            attached.push(self.managed(&account, managed)?);
        }
        let id = self.ids.unique("AROA", &format!("{account}/{name}"));
        let created = self.start - jiff::SignedDuration::from_hours(24 * 180);
        let Some(account) = self.world.accounts.get_mut(&account) else {
            return Ok(());
        };
        let role = account.iam.add_role(&name, id, created, trust);
        role.path = format!("/aws-reserved/sso.amazonaws.com/{home}/");
        role.grants.attached.extend(attached);
        Ok(())
    }

    fn role_name(&self, account: AccountId, set: &str) -> String {
        let number = self.ids.hex("AWSReservedSSO", &format!("{account}/{set}"), 16);
        format!("AWSReservedSSO_{set}_{number}")
    }

    /// The ten characters of the identity store, with which the ids of what is in it begin.
    fn store_digits(&self) -> String {
        self.ids.hex("identitystore", "", 10)
    }

    fn entry_id(&self, kind: &str, name: &str) -> String {
        format!("{}-{}", self.store_digits(), self.ids.uuid(&format!("{kind}/{name}")))
    }
}
