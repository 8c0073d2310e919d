//! `quell apply`: carries out a plan that a person has read and named by its digest.

use std::pin::pin;

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
        let mut told = |told: Told<'_>| say(&told, &lines);
        let run = to_its_end(Box::pin(responder.run(confirmed, &mut told)), interrupt)
            .await
            .map_err(not_applied)?;
        if let Some(trouble) = &run.trouble {
            out::note(&Untrusted::new(trouble.as_str()).shown());
        }
        let mut last = Vec::new();
        let reading = responder.verify(&run, |checks, _, record| {
            say_checks(checks, record);
            last = checks.to_vec();
        });
        let left = tokio::select! {
            () = reading => false,
            () = interrupt() => true,
        };
        if left {
            out::note(
                "Reading back was left; every call that is named above was sent. quell journal show has what was read.",
            );
        }
        if run.trouble.is_none()
            && let Some(then) = run.plan.then()
        {
            out::note(&Untrusted::new(format!("Not done yet: {then}.")).shown());
        }
        // The plan ended as it did, whether or not somebody reads its number.
        out::unless_left(out::result(format!("record {}\n", run.seq)))?;
        Ok(if left && exit(&run, &last) == Exit::Done {
            Exit::Failed
        } else {
            exit(&run, &last)
        })
    })
}

/// Ctrl-C. Where it cannot be listened for, it ends the process as it always does.
async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Goes on whatever comes: to end the process between a call and its outcome would leave that outcome unknown.
async fn to_its_end<T>(work: impl Future<Output = T>, interrupt: impl AsyncFn()) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = interrupt() => out::note("The plan is being applied and goes on to its end or its first failure; wait for it."),
        }
    }
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
        let why = match check.detail() {
            "" => String::new(),
            why => format!(": {}", Untrusted::new(why)),
        };
        out::note(&format!("     {} — {}{why}", check.verdict.word(), check.expectation));
    }
    if let Err(error) = record {
        let error = Untrusted::new(error.to_string());
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
        NotApplied::NotByYou(_) => Failure::with(Exit::Refused, why).hint("Nothing was changed."),
        NotApplied::Session(_) => Failure::new(why).hint("Nothing was changed."),
        NotApplied::Journal(error) => Failure::from(error).hint("Nothing was changed."),
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

#[cfg(test)]
mod tests {
    use super::to_its_end;

    #[tokio::test]
    async fn an_interrupt_does_not_end_a_plan_half_way() {
        let calls = async {
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            3
        };
        let again_and_again = async || tokio::task::yield_now().await;
        assert_eq!(to_its_end(calls, again_and_again).await, 3);
    }
}
