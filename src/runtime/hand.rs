//! The hand that changes things, and the lack of one.
//!
//! The console runs with `Option<Arc<H>>`. In `watch`, `H` is `Infallible`, of which there is no value: the option can only be
//! `None`, and no flag has to be checked anywhere.
//!
//! ```compile_fail,E0308
//! # use std::{convert::Infallible, sync::Arc};
//! # use quell::runtime::Responder;
//! fn arm_a_watcher(responder: Arc<Responder>) -> Option<Arc<Infallible>> {
//!     Some(responder)
//! }
//! ```
//!
//! The same for the type that can change things compiles:
//!
//! ```
//! # use std::sync::Arc;
//! # use quell::runtime::Responder;
//! fn arm_a_responder(responder: Arc<Responder>) -> Option<Arc<Responder>> {
//!     Some(responder)
//! }
//! ```

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};

use super::apply::{self, NotApplied, Run, Told};
use super::verify::Watch;
use crate::action::{Check, Confirmed, Made, Plan, Prediction};
use crate::app::Event;
use crate::cloud::{self, Cloud};
use crate::domain::IncidentId;
use crate::journal::{JournalError, Record, What, Writer};

/// Who can apply plans and write records.
pub trait Hand: Send + Sync + 'static {
    /// Asks AWS whether a plan's calls would be allowed.
    fn predict(&self, plan: &Plan) -> impl Future<Output = Prediction> + Send;

    /// Applies a confirmed plan and reads back, telling every step.
    fn apply(
        self: Arc<Self>,
        confirmed: Confirmed,
        tell: mpsc::UnboundedSender<Event>,
    ) -> impl Future<Output = ()> + Send;

    /// Reads back what the plan of record `seq` was to bring about, whose calls made these things, telling every step.
    fn read_back(
        self: Arc<Self>,
        seq: u64,
        plan: Plan,
        made: Made,
        tell: mpsc::UnboundedSender<Event>,
    ) -> impl Future<Output = ()> + Send;

    /// Writes a record.
    fn note(
        &self,
        incident: Option<IncidentId>,
        what: What,
    ) -> impl Future<Output = Result<Record, JournalError>> + Send;

    /// The directory of the journal, where reports go too.
    fn directory(&self) -> &Path;
}

impl Hand for Infallible {
    async fn predict(&self, _: &Plan) -> Prediction {
        match *self {}
    }

    async fn apply(self: Arc<Self>, _: Confirmed, _: mpsc::UnboundedSender<Event>) {
        match *self {}
    }

    async fn read_back(self: Arc<Self>, _: u64, _: Plan, _: Made, _: mpsc::UnboundedSender<Event>) {
        match *self {}
    }

    async fn note(&self, _: Option<IncidentId>, _: What) -> Result<Record, JournalError> {
        match *self {}
    }

    fn directory(&self) -> &Path {
        match *self {}
    }
}

/// A responder: AWS, and the journal that every change goes through.
#[derive(Debug)]
pub struct Responder {
    cloud: Arc<Cloud>,
    writer: Mutex<Writer>,
    /// Held for as long as a plan is applied. The writer is not: notes must not wait for AWS.
    applying: Mutex<()>,
    directory: PathBuf,
}

impl Responder {
    /// A responder with an open journal.
    #[must_use]
    pub fn new(cloud: Arc<Cloud>, writer: Writer, directory: PathBuf) -> Self {
        Self {
            cloud,
            writer: Mutex::new(writer),
            applying: Mutex::new(()),
            directory,
        }
    }

    /// Applies a confirmed plan. Another one waits until it has ended, so plans cannot mix.
    pub async fn run(&self, confirmed: Confirmed, tell: &mut (dyn FnMut(Told<'_>) + Send)) -> Result<Run, NotApplied> {
        let _one_at_a_time = self.applying.lock().await;
        apply::apply(&self.cloud, &self.writer, confirmed, tell).await
    }

    /// Reads back what a run should have brought about, and journals each new state.
    pub async fn verify(&self, run: &Run, mut tell: impl FnMut(&[Check], bool, Result<Record, JournalError>) + Send) {
        let mut watch = Watch::new(&self.cloud, run);
        while let Some((checks, last)) = watch.next().await {
            let what = What::Checked {
                plan: run.seq,
                checks: checks.clone(),
            };
            let record = self.note(Some(run.plan.request.incident.clone()), what).await;
            tell(&checks, last, record);
        }
    }

    /// The same, told as the console hears it.
    async fn tell_back(&self, run: &Run, tell: &mpsc::UnboundedSender<Event>) {
        let (seq, send) = (run.seq, |event| drop(tell.send(event)));
        self.verify(run, |checks, last, record| {
            match record {
                Ok(record) => send(Event::Recorded(Box::new(record))),
                Err(error) => send(Event::Failed(error.to_string())),
            }
            let checks = checks.to_vec();
            send(Event::Checked { seq, checks, last });
        })
        .await;
    }
}

impl Hand for Responder {
    async fn predict(&self, plan: &Plan) -> Prediction {
        cloud::predict(&self.cloud, plan).await
    }

    async fn apply(self: Arc<Self>, confirmed: Confirmed, tell: mpsc::UnboundedSender<Event>) {
        // A console that has gone away hears nothing more. It says so before it goes, for then the call under way stays unknown.
        let send = |event| drop(tell.send(event));
        let mut told = |told: Told<'_>| {
            send(match told {
                Told::Recorded(record) => Event::Recorded(Box::new(record.clone())),
                Told::Began(seq) => Event::ApplyBegan { seq },
                Told::Sent(call) => Event::CallSent { call },
                Told::Answered(call, outcome) => Event::CallAnswered {
                    call,
                    outcome: outcome.clone(),
                },
            });
        };
        let by_rule = confirmed.rule().is_some();
        let run = match self.run(confirmed, &mut told).await {
            Ok(run) => run,
            Err(error) => {
                let why = refused(error, by_rule);
                return send(Event::ApplyRefused { why });
            }
        };
        send(Event::CallsEnded {
            trouble: run.trouble.clone(),
        });
        self.tell_back(&run, &tell).await;
    }

    async fn read_back(self: Arc<Self>, seq: u64, plan: Plan, made: Made, tell: mpsc::UnboundedSender<Event>) {
        let run = Run {
            seq,
            plan,
            outcomes: Vec::new(),
            made,
            trouble: None,
        };
        self.tell_back(&run, &tell).await;
    }

    async fn note(&self, incident: Option<IncidentId>, what: What) -> Result<Record, JournalError> {
        self.writer.lock().await.note(self.cloud.now(), incident, what)
    }

    fn directory(&self) -> &Path {
        &self.directory
    }
}

/// Why nothing was sent, in sentences. Nobody saw the plan of a rule, so nothing is said of "any more" there.
fn refused(error: NotApplied, by_rule: bool) -> Vec<String> {
    match error {
        NotApplied::Drifted(why) => why,
        NotApplied::NoPlan(why) if by_rule => vec![why.to_string()],
        NotApplied::NoPlan(_) | NotApplied::NotByYou(_) | NotApplied::Session(_) | NotApplied::Journal(_) => {
            vec![error.to_string()]
        }
    }
}

#[cfg(test)]
#[path = "hand_tests.rs"]
mod tests;
