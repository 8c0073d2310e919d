//! What wakes a function, and who may call it: the function itself, its aliases and its versions each have a policy of their own.

use super::super::answer::QualifiedPolicies;
use super::super::facts::Facts;
use super::super::plan::Draft;
use super::super::refusal::Stop;
use super::Asked;
use crate::domain::{FunctionName, Untrusted};

/// Says it on the plan. What cannot be read is a warning.
pub fn say(name: &FunctionName, asked: &Asked, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    if let Some(sources) = facts.advisory(facts.event_sources(&asked.sources), &mut draft.warnings)? {
        for source in sources {
            draft.neighbours.push(format!(
                "Reads for {name}: {} ({}). What it holds waits, and is lost once it is kept no longer there.",
                source.from, source.state
            ));
        }
    }
    if let Some(urls) = facts.advisory(facts.function_urls(&asked.urls), &mut draft.warnings)? {
        for url in urls {
            let who = if url.auth.raw() == "NONE" {
                "by anybody"
            } else {
                "by who is signed in"
            };
            draft
                .neighbours
                .push(format!("Called {who} at {}: answers 429 from now on.", url.url));
        }
    }
    if let Some(Some(text)) = facts.advisory(facts.function_policy(&asked.policy), &mut draft.warnings)? {
        match invokers(text) {
            Some(all) => {
                draft.neighbours.extend(
                    all.into_iter()
                        .map(|who| format!("May be invoked by {who}, by its resource policy.")),
                );
                if text.contains("replicator.lambda.amazonaws.com") || text.contains("edgelambda.amazonaws.com") {
                    draft.warnings.push(format!(
                        "CloudFront may run replicas of {name} (Lambda@Edge); those are not frozen. Take it off the distribution."
                    ));
                }
            }
            None => draft.warnings.push(format!(
                "The resource policy of {name} could not be understood; others may invoke it, too."
            )),
        }
    }
    if let Some(found) = facts.advisory(facts.qualified_policies(&asked.qualified), &mut draft.warnings)? {
        qualified(name, found, draft);
    }
    Ok(())
}

/// The doors of aliases and versions, which the function's own policy does not show.
fn qualified(name: &FunctionName, found: &QualifiedPolicies, draft: &mut Draft) {
    for (qualifier, text) in &found.policies {
        match invokers(text) {
            Some(all) => {
                draft.neighbours.extend(all.into_iter().map(|who| {
                    format!("May be invoked by {who} as {name}:{qualifier}, by the resource policy of that.")
                }));
            }
            None => draft.warnings.push(format!(
                "The resource policy of {name}:{qualifier} could not be understood; others may invoke it, too."
            )),
        }
    }
    for (qualifier, why) in &found.unread {
        draft
            .warnings
            .push(format!("Who may invoke {name}:{qualifier} could not be read: {why}."));
    }
    if found.left_out > 0 {
        draft.warnings.push(format!(
            "{name} has {} more versions and aliases, whose resource policies were not looked at: others may invoke those, too.",
            found.left_out
        ));
    }
}

/// Whom a resource policy allows, safe to show; nothing where it is not a policy.
fn invokers(text: &str) -> Option<Vec<String>> {
    let policy: serde_json::Value = serde_json::from_str(text).ok()?;
    let statements = match &policy["Statement"] {
        serde_json::Value::Array(list) => list.clone(),
        one @ serde_json::Value::Object(_) => vec![one.clone()],
        _ => return None,
    };
    let mut all: Vec<String> = statements
        .iter()
        .filter(|statement| statement["Effect"] == "Allow")
        .map(|statement| {
            let who = who(&statement["Principal"]);
            let who = if who == "*" { "anybody (*)" } else { who.as_str() };
            // The source that a service calls for, an account, the way in: without it everybody is meant.
            let narrowed = statement["Condition"].as_object().is_some_and(|c| !c.is_empty());
            let how = if narrowed { " under conditions" } else { "" };
            format!("{}{how}", Untrusted::new(who).shown())
        })
        .collect();
    all.sort();
    all.dedup();
    Some(all)
}

fn who(principal: &serde_json::Value) -> String {
    match principal {
        serde_json::Value::String(everybody) => everybody.clone(),
        serde_json::Value::Object(map) => {
            let named = map.values().map(|value| match value {
                serde_json::Value::String(one) => one.clone(),
                other => other.to_string(),
            });
            named.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_door_of_an_alias_is_shown_and_so_is_what_was_not_looked_at() {
        let statement = |principal: &str, condition: &str| {
            format!(
                r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"lambda:InvokeFunction"{condition}}}]}}"#
            )
        };
        let found = QualifiedPolicies {
            policies: vec![
                (Untrusted::new("live"), statement(r#""*""#, "")),
                (
                    Untrusted::new("7"),
                    statement(
                        r#"{"AWS":"*"}"#,
                        r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#,
                    ),
                ),
                (Untrusted::new("8"), "no policy".to_owned()),
            ],
            unread: vec![(Untrusted::new("9"), Untrusted::new("lambda:GetPolicy: denied\u{202e}"))],
            left_out: 3,
        };
        let mut draft = Draft::default();
        qualified(&"resize".parse().unwrap(), &found, &mut draft);
        assert_eq!(
            draft.neighbours,
            [
                "May be invoked by anybody (*) as resize:live, by the resource policy of that.",
                "May be invoked by anybody (*) under conditions as resize:7, by the resource policy of that.",
            ]
        );
        let said = draft.warnings.join("\n");
        for part in [
            "resize:8 could not be understood",
            "resize:9 could not be read",
            "3 more versions and aliases",
        ] {
            assert!(said.contains(part), "{said}");
        }
        assert!(!said.contains('\u{202e}'), "{said}");
    }
}
