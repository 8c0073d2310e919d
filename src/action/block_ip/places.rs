//! Where an address could be blocked, for whoever has not said where: nobody knows the id of a network ACL by heart.
//!
//! Owns: the sentence that names the network ACLs and IP sets of the account and region. Must never: choose one of them.

use super::super::answer::{IpSetName, NetworkAcl};
use super::super::facts::Facts;
use super::super::plan::Request;
use super::super::query::Query;
use super::super::refusal::Stop;
use super::bad_choice;
use crate::action::{NetworkQuery, WafQuery};

/// As many of each are named; the rest are counted.
const NAMED: usize = 8;

/// Asks what there is, and then refuses with it.
pub fn nowhere(request: &Request, facts: &Facts) -> Stop {
    match known(request, facts) {
        Ok(known) => bad_choice("Where to block it is not said.", &known),
        Err(stop) => stop,
    }
}

fn known(request: &Request, facts: &Facts) -> Result<String, Stop> {
    let (acls, sets) = (Query::Network(NetworkQuery::Acls {}), Query::Waf(WafQuery::IpSets {}));
    facts.want([acls.clone(), sets.clone()])?;
    let mut doubts = Vec::new();
    let acls = facts.advisory(facts.network_acls(&acls), &mut doubts)?;
    let sets = facts.advisory(facts.ip_sets(&sets), &mut doubts)?;
    let mut said =
        vec!["Choose acl=…, the network ACL of the subnet in question, or ip-set=…, an IP set of AWS WAF.".to_owned()];
    let here = format!("in {} {}", request.account, request.region);
    said.extend(acls.map(|acls| list("network ACL", &here, acls.iter().map(acl))));
    said.extend(sets.map(|sets| list("IP set", &here, sets.iter().map(set))));
    said.extend(doubts);
    Ok(said.join(" "))
}

fn acl(acl: &NetworkAcl) -> String {
    let default = if acl.is_default { "the default one of" } else { "in" };
    let subnets = match acl.associations.as_slice() {
        [] => "before no subnet".to_owned(),
        [one] => format!("before {}", one.subnet),
        [one, two] => format!("before {} and {}", one.subnet, two.subnet),
        [one, two, rest @ ..] => format!("before {}, {} and {} more", one.subnet, two.subnet, rest.len()),
    };
    format!("{} ({default} {}, {subnets})", acl.id, acl.vpc)
}

fn set(set: &IpSetName) -> String {
    set.name.shown()
}

/// `what` is in the singular.
fn list(what: &str, here: &str, all: impl Iterator<Item = String>) -> String {
    let mut all: Vec<String> = all.collect();
    let rest = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    match (all.as_slice(), rest) {
        ([], _) => format!("There is no {what} {here}."),
        ([one], _) => format!("There is one {what} {here}: {one}."),
        (_, 0) => format!("The {what}s {here}: {}.", all.join("; ")),
        (_, rest) => format!("The {what}s {here}: {}; and {rest} more.", all.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn what_is_not_named_is_counted() {
        let names = |many: usize| (1..=many).map(|n| format!("s{n}"));
        assert_eq!(list("IP set", "here", names(0)), "There is no IP set here.");
        assert_eq!(list("IP set", "here", names(1)), "There is one IP set here: s1.");
        assert_eq!(list("IP set", "here", names(2)), "The IP sets here: s1; s2.");
        let many = list("IP set", "here", names(11));
        assert!(many.ends_with("s7; s8; and 3 more."), "{many}");
    }
}
