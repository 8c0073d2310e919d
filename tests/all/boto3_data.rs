//! The range's S3 and Lambda as a stranger sees them: boto3 and the AWS CLI through a port, and what quell wrote read by them.

use std::process::Command;

use quell::action::{ActionName, Plan};
use quell::domain::ResourceKind;
use quell::range::policy::Policy;
use serde_json::{Value, json};

use crate::support::desk::Desk;
use crate::support::ground::{PROD, SEOUL, SMALL, options};
use crate::support::python::{self, Stranger};
use crate::support::room::with_room;
use crate::support::served::Served;

/// A user of the production account who may do everything with S3 and Lambda.
fn data_user(served: &Served) -> Stranger {
    let keys = served.range.with_world(|world| {
        let account = world.accounts.get_mut(&PROD.parse().unwrap()).unwrap();
        let user = account.iam.users.get_mut("deploy-bot").unwrap();
        let all =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","lambda:*"],"Resource":"*"}]}"#;
        user.grants
            .inline
            .insert("data".to_owned(), Policy::identity(all).unwrap());
        let key = &user.keys[0];
        (key.id.clone(), key.secret.clone())
    });
    Stranger {
        access_key: keys.0,
        secret_key: keys.1,
        ..served.stranger(&served.login.responder)
    }
}

#[test]
fn objects_are_put_listed_and_read_back() {
    let served = Served::with("small", SMALL);
    let found = data_user(&served).run("stranger_data.py", &["objects"]);
    let expected = json!({
        "same": true, "etag": true, "metadata": {"case": "INC-7"}, "type": "application/zip", "length": 1024,
        "part": [1, 2, 3], "pages": [2, 2, 2],
        "keys": ["manifest/0.json", "manifest/1.json", "manifest/2.json", "manifest/3.json"],
        "mine": ["acme-evidence", "acme-evidence-kept", "acme-exports"], "region": SEOUL,
        "no key": "404 NoSuchKey", "no bucket": "404 NoSuchBucket", "again": "409 BucketAlreadyOwnedByYou",
        "taken": "409 BucketAlreadyExists", "not empty": "409 BucketNotEmpty",
    });
    assert_eq!(found, expected);
}

#[test]
fn a_bucket_that_is_elsewhere_is_said_to_be_so() {
    let served = Served::with("small", SMALL);
    let found = data_user(&served).run("stranger_data.py", &["elsewhere"]);
    let expected = json!({
        "follows": "us-east-1", "owner": "403 403", "foreign": "403 AccessDenied",
        "bad policy": "400 MalformedPolicy", "other bucket": "400 MalformedPolicy", "blocked": "403 AccessDenied",
    });
    assert_eq!(found, expected);
}

#[test]
fn functions_are_listed_with_what_limits_them() {
    let served = Served::with("small", SMALL);
    let found = data_user(&served).run("stranger_data.py", &["functions"]);
    let expected = json!({
        "names": ["frozen", "limited", "ready", "resize", "us-east-1.headers"],
        "reserved": {"frozen": 0, "limited": 5, "ready": null, "resize": null, "us-east-1.headers": null},
        "role": "arn:aws:iam::333333333333:role/resize-role",
        "urls": ["AWS_IAM", "NONE"],
        "sources": ["arn:aws:sqs:ap-northeast-2:333333333333:uploads"],
        "policy": "404 ResourceNotFoundException", "missing": "404 ResourceNotFoundException",
        "too much": "400 InvalidParameterValueException", "too little": "400 InvalidParameterValueException",
    });
    assert_eq!(found, expected);
}

async fn apply(desk: &Desk, plan: Plan) -> u64 {
    let run = desk.apply(plan, &mut |_| {}).await.unwrap();
    assert_eq!(run.trouble, None);
    run.seq
}

/// What quell locks, blocks and freezes is so for somebody else, too, and no longer so after the undo.
#[test]
fn a_stranger_is_locked_out_and_let_in_again() {
    let served = Served::with("small", SMALL);
    let stranger = data_user(&served);
    let options = options(&served.range, &served.login, &served.login.responder);
    with_room(async move || {
        let look = || stranger.run("stranger_data.py", &["settings", "acme-exports"]);
        let before = look();
        assert_eq!(before["object"], "no error", "{before}");
        assert_eq!(before["location"], SEOUL);
        assert_eq!(before["status"], json!({"IsPublic": true}));
        assert_eq!(before["grants"].as_array().unwrap().len(), 2, "{before}");
        assert_eq!(
            before["replication"]["Rules"][0]["Destination"]["Bucket"],
            "arn:aws:s3:::acme-exports-copy"
        );
        assert_eq!(before["lock"], "ObjectLockConfigurationNotFoundError");
        assert_eq!(before["website"], json!({"Suffix": "index.html"}));
        let desk = Desk::open(options).await;
        let request = |action, kind, target: &str| desk.request(action, PROD, SEOUL, kind, target);
        let lock = request(ActionName::LockBucket, ResourceKind::Bucket, "acme-exports");
        let seq = apply(&desk, desk.plan(&lock).await.unwrap()).await;
        let locked = look();
        assert_eq!(locked["object"], "403 AccessDenied", "{locked}");
        assert_eq!(
            (&locked["policy"], &locked["block"]),
            (&json!("AccessDenied"), &json!("AccessDenied"))
        );
        assert_eq!(locked["head"], "403 403");
        let refused = desk.plan(&lock).await.unwrap_err();
        assert!(
            refused.to_string().contains("locked already"),
            "quell itself still reads it: {refused}"
        );
        apply(&desk, desk.undo(seq).await.unwrap()).await;
        assert_eq!(look(), before);

        let block = request(ActionName::BlockBucketPublic, ResourceKind::Bucket, "acme-exports");
        let seq = apply(&desk, desk.plan(&block).await.unwrap()).await;
        let settings = look()["block"].as_object().unwrap().clone();
        assert!(
            settings.len() == 4 && settings.values().all(|on| on == true),
            "{settings:?}"
        );
        apply(&desk, desk.undo(seq).await.unwrap()).await;
        assert_eq!(look(), before);

        let reserved = || stranger.run("stranger_data.py", &["functions"])["reserved"]["resize"].clone();
        let freeze = request(ActionName::FreezeFunction, ResourceKind::Function, "resize");
        let seq = apply(&desk, desk.plan(&freeze).await.unwrap()).await;
        assert_eq!(reserved(), 0);
        apply(&desk, desk.undo(seq).await.unwrap()).await;
        assert_eq!(reserved(), Value::Null);
    });
}

#[test]
fn the_aws_command_line_moves_files() {
    let served = Served::with("small", SMALL);
    let client = data_user(&served);
    let files = tempfile::tempdir().unwrap();
    let (up, down) = (files.path().join("up"), files.path().join("down"));
    std::fs::write(&up, b"evidence\x00\xff").unwrap();
    let run = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let aws = || client.command(python::programs().join("aws"));
    run(aws()
        .args(["s3", "cp", "--no-progress"])
        .arg(&up)
        .arg("s3://acme-plain/case/file"));
    let listed = run(aws().args(["s3", "ls", "s3://acme-plain/case/"]));
    assert!(listed.trim_end().ends_with("10 file"), "{listed}");
    run(aws()
        .args(["s3", "cp", "--no-progress", "s3://acme-plain/case/file"])
        .arg(&down));
    assert_eq!(std::fs::read(&down).unwrap(), b"evidence\x00\xff");
}
