//! The report as Markdown.

use std::fmt::Write;

use jiff::SignedDuration;

use super::escape::text;
use super::{CallStory, Moment, PlanStory, Report, Response, ResponseState};
use crate::action::ActionName;
use crate::domain::Time;

/// The whole report. Ends with the journal's head, so that a printed report anchors the journal.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail, so there is nothing to do about an error.
    let _ = write_all(&mut out, report);
    out
}

fn write_all(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "# Incident {}\n", text(&report.incident))?;
    if let Some(mode) = &report.mode {
        writeln!(out, "Mode: {}\n", text(mode))?;
    }
    finding(out, report)?;
    response(out, report)?;
    writeln!(out, "## What was done\n")?;
    if report.plans.is_empty() {
        writeln!(out, "No plan was confirmed.\n")?;
    }
    for story in &report.plans {
        plan(out, story)?;
    }
    notifications(out, report)?;
    if !report.unsettled.is_empty() {
        let numbers: Vec<String> = report.unsettled.iter().map(ToString::to_string).collect();
        writeln!(
            out,
            "## Not settled\n\nThe calls of these records were sent and have no outcome: {}. They may or may not have happened; \
             read the resource to know.\n",
            numbers.join(", ")
        )?;
    }
    timeline(out, report)?;
    journal(out, report)
}

fn finding(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "## What was found\n")?;
    let Some(found) = &report.finding else {
        return writeln!(
            out,
            "The journal does not say on which finding this incident was opened.\n"
        );
    };
    writeln!(out, "| | |\n|---|---|")?;
    let time = |time: Option<Time>| time.map_or("not said".to_owned(), |t| t.to_string());
    let score = found.severity.score();
    for (name, value) in [
        ("Title", text(&found.title)),
        ("Type", text(&found.kind)),
        ("Severity", format!("{score:.1} ({})", found.severity_label)),
        ("Resource", text(&found.resource)),
        ("Account", found.account.to_string()),
        ("Region", found.region.to_string()),
        ("Source", text(&found.source)),
        ("Finding id", text(&found.id)),
        ("First seen", time(found.first_seen)),
        ("Updated", time(found.updated_at)),
        ("Incident began", time(report.began.map(|began| began.at))),
        ("Incident opened", time(report.opened)),
    ] {
        writeln!(out, "| {name} | {value} |")?;
    }
    writeln!(out)
}

fn response(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "## Classification and response\n")?;
    if report.classifications.is_empty() {
        return writeln!(out, "The incident was not classified.\n");
    }
    for decision in &report.classifications {
        let by = decision
            .deadline
            .map(|deadline| format!(", by {deadline}"))
            .unwrap_or_default();
        writeln!(
            out,
            "- {} (record {}): **{}**{} by {}; respond within {}{by}",
            decision.time,
            decision.seq,
            decision.severity,
            text(&crate::journal::kind_phrase(
                decision.incident_type.as_deref(),
                decision.subtype.as_deref(),
                decision.systems
            )),
            text(&decision.who),
            crate::journal::minutes(decision.response_minutes)
        )?;
    }
    match &report.response {
        None => writeln!(
            out,
            "\nThere is no deadline: the journal does not say when the incident began.\n"
        ),
        Some(response) => {
            if let Some(began) = report.began {
                writeln!(out, "\nThe time is counted from {}: {}.", began.at, began.by.phrase())?;
            }
            writeln!(out, "\n{}\n", verdict(response))
        }
    }
}

fn verdict(response: &Response) -> String {
    let Response {
        deadline, first, as_of, ..
    } = response;
    match (response.state, first) {
        (ResponseState::Met, Some(first)) => format!(
            "Response time **met**: AWS accepted the first call at {} (record {}), {} before the deadline.",
            first.time,
            first.seq,
            span(deadline.duration_since(first.time))
        ),
        (ResponseState::Missed, Some(first)) => format!(
            "Response time **missed**: AWS accepted the first call at {} (record {}), {} after the deadline.",
            first.time,
            first.seq,
            span(first.time.duration_since(*deadline))
        ),
        (ResponseState::Missed, None) => format!(
            "Response time **missed**: no call was accepted up to {} (record {}), {} after the deadline.",
            as_of.time,
            as_of.seq,
            span(as_of.time.duration_since(*deadline))
        ),
        (ResponseState::Open | ResponseState::Met, _) => format!(
            "Response **open**: no call was accepted up to {} (record {}); the deadline is {} later.",
            as_of.time,
            as_of.seq,
            span(deadline.duration_since(as_of.time))
        ),
    }
}

/// A duration in the two largest units that matter: `2 h 5 min`, `12 min 30 s`, `4 s`.
fn span(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let (hours, minutes, rest) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, _) => format!("{minutes} min {rest} s"),
        (_, _) => format!("{hours} h {minutes} min"),
    }
}

fn plan(out: &mut String, story: &PlanStory) -> std::fmt::Result {
    let undo = if story.undoes.is_some() { "undo of " } else { "" };
    writeln!(
        out,
        "### Record {}: {undo}{} on {}\n",
        story.seq,
        story.action,
        text(&story.target)
    )?;
    writeln!(
        out,
        "Confirmed at {} by {}, for account {} in {}. Digest `{}`.",
        story.time,
        text(&story.who),
        story.account,
        story.region,
        story.digest
    )?;
    if let Some(seq) = story.undoes {
        writeln!(out, "It undoes record {seq}.")?;
    }
    for seq in &story.undone_by {
        writeln!(out, "An undo of it was confirmed in record {seq}.")?;
    }
    writeln!(
        out,
        "\n| # | Call | What AWS answered | Request id | Record |\n|---|---|---|---|---|"
    )?;
    for call in &story.calls {
        call_row(out, call)?;
    }
    writeln!(out)?;
    match story.checked {
        None => writeln!(
            out,
            "Nothing was read back afterwards, so what was applied is **not verified**.\n"
        )?,
        Some(_) if story.checks.is_empty() => writeln!(out, "There is nothing that could be read back.\n")?,
        Some(Moment { seq, time }) => {
            writeln!(
                out,
                "Read back at {time} (record {seq}):\n\n| Expected | Verdict | Detail |\n|---|---|---|"
            )?;
            for check in &story.checks {
                let (expected, detail) = (text(&check.expectation), text(&check.detail));
                writeln!(out, "| {expected} | {} | {detail} |", check.verdict)?;
            }
            writeln!(out)?;
        }
    }
    for line in &story.lost {
        writeln!(out, "- Undo cannot restore: {}", text(line))?;
    }
    if story.lost.is_empty() { Ok(()) } else { writeln!(out) }
}

fn call_row(out: &mut String, call: &CallStory) -> std::fmt::Result {
    let answer = if call.detail.is_empty() {
        call.outcome.clone()
    } else {
        format!("{}: {}", call.outcome, text(&call.detail))
    };
    writeln!(
        out,
        "| {} | {} | {answer} | {} | {} |",
        call.number,
        text(&call.call),
        call.request_id.as_deref().map(text).unwrap_or_default(),
        call.at.map(|at| at.seq.to_string()).unwrap_or_default()
    )
}

fn notifications(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "## Notifications\n")?;
    let mut none = true;
    for story in report.plans.iter().filter(|p| p.action == ActionName::NotifySns) {
        for call in &story.calls {
            none = false;
            let at = call.at.map_or(story.time, |at| at.time);
            writeln!(out, "- {at}: {}: {}", text(&call.call), call.outcome)?;
        }
    }
    if none {
        writeln!(out, "None was sent.")?;
    }
    writeln!(out)
}

fn timeline(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "## Timeline\n")?;
    writeln!(
        out,
        "In the order of the journal; times are UTC, by the clock of whoever wrote.\n"
    )?;
    writeln!(out, "| Record | Time | Who | Kind | What |\n|---|---|---|---|---|")?;
    for entry in &report.timeline {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            entry.seq,
            entry.time,
            text(&entry.who),
            entry.kind,
            text(&entry.text)
        )?;
    }
    writeln!(out)
}

fn journal(out: &mut String, report: &Report) -> std::fmt::Result {
    let extent = &report.journal;
    writeln!(out, "## Journal\n")?;
    writeln!(
        out,
        "This report was made from records {} to {} of a journal whose hash chain is consistent.",
        extent.first, extent.last
    )?;
    if extent.torn > 0 {
        writeln!(
            out,
            "At its end {} bytes of an unfinished record were left out.",
            extent.torn
        )?;
    }
    writeln!(
        out,
        "A chain alone cannot show that its tail was cut off or that it was written anew; this head, kept elsewhere, can.\n\n\
         Head of record {}: `{}`",
        extent.last, extent.head
    )
}
