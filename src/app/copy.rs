//! Copying what is selected to the terminal's clipboard.
//!
//! Must never: copy text that could do something where it is pasted. What leaves is the form that is shown: one line, every
//! control character made visible.

use std::sync::Arc;

use super::command::Command;
use super::coverage;
use super::earlier::Shown;
use super::effect::Effect;
use super::incident::{IncidentScreen, Pane};
use super::link;
use super::state::{Screen, State, Tone};
use crate::domain::Untrusted;
use crate::findings::Finding;

/// More than this is not copied: some terminals drop a longer text without a word.
const MOST: usize = 4000;

/// The finding that is selected on the list, or open.
pub(super) fn selected(state: &State) -> Option<Arc<Finding>> {
    match state.screen() {
        Screen::List => state.current().map(|row| Arc::clone(row.lead())),
        Screen::Incident(open) => Some(Arc::clone(&open.finding)),
        Screen::Plan(_) | Screen::Journal(_) | Screen::Coverage(_) | Screen::Help(_) => None,
    }
}

/// Copies the id of what is selected: an ARN where there is one; a line of the JSON; a row of the coverage.
pub(super) fn id(state: &mut State) -> Vec<Effect> {
    let text = match state.screen() {
        Screen::Coverage(scroll) => coverage::said(state, scroll.cursor),
        Screen::Incident(open) if open.pane == Pane::Raw => {
            let line = open.json().get(open.json_scroll().cursor);
            line.map(|line| line.trim().to_owned()).or_else(|| listed_id(open))
        }
        Screen::Journal(scroll) => state.journal.get(scroll.cursor).map(|r| r.what.phrase()),
        Screen::List | Screen::Incident(_) | Screen::Plan(_) | Screen::Help(_) => {
            selected(state).map(|f| f.arn.as_ref().unwrap_or(&f.id).raw().to_owned())
        }
    };
    copy(state, text)
}

/// The id of the event under the cursor of the earlier ones.
fn listed_id(open: &IncidentScreen) -> Option<String> {
    let events = open.earlier.listed().iter();
    let mut here = events.skip(open.json_scroll().cursor).take(1);
    let event = here.next().filter(|_| open.earlier.shown == Shown::List)?;
    Some(event.id.as_ref()?.raw().to_owned())
}

/// Copies the id of the resource.
pub(super) fn resource(state: &mut State) -> Vec<Effect> {
    let text = selected(state).map(|finding| finding.resource.id.raw().to_owned());
    copy(state, text)
}

/// Shows and copies the link to AWS's console.
pub(super) fn link(state: &mut State) -> Vec<Effect> {
    let Some(finding) = selected(state) else {
        return copy(state, None);
    };
    let Some(address) = link::console(&finding) else {
        let key = state.keys.hint(Command::CopyResource).unwrap_or_default();
        state.say(
            Tone::Plain,
            format!("quell knows no page of AWS's console for this; {key} copies the resource."),
        );
        return Vec::new();
    };
    let account = state.account_label(&finding.account);
    let elsewhere = match state.identity.as_ref().and_then(|i| i.endpoint.as_ref()) {
        Some(_) => " The endpoint is not AWS, so AWS's console does not have it.",
        None => "",
    };
    state.say(
        Tone::Plain,
        format!(
            "Copied, for a browser signed in to {account} ({}) in {}:{elsewhere} {}",
            finding.account,
            finding.region,
            short(&address)
        ),
    );
    vec![Effect::Copy(address)]
}

/// The part of an address that says where it leads. The rest is only for the browser: an id that is escaped twice is nothing to read.
fn short(address: &str) -> String {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    format!("{}/…", Untrusted::new(host))
}

fn copy(state: &mut State, text: Option<String>) -> Vec<Effect> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        state.say(Tone::Plain, "There is nothing here to copy.");
        return Vec::new();
    };
    let shown = Untrusted::new(text.as_str()).shown();
    if shown.chars().count() > MOST {
        state.say(
            Tone::Bad,
            "It is too long for the terminals' clipboard; nothing was copied.",
        );
        return Vec::new();
    }
    let changed = if shown == text {
        ""
    } else {
        " with its hidden characters made visible"
    };
    state.say(Tone::Plain, format!("Copied{changed}: {shown}"));
    vec![Effect::Copy(shown)]
}
