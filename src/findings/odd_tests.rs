//! One odd value at a time, in every place of every sample: it costs neither the finding nor any other field.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Finding, asff, guardduty, samples};

/// Every field of a finding but its doubts and its digest, which may always differ.
fn fields(f: &Finding) -> BTreeMap<&'static str, String> {
    let shown: [(&str, &dyn std::fmt::Debug); 20] = [
        ("id", &f.id),
        ("arn", &f.arn),
        ("source", &f.source),
        ("product", &f.product),
        ("account", &f.account),
        ("region", &f.region),
        ("kind", &f.kind),
        ("severity", &f.severity),
        ("title", &f.title),
        ("description", &f.description),
        ("resource", &f.resource),
        ("others", &f.others),
        ("principal", &f.principal),
        ("first_seen", &f.first_seen),
        ("updated_at", &f.updated_at),
        ("archived", &f.archived),
        ("count", &f.count),
        ("control", &f.control),
        ("workflow", &f.workflow),
        ("compliance", &f.compliance),
    ];
    shown
        .into_iter()
        .map(|(name, value)| (name, format!("{value:?}")))
        .collect()
}

/// The fields of a finding that a value below this path may speak of.
#[expect(clippy::match_same_arms, reason = "the arms are a table, format by format")]
fn spoken_of(path: &[String]) -> &'static [&'static str] {
    let second = path.get(1).map_or("", String::as_str);
    match (path[0].as_str(), second) {
        // GuardDuty
        ("id" | "Id", _) => &["id", "arn", "region"],
        ("accountId" | "AwsAccountId", _) => &["account", "resource", "others"],
        ("region" | "Region", _) => &["region"],
        ("type", _) => &["kind", "severity", "title", "resource", "others", "principal"],
        ("arn", _) => &["arn"],
        ("severity" | "Severity", _) => &["severity"],
        ("title" | "Title", _) => &["title"],
        ("description" | "Description", _) => &["description"],
        ("createdAt" | "CreatedAt" | "FirstObservedAt", _) => &["first_seen"],
        ("updatedAt" | "UpdatedAt", _) => &["updated_at"],
        ("resource" | "Resources", _) => &["resource", "others", "principal"],
        ("service", "archived") => &["archived"],
        ("service", "count") => &["count"],
        ("service", "eventFirstSeen") => &["first_seen"],
        ("service", "action") => &["principal"],
        ("service", "detection") => &["resource", "others", "principal"],
        ("service", "") => &["archived", "count", "first_seen", "principal", "resource", "others"],
        // ASFF
        ("Types" | "GeneratorId", _) => &["kind", "title"],
        ("ProductArn" | "ProductName", _) => &["product"],
        ("ProductFields", _) => &["product", "count", "control", "kind"],
        ("Compliance", _) => &["compliance", "control", "kind"],
        ("Workflow", _) => &["workflow", "archived"],
        ("RecordState", _) => &["archived"],
        ("Action" | "Network", _) => &["principal"],
        _ => &[],
    }
}

fn paths(value: &Value, here: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
    let mut below = |name: String, inner: &Value| {
        here.push(name);
        all.push(here.clone());
        paths(inner, here, all);
        here.pop();
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| below(name.clone(), inner)),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(n, inner)| below(n.to_string(), inner)),
        _ => {}
    }
}

fn at<'v>(value: &'v mut Value, path: &[String]) -> &'v mut Value {
    path.iter().fold(value, |value, step| match value {
        Value::Array(list) => &mut list[step.parse::<usize>().unwrap()],
        other => &mut other[step.as_str()],
    })
}

type Parse = fn(&[u8], &super::Place) -> Finding;

fn all() -> impl Iterator<Item = (&'static str, &'static [u8], Parse)> {
    let guardduty = samples::GUARDDUTY
        .iter()
        .map(|(name, raw)| (*name, *raw, guardduty::parse as Parse));
    let asff = samples::ASFF
        .iter()
        .map(|(name, raw)| (*name, *raw, asff::parse as Parse));
    guardduty.chain(asff).filter(|(name, ..)| !name.ends_with("malformed"))
}

#[test]
fn an_odd_value_costs_neither_the_finding_nor_another_field() {
    let odd = [
        json!(null),
        json!(true),
        json!(7),
        json!(-1.5e300),
        json!("odd"),
        json!("1772323200"),
        json!(""),
        json!([]),
        json!([null, 3, "x", {}, []]),
        json!({}),
        json!({"odd": {"deep": [1]}}),
    ];
    let mut tried = 0;
    for (name, raw, parse) in all() {
        let sample: Value = serde_json::from_slice(raw).unwrap();
        let before = fields(&parse(sample.to_string().as_bytes(), &samples::place()));
        let mut places = Vec::new();
        paths(&sample, &mut Vec::new(), &mut places);
        for path in places {
            for value in &odd {
                let mut mutated = sample.clone();
                *at(&mut mutated, &path) = value.clone();
                let found = parse(mutated.to_string().as_bytes(), &samples::place());
                let after = fields(&found);
                let allowed: BTreeSet<&str> = spoken_of(&path).iter().copied().collect();
                let lost: Vec<_> = before
                    .iter()
                    .filter(|(field, shown)| after[*field] != **shown && !allowed.contains(*field))
                    .collect();
                assert!(
                    lost.is_empty(),
                    "{name}, {} = {value}: {lost:?} became {:?}",
                    path.join("."),
                    { lost.iter().map(|(field, _)| &after[*field]).collect::<Vec<_>>() }
                );
                assert_ne!(found.kind.raw(), "Unreadable", "{name}, {}", path.join("."));
                tried += 1;
            }
            // A name that stands there twice: the last one counts, whatever the first is.
            if let [key] = path.as_slice() {
                let text = sample.to_string();
                let twice = format!("{{{}:[\"first\"],{}", json!(key), &text[1..]);
                assert_eq!(
                    fields(&parse(twice.as_bytes(), &samples::place())),
                    before,
                    "{name}, {key} twice"
                );
            }
        }
        let mut future = sample.clone();
        future["schemaVersion"] = json!("9.0");
        future["SchemaVersion"] = json!("2099-01-01");
        future["fieldOfTheFuture"] = json!({"new": [1, 2, {"more": null}]});
        assert_eq!(
            fields(&parse(future.to_string().as_bytes(), &samples::place())),
            before,
            "{name}"
        );
    }
    assert!(tried > 5_000, "{tried}");
}

#[test]
fn huge_fields_are_cut_and_say_so_and_ids_stay_apart() {
    for (name, raw, parse) in all() {
        let sample: Value = serde_json::from_slice(raw).unwrap();
        let (id, title) = if name.starts_with("gd") {
            ("id", "title")
        } else {
            ("Id", "Title")
        };
        let huge = |ending: &str| {
            let mut sample = sample.clone();
            sample[id] = json!(format!("{}{ending}", "한".repeat(400_000)));
            sample[title] = json!("t".repeat(10_000_000));
            parse(sample.to_string().as_bytes(), &samples::place())
        };
        let (one, two) = (huge("1"), huge("2"));
        assert!(
            one.title.raw().len() <= 16 * 1024 && one.id.raw().len() < 1024,
            "{name}"
        );
        assert_ne!(one.key(), two.key(), "{name}");
        assert!(
            one.doubts.iter().filter(|d| d.contains("bytes long")).count() >= 2,
            "{:?}",
            one.doubts
        );
    }
}

#[test]
fn clocks_that_disagree_are_a_doubt() {
    for (name, raw, parse) in all() {
        let mut sample: Value = serde_json::from_slice(raw).unwrap();
        let (created, updated) = if name.starts_with("gd") {
            ("createdAt", "updatedAt")
        } else {
            ("CreatedAt", "UpdatedAt")
        };
        sample[created] = json!("2026-03-01T10:00:00Z");
        sample[updated] = json!("2026-03-01T09:00:00Z");
        let found = parse(sample.to_string().as_bytes(), &samples::place());
        assert_eq!(found.updated_at.unwrap().to_string(), "2026-03-01T09:00:00Z", "{name}");
        assert!(
            found.doubts.iter().any(|d| d.contains(updated)),
            "{name}: {:?}",
            found.doubts
        );
    }
}
