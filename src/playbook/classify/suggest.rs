//! What the findings of an incident suggest: its type, its subtype and its severity, and why.

use super::{Classification, IncidentType, Subtype};
use crate::domain::{ResourceKind, SeverityLabel, Untrusted};
use crate::playbook::glob;

/// What is known of an incident when it is classified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// The types of its findings, the worst first.
    pub findings: Vec<&'a str>,
    /// The kinds of resource that they name.
    pub kinds: Vec<ResourceKind>,
    /// Tags of the resources, as far as they are known: those of the findings that were opened. An account's name goes in as the tag
    /// `account`, for environments are often accounts.
    pub tags: Vec<(&'a str, &'a str)>,
    /// How many systems are affected.
    pub systems: u32,
}

/// What is suggested, for a person to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The type's name.
    pub incident_type: String,
    /// The subtype's name.
    pub subtype: String,
    /// What the table says of them and of the number of systems.
    pub severity: SeverityLabel,
    /// Why, in a sentence or two, safe to show.
    pub why: String,
}

impl Classification {
    /// What the evidence suggests. The type is the one whose pattern says most about one of the findings; the subtype is the
    /// worst that something speaks for, or the one that the table assumes.
    #[must_use]
    pub fn assess(&self, evidence: &Evidence<'_>) -> Option<Suggestion> {
        let (kind, by_finding) = self.kind(evidence)?;
        let (subtype, clue) = subtype(kind, evidence)?;
        let severity = self.stepped(subtype.severity, evidence.systems);
        let shown = |text: &str| Untrusted::new(text).shown();
        let (title, smaller) = (shown(&kind.title), shown(&subtype.title));
        let first = match by_finding {
            Some(finding) => format!("{} points to: {title}.", shown(finding)),
            None => format!("No finding points to another type than: {title}."),
        };
        let second = match clue {
            Some(clue) => format!(" {} speaks for: {smaller}.", shown(&clue)),
            None if kind.subtypes.len() > 1 => format!(" Nothing speaks for a subtype; assumed: {smaller}."),
            None => String::new(),
        };
        let (systems, above) = (evidence.systems, self.step_up_above);
        let third = match severity == subtype.severity {
            _ if systems <= above => String::new(),
            true => format!(" {systems} systems are more than {above}: it is critical already."),
            false => format!(" {systems} systems are more than {above}: one step up."),
        };
        Some(Suggestion {
            incident_type: kind.name.clone(),
            subtype: subtype.name.clone(),
            severity,
            why: format!("{first}{second}{third}"),
        })
    }

    /// The type that the findings point to and the finding that does; the last type where none does.
    fn kind<'e>(&self, evidence: &Evidence<'e>) -> Option<(&IncidentType, Option<&'e str>)> {
        let mut best: Option<(usize, &IncidentType, &'e str)> = None;
        for kind in &self.types {
            for finding in &evidence.findings {
                let matching = kind.findings.iter().filter(|pattern| glob::matches(pattern, finding));
                let weight = matching.map(|pattern| glob::weight(pattern)).max();
                // Of equals the first stays: it is the worse finding, or the type that stands first.
                if let Some(weight) = weight
                    && best.is_none_or(|(most, ..)| weight > most)
                {
                    best = Some((weight, kind, finding));
                }
            }
        }
        match best {
            Some((_, kind, finding)) => Some((kind, Some(finding))),
            None => self.types.last().map(|kind| (kind, None)),
        }
    }
}

/// The worst subtype that something speaks for, and what does; else the one that is assumed.
fn subtype<'t>(kind: &'t IncidentType, evidence: &Evidence<'_>) -> Option<(&'t Subtype, Option<String>)> {
    let mut by_clue: Vec<(&Subtype, String)> = kind
        .subtypes
        .iter()
        .filter_map(|subtype| Some((subtype, clue(subtype, evidence)?)))
        .collect();
    by_clue.sort_by_key(|(subtype, _)| std::cmp::Reverse(subtype.severity));
    if let Some((subtype, clue)) = by_clue.into_iter().next() {
        return Some((subtype, Some(clue)));
    }
    let assumed = kind.subtypes.iter().find(|s| s.assumed)?;
    Some((assumed, None))
}

/// What speaks for a subtype.
fn clue(subtype: &Subtype, evidence: &Evidence<'_>) -> Option<String> {
    let finding = evidence
        .findings
        .iter()
        .find(|f| subtype.findings.iter().any(|pattern| glob::matches(pattern, f)));
    if let Some(finding) = finding {
        return Some((*finding).to_owned());
    }
    let tags = evidence.tags.iter().map(|(key, value)| format!("{key}={value}"));
    let tag = tags.into_iter().find(|tag| {
        let lower = tag.to_lowercase();
        subtype.tags.iter().any(|pattern| glob::matches(pattern, &lower))
    });
    if let Some(tag) = tag {
        return Some(format!("The tag {tag}"));
    }
    let kind = evidence.kinds.iter().find(|kind| subtype.resources.contains(kind))?;
    Some(format!("A resource of the kind {}", kind.word()))
}
