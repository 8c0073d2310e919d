//! What is written down when the console is left at once, and what is told when an apply ends by a fault.

use std::sync::Mutex;

use super::*;
use crate::action::{ActionName, Confirmed, Draft, Ec2Call, Facts, Made, Mutation, Plan, PlannedCall, Request, Undo};
use crate::domain::{IncidentId, Resource, ResourceKind, Time, Untrusted};
use crate::journal::{JournalError, Record, What};

/// A hand that takes its time, as a disk does.
#[derive(Debug, Default)]
struct Slow(Mutex<Vec<What>>);

impl Hand for Slow {
    async fn predict(&self, _: &crate::action::Plan) -> crate::action::Prediction {
        unreachable!("nothing is planned here")
    }

    async fn apply(self: Arc<Self>, _: Confirmed, _: UnboundedSender<Event>) {}

    async fn read_back(self: Arc<Self>, _: u64, _: Plan, _: Made, _: UnboundedSender<Event>) {}

    async fn note(&self, _: Option<IncidentId>, what: What) -> Result<Record, JournalError> {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        self.0.lock().unwrap().push(what);
        Err(JournalError::OutOfTurn("this hand keeps no journal"))
    }

    fn directory(&self) -> &Path {
        Path::new(".")
    }
}

fn console<H>(hand: Arc<H>) -> (Console<H>, UnboundedReceiver<Event>) {
    let (tell, told) = mpsc::unbounded_channel();
    let console = Console {
        cloud: None,
        hand: Some(hand),
        clock: Clock::default(),
        refresh: mpsc::unbounded_channel().0,
        report: |_, _| Err("none".to_owned()),
        journal: PathBuf::from("journal.jsonl"),
        evidence: Arc::default(),
        offline: false,
        tell,
        writing: InTurn::new(),
    };
    (console, told)
}

#[tokio::test]
async fn what_was_decided_is_written_before_the_console_is_left() {
    let hand = Arc::new(Slow::default());
    let (mut console, mut told) = console(Arc::clone(&hand));
    let what = What::Noted {
        text: Untrusted::new("the instance is ours"),
    };
    console.effect(Effect::Note {
        incident: None,
        what: what.clone(),
    });
    console.finish().await;
    assert_eq!(*hand.0.lock().unwrap(), [what]);
    assert!(matches!(told.try_recv(), Ok(Event::Failed(_))));
}

/// A hand that writes the sooner the later it was asked, and says what it wrote and what it applied.
#[derive(Debug, Default)]
struct Hasty(Mutex<(usize, Vec<String>)>);

impl Hand for Hasty {
    async fn predict(&self, _: &crate::action::Plan) -> crate::action::Prediction {
        unreachable!("nothing is planned here")
    }

    async fn apply(self: Arc<Self>, _: Confirmed, _: UnboundedSender<Event>) {
        self.0.lock().unwrap().1.push("applied".to_owned());
    }

    async fn read_back(self: Arc<Self>, _: u64, _: Plan, _: Made, _: UnboundedSender<Event>) {}

    async fn note(&self, incident: Option<IncidentId>, _: What) -> Result<Record, JournalError> {
        let asked = {
            let mut held = self.0.lock().unwrap();
            held.0 += 1;
            held.0
        };
        for _ in 0..100 / asked {
            tokio::task::yield_now().await;
        }
        self.0.lock().unwrap().1.extend(incident);
        Err(JournalError::OutOfTurn("this hand keeps no journal"))
    }

    fn directory(&self) -> &Path {
        Path::new(".")
    }
}

#[tokio::test]
async fn the_order_of_the_effects_is_the_order_in_the_journal() {
    let hand = Arc::new(Hasty::default());
    let (mut console, told) = console(Arc::clone(&hand));
    let note = |name: &str| Effect::Note {
        incident: Some(name.to_owned()),
        what: What::Released {},
    };
    console.effect(note("first"));
    console.effect(note("second"));
    console.effect(Effect::ApplyByRule(Box::new(confirmed())));
    console.effect(note("third"));
    console.effect(Effect::Apply(Box::new(confirmed())));
    console.finish().await;
    drop(told);
    let wrote = hand.0.lock().unwrap().1.clone();
    let notes: Vec<&str> = wrote.iter().map(String::as_str).filter(|w| *w != "applied").collect();
    assert_eq!(notes, ["first", "second", "third"]);
    let applied: Vec<usize> = (0..wrote.len()).filter(|n| wrote[*n] == "applied").collect();
    assert!(applied.first().is_some_and(|place| *place >= 2), "{wrote:?}");
}

/// A hand that tells that it began, or not, that the calls ended, or not, and then has a fault.
#[derive(Debug)]
struct Faulty {
    began: bool,
    ended: bool,
}

impl Hand for Faulty {
    async fn predict(&self, _: &crate::action::Plan) -> crate::action::Prediction {
        unreachable!("nothing is planned here")
    }

    async fn apply(self: Arc<Self>, _: Confirmed, tell: UnboundedSender<Event>) {
        if self.began {
            tell.send(Event::ApplyBegan { seq: 7 }).unwrap();
        }
        if self.ended {
            tell.send(Event::CallsEnded { trouble: None }).unwrap();
        }
        panic!("a fault, as this test wants it");
    }

    async fn read_back(self: Arc<Self>, _: u64, _: Plan, _: Made, _: UnboundedSender<Event>) {}

    async fn note(&self, _: Option<IncidentId>, _: What) -> Result<Record, JournalError> {
        Err(JournalError::OutOfTurn("this hand keeps no journal"))
    }

    fn directory(&self) -> &Path {
        Path::new(".")
    }
}

fn confirmed() -> Confirmed {
    let request = Request {
        action: ActionName::IsolateInstance,
        account: "111122223333".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        target: Resource::new(ResourceKind::Instance, "i-0ab12cd34ef567890"),
        incident: "q-1a2b3c4d".to_owned(),
        by: "arn:aws:iam::111122223333:user/oncall-1".to_owned(),
        at: Time::UNIX_EPOCH,
        undoes: None,
        notice: None,
        others: Vec::new(),
        choices: crate::action::Choices::new(),
    };
    let call = PlannedCall {
        mutation: Mutation::Ec2(Ec2Call::SetTerminationProtection {
            instance: "i-0ab12cd34ef567890".parse().unwrap(),
            on: true,
        }),
        undo: Undo::Reversible,
        was: None,
    };
    let draft = Draft {
        calls: vec![call],
        ..Draft::default()
    };
    let plan = Plan::new(request, draft, Facts::default());
    let digest = plan.digest().to_string();
    Confirmed::by_digest(plan, &digest, Time::UNIX_EPOCH).unwrap()
}

#[tokio::test]
async fn an_apply_that_ends_by_a_fault_is_told_to_have_ended() {
    for (began, ended, expected) in [
        (false, false, &["refused: before anything was sent"][..]),
        (
            true,
            false,
            &["began", "ended: The journal says how far it came", "checked"][..],
        ),
        // What had been told already is not told again: by then another plan may be under way.
        (true, true, &["began", "ended: "][..]),
    ] {
        let (mut console, mut told) = console(Arc::new(Faulty { began, ended }));
        console.effect(Effect::Apply(Box::new(confirmed())));
        drop(console);
        let mut heard = Vec::new();
        // Ends when nobody is left who could tell anything.
        while let Some(event) = told.recv().await {
            heard.push(match event {
                Event::ApplyRefused { why } => format!("refused: {}", why.join(" ")),
                Event::ApplyBegan { .. } => "began".to_owned(),
                Event::CallsEnded { trouble } => format!("ended: {}", trouble.unwrap_or_default()),
                Event::Checked { seq: 7, last: true, .. } => "checked".to_owned(),
                other => panic!("{other:?}"),
            });
        }
        assert_eq!(heard.len(), expected.len(), "{heard:?}");
        for (heard, expected) in heard.iter().zip(expected) {
            let (word, part) = expected.split_once(": ").unwrap_or((expected, ""));
            assert!(heard.starts_with(word) && heard.contains(part), "{heard}");
        }
    }
}
