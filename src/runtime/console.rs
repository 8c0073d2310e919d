//! The console's loop: events in, state changed, screen drawn, effects run.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, sleep_until};

use super::connect::{self, Connected, Origin};
use super::ending::Ending;
use super::evidence::{Asked, Evidence};
use super::files;
use super::frames::{Draw, Frames};
use super::hand::Hand;
use super::in_turn::InTurn;
use super::recall::blocking;
use super::stage::Stage;
use super::told::{OFFLINE, note, organization, report, to_the_end, unread};
use crate::action::Query;
use crate::app::collecting::Subject;
use crate::app::{self, Effect, Event, Start, State, state::Identity};
use crate::cloud::{self, Clock, Cloud};
use crate::domain::{AccountId, IncidentId, Region};
use crate::findings::FindingKey;

/// Between two looks at the clock. Findings that stream in are sorted into the list this often.
const TICK: Duration = Duration::from_millis(100);
/// Events taken in before the screen is drawn again, so that a flood of findings cannot keep a key waiting.
const BATCH: usize = 64;
/// What is told waits so long for more of it, so that thousands of pages do not wake the console one by one. Keys wait for nothing.
const LULL: Duration = Duration::from_millis(10);
/// At most this long is waited for records that are being written when the console is left.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What a console needs from outside.
pub struct Setup<H> {
    pub start: Start,
    /// Where the findings come from; reached in the background, for it may take a while.
    pub origin: Origin,
    pub clock: Clock,
    /// How often findings are read again.
    pub refresh: Duration,
    /// Gives the hand once AWS is reached. In `watch` this can only give `None`.
    pub arm: Arm<H>,
    /// The journal's file, which is shown in every mode.
    pub journal: PathBuf,
    /// Writes the report of an incident from the journal's file.
    pub report: fn(&Path, &str) -> Result<String, String>,
}

impl<H> std::fmt::Debug for Setup<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup")
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}

/// The parts that effects use.
struct Console<H> {
    cloud: Option<Arc<Cloud>>,
    hand: Option<Arc<H>>,
    clock: Clock,
    refresh: UnboundedSender<()>,
    report: fn(&Path, &str) -> Result<String, String>,
    journal: PathBuf,
    evidence: Arc<Evidence>,
    /// Whether the findings come from files, so that AWS is never reached.
    offline: bool,
    tell: UnboundedSender<Event>,
    /// What is to be written, in the order of the effects. The console does not leave before it is.
    writing: InTurn,
}

/// Runs the console until it is left, or a signal ends it. `input` carries what the terminal hears.
pub async fn run<H: Hand>(setup: Setup<H>, stage: &mut impl Stage, input: UnboundedReceiver<Event>) -> io::Result<()> {
    let mut state = State::new(setup.start);
    let (tell, told) = mpsc::unbounded_channel();
    let (connected_tx, connected) = mpsc::channel(1);
    let (refresh, wanted) = mpsc::unbounded_channel();
    let clock = setup.clock;
    let evidence: Arc<Evidence> = Arc::default();
    let offline = matches!(setup.origin, Origin::Files(_));
    match setup.origin {
        Origin::Aws { reach, shelf } => {
            let desk = connect::Desk {
                tell: tell.clone(),
                evidence: Arc::clone(&evidence),
            };
            let connecting = connect::connect(reach, shelf, desk, connected_tx, wanted);
            drop(tokio::spawn(connecting));
        }
        Origin::Files(paths) => {
            let (now, evidence, tell) = (clock.now(), Arc::clone(&evidence), tell.clone());
            tokio::spawn(blocking(move || files::tell(&paths, now, &evidence, &tell)));
        }
    }
    tokio::spawn(super::tail::follow(setup.journal.clone(), tell.clone()));
    let mut console = Console {
        cloud: None,
        hand: None,
        clock,
        refresh,
        report: setup.report,
        journal: setup.journal,
        evidence,
        offline,
        tell,
        writing: InTurn::new(),
    };
    let mut ears = Ears {
        input,
        told,
        connected,
        arm: Some(setup.arm),
        refresh: setup.refresh,
    };
    let ended = turns(&mut console, &mut state, stage, &mut ears).await;
    console.finish().await;
    ended
}

/// What the loop listens to, and what it does once when AWS is reached.
struct Ears<H> {
    input: UnboundedReceiver<Event>,
    told: UnboundedReceiver<Event>,
    connected: mpsc::Receiver<Connected>,
    arm: Option<Arm<H>>,
    refresh: Duration,
}

/// Turn after turn, until the console is left.
async fn turns<H: Hand>(
    console: &mut Console<H>,
    state: &mut State,
    stage: &mut impl Stage,
    ears: &mut Ears<H>,
) -> io::Result<()> {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut drawn_second = i64::MIN;
    let mut ending = Ending::listen()?;
    stage.draw(state)?;
    let mut frames = Frames::begin(Instant::now());
    let mut lull = Instant::now();
    loop {
        let mut draw = Draw::Now;
        // Keys come first: whatever streams in, the console answers its user.
        let event = tokio::select! {
            biased;
            () = ending.come() => return Ok(()),
            event = ears.input.recv() => match event {
                Some(event) => event,
                None => return Ok(()),
            },
            Some(result) = ears.connected.recv() => {
                console.connected(result, &mut ears.arm, ears.refresh);
                continue;
            }
            () = sleep_until(frames.due().unwrap_or_else(Instant::now)), if frames.due().is_some() => {
                stage.draw(state)?;
                frames.drawn(Instant::now());
                continue;
            }
            event = async {
                sleep_until(lull).await;
                ears.told.recv().await
            } => match event {
                Some(event) => {
                    (draw, lull) = (Draw::Soon, Instant::now() + LULL);
                    event
                }
                None => return Ok(()),
            },
            _ = ticks.tick() => {
                let now = console.clock.now();
                for fault in stage.faults() {
                    console.send(Event::Failed(format!(
                        "A part of quell failed, please report it: {}",
                        crate::domain::Untrusted::new(fault)
                    )));
                }
                if now.as_second() == drawn_second {
                    draw = if state.list.dirty { Draw::Soon } else { Draw::Not };
                }
                drawn_second = now.as_second();
                Event::Tick(now)
            }
            // What takes longer than one turn goes on when nothing else happens.
            () = std::future::ready(()), if state.list.is_filtering() => Event::Idle,
        };
        let mut next = Some(event);
        let mut taken = 0;
        while let Some(event) = next.take() {
            for effect in app::update(state, event) {
                match effect {
                    Effect::Quit => return Ok(()),
                    Effect::Suspend => stage.suspend()?,
                    Effect::Copy(text) => stage.copy(&text)?,
                    Effect::Alert(alert) => stage.alert(&alert)?,
                    other => console.effect(other),
                }
            }
            taken += 1;
            if taken == BATCH {
                // There is more: it has waited long enough.
                lull = Instant::now();
                break;
            }
            if let Ok(key) = ears.input.try_recv() {
                (next, draw) = (Some(key), Draw::Now);
            } else if let Ok(event) = ears.told.try_recv() {
                (next, draw) = (Some(event), draw.max(Draw::Soon));
            }
        }
        if frames.wants(draw, Instant::now()) {
            stage.draw(state)?;
            frames.drawn(Instant::now());
        }
    }
}

/// Makes the hand from AWS, once it is reached, or says why not.
pub type Arm<H> = Box<dyn FnOnce(&Arc<Cloud>) -> Result<Option<Arc<H>>, String> + Send>;

impl<H: Hand> Console<H> {
    fn send(&self, event: Event) {
        // The loop holds the receiver for as long as it runs.
        drop(self.tell.send(event));
    }

    /// Waits for what was decided to be written down: a decision that was confirmed on the screen must not get lost by leaving.
    async fn finish(self) {
        // A disk that does not answer must not keep the terminal for good.
        self.writing.finish(LAST_WORDS).await;
    }

    fn connected(&mut self, result: Connected, arm: &mut Option<Arm<H>>, refresh: Duration) {
        let reached = match result {
            Ok(found) => found,
            Err(why) => return self.send(Event::Fatal(why)),
        };
        let cloud = Arc::clone(&reached.cloud);
        if let Some(arm) = arm.take() {
            match arm(&cloud) {
                Ok(hand) => self.hand = hand,
                Err(why) => return self.send(Event::Fatal(why)),
            }
        }
        self.send(Event::Identified(Identity {
            arn: cloud.identity().arn.to_string(),
            account: cloud.identity().account,
            endpoint: cloud.endpoint().map(str::to_owned),
            how: String::new(),
        }));
        // Which account acts for the organisation is asked beside: most of what is done needs no answer to it.
        tokio::spawn(organization(Arc::clone(&cloud), self.tell.clone()));
        tokio::spawn(connect::feed(reached, refresh, self.tell.clone()));
        self.cloud = Some(cloud);
    }

    /// Asks AWS, or says that nobody can be asked.
    fn read(&self, number: u64, account: AccountId, region: Region, queries: Vec<Query>) {
        let Some(cloud) = self.cloud.clone() else {
            let why = if self.offline {
                OFFLINE
            } else {
                "AWS is not reached yet."
            };
            let at = self.clock.now();
            let readings = queries.into_iter().map(|query| unread(query, at, why)).collect();
            return self.send(Event::Read { number, readings });
        };
        let tell = self.tell.clone();
        tokio::spawn(async move {
            let readings = cloud::answers(&cloud, &account, &region, &queries).await;
            drop(tell.send(Event::Read { number, readings }));
        });
    }

    /// Collects evidence beside everything else; leaving waits for it as for what is written.
    fn collect(&self, incident: IncidentId, subjects: Vec<Subject>, findings: Vec<FindingKey>) {
        let (Some(cloud), Some(hand)) = (self.cloud.clone(), self.hand.clone()) else {
            let result = Err(NO_HAND.to_owned());
            return self.send(Event::Collected { incident, result });
        };
        let (evidence, tell) = (Arc::clone(&self.evidence), self.tell.clone());
        let (asked, told) = ((incident.clone(), subjects, findings), tell.clone());
        self.writing.begin(async move {
            // A task of its own: a fault in it is told, so that the console does not wait for it for good.
            let task = tokio::spawn(super::collect::tell(hand, cloud, evidence, asked, told));
            if let Err(error) = task.await {
                let result = Err(format!("a part of quell failed, please report it: {error}"));
                drop(tell.send(Event::Collected { incident, result }));
            }
        });
    }

    /// Looks something up in the cache, on a thread that may wait.
    fn look_up(&self, asked: Asked) {
        let (evidence, tell) = (Arc::clone(&self.evidence), self.tell.clone());
        tokio::spawn(blocking(move || drop(tell.send(evidence.answer(asked)))));
    }

    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Read {
                number,
                account,
                region,
                queries,
            }
            | Effect::Prepare {
                number,
                account,
                region,
                queries,
            } => self.read(number, account, region, queries),
            Effect::Apply(confirmed) => match self.hand.clone() {
                Some(hand) => {
                    let (tell, told) = mpsc::unbounded_channel();
                    self.writing.leave(hand.apply(*confirmed, tell));
                    tokio::spawn(to_the_end(told, self.tell.clone()));
                }
                None => self.send(Event::ApplyRefused {
                    why: vec![NO_HAND.to_owned()],
                }),
            },
            Effect::Verify { seq, plan, made } => match self.hand.clone() {
                Some(hand) => self.writing.leave(hand.read_back(seq, *plan, made, self.tell.clone())),
                None => self.send(Event::Failed(NO_HAND.to_owned())),
            },
            Effect::Predict(plan) => {
                if let Some(hand) = self.hand.clone() {
                    let tell = self.tell.clone();
                    tokio::spawn(async move {
                        let said = hand.predict(&plan).await;
                        drop(tell.send(Event::Predicted(Box::new(said))));
                    });
                }
            }
            Effect::ApplyByRule(confirmed) => match self.hand.clone() {
                Some(hand) => {
                    let tell = self.tell.clone();
                    self.writing.begin(super::by_rule::apply(hand, *confirmed, tell));
                }
                None => self.send(Event::RuleDone {
                    trouble: Some(NO_HAND.to_owned()),
                }),
            },
            Effect::Note { incident, what } => match self.hand.clone() {
                Some(hand) => {
                    let tell = self.tell.clone();
                    self.writing
                        .write(async move { drop(tell.send(note(hand.as_ref(), incident, what).await)) });
                }
                None => self.send(Event::Failed(NO_HAND.to_owned())),
            },
            Effect::Report { incident } => match self.hand.clone() {
                Some(hand) => {
                    let (tell, write, journal) = (self.tell.clone(), self.report, self.journal.clone());
                    self.writing
                        .write(async move { report(hand.as_ref(), incident, &journal, write, &tell).await });
                }
                None => self.send(Event::Failed(NO_HAND.to_owned())),
            },
            Effect::Collect {
                incident,
                subjects,
                findings,
            } => self.collect(incident, subjects, findings),
            Effect::Evidence { key } => self.look_up(Asked::Raw(key)),
            Effect::Earlier { key } => self.look_up(Asked::Earlier(key)),
            Effect::EarlierEvent { key, digest } => self.look_up(Asked::One(key, digest)),
            Effect::Refresh => {
                if self.refresh.send(()).is_err() {
                    let said = "Nothing is read any more. Start quell again.";
                    self.send(Event::Failed(said.to_owned()));
                }
            }
            // These are taken by the loop, which owns the terminal.
            Effect::Copy(_) | Effect::Suspend | Effect::Quit | Effect::Alert(_) => {}
        }
    }
}

const NO_HAND: &str = "This console only looks; nothing was changed and nothing was written.";

#[cfg(test)]
#[path = "console_tests.rs"]
mod tests;
