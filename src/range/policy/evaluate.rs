//! What policies say about one request.

use std::collections::BTreeMap;

use super::document::{Policy, Principals, Set, Statement};
use super::pattern::{like, like_ignoring_case};
use crate::domain::AccountId;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// `service:Operation`.
    pub action: &'a str,
    /// The ARN, or `*`.
    pub resource: &'a str,
    /// Condition keys in lower case, such as `aws:principalarn`.
    pub context: &'a BTreeMap<String, String>,
    /// Who asks, for trust policies: their account, and every ARN that may name them there.
    pub account: &'a AccountId,
    pub arns: &'a [String],
}

/// What one policy, or several together, say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A statement denies it, which nothing can outweigh.
    Denied,
    /// A statement allows it by naming the caller (in a trust policy), or allows it at all (in an identity policy).
    Allowed,
    /// A trust policy allows the caller's account, which leaves the decision to that account's own policies.
    AllowedToAccount,
    /// Nothing is said.
    Silent,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Allow,
    /// Some policy denies it in so many words.
    ExplicitDeny,
    /// No identity policy allows it.
    NoIdentityAllow,
    /// The identity policies allow it and a session policy does not.
    NoSessionAllow,
    /// A service control policy denies it in so many words.
    DeniedByScp,
    /// The service control policies do not allow it.
    NoScpAllow,
    /// The resource's own policy denies it in so many words.
    ResourceDeny,
    /// The resource belongs to another account and its policy does not allow it.
    NoResourceAllow,
}

/// The decision of identity policies, limited by the session policies, which speak together. A caller without any session
/// policy is limited by none.
pub fn decide(identity: &[&Policy], session: &[Policy], request: &Request) -> Decision {
    let own = effect(identity.iter().copied(), request);
    let limit = if session.is_empty() {
        Verdict::Allowed
    } else {
        effect(session, request)
    };
    match (own, limit) {
        (Verdict::Denied, _) | (_, Verdict::Denied) => Decision::ExplicitDeny,
        (Verdict::Silent, _) => Decision::NoIdentityAllow,
        (_, Verdict::Silent) => Decision::NoSessionAllow,
        _ => Decision::Allow,
    }
}

/// What policies say together: a denial wins, then whatever allows most plainly.
pub fn effect<'a>(policies: impl IntoIterator<Item = &'a Policy>, request: &Request) -> Verdict {
    let mut verdict = Verdict::Silent;
    for statement in policies.into_iter().flat_map(|p| &p.statements) {
        let Some(reach) = reach(statement, request) else {
            continue;
        };
        match (statement.allow, reach) {
            (false, _) => return Verdict::Denied,
            (true, Reach::Caller) => verdict = Verdict::Allowed,
            (true, Reach::Account) if verdict == Verdict::Silent => verdict = Verdict::AllowedToAccount,
            (true, Reach::Account) => {}
        }
    }
    verdict
}

/// Whom a statement that applies speaks of.
enum Reach {
    Caller,
    Account,
}

fn reach(statement: &Statement, request: &Request) -> Option<Reach> {
    let action = contains(&statement.actions, |p| like_ignoring_case(p, request.action));
    let resource = statement
        .resources
        .as_ref()
        .is_none_or(|set| contains(set, |p| like(p, request.resource)));
    if !action || !resource || !statement.conditions.iter().all(|c| c.holds(request.context)) {
        return None;
    }
    match &statement.principals {
        None => Some(Reach::Caller),
        Some(principals) => speaks_of(principals, request),
    }
}

fn speaks_of(principals: &Principals, request: &Request) -> Option<Reach> {
    let account = principals.accounts.contains(request.account);
    let named = principals.anyone || principals.arns.iter().any(|a| request.arns.contains(a));
    match (principals.inverted, named, account) {
        (false, true, _) | (true, false, false) => Some(Reach::Caller),
        (false, false, true) => Some(Reach::Account),
        _ => None,
    }
}

fn contains(set: &Set, matches: impl Fn(&str) -> bool) -> bool {
    set.patterns.iter().any(|p| matches(p)) != set.inverted
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENI: &str = "arn:aws:ec2:us-east-1:111111111111:network-interface/eni-1";

    fn identity(statements: &str) -> Policy {
        Policy::identity(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap()
    }

    fn asked(own: &[&str], session: &[&str], action: &str, resource: &str) -> Decision {
        let own: Vec<Policy> = own.iter().map(|s| identity(s)).collect();
        let session: Vec<Policy> = session.iter().map(|s| identity(s)).collect();
        let account = "111111111111".parse().unwrap();
        let context = [("aws:username".to_owned(), "ann".to_owned())].into();
        let request = Request {
            action,
            resource,
            context: &context,
            account: &account,
            arns: &[],
        };
        decide(&own.iter().collect::<Vec<_>>(), &session, &request)
    }

    const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    const NO_TAGS: &str = r#"{"Effect":"Deny","Action":"ec2:createtags","Resource":"*"}"#;
    const ONE_ENI: &str = r#"{"Effect":"Allow","Action":["ec2:ModifyNetworkInterfaceAttribute"],
        "Resource":"arn:aws:ec2:*:111111111111:network-interface/eni-1"}"#;
    const BUT_IAM: &str = r#"{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::*"}"#;
    const BOB_ONLY: &str =
        r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:username":"bob"}}}"#;

    #[test]
    fn a_denial_wins_and_silence_is_not_leave() {
        use Decision::{Allow, ExplicitDeny, NoIdentityAllow, NoSessionAllow};
        let modify = "ec2:ModifyNetworkInterfaceAttribute";
        for (own, session, action, resource, expected) in [
            (vec![], vec![], "ec2:CreateTags", "*", NoIdentityAllow),
            (vec![ALL], vec![], "ec2:CreateTags", "*", Allow),
            (vec![ALL, NO_TAGS], vec![], "ec2:CreateTags", "*", ExplicitDeny),
            (vec![ALL], vec![NO_TAGS], "ec2:CreateTags", "*", ExplicitDeny),
            (vec![ALL], vec![NO_TAGS], "ec2:DeleteTags", "*", NoSessionAllow),
            (vec![ALL], vec![ONE_ENI], modify, ENI, Allow),
            (
                vec![ALL],
                vec![ONE_ENI],
                modify,
                "arn:aws:ec2:us-east-1:111111111111:network-interface/eni-2",
                NoSessionAllow,
            ),
            (vec![ALL], vec![ONE_ENI, ALL], "ec2:CreateTags", ENI, Allow),
            (vec![ONE_ENI], vec![ALL], "ec2:CreateTags", ENI, NoIdentityAllow),
            (vec![BUT_IAM], vec![], "ec2:CreateTags", ENI, Allow),
            (vec![BUT_IAM], vec![], "iam:GetUser", "*", NoIdentityAllow),
            (
                vec![BUT_IAM],
                vec![],
                "s3:GetObject",
                "arn:aws:s3:::b/k",
                NoIdentityAllow,
            ),
            (vec![BOB_ONLY], vec![], "ec2:CreateTags", "*", NoIdentityAllow),
        ] {
            assert_eq!(
                asked(&own, &session, action, resource),
                expected,
                "{own:?} {session:?} {action}"
            );
        }
    }

    #[test]
    fn trust_in_an_account_is_weaker_than_trust_in_a_name() {
        let account = "111111111111".parse().unwrap();
        let context = BTreeMap::new();
        let arns = ["arn:aws:iam::111111111111:user/ann".to_owned()];
        let request = Request {
            action: "sts:AssumeRole",
            resource: "*",
            context: &context,
            account: &account,
            arns: &arns,
        };
        for (who, expected) in [
            (r#"{"AWS":"111111111111"}"#, Verdict::AllowedToAccount),
            (r#"{"AWS":"arn:aws:iam::111111111111:root"}"#, Verdict::AllowedToAccount),
            (r#"{"AWS":["arn:aws:iam::111111111111:user/ann"]}"#, Verdict::Allowed),
            (r#"{"AWS":"222222222222"}"#, Verdict::Silent),
            (r#"{"Service":"ec2.amazonaws.com"}"#, Verdict::Silent),
        ] {
            let text = format!(r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{who}}}}}"#);
            assert_eq!(effect([&Policy::trust(&text).unwrap()], &request), expected, "{who}");
        }
    }
}
