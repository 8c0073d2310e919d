//! The notification that a rule sends: about one incident, or about many in one.
//!
//! Must never: become larger than SNS takes, whatever the findings say.

use std::fmt::Write;

use super::duty::Rule;
use super::rules::{Telling, is_critical};
use super::state::State;
use super::steps;
use crate::action::{self, ActionName, Confirmed, Facts, Notice, ReadFailure, ReadFailureKind, Reading};
use crate::domain::{Arn, Resource, ResourceKind, SeverityLabel, Time, Untrusted};
use crate::findings::output::cut;

/// Columns of each text in a summing-up, so that a hundred incidents stay below SNS's 256 KiB whatever their findings say.
const SUMMED_WIDTH: usize = 150;

/// The plan that tells of these, confirmed by the rule.
pub(super) fn confirm(state: &State, topic: &Arn, rule: &Rule, told: &[Telling]) -> Result<Confirmed, String> {
    let first = told.first().ok_or("there is nothing to tell of")?;
    let (Ok(account), Ok(region)) = (topic.account().parse(), topic.region().parse()) else {
        return Err(format!("{topic} names no account and region."));
    };
    let notice = match told {
        [one] => steps::notice(state, topic.clone(), one.id(), &one.incident),
        many => sum(topic, many),
    };
    let target = Resource::new(ResourceKind::Topic, topic.as_str());
    let mut request = steps::request(
        state,
        ActionName::NotifySns,
        target,
        first.id(),
        &first.incident.lead,
        region,
        Some(notice),
    );
    request.account = account;
    let plan = match action::plan(&request, None, &unasked(topic, state.now)) {
        Ok(plan) => plan,
        Err(action::Stop::Refuse(refusal)) => return Err(refusal.to_string()),
        Err(action::Stop::Ask(_)) => return Err("a notification asked for facts".to_owned()),
    };
    let below = told.iter().filter(|one| !is_critical(&one.incident));
    let below = below.map(|one| one.id().clone()).collect();
    let incidents = told.iter().map(|one| one.id().clone()).collect();
    let anew = told.iter().filter_map(|one| {
        let findings = one
            .group()
            .map_or(&[][..], |slot| state.groups.members(state.groups.of(slot)));
        let began = state
            .rules
            .told
            .anew(&one.incident, findings, &state.index, state.now)?;
        Some((one.id().clone(), began))
    });
    let rule = rule.confirms(incidents, below, anew.collect());
    Confirmed::by_rule(plan, rule, state.now).map_err(|e| e.to_string())
}

/// A rule sends at once: what a person would be told of the topic it does not read, and its plan says so.
fn unasked(topic: &Arn, at: Time) -> Facts {
    let failure = ReadFailure {
        kind: ReadFailureKind::Unreachable,
        code: None,
        message: Untrusted::new("a rule sends at once and does not ask."),
    };
    Facts::from(vec![Reading {
        query: action::who_listens(topic),
        at,
        request_id: None,
        result: Err(failure),
    }])
}

/// One notice about many incidents.
fn sum(topic: &Arn, many: &[Telling]) -> Notice {
    let worst = many.first().map(|one| one.incident.severity.label());
    let worst = worst.map_or("", SeverityLabel::short);
    let mut message = format!("{} incidents that came close together:\n", many.len());
    for one in many {
        let f = &one.incident.lead;
        let more = match one.incident.members.len() {
            0 | 1 => String::new(),
            n => format!(" (and {} more findings)", n - 1),
        };
        let _ = writeln!(
            message,
            "{} {} {} {} in {} {}: {}{more}",
            one.id(),
            one.incident.severity.label(),
            cut(&f.headline().to_string(), SUMMED_WIDTH),
            cut(&f.resource.to_string(), SUMMED_WIDTH),
            f.account,
            f.region,
            cut(&f.subline().to_string(), SUMMED_WIDTH)
        );
    }
    Notice {
        topic: topic.clone(),
        subject: format!("[quell] {worst} {} incidents", many.len()),
        message,
    }
}
