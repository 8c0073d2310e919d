//! What may be typed, and what may not.

use super::*;
use clap::CommandFactory;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn no_command_means_watch() {
    assert!(matches!(parse("quell").unwrap().chosen(), Command::Watch(_)));
}

#[test]
fn options_stand_before_or_after_the_command() {
    for line in [
        "quell --region us-east-1,eu-west-1 --account 111122223333 findings",
        "quell findings --region us-east-1 --region eu-west-1 --account 111122223333",
    ] {
        let globals = parse(line).unwrap().globals;
        assert_eq!((globals.region.len(), globals.account.len()), (2, 1), "{line}");
    }
}

#[test]
fn a_drill_takes_a_scenario_or_a_command() {
    let Command::Drill(drill) = parse("quell drill").unwrap().chosen() else {
        panic!("not a drill")
    };
    assert_eq!(
        (drill.play.scenario.as_str(), drill.play.seed),
        (DEFAULT_SCENARIO, None)
    );
    let Command::Drill(drill) = parse("quell drill open-bucket --seed 7").unwrap().chosen() else {
        panic!("not a drill")
    };
    assert_eq!(
        (drill.play.scenario.as_str(), drill.play.seed),
        ("open-bucket", Some(7))
    );
    let Command::Drill(drill) = parse("quell drill serve leaked-key --port 4600").unwrap().chosen() else {
        panic!("not a drill")
    };
    assert!(matches!(drill.command, Some(DrillCommand::Serve { port: 4600, .. })));
}

#[test]
fn what_cannot_be_meant_is_a_usage_error() {
    for line in [
        "quell plan delete-everything i-0ab12cd34ef567890",
        "quell plan isolate-instance",
        "quell apply plan.json",
        "quell undo twelve",
        "quell --region seoul",
        "quell findings --account 12",
        "quell findings --format xml",
        "quell plan isolate-instance i-1234abcd --incident ../../etc",
        "quell nonsense",
    ] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
}
