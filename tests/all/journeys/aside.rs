//! What came out of the queue and is no event: nothing else has it, so it is seen after a restart, too.

use std::fs;

use super::screen::Screen;
use super::{ENTER, LARGE, Person, quit};
use crate::support::served::Served;

/// Goes to the queue's row of the coverage, and waits until it says this and its text is shown.
fn queue_row(screen: &mut Screen, state: &str) -> String {
    screen.see(" ▲ CRIT ");
    screen.press("C");
    screen.see(" Coverage ");
    screen.press("/");
    screen.press("eventbridge");
    screen.press(ENTER);
    screen.see(&format!("{state} EventBridge"));
    screen.press("j");
    screen.see("hello? is this thing on")
}

#[test]
fn what_an_earlier_start_kept_aside_is_named_by_the_next_one() {
    let person = Person::new();
    let served = Served::leaked_key();
    let endpoint = served.stranger(&served.login.responder).endpoint;
    let config = person.home.path().join("queue.toml");
    fs::write(
        &config,
        "queue = \"arn:aws:sqs:ap-northeast-2:222222222222:quell-events\"\n",
    )
    .unwrap();
    let env = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", &served.login.responder.access_key),
        ("AWS_SECRET_ACCESS_KEY", &served.login.responder.secret_key),
        ("AWS_REGION", "ap-northeast-2"),
    ];
    let args = [
        "--config",
        config.to_str().unwrap(),
        "watch",
        "--region",
        "ap-northeast-2",
    ];
    for state in ["◐ partial    ", "● complete   "] {
        let mut screen = person.runs(&args, &env, LARGE);
        let shown = queue_row(&mut screen, state);
        assert!(shown.contains("1 kept aside since 20"), "{shown}");
        quit(screen);
    }
}
