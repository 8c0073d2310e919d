//! What IAM says of users, their groups, roles and keys, with the text of every policy that they have.

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_access_key_last_used::GetAccessKeyLastUsedOutput;
use aws_sdk_iam::operation::get_policy::GetPolicyOutput;
use aws_sdk_iam::operation::list_attached_group_policies::ListAttachedGroupPoliciesOutput;
use aws_sdk_iam::operation::list_attached_role_policies::ListAttachedRolePoliciesOutput;
use aws_sdk_iam::operation::list_attached_user_policies::ListAttachedUserPoliciesOutput;
use aws_sdk_iam::operation::list_group_policies::ListGroupPoliciesOutput;
use aws_sdk_iam::operation::list_groups_for_user::ListGroupsForUserOutput;
use aws_sdk_iam::operation::list_role_policies::ListRolePoliciesOutput;
use aws_sdk_iam::operation::list_user_policies::ListUserPoliciesOutput;
use aws_sdk_iam::types::{AttachedPolicy, InstanceProfile, Policy};

use super::{Asked, Kit, take, take_pages};

fn asked<'a>(kit: &'a Kit<'_>, call: &'static str, of: &'a str) -> Asked<'a> {
    Asked {
        call,
        of,
        region: &kit.global,
    }
}

/// The user whose key it is, and everything of that user.
pub(super) async fn key(kit: &Kit<'_>, id: &str) {
    let used = kit.session.iam().get_access_key_last_used().access_key_id(id);
    let answer = take!(kit, asked(kit, "iam:GetAccessKeyLastUsed", id), used);
    let owner = answer.as_ref().and_then(GetAccessKeyLastUsedOutput::user_name);
    if let Some(owner) = owner.filter(|owner| !owner.is_empty()) {
        user(kit, owner).await;
    }
}

pub(super) async fn user(kit: &Kit<'_>, name: &str) {
    let client = &kit.session.iam();
    let of = |call| asked(kit, call, name);
    take!(kit, of("iam:GetUser"), client.get_user().user_name(name));
    let keys = of("iam:ListAccessKeys");
    take_pages!(kit, keys, client.list_access_keys().user_name(name), set_marker, marker);
    let inline = of("iam:ListUserPolicies");
    let listed = take_pages!(
        kit,
        inline,
        client.list_user_policies().user_name(name),
        set_marker,
        marker
    );
    for policy in listed.iter().flat_map(ListUserPoliciesOutput::policy_names) {
        let text = client.get_user_policy().user_name(name).policy_name(policy);
        let of = format!("{name}/{policy}");
        take!(kit, asked(kit, "iam:GetUserPolicy", &of), text);
    }
    let attached = of("iam:ListAttachedUserPolicies");
    let request = || client.list_attached_user_policies().user_name(name);
    let listed = take_pages!(kit, attached, request(), set_marker, marker);
    let policies = listed
        .iter()
        .flat_map(ListAttachedUserPoliciesOutput::attached_policies);
    for arn in policies.filter_map(AttachedPolicy::policy_arn) {
        managed(kit, client, arn).await;
    }
    let member = of("iam:ListGroupsForUser");
    let listed = take_pages!(
        kit,
        member,
        client.list_groups_for_user().user_name(name),
        set_marker,
        marker
    );
    for found in listed.iter().flat_map(ListGroupsForUserOutput::groups) {
        group(kit, client, found.group_name()).await;
    }
}

/// The policies that a group gives those who are in it.
async fn group(kit: &Kit<'_>, client: &Client, name: &str) {
    let of = |call| asked(kit, call, name);
    let inline = || client.list_group_policies().group_name(name);
    let listed = take_pages!(kit, of("iam:ListGroupPolicies"), inline(), set_marker, marker);
    for policy in listed.iter().flat_map(ListGroupPoliciesOutput::policy_names) {
        let text = client.get_group_policy().group_name(name).policy_name(policy);
        let of = format!("{name}/{policy}");
        take!(kit, asked(kit, "iam:GetGroupPolicy", &of), text);
    }
    let attached = || client.list_attached_group_policies().group_name(name);
    let listed = take_pages!(kit, of("iam:ListAttachedGroupPolicies"), attached(), set_marker, marker);
    let policies = listed
        .iter()
        .flat_map(ListAttachedGroupPoliciesOutput::attached_policies);
    for arn in policies.filter_map(AttachedPolicy::policy_arn) {
        managed(kit, client, arn).await;
    }
}

pub(super) async fn role(kit: &Kit<'_>, name: &str) {
    let client = &kit.session.iam();
    let of = |call| asked(kit, call, name);
    take!(kit, of("iam:GetRole"), client.get_role().role_name(name));
    let inline = of("iam:ListRolePolicies");
    let listed = take_pages!(
        kit,
        inline,
        client.list_role_policies().role_name(name),
        set_marker,
        marker
    );
    for policy in listed.iter().flat_map(ListRolePoliciesOutput::policy_names) {
        let text = client.get_role_policy().role_name(name).policy_name(policy);
        let of = format!("{name}/{policy}");
        take!(kit, asked(kit, "iam:GetRolePolicy", &of), text);
    }
    let attached = of("iam:ListAttachedRolePolicies");
    let request = || client.list_attached_role_policies().role_name(name);
    let listed = take_pages!(kit, attached, request(), set_marker, marker);
    let policies = listed
        .iter()
        .flat_map(ListAttachedRolePoliciesOutput::attached_policies);
    for arn in policies.filter_map(AttachedPolicy::policy_arn) {
        managed(kit, client, arn).await;
    }
}

/// An instance profile and its role.
pub(super) async fn profile(kit: &Kit<'_>, name: &str) {
    if name.is_empty() {
        return;
    }
    let request = kit.session.iam().get_instance_profile().instance_profile_name(name);
    let Some(answer) = take!(kit, asked(kit, "iam:GetInstanceProfile", name), request) else {
        return;
    };
    let profile = answer.instance_profile();
    for found in profile.map(InstanceProfile::roles).unwrap_or_default() {
        role(kit, found.role_name()).await;
    }
}

/// A managed policy: which version counts, and that version's text.
async fn managed(kit: &Kit<'_>, client: &Client, arn: &str) {
    let answer = take!(
        kit,
        asked(kit, "iam:GetPolicy", arn),
        client.get_policy().policy_arn(arn)
    );
    let policy = answer.as_ref().and_then(GetPolicyOutput::policy);
    if let Some(version) = policy.and_then(Policy::default_version_id) {
        let text = client.get_policy_version().policy_arn(arn).version_id(version);
        let of = format!("{arn} {version}");
        take!(kit, asked(kit, "iam:GetPolicyVersion", &of), text);
    }
}
