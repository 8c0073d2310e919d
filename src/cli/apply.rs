//! `quell apply`: carries out a plan that a person has read and named by its digest.

use super::args::ApplyArgs;
use super::desk::{self, Desk};
use super::exit::{Exit, Failure};
use super::out;
use super::plan::no_plan;
use super::planfile;
use crate::action::{Check, Confirmed, Outcome, Verdict};
use crate::domain::Untrusted;
use crate::journal::{JournalError, Mode, Record};
use crate::runtime::{NotApplied, Run, Told};

/// Applies a plan, and reads back.
pub fn run(desk: &Desk, args: &ApplyArgs) -> Result<Exit, Failure> {
    let plan = planfile::read(&args.plan)?;
    let directory = desk.directory()?;
    desk::runtime()?.block_on(async {
        let cloud = desk::connect(desk.options()).await?;
        let now = cloud.now();
        let confirmed = Confirmed::by_digest(plan, &args.confirm, now).map_err(|e| Failure::with(Exit::Refused, e))?;
        let responder = desk::responder(&cloud, directory, Mode::Live, now)?;
        let lines = planfile::summary(confirmed.plan());
        let run = responder
            .run(confirmed, &mut |told| say(&told, &lines))
            .await
            .map_err(not_applied)?;
        if let Some(trouble) = &run.trouble {
            out::note(trouble);
        }
        let mut last = Vec::new();
        responder
            .verify(&run, |checks, _, record| {
                say_checks(checks, record);
                last = checks.to_vec();
            })
            .await;
        out::result(format!("record {}\n", run.seq))?;
        Ok(exit(&run, &last))
    })
}

fn say(told: &Told<'_>, lines: &[String]) {
    match told {
        Told::Began(seq) => out::note(&format!("{}   journal record {seq}", lines[0])),
        Told::Answered(call, outcome) => {
            let id = outcome
                .request_id()
                .map(|id| format!("   request {}", Untrusted::new(id)))
                .unwrap_or_default();
            let line = lines.get(call + 1).map(String::as_str).unwrap_or_default();
            out::note(&format!("{line}   {}{id}", outcome.word()));
        }
        Told::Recorded(_) | Told::Sent(_) => {}
    }
}

fn say_checks(checks: &[Check], record: Result<Record, JournalError>) {
    for check in checks {
        let why = match &check.verdict {
            Verdict::Verified => String::new(),
            Verdict::Pending(why) | Verdict::Failed(why) | Verdict::Unreadable(why) => {
                format!(": {}", Untrusted::new(why.as_str()))
            }
        };
        out::note(&format!("     {} — {}{why}", check.verdict.word(), check.expectation));
    }
    if let Err(error) = record {
        out::note(&format!("The reading back could not be journaled: {error}"));
    }
}

fn not_applied(why: NotApplied) -> Failure {
    match why {
        NotApplied::Drifted(differences) => {
            let list = differences.join("\n  ");
            Failure::with(
                Exit::Refused,
                format!("The world has changed since the plan was made:\n  {list}"),
            )
            .hint("Nothing was changed. Make the plan again and read it.")
        }
        NotApplied::NoPlan(why) => {
            let failure = no_plan(why);
            Failure {
                exit: Exit::Refused,
                ..failure
            }
        }
        NotApplied::Session(_) | NotApplied::Journal(_) => Failure::new(why).hint("Nothing was changed."),
    }
}

fn exit(run: &Run, checks: &[Check]) -> Exit {
    if run.outcomes.iter().any(|o| matches!(o, Outcome::Unknown { .. })) {
        return Exit::Unknown;
    }
    let verified = checks.iter().all(|c| matches!(c.verdict, Verdict::Verified));
    if run.trouble.is_none() && verified {
        Exit::Done
    } else {
        Exit::Failed
    }
}
