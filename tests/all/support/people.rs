//! Users and roles of the production account that the scenario's file has no words for: groups, a console password, policies that
//! are written with odd spaces, roles that nobody but AWS may change.

use std::collections::BTreeMap;

use quell::domain::Time;
use quell::range::policy::Policy;
use quell::range::services::iam::{Grants, Group, InstanceProfile, Login, Role, Store};
use quell::range::world::World;

use super::ground::PROD;

/// Written by hand, with spaces, a tab and a letter of two bytes: an undo must put back every byte.
pub const ODD: &str = "{ \"Version\":\"2012-10-17\",\n\t\"Statement\" : [ {\"Sid\":\"Ä\",\"Effect\":\"Allow\",\"Action\":\"ec2:*\", \"Resource\":\"*\"} ] }";
/// The trust policy of the role `pay`, which the user `deploy-bot` may assume.
pub const TRUST: &str = "{\"Version\":\"2012-10-17\", \"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::333333333333:user/deploy-bot\",\"Service\":\"lambda.amazonaws.com\"},\"Action\":[\"sts:AssumeRole\",\"sts:SetSourceIdentity\"]}]}";
/// What `pay` may do.
const PAY: &str = r#"{"Statement":[{"Effect":"Allow","Action":["ec2:Describe*","iam:List*","s3:*"],"Resource":"*"}]}"#;
const BY_SERVICE: &str =
    r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"x.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// Puts them in.
pub fn settle(world: &mut World) {
    let now = world.now();
    let roles = [
        ("pay", "/team/", TRUST),
        (
            "AWSServiceRoleForSupport",
            "/aws-service-role/support.amazonaws.com/",
            BY_SERVICE,
        ),
        (
            "AWSReservedSSO_Admin_0123456789abcdef",
            "/aws-reserved/sso.amazonaws.com/",
            BY_SERVICE,
        ),
    ];
    let ids: Vec<String> = roles.iter().map(|_| world.new_unique_id("AROA")).collect();
    let (group, profile) = (world.new_unique_id("AGPA"), world.new_unique_id("AIPA"));
    let iam = &mut world.accounts.get_mut(&PROD.parse().unwrap()).unwrap().iam;
    for ((name, path, trust), id) in roles.into_iter().zip(ids) {
        let role = iam.add_role(name, id, now, Policy::trust(trust).unwrap());
        path.clone_into(&mut role.path);
        role.grants
            .inline
            .insert("work".to_owned(), Policy::identity(PAY).unwrap());
    }
    let profile = InstanceProfile {
        name: "pay-hosts".to_owned(),
        path: "/".to_owned(),
        id: profile,
        created: now,
        role: Some("pay".to_owned()),
    };
    iam.instance_profiles.insert(profile.name.clone(), profile);
    let developers = Group {
        name: "developers".to_owned(),
        id: group,
        created: now,
        grants: Grants::default(),
    };
    iam.groups.insert(developers.name.clone(), developers);
    grown_up(iam, now);
}

fn grown_up(iam: &mut Store, now: Time) {
    let user = iam.users.get_mut("deploy-bot").unwrap();
    user.groups.insert("developers".to_owned());
    user.login = Some(Login {
        created: now,
        reset_required: false,
    });
    user.grants
        .inline
        .insert("odd".to_owned(), Policy::identity(ODD).unwrap());
}

/// A role of the production account.
pub fn role<T>(world: &mut World, name: &str, look: impl FnOnce(&mut Role) -> T) -> T {
    let account = world.accounts.get_mut(&PROD.parse().unwrap()).unwrap();
    look(account.iam.roles.get_mut(name).unwrap())
}

/// Who may do what in an account, as far as undo answers for it.
pub fn state(iam: &Store) -> String {
    let texts = |grants: &Grants| -> String {
        let inline: BTreeMap<&str, &str> = grants
            .inline
            .iter()
            .map(|(n, p)| (n.as_str(), p.text.as_str()))
            .collect();
        format!("{inline:?} {:?}", grants.attached)
    };
    let users = iam
        .users
        .values()
        .map(|u| format!("{} {} {:?} {}", u.name, texts(&u.grants), u.groups, u.login.is_some()));
    let roles = iam
        .roles
        .values()
        .map(|r| format!("{} {} {}", r.name, texts(&r.grants), r.trust.text));
    users.chain(roles).collect::<Vec<_>>().join("\n")
}
