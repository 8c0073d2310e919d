//! What Organizations is asked, by query: the organisation, its roots and accounts, and which service control policies stand where.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::operation::RequestId as _;
use aws_sdk_organizations::types::{AccountState, AccountStatus, PolicySummary, PolicyType, PolicyTypeStatus};

use super::convert::{missing, must};
use super::{Found, circle, failure, no_session};
use crate::action::{
    Answer, Member, Organization, OrganizationsQuery, ReadFailure, ReadFailureKind, Root, Scp, ScpText,
};
use crate::cloud::connect::Cloud;
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::{Session, global_region};
use crate::domain::{AccountId, BadId, PolicyId, PolicyTargetId, RoleName, Untrusted};

/// Every page of a list: Organizations' pages go on by `NextToken`, and may be empty.
macro_rules! every_page {
    ($call:expr, $request:expr, $list:ident, |$item:ident| $take:block) => {{
        let (mut pages, mut token) = (Pages::default(), None);
        loop {
            let page = $request
                .set_next_token(token)
                .send()
                .await
                .map_err(|e| CallError::from_sdk($call, &e))?;
            let list = page.$list.as_ref().ok_or_else(|| missing($call, stringify!($list)))?;
            for $item in list $take
            token = pages.next(page.next_token()).map_err(circle($call))?;
            if token.is_none() {
                break page.request_id().map(str::to_owned);
            }
        }
    }};
}

pub(super) async fn ask(cloud: &Cloud, session: &Session, query: &OrganizationsQuery) -> Found {
    let client = &Client::new(&session.at(&global_region(session.identity())));
    match query {
        OrganizationsQuery::Organization {} => organization(cloud, client).await,
        OrganizationsQuery::Roots {} => roots(client).await,
        OrganizationsQuery::Member { account } => member(client, account).await,
        OrganizationsQuery::Known { account } => known(cloud, account).await,
        OrganizationsQuery::ScpsOn { target } => scps_on(client, target).await,
        OrganizationsQuery::ScpNamed { name } => scp_named(client, name).await,
        OrganizationsQuery::PolicyTargets { policy } => targets(client, policy).await,
    }
}

/// `DescribeOrganization`. The roles are those that this console was told to use.
async fn organization(cloud: &Cloud, client: &Client) -> Found {
    const CALL: &str = "organizations:DescribeOrganization";
    let answer = client.describe_organization().send().await;
    let answer = answer.map_err(|e| CallError::from_sdk(CALL, &e))?;
    let found = answer.organization().ok_or_else(|| missing(CALL, "Organization"))?;
    let role = |name: &str| {
        name.parse::<RoleName>()
            .map_err(|bad: BadId| failure(ReadFailureKind::Malformed, format!("the configured role: {bad}")))
    };
    let organization = Organization {
        management: must(CALL, "MasterAccountId", found.master_account_id())?,
        reader_role: role(&cloud.options.reader_role)?,
        responder_role: role(&cloud.options.responder_role)?,
    };
    let id = answer.request_id().map(str::to_owned);
    Ok((Answer::Organization(organization), id))
}

async fn roots(client: &Client) -> Found {
    const CALL: &str = "organizations:ListRoots";
    let mut roots = Vec::new();
    let id = every_page!(CALL, client.list_roots(), roots, |root| {
        let enabled = |t: &aws_sdk_organizations::types::PolicyTypeSummary| {
            t.r#type() == Some(&PolicyType::ServiceControlPolicy) && t.status() == Some(&PolicyTypeStatus::Enabled)
        };
        roots.push(Root {
            id: must(CALL, "Id", root.id())?,
            scps: root.policy_types().iter().any(enabled),
        });
    });
    Ok((Answer::Roots(roots), id))
}

async fn member(client: &Client, account: &AccountId) -> Found {
    const CALL: &str = "organizations:DescribeAccount";
    let answer = client.describe_account().account_id(account.as_str()).send().await;
    let answer = answer.map_err(|e| CallError::from_sdk(CALL, &e))?;
    let found = answer.account().ok_or_else(|| missing(CALL, "Account"))?;
    // `Status` is what older endpoints say; `State` is its successor and knows more (API reference, `Account`).
    let state = found.state().map(AccountState::as_str);
    let state = state.or_else(|| found.status().map(AccountStatus::as_str));
    let member = Member {
        id: must(CALL, "Id", found.id())?,
        name: Untrusted::new(found.name().unwrap_or_default()),
        state: Untrusted::new(state.ok_or_else(|| missing(CALL, "State"))?),
    };
    Ok((Answer::Member(member), answer.request_id().map(str::to_owned)))
}

/// Asked of the account that the credentials are of, which is the one that Organizations answers where any does.
async fn known(cloud: &Cloud, account: &AccountId) -> Found {
    let home = cloud.session(&cloud.identity().account).await;
    let home = home.map_err(|error| no_session(&error))?;
    let client = Client::new(&home.at(&global_region(home.identity())));
    member(&client, account).await
}

async fn scps_on(client: &Client, target: &PolicyTargetId) -> Found {
    const CALL: &str = "organizations:ListPoliciesForTarget";
    let request = || {
        client
            .list_policies_for_target()
            .target_id(target.as_str())
            .filter(PolicyType::ServiceControlPolicy)
    };
    let mut scps = Vec::new();
    let id = every_page!(CALL, request(), policies, |policy| {
        scps.push(scp(CALL, policy)?);
    });
    scps.sort();
    Ok((Answer::Scps(scps), id))
}

fn scp(call: &'static str, summary: &PolicySummary) -> Result<Scp, ReadFailure> {
    let name = summary.name().ok_or_else(|| missing(call, "Name"))?;
    Ok(Scp {
        id: must(call, "Id", summary.id())?,
        name: Untrusted::new(name),
    })
}

/// `ListPolicies` knows no filter for names; a name is unique among an organisation's policies of a type.
async fn scp_named(client: &Client, name: &str) -> Found {
    const CALL: &str = "organizations:ListPolicies";
    const TEXT: &str = "organizations:DescribePolicy";
    let request = || client.list_policies().filter(PolicyType::ServiceControlPolicy);
    let mut named: Option<PolicyId> = None;
    let listed = every_page!(CALL, request(), policies, |policy| {
        let scp = scp(CALL, policy)?;
        if scp.name.raw() == name {
            named = Some(scp.id);
        }
    });
    let Some(id) = named else {
        return Ok((Answer::ScpText(None), listed));
    };
    let answer = client.describe_policy().policy_id(id.as_str()).send().await;
    let answer = answer.map_err(|e| CallError::from_sdk(TEXT, &e))?;
    let content = answer.policy().and_then(|p| p.content());
    let content = Untrusted::new(content.ok_or_else(|| missing(TEXT, "Content"))?);
    let found = Some(ScpText { id, content });
    Ok((Answer::ScpText(found), answer.request_id().map(str::to_owned)))
}

async fn targets(client: &Client, policy: &PolicyId) -> Found {
    const CALL: &str = "organizations:ListTargetsForPolicy";
    let request = || client.list_targets_for_policy().policy_id(policy.as_str());
    let mut targets: Vec<PolicyTargetId> = Vec::new();
    let id = every_page!(CALL, request(), targets, |target| {
        targets.push(must(CALL, "TargetId", target.target_id())?);
    });
    targets.sort();
    Ok((Answer::PolicyTargets(targets), id))
}
