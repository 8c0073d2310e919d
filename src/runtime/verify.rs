//! Reading the world back after a plan, until it is settled what holds.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::apply::Run;
use crate::action::{Check, Expectation, Facts, Outcome, Query, ReadFailureKind, Verdict};
use crate::cloud::{self, Cloud};

/// AWS is eventually consistent: what is not as expected is read again this often before it counts as failed.
const SECOND_LOOKS: u32 = 4;
/// Between second looks.
const SOON: Duration = Duration::from_millis(750);
/// Between looks at what takes long, at first and at most: snapshots take minutes to hours.
const PATIENT: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(30));
/// So many looks in a row may get no answer about what takes long, some eight minutes: a network that is away for a moment must not
/// end the watch over a capture that runs for two hours.
const UNANSWERED: u32 = 20;

/// A look at what a run should have brought about, again and again for as long as something is pending.
#[derive(Debug)]
pub struct Watch<'r> {
    cloud: &'r Arc<Cloud>,
    run: &'r Run,
    told: Option<Vec<Check>>,
    second_looks: u32,
    unanswered: Unanswered,
    pause: Option<Duration>,
    /// How long it was waited in all.
    waited: Duration,
    over: bool,
}

impl<'r> Watch<'r> {
    /// A watch over a run.
    #[must_use]
    pub fn new(cloud: &'r Arc<Cloud>, run: &'r Run) -> Self {
        Self {
            cloud,
            run,
            told: None,
            second_looks: 0,
            unanswered: Unanswered::default(),
            pause: None,
            waited: Duration::ZERO,
            over: false,
        }
    }

    /// The next state that differs from the one before, and whether it is the last. `None` after that.
    pub async fn next(&mut self) -> Option<(Vec<Check>, bool)> {
        while !self.over {
            if let Some(pause) = self.pause {
                tokio::time::sleep(pause).await;
                self.waited += pause;
            }
            let (mut checks, silent) = look(self.cloud, self.run).await;
            self.unanswered
                .read_again(self.told.as_deref().unwrap_or_default(), &mut checks, &silent);
            for check in &mut checks {
                lose_patience(check, self.waited);
                give_up(check, self.run);
            }
            let wrong = checks
                .iter()
                .any(|c| matches!(c.verdict, Verdict::Failed(_) | Verdict::Unreadable(_)));
            if wrong && may_be_late(self.run) && self.second_looks < SECOND_LOOKS {
                self.second_looks += 1;
                self.pause = Some(SOON);
                continue;
            }
            self.over = !checks.iter().any(|c| matches!(c.verdict, Verdict::Pending(_)));
            let patient = self
                .pause
                .filter(|p| *p >= PATIENT.0)
                .map_or(PATIENT.0, |p| (p * 3 / 2).min(PATIENT.1));
            self.pause = Some(patient);
            if self.over || self.told.as_ref() != Some(&checks) {
                self.told = Some(checks.clone());
                return Some((checks, self.over));
            }
        }
        None
    }
}

/// How many looks in a row got no answer about something that takes long.
#[derive(Debug, Default)]
struct Unanswered(u32);

impl Unanswered {
    /// What takes long is pending where no answer came, until too many in a row did not. `before` is what was told last, `silent`
    /// says about which checks no answer came.
    fn read_again(&mut self, before: &[Check], checks: &mut [Check], silent: &[bool]) {
        let was_pending = |number: usize| {
            matches!(
                before.get(number).map(|check| &check.verdict),
                Some(Verdict::Pending(_))
            )
        };
        let mut any = false;
        for (number, (check, silent)) in checks.iter_mut().zip(silent).enumerate() {
            let Verdict::Unreadable(why) = &check.verdict else {
                continue;
            };
            if !silent || !(check.expectation.rests_on().is_some() || was_pending(number)) {
                continue;
            }
            any = true;
            check.verdict = if self.0 < UNANSWERED {
                Verdict::Pending(format!("it could not be read and is read again: {why}"))
            } else {
                Verdict::Unreadable(format!("{why} It was asked {} times in a row.", self.0 + 1))
            };
        }
        self.0 = if any { self.0 + 1 } else { 0 };
    }
}

/// Whether AWS may not yet show all that the run did: as long as a call of it took effect, or may have, though its answer was lost. A
/// record that is verified again has no outcomes at hand.
fn may_be_late(run: &Run) -> bool {
    let unknown_here = run.outcomes.is_empty() && run.trouble.is_none();
    unknown_here
        || run
            .outcomes
            .iter()
            .any(|outcome| !matches!(outcome, Outcome::Failed { .. }))
}

/// What stays pending beyond its patience has failed.
fn lose_patience(check: &mut Check, waited: Duration) {
    if let (Verdict::Pending(far), Some(patience)) = (&check.verdict, check.expectation.patience())
        && waited >= patience
    {
        let minutes = waited.as_secs() / 60;
        check.verdict = Verdict::Failed(format!("after {minutes} minutes: {far}."));
    }
}

/// What rests on a call that AWS refused, or that was never sent, is not waited for.
fn give_up(check: &mut Check, run: &Run) {
    let (Verdict::Pending(_), Some(call)) = (&check.verdict, check.expectation.rests_on()) else {
        return;
    };
    let why = match run.outcomes.get(call) {
        Some(Outcome::Failed { .. }) => "AWS refused the call that brings it about.",
        None if run.trouble.is_some() => "The call that brings it about was not sent.",
        // A record that is verified again has no outcomes at hand, and no trouble.
        None
        | Some(
            Outcome::Applied { .. } | Outcome::AlreadySo { .. } | Outcome::Partly { .. } | Outcome::Unknown { .. },
        ) => return,
    };
    check.verdict = Verdict::Failed(why.to_owned());
}

/// One look: every query once, side by side; and of which checks a query got no answer.
async fn look(cloud: &Arc<Cloud>, run: &Run) -> (Vec<Check>, Vec<bool>) {
    let expectations: Vec<&Expectation> = run.plan.draft.expectations.iter().collect();
    let queries: BTreeSet<Query> = expectations.iter().flat_map(|e| e.queries(&run.made)).collect();
    let queries: Vec<Query> = queries.into_iter().collect();
    let request = &run.plan.request;
    let facts = Facts::from(cloud::answers(cloud, &request.account, &request.region, &queries).await);
    let unanswered = |query: &Query| {
        let failure = facts.get(query).and_then(|reading| reading.result.as_ref().err());
        failure.is_some_and(|failure| failure.kind == ReadFailureKind::Unreachable)
    };
    let look = |expectation: &Expectation| {
        let check = Check {
            verdict: expectation.check(&facts, &run.made),
            found: expectation.found(&facts, &run.made),
            expectation: expectation.clone(),
        };
        (check, expectation.queries(&run.made).iter().any(unanswered))
    };
    expectations.into_iter().map(look).unzip()
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
