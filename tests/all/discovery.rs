//! Discovery against an Organizations, an STS and a Security Hub that nobody here wrote: moto, through an endpoint and keys.

use std::collections::BTreeSet;

use quell::cloud::{self, Cloud, ConnectOptions, Found};
use quell::findings::Source;
use tokio::sync::mpsc;

use crate::support::moto::{Moto, OWN};
use crate::support::room::with_room;

const OTHER: &str = "333333333333";
const REGION: &str = "us-east-1";

#[derive(Debug, Default)]
struct Told {
    names: BTreeSet<(String, String)>,
    /// Source, account and region of everything that is read, through whomever.
    spots: BTreeSet<(Source, String, String)>,
    how: String,
    may_miss: bool,
}

async fn told(options: ConnectOptions) -> Told {
    let cloud = Cloud::connect(options).await.unwrap();
    let (tx, mut rx) = mpsc::channel(8);
    let finding = tokio::spawn(cloud::routes(cloud, tx));
    let mut told = Told::default();
    while let Some(found) = rx.recv().await {
        match found {
            Found::Accounts(accounts) => {
                let named = accounts.into_iter().map(|a| (a.id.to_string(), a.name.shown()));
                told.names.extend(named);
            }
            Found::Route { route, .. } => {
                let spot = (route.source, route.via.to_string(), route.region.to_string());
                told.spots.insert(spot);
            }
            Found::Covers {
                route,
                accounts,
                regions,
            } => {
                let spots = accounts.iter().flat_map(|a| regions.iter().map(move |r| (a, r)));
                let spots = spots.map(|(a, r)| (route.source, a.to_string(), r.to_string()));
                told.spots.extend(spots);
            }
            Found::NoRoute(row) => panic!("{row:?}"),
            Found::Way { how, may_miss } => (told.how, told.may_miss) = (how, may_miss),
        }
    }
    finding.await.unwrap();
    told
}

#[test]
fn an_organisation_of_moto_is_found_whole() {
    with_room(async || {
        let moto = Moto::start();
        let made = moto.stranger(REGION).run("on_moto.py", &["make_organization"]);
        let accounts: BTreeSet<String> = serde_json::from_value(made["accounts"].clone()).unwrap();
        assert_eq!(accounts.len(), 26);
        let told = told(moto.options(REGION)).await;
        let listed: BTreeSet<String> = told.names.iter().map(|(id, _)| id.clone()).collect();
        assert_eq!(listed, accounts, "{}", told.how);
        assert!(
            told.names.iter().any(|(_, name)| name == "member-7"),
            "{:?}",
            told.names
        );
        let spots: BTreeSet<_> = accounts
            .iter()
            .flat_map(|a| Source::REGIONAL.map(|s| (s, a.clone(), REGION.to_owned())))
            .collect();
        assert_eq!(told.spots, spots, "{}", told.how);
        assert!(!told.may_miss, "{}", told.how);
        let security = made["security"].as_str().unwrap();
        assert!(
            told.how
                .contains(&format!("delegated administrator security ({security})")),
            "{}",
            told.how
        );
    });
}

#[test]
fn an_organisation_that_lists_nobody_does_not_look_complete() {
    with_room(async || {
        let moto = Moto::start();
        let told = told(moto.options(REGION)).await;
        let accounts: BTreeSet<&str> = told.spots.iter().map(|(_, account, _)| account.as_str()).collect();
        assert_eq!(accounts, [OWN].into());
        assert!(
            told.how.contains("lists no active account") && told.may_miss,
            "{}",
            told.how
        );
    });
}

/// Each profile leads to an account of its own; one that leads nowhere is a gap with its name.
#[test]
fn profiles_of_the_configuration_are_read_and_a_missing_one_is_named() {
    let moto = Moto::start();
    let stranger = moto.stranger(REGION);
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    let profiles = format!(
        "[profile tools]\naws_access_key_id = {}\naws_secret_access_key = {}\n\n\
         [profile prod]\nrole_arn = arn:aws:iam::{OTHER}:role/from-tools\nsource_profile = tools\n",
        stranger.access_key, stranger.secret_key
    );
    std::fs::write(home.path().join(".aws/config"), profiles).unwrap();
    let config = home.path().join("quell.toml");
    let run = |list: &str| {
        let text = format!("regions = [\"{REGION}\"]\n[discovery]\nprofiles = [{list}]\n");
        std::fs::write(&config, text).unwrap();
        let mut command = stranger.command(env!("CARGO_BIN_EXE_quell"));
        command.env("HOME", home.path());
        let output = command
            .args(["findings", "--format", "json", "--config"])
            .arg(&config)
            .output();
        let output = output.unwrap();
        let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let rows = printed["coverage"].as_array().unwrap().iter();
        let accounts: BTreeSet<String> = rows.map(|row| row["account"].as_str().unwrap().to_owned()).collect();
        (
            output.status.code(),
            accounts,
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let both: BTreeSet<String> = [OWN.to_owned(), OTHER.to_owned()].into();
    let (code, accounts, said) = run("\"tools\", \"prod\"");
    assert_eq!((code, &accounts), (Some(0), &both), "{said}");
    let (code, accounts, said) = run("\"tools\", \"prod\", \"gone\"");
    assert_eq!((code, &accounts), (Some(3), &both), "{said}");
    assert!(said.contains("profile gone leads nowhere"), "{said}");
}
