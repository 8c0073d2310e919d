//! What is written down when the console is left at once.

use std::sync::Mutex;

use super::*;
use crate::action::Confirmed;
use crate::domain::Untrusted;
use crate::journal::{JournalError, Record};

/// A hand that takes its time, as a disk does.
#[derive(Debug, Default)]
struct Slow(Mutex<Vec<What>>);

impl Hand for Slow {
    async fn apply(self: Arc<Self>, _: Confirmed, _: UnboundedSender<Event>) {}

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

#[tokio::test]
async fn what_was_decided_is_written_before_the_console_is_left() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let hand = Arc::new(Slow::default());
    let mut console = Console {
        cloud: None,
        hand: Some(Arc::clone(&hand)),
        clock: Clock::default(),
        refresh: None,
        report: |_, _| Err("none".to_owned()),
        journal: PathBuf::from("journal.jsonl"),
        tell,
        writing: JoinSet::new(),
    };
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
