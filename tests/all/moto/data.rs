//! Buckets and functions on moto.
//!
//! Its gaps: it enforces no bucket policy and no public access block, takes any policy for one, and knows no provisioned concurrency
//! (`ListProvisionedConcurrencyConfigs` is not there), so the plan says that this could not be read.

use quell::action::ActionName;
use quell::domain::ResourceKind;

use super::{OTHER, REGION, apply};
use crate::support::desk::Desk;
use crate::support::moto::Moto;
use crate::support::room::with_room;

#[test]
fn a_bucket_is_blocked_and_locked_and_put_back() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        stranger.run("on_moto_data.py", &["make_buckets"]);
        let desk = Desk::open(moto.options(REGION)).await;
        for bucket in ["acme-exports", "acme-plain"] {
            let show = || stranger.run("on_moto_data.py", &["show_bucket", bucket]);
            let before = show();
            let request = |action| desk.request(action, OTHER, REGION, ResourceKind::Bucket, bucket);

            let plan = desk.plan(&request(ActionName::BlockBucketPublic)).await.unwrap();
            let run = apply(&desk, plan).await;
            let blocked = show();
            let settings = blocked["block"].as_object().unwrap();
            assert!(
                settings.len() == 4 && settings.values().all(|on| on == true),
                "{blocked}"
            );
            let undo = desk.undo(run.seq).await.unwrap();
            apply(&desk, undo).await;
            assert_eq!(show(), before, "{bucket}");

            let plan = desk.plan(&request(ActionName::LockBucket)).await.unwrap();
            let run = apply(&desk, plan).await;
            let locked = show();
            assert!(locked["policy"].as_str().unwrap().contains("QuellLock"), "{locked}");
            let undo = desk.undo(run.seq).await.unwrap();
            apply(&desk, undo).await;
            assert_eq!(show(), before, "{bucket}: byte for byte");
        }
    });
}

#[test]
fn a_function_is_frozen_and_thawed() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        stranger.run("on_moto_data.py", &["make_functions"]);
        let desk = Desk::open(moto.options(REGION)).await;
        for (name, before) in [("resize", serde_json::Value::Null), ("limited", 5.into())] {
            let show = || stranger.run("on_moto_data.py", &["show_function", name]);
            assert_eq!(show(), before);
            let request = desk.request(ActionName::FreezeFunction, OTHER, REGION, ResourceKind::Function, name);
            let plan = desk.plan(&request).await.unwrap();
            let run = apply(&desk, plan).await;
            assert_eq!(show(), 0, "{name}");
            let undo = desk.undo(run.seq).await.unwrap();
            apply(&desk, undo).await;
            assert_eq!(show(), before, "{name}");
        }
    });
}
