//! A finding in words: what, who, where, when. Used by the panel beside the list and by the incident's panes.

use crate::app::State;
use crate::domain::{Time, Untrusted};
use crate::findings::output::age;
use crate::findings::{CoverageState, Finding};

/// Band and headline: `◆ HIGH 8.0  Trojan:EC2/DNSDataExfiltration`.
pub fn what(finding: &Finding) -> String {
    let label = finding.severity.label();
    format!(
        "{} {} {:.1}  {}",
        label.glyph(),
        label.short(),
        finding.severity.score(),
        finding.headline()
    )
}

/// The principal, as far as the finding names one.
pub fn who(finding: &Finding) -> String {
    let principal = &finding.principal;
    let mut parts: Vec<String> = Vec::new();
    let named: Vec<String> = [&principal.kind, &principal.name]
        .into_iter()
        .flatten()
        .map(Untrusted::shown)
        .collect();
    if !named.is_empty() {
        parts.push(named.join(" "));
    }
    if let Some(key) = &principal.access_key {
        parts.push(format!("key {key}"));
    }
    if let Some(ip) = &principal.remote_ip {
        let place = principal.remote_place.as_ref().map(|p| format!(" ({p})"));
        parts.push(format!("from {ip}{}", place.unwrap_or_default()));
    }
    if parts.is_empty() {
        "not named by the finding".to_owned()
    } else {
        parts.join(" · ")
    }
}

/// Account by name and number, region, resource.
pub fn place(state: &State, finding: &Finding) -> String {
    format!("{} · {}", account(state, &finding.account), finding.region)
}

/// An account by its name, where it is known, and its number.
pub fn account(state: &State, id: &crate::domain::AccountId) -> String {
    let label = state.account_label(id);
    if label == id.as_str() {
        label
    } else {
        format!("{label} {id}")
    }
}

/// The resource with its kind.
pub fn resource(finding: &Finding) -> String {
    format!("{} {}", finding.resource.kind.word(), finding.resource)
}

/// First and last time and how often.
pub fn when(state: &State, finding: &Finding) -> String {
    let mut parts = Vec::new();
    if let Some(at) = finding.first_seen {
        parts.push(format!("first {}", moment(state, at)));
    }
    if let Some(at) = finding.updated_at {
        parts.push(format!("last {} ({} ago)", moment(state, at), age(at, state.now)));
    }
    if finding.count > 1 {
        parts.push(format!("{} times", finding.count));
    }
    if finding.is_timed_by_queue() {
        parts.push("when the queue received it; its own time cannot be read".to_owned());
    }
    if parts.is_empty() {
        "not said by the finding".to_owned()
    } else {
        parts.join(", ")
    }
}

/// A moment in the responder's zone: month, day and time; the year where it is another one.
pub fn moment(state: &State, at: Time) -> String {
    let local = at.to_zoned(state.zone.clone());
    let now = state.now.to_zoned(state.zone.clone());
    let format = if local.year() == now.year() {
        "%m-%d %H:%M:%S"
    } else {
        "%Y-%m-%d %H:%M"
    };
    local.strftime(format).to_string()
}

/// The time of day with its zone.
pub fn clock(state: &State, at: Time) -> String {
    at.to_zoned(state.zone.clone()).strftime("%H:%M:%S %Z").to_string()
}

/// A glyph for a coverage state; the word is always beside it.
pub fn coverage_glyph(state: CoverageState) -> char {
    match state {
        CoverageState::Reading => '◌',
        CoverageState::Complete => '●',
        CoverageState::Partial => '◐',
        CoverageState::Stale => '◔',
        CoverageState::Refused => '✗',
        CoverageState::Disabled => '–',
    }
}
