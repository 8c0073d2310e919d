//! The keys, their limits, and how a fault is told.

use super::*;

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(Path::new("/etc/q/config.toml"), text).map_err(|e| e.to_string())
}

#[test]
fn each_endpoint_has_a_directory_that_stays_below_the_base() {
    for (url, name) in [
        ("http://127.0.0.1:4600", "127.0.0.1-4600"),
        ("https://aws.example.com/", "aws.example.com"),
        ("http://[::1]:4600", "1--4600"),
        ("../../etc", "etc"),
    ] {
        assert_eq!(plain(url), name);
    }
}

#[test]
fn an_empty_file_gives_the_defaults() {
    assert_eq!(parse("").unwrap(), Config::default());
    assert_eq!(Config::default().reader_role.as_str(), "quell-reader");
}

#[test]
fn every_key_is_read() {
    let config = parse(
        r#"
        profile = "security"
        regions = ["us-east-1", "ap-northeast-2"]
        accounts = ["111122223333"]
        reader_role = "ir-eyes"
        responder_role = "ir-hands"
        external_id = "abc"
        data_dir = "data"
        theme = "light"
        refresh_seconds = 60
        classification = "levels.toml"
        playbooks_dir = "ours"
        queue = "arn:aws:sqs:us-east-1:111122223333:quell-events"
        notify.topic = "arn:aws:sns:us-east-1:111122223333:ir"
        columns = ["sev", "incident"]
        [incident]
        window_hours = 48
        [keys]
        quit = "Q"
        [[view]]
        name = "mine"
        filter = "account:prod"
        "#,
    )
    .unwrap();
    assert_eq!((config.regions.len(), config.accounts.len()), (2, 1));
    assert_eq!(config.reader_role.as_str(), "ir-eyes");
    assert_eq!(config.responder_role.as_str(), "ir-hands");
    assert_eq!(config.data_dir.as_deref(), Some(Path::new("/etc/q/data")));
    assert_eq!(config.classification.as_deref(), Some(Path::new("/etc/q/levels.toml")));
    assert_eq!(config.playbooks(), Some((PathBuf::from("/etc/q/ours"), true)));
    assert_eq!(config.keys["quit"], "Q");
    assert_eq!(config.incident.window(), 48 * 60 * 60);
    assert_eq!(Config::default().incident.window(), 24 * 60 * 60);
    let look = config.look();
    assert_eq!(look.columns, [Column::Sev, Column::Incident]);
    assert_eq!((look.views.len(), look.views[0].name.as_str()), (1, "mine"));
    assert_eq!(config.queue.unwrap().resource(), "quell-events");
    assert_eq!(config.notify.topic.unwrap().service(), "sns");
}

#[test]
fn each_fault_names_file_line_column_and_what_was_expected() {
    each_is_told(&[
        ("regoins = []", ":1:1:", "expected one of `profile`, `regions`"),
        (
            "\nregions = \"us-east-1\"",
            ":2:11:",
            "regions is a list in brackets, this is the text \"us-east-1\"",
        ),
        (
            "regions = [\"us-east-1\", \"Seoul\"]",
            ":1:11:",
            "should look like ap-northeast-2",
        ),
        (
            "accounts = [111122223333]",
            ":1:13:",
            "each of accounts is a text in quotes, this is the number 111122223333",
        ),
        (
            "refresh_seconds = 1",
            ":1:19:",
            "refresh_seconds is a whole number from 5 to 3600, this is the number 1",
        ),
        (
            "refresh_seconds = \"1\"",
            ":1:19:",
            "from 5 to 3600, this is the text \"1\"",
        ),
        (
            "[incident]\nwindow_hours = 0",
            ":2:16:",
            "from 1 to 168, this is the number 0",
        ),
        (
            "[incident]\nwindow_hours = 169",
            ":2:16:",
            "from 1 to 168, this is the number 169",
        ),
        (
            "[incident]\nwindow_hours = \"24\"",
            ":2:16:",
            "window_hours is a whole number from 1 to 168, this is the text \"24\"",
        ),
        ("[incident]\nwindow = 24", ":2:1:", "expected `window_hours`"),
        (
            "[notify]\ntopic = \"arn:aws:sqs:us-east-1:111122223333:q\"",
            ":2:9:",
            "the ARN of an SNS topic, arn:aws:sns:REGION:ACCOUNT:NAME",
        ),
        (
            "\nqueue = \"arn:aws:sns:us-east-1:111122223333:q\"",
            ":2:9:",
            "the ARN of an SQS queue",
        ),
        (
            "queue = \"arn:aws:sqs:us-east-1::q\"",
            ":1:9:",
            "the ARN of an SQS queue",
        ),
        ("[notify]\ntopics = \"x\"", ":2:1:", "expected `topic`"),
        ("reader_role = \"a b\"", ":1:15:", "should look like web-server"),
        ("profile = ", ":1:11:", "expected"),
        ("columns = [\"sla\", \"slow\"]", ":1:11:", "there is no column \"slow\""),
        (
            "[[view]]\nname = \"a\"\nfilter = \"sev>=bad\"",
            ":3:16:",
            "the filter of the view \"a\"",
        ),
    ]);
}

#[test]
fn keys_arns_and_wrong_types_are_told_in_the_words_of_the_file() {
    each_is_told(&[
        (
            "[keys]\nquit = \"Q\"\nnosuch = \"x\"",
            ":3:1:",
            "there is no action \"nosuch\"",
        ),
        (
            "[keys]\nquit = \"s\"",
            ":2:8:",
            "the key s is given to \"quit\" while it is \"sort\"'s",
        ),
        ("[keys]\nquit = \"Shift-\"", ":2:8:", "Shift-"),
        (
            "queue = \"hello\"",
            ":1:9:",
            "arn:aws:sqs:REGION:ACCOUNT:NAME; this is \"hello\"",
        ),
        (
            "queue = \"https://sqs.us-east-1.amazonaws.com/111122223333/q\"",
            ":1:9:",
            "this is a URL",
        ),
        ("notify.topic = \"arn:aws:sns:nope\"", ":1:16:", "an SNS topic"),
        (
            "[[rule]]\nat = \"high\"\ndo = \"notify\"",
            ":2:6:",
            "at is a number from 0 to 10, this is the text \"high\"",
        ),
        (
            "prepare = \"yes\"",
            ":1:11:",
            "prepare is true or false, this is the text",
        ),
        (
            "data_dir = 3",
            ":1:12:",
            "data_dir is a path in quotes, this is the number 3",
        ),
        (
            "[alert]\nat = \"hihg\"",
            ":2:6:",
            "`hihg` is not known here, expected one of `informational`",
        ),
        ("alert = 3", ":1:9:", "alert is a table, this is the number 3"),
        (
            "[choices.isolate-instance]\nx = 3",
            ":2:5:",
            "a text in quotes, true or false, this is the number 3",
        ),
    ]);
}

fn each_is_told(faults: &[(&str, &str, &str)]) {
    for (text, place, expected) in faults {
        let shown = parse(text).unwrap_err();
        assert!(shown.starts_with("/etc/q/config.toml"), "{shown}");
        assert!(shown.contains(place), "{text}: {shown}");
        assert!(shown.contains(expected), "{text}: {shown}");
        assert!(shown.contains('^'), "{shown}");
    }
}

#[test]
fn a_file_that_is_named_and_not_there_is_told_at_its_key() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("q.toml");
    for (text, place, expected) in [
        ("\ntheme = \"pink\"", ":2:9:", "the themes are dark, light"),
        (
            "classification = \"nofile.toml\"",
            ":1:18:",
            "nofile.toml cannot be read: there is no such file",
        ),
        ("classification = \".\"", ":1:18:", "it is a directory"),
    ] {
        std::fs::write(&file, text).unwrap();
        let shown = Config::load(Some(&file)).unwrap_err().to_string();
        assert!(shown.contains(place) && shown.contains(expected), "{text}: {shown}");
        assert!(!shown.contains("os error"), "{shown}");
    }
}

#[test]
fn playbooks_are_looked_for_beside_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("q.toml");
    std::fs::write(&file, "theme = \"dark\"").unwrap();
    let config = Config::load(Some(&file)).unwrap();
    assert_eq!(config.playbooks(), Some((directory.path().join("playbooks"), false)));
    assert_eq!(Config::default().playbooks(), None);
}

#[test]
fn a_named_file_must_exist() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("none.toml");
    assert!(matches!(
        Config::load(Some(&missing)),
        Err(ConfigError::Unreadable { .. })
    ));
}

#[test]
fn workspaces_stay_apart_and_inside() {
    let config = parse("data_dir = \"/var/q\"").unwrap();
    let at = |given, workspace| config.workspace(given, workspace).map_err(|e| e.to_string());
    assert_eq!(at(None, Workspace::Live).unwrap(), Path::new("/var/q/live"));
    assert_eq!(
        at(None, Workspace::Drill("leaked-key")).unwrap(),
        Path::new("/var/q/drill/leaked-key")
    );
    assert_eq!(at(Some(Path::new("/x")), Workspace::Live).unwrap(), Path::new("/x"));
    for bad in ["", "..", "../live", "a/b", "a\0b"] {
        assert!(at(None, Workspace::Drill(bad)).is_err(), "{bad:?}");
    }
}

#[test]
fn the_readme_shows_a_configuration_that_is_read() {
    let readme = include_str!("../../README.md");
    let shown = readme.split("```toml\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    let config = Config::parse(Path::new("/etc/q/config.toml"), shown).unwrap_or_else(|e| panic!("{e}"));
    let look = config.look();
    let names: Vec<&str> = look.views.iter().map(|v| v.name.as_str()).collect();
    assert_eq!(names, ["mine"]);
    assert_eq!(config.columns, Column::DEFAULT);
}
