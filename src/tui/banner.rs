//! The first line of every screen: the mode, who one is, where it all goes to, what could be read, and the time.

use std::collections::BTreeSet;
use std::fmt::Write;

use ratatui::Frame;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::describe;
use super::text;
use super::theme::Theme;
use crate::app::{Mode, State};
use crate::domain::Untrusted;
use crate::findings::CoverageState;

/// Draws the banner.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let style = match state.mode {
        Mode::Watch => theme.banner_watch,
        Mode::Respond => theme.banner_respond,
        Mode::Drill => theme.banner_drill,
    };
    frame.buffer_mut().set_style(area, style);
    let width = usize::from(area.width);
    let left = left(state);
    let clock = describe::clock(state, state.now);
    let room = width.saturating_sub(left.width() + 2);
    let long = [coverage(state, true), coverage(state, false)]
        .into_iter()
        .map(|said| format!("{said}   {clock} "))
        .find(|said| said.width() <= room);
    // That something is missing is said in any case; a long name gives way to it.
    let right = long.unwrap_or_else(|| format!("{}  {clock} ", gaps(state)));
    let line = text::edges(vec![text::span(left, style)], vec![text::span(right, style)], width);
    text::put_line(frame, area, &line);
}

fn left(state: &State) -> String {
    let mut parts = vec![" quell".to_owned(), state.mode.word().to_owned()];
    match &state.identity {
        None if state.offline.is_some() => parts.push("files, not AWS".to_owned()),
        None if state.fatal.is_some() => parts.push("not signed in".to_owned()),
        None => parts.push("signing in …".to_owned()),
        Some(identity) => {
            // What is not AWS must not be taken for it, so it stands before the name.
            if let Some(endpoint) = &identity.endpoint {
                parts.push(format!("not AWS: {}", Untrusted::new(endpoint.as_str())));
            }
            let name = identity.arn.rsplit(['/', ':']).next().unwrap_or_default();
            parts.push(format!(
                "{}/{}",
                state.account_label(&identity.account),
                Untrusted::new(name)
            ));
        }
    }
    parts.join(" · ")
}

/// How much could be read: `4 accounts × 2 regions  ● 15 ok ◐ 1 partial`.
fn coverage(state: &State, long: bool) -> String {
    let count = |wanted: &[CoverageState]| {
        state
            .coverage
            .values()
            .filter(|row| wanted.contains(&row.state))
            .count()
    };
    if state.coverage.is_empty() {
        return String::new();
    }
    let mut out = String::new();
    if long {
        let accounts: BTreeSet<_> = state.coverage.keys().map(|(account, ..)| account).collect();
        let regions: BTreeSet<_> = state.coverage.keys().map(|(_, region, _)| region).collect();
        out = format!(
            "{} account{} × {} region{} ",
            accounts.len(),
            plural(accounts.len()),
            regions.len(),
            plural(regions.len())
        );
    }
    for (glyph, word, states) in [
        ('●', "ok", &[CoverageState::Complete][..]),
        ('◐', "partial", &[CoverageState::Partial, CoverageState::Stale]),
        ('✗', "refused", &[CoverageState::Refused]),
        ('◌', "reading", &[CoverageState::Reading]),
    ] {
        let n = count(states);
        if n > 0 {
            let _ = write!(out, " {glyph} {n} {word}");
        }
    }
    out.trim_start().to_owned()
}

/// Only what is missing, in as little room as possible.
fn gaps(state: &State) -> String {
    let count = |is: fn(CoverageState) -> bool| state.coverage.values().filter(|row| is(row.state)).count();
    let reading = count(|s| s == CoverageState::Reading);
    let gaps = count(CoverageState::is_gap) - reading;
    match (gaps, reading) {
        (0, 0) if state.coverage.is_empty() => String::new(),
        (0, 0) => "● all ok".to_owned(),
        (0, reading) => format!("◌ {reading} reading"),
        (gaps, _) => format!("✗ {gaps} gap{}", plural(gaps)),
    }
}

/// The letter that makes a word one of many.
pub fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}
