//! `quell watch` against somebody else's endpoint, and without credentials.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use quell::drill;
use quell::range::{Range, clock::Clock, serve};
use tokio::net::TcpListener;

use super::{ENTER, LARGE, Person, QUELL, SMALL, open, pane, quit};

#[test]
fn offers_no_step_and_changes_nothing() {
    let person = Person::new();
    let (name, text) = drill::builtin()[0];
    let scenario = drill::load(name, text).unwrap();
    let range = Range::new(scenario.build(Clock::real()).unwrap());
    let login = scenario.login().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let served = range.clone();
    runtime.spawn(async move { serve(served, listener).await });

    let env = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", &login.responder.access_key),
        ("AWS_SECRET_ACCESS_KEY", &login.responder.secret_key),
        ("AWS_REGION", "ap-northeast-2"),
    ];
    let mut screen = person.runs(&["watch", "--region", "ap-northeast-2,us-east-1"], &env, LARGE);
    let shown = screen.see("● 14 ok");
    assert!(
        shown.contains("WATCH") && shown.contains("not AWS: http://127.0.0.1"),
        "{shown}"
    );
    open(&mut screen, "type~Backdoor:EC2");
    pane(&mut screen, "Playbook");
    let shown = screen.see("WATCH only looks");
    assert!(!shown.contains("↵ do the step"), "{shown}");
    for key in ["i", "s", "x", "m", "d", "c", "R", "f", "v", "u", ENTER] {
        screen.press(key);
        screen.see("only looks; run quell respond to act.");
        // The next key takes the message away, so that each is seen for itself.
        screen.press("j");
        screen.see_gone("only looks; run");
    }
    pane(&mut screen, "Context");
    screen.see("└─ role web-instance");
    quit(screen);

    let changed: Vec<String> = range.with_world(|world| {
        assert!(
            world.log.iter().any(|call| call.service == "guardduty"),
            "nothing was read"
        );
        world
            .log
            .iter()
            .filter(|call| call.mutating)
            .map(|call| call.operation.clone())
            .collect()
    });
    assert_eq!(changed, Vec::<String>::new());
    assert!(!person.data().join("journal.jsonl").exists(), "watch wrote a journal");
}

/// `quell drill serve` as a person starts it in another window.
struct Window(Child);

impl Drop for Window {
    fn drop(&mut self) {
        // Gone already or not, it is waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_exports_of_drill_serve_are_enough() {
    let person = Person::new();
    let serve = Command::new(QUELL)
        .args(["drill", "serve", "--port", "0"])
        .env_clear()
        .env("HOME", person.home())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut serve = Window(serve);
    let lines = BufReader::new(serve.0.stdout.take().unwrap()).lines();
    let mut exports = Vec::new();
    for line in lines.map_while(Result::ok) {
        if line.starts_with("# ready") {
            break;
        }
        let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
        exports.push((name.to_owned(), value.to_owned()));
    }
    let env: Vec<(&str, &str)> = exports.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let screen = person.runs(&["watch", "--region", "ap-northeast-2,us-east-1"], &env, SMALL);
    screen.see("● 14 – 2");
    screen.see(" ▲ CRIT ");
    quit(screen);
}

#[test]
fn without_credentials_it_says_what_was_looked_for() {
    let person = Person::new();
    let screen = person.runs(&["watch"], &[("AWS_EC2_METADATA_DISABLED", "true")], SMALL);
    let shown = screen.see("No AWS credentials were found.");
    for part in ["AWS_ACCESS_KEY_ID", "~/.aws", "quell drill", "quell doctor"] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    quit(screen);
}

#[test]
fn a_bad_config_never_touches_the_terminal() {
    let person = Person::new();
    let path = person.home.path().join("bad.toml");
    fs::write(&path, "profile = \"x\"\nregoins = []\n").unwrap();
    let screen = person.runs(&["--config", path.to_str().unwrap(), "watch"], &[], SMALL);
    let (status, bytes) = screen.end();
    let said = String::from_utf8(bytes).unwrap();
    assert!(!status.success());
    assert!(said.contains("bad.toml:2:1:") && said.contains("regoins"), "{said}");
    assert!(!said.contains('\x1b'), "{said:?}");
}

#[test]
fn paints_what_the_cache_knows_before_aws_has_said_who_it_is() {
    let person = Person::new();
    let (name, text) = drill::builtin()[0];
    let scenario = drill::load(name, text).unwrap();
    let range = Range::new(scenario.build(Clock::real()).unwrap());
    let login = scenario.login().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let begin = || {
        let _guard = runtime.enter();
        let listener = TcpListener::from_std(listener.try_clone().unwrap()).unwrap();
        let served = range.clone();
        runtime.spawn(async move { serve(served, listener).await })
    };
    let env = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", &login.responder.access_key),
        ("AWS_SECRET_ACCESS_KEY", &login.responder.secret_key),
        ("AWS_REGION", "ap-northeast-2"),
    ];
    let args = ["watch", "--region", "ap-northeast-2,us-east-1"];
    let serving = begin();
    let screen = person.runs(&args, &env, LARGE);
    screen.see("● 14 ok");
    screen.see(" ▲ CRIT ");
    quit(screen);
    serving.abort();
    assert!(runtime.block_on(serving).unwrap_err().is_cancelled());
    // Whoever connects now waits: nobody answers, and nobody refuses either.
    let mut screen = person.runs(&args, &env, LARGE);
    let shown = screen.see(" ▲ CRIT ");
    assert!(
        shown.contains("caller not confirmed") && shown.contains("stale") && !shown.contains("● 14 ok"),
        "{shown}"
    );
    // Names are known as long as findings are: a filter by one does not hide what is there.
    screen.press("/account:prod\r");
    let shown = screen.see("account:prod · ");
    assert!(
        shown.contains(" ▲ CRIT ") && !shown.contains("Nothing matches"),
        "{shown}"
    );
    let serving = begin();
    let shown = screen.see("● 14 ok");
    assert!(!shown.contains("not confirmed"), "{shown}");
    quit(screen);
    serving.abort();
}

/// Nothing else has what an incident's earlier events said once their messages are deleted.
#[test]
fn the_earlier_events_of_an_incident_are_listed_and_opened() {
    let person = Person::new();
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("events.jsonl");
    let event = |minute: u32, title: &str, status: &str| {
        format!(
            r#"{{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf37166287{minute:02}","detail-type":"Outage","source":"acme.pay","account":"111122223333","time":"2026-03-01T10:{minute:02}:00Z","region":"eu-west-1","resources":[],"detail":{{"id":"pay-1","severity":"high","title":"{title}","status":"{status}","resource":"payments"}}}}"#
        )
    };
    let told = [
        event(10, "Payments fail", "open"),
        event(20, "All is well", "resolved"),
        event(40, "They fail again", "open"),
        event(30, "Payments are \\u001b[31mslow", "open"),
    ];
    fs::write(&file, told.join("\n")).unwrap();
    let mut screen = person.runs(&["watch", "--from", file.to_str().unwrap()], &[], SMALL);
    screen.see("They fail again");
    screen.press(ENTER);
    screen.see("4 events; Raw JSON lists the earlier");
    pane(&mut screen, "Raw JSON");
    screen.see("The latest of 4 events");
    screen.press(ENTER);
    screen.see("3 earlier events");
    let shown = screen.see("bf3716628710");
    let at = |text: &str| shown.find(text).unwrap_or_else(|| panic!("no {text} in\n{shown}"));
    assert!(at("bf3716628730") < at("bf3716628720") && at("bf3716628720") < at("bf3716628710"));
    assert!(shown.contains("over: All"), "{shown}");
    screen.press("G");
    screen.press(ENTER);
    let shown = screen.see("\"title\": \"Payments fail\"");
    assert!(
        shown.contains("bf3716628710") && !shown.contains("bf3716628740"),
        "{shown}"
    );
    screen.press("\u{1b}");
    screen.see("3 earlier events");
    screen.press("\u{1b}");
    screen.see("bf3716628740");
    quit(screen);
}

/// Behind a short list stands that it is short, on every screen and after every key.
#[test]
fn what_files_hold_that_is_no_finding_stays_on_the_screen() {
    let person = Person::new();
    let files = tempfile::tempdir().unwrap();
    let (event, broken) = (files.path().join("event.json"), files.path().join("broken.json"));
    let good = r#"{"detail-type":"Outage","source":"acme.pay","account":"111122223333","time":"2026-03-01T10:00:00Z","region":"eu-west-1","detail":{"id":"pay-1","severity":"high","title":"Payments fail"}}"#;
    fs::write(&event, format!("{good}\n{{\"a\":1}}\n{{\"a\":2}}\n{{\"a\":3}}\n")).unwrap();
    fs::write(&broken, "").unwrap();
    let from = [event.to_str().unwrap(), broken.to_str().unwrap()];
    let missing = files.path().join("missing.json");
    let missing = missing.to_str().unwrap();
    let mut screen = person.runs(&["watch", "--from", missing, from[0], from[1]], &[], SMALL);
    screen.see("Payments fail");
    screen.see("✗ 5 entries not read");
    screen.press("C");
    let shown = screen.see("broken.json");
    assert!(shown.contains("missing.json cannot be read"), "{shown}");
    assert!(
        shown.contains("✗ 5 entries not read") && shown.contains("only what the files hold"),
        "{shown}"
    );
    for line in 2..=4 {
        assert!(
            shown.contains(&format!("event.json:{line}:1: it is no finding")),
            "{shown}"
        );
    }
    quit(screen);
}
