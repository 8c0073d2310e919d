//! What consoles of this workspace took out of the queue before: for a reading that takes no message.
//!
//! Owns: the row that says so. Must never: receive a message, for it would be lost to the console that shows and keeps it, or let a
//! reading without the queue look as if it had it.

use std::collections::HashMap;
use std::sync::Arc;

use super::evidence::{Opened, Shelf};
use super::recall::blocking;
use crate::cloud::{Cloud, ConnectOptions, Examined, Health};
use crate::domain::Untrusted;
use crate::findings::cache::{Asides, Cache, CacheError, Kept, Run, Scope};
use crate::findings::{Coverage, CoverageState, Finding, FindingKey, Source, pages};

/// The events of the configured queue, as far as this workspace has them.
#[derive(Debug)]
pub struct Queued {
    /// In no order.
    pub findings: Vec<Finding>,
    /// Always a gap: what came since waits in the queue.
    pub row: Coverage,
}

/// Looks them up. `None` where no queue is configured.
pub async fn queued(shelf: Option<&Shelf>, cloud: &Arc<Cloud>, options: &ConnectOptions) -> Option<Queued> {
    let queue = options.queue.as_ref()?;
    // The configuration takes no ARN without these.
    let (account, region) = (queue.account().parse().ok()?, queue.region().parse().ok()?);
    let (findings, why) = match known(shelf, cloud, options).await {
        Ok((findings, asides)) => {
            let aside = asides.counted().map(|counted| {
                format!(" Of messages that are no events {counted}; the coverage screen of `quell watch` names them.")
            });
            let why = format!(
                "This command takes no message out of the queue: it knows what consoles of this workspace stored ({} events), and \
                 not those that wait in the queue.{}",
                findings.len(),
                aside.unwrap_or_default()
            );
            (findings, why)
        }
        Err(why) => {
            let why =
                format!("This command takes no message out of the queue, and what was stored is not known: {why}.");
            (Vec::new(), why)
        }
    };
    let row = Coverage {
        account,
        region,
        source: Source::EventBridge,
        state: CoverageState::Stale,
        via: None,
        error: Some(why),
    };
    Some(Queued { findings, row })
}

/// What of the queue's messages this workspace keeps aside, for `quell doctor`. `None` where it keeps none, or no queue is configured.
pub async fn kept_aside(shelf: &Shelf, cloud: &Arc<Cloud>, options: &ConnectOptions) -> Option<Examined> {
    let queue = Untrusted::new(options.queue.as_ref()?.as_str());
    // The count alone: what is stored of the queue may be large.
    let (sentence, advice) = match asked(shelf, cloud, |cache| cache.asides(0)).await {
        Ok(asides) => (
            format!("Of {queue}, messages that are no events: {}.", asides.counted()?),
            "`quell watch`, C: the queue's row names them, with their text.",
        ),
        Err(why) => (
            format!("Whether messages of {queue} are kept aside is not known: {why}."),
            "Look at the cache in the data directory (--data-dir).",
        ),
    };
    Some(Examined {
        what: "kept aside",
        health: Health::Warning,
        sentence,
        advice: advice.to_owned(),
    })
}

async fn known(
    shelf: Option<&Shelf>,
    cloud: &Arc<Cloud>,
    options: &ConnectOptions,
) -> Result<(Vec<Finding>, Asides), String> {
    let shelf = shelf.ok_or("there is no workspace")?;
    let scope = Scope {
        accounts: options.accounts.clone(),
        regions: options.regions.clone(),
    };
    asked(shelf, cloud, move |cache| Ok((all(cache, &scope)?, cache.asides(0)?))).await
}

/// Asks the workspace's cache. Waits for the disk elsewhere.
async fn asked<T: Send + 'static>(
    shelf: &Shelf,
    cloud: &Arc<Cloud>,
    question: impl FnOnce(&Cache) -> Result<T, CacheError> + Send + 'static,
) -> Result<T, String> {
    let (shelf, cloud) = (shelf.clone(), Arc::clone(cloud));
    let looked = blocking(move || {
        let Opened { cache, .. } = shelf.open(&cloud)?;
        cache.durable()?;
        question(&cache)
    });
    let found: Result<_, CacheError> = looked.await.unwrap_or(Err(CacheError::Ended));
    found.map_err(|error| error.to_string())
}

fn all(cache: &Cache, scope: &Scope) -> Result<Vec<Finding>, CacheError> {
    let now = cache.begin()?;
    let found = cache.since(scope, Source::EventBridge, (Run::FIRST, now), Kept::read)?;
    Ok(without_pages_that_are_over(found))
}

/// The console finds the same as events come.
fn without_pages_that_are_over(found: Vec<Finding>) -> Vec<Finding> {
    let of_health = found.iter().filter(|finding| pages::event(finding).is_some());
    let held: HashMap<FindingKey, &Finding> = of_health.map(|finding| (finding.key(), finding)).collect();
    let over = held
        .values()
        .flat_map(|finding| pages::over(finding, |key| held.get(key).copied()));
    let mut over: HashMap<FindingKey, Finding> = over.map(|page| (page.key(), page)).collect();
    let each = found.into_iter();
    each.map(|finding| over.remove(&finding.key()).unwrap_or(finding))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::cloud::testing;
    use crate::findings::cache::{Aside, Batch};
    use crate::findings::{Place, event};

    const QUEUE: &str = "arn:aws:sqs:ap-northeast-2:222222222222:quell-events";
    const FAILOVER: &[u8] = br#"{"version":"0","id":"e-1","detail-type":"Backup failed","source":"acme.orders","account":"333333333333",
        "time":"2026-03-01T02:00:00Z","region":"ap-northeast-2","resources":[],"detail":{"severity":9.0,"title":"Backup failed"}}"#;

    #[tokio::test]
    async fn what_a_console_stored_is_there_and_the_queue_is_a_gap() {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let shelf = Shelf::Workspace(directory.path().to_path_buf());
        let (range, login) = testing::range();
        let options = ConnectOptions {
            queue: Some(QUEUE.parse().unwrap()),
            ..testing::options(&range, &login)
        };
        let cloud = Cloud::connect(options.clone()).await.unwrap();
        let at = Place {
            account: testing::account("222222222222"),
            region: testing::region(testing::SEOUL),
        };
        let seen = event::read(&FAILOVER.into(), &at).unwrap();
        {
            let cache = shelf.open(&cloud).unwrap().cache;
            let mut batch = Batch::of(&seen);
            batch.set_aside(Aside {
                id: "m-1".to_owned(),
                why: "none".to_owned(),
                body: "?".into(),
            });
            cache.store(batch, testing::start(), ()).unwrap().into_token();
        }
        let Queued { findings, row } = queued(Some(&shelf), &cloud, &options).await.unwrap();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].id, seen[0].finding.id);
        let why = row.error.unwrap();
        assert!(row.state.is_gap() && why.contains("(1 events)"), "{why}");
        assert!(why.contains("no events 1 kept aside since 2026-03-01 "), "{why}");
        assert_eq!(row.account, at.account);

        let aside = kept_aside(&shelf, &cloud, &options).await.unwrap();
        let counted = "messages that are no events: 1 kept aside since 2026-03-01 ";
        assert!(
            aside.sentence.contains(counted) && aside.health == Health::Warning,
            "{aside:?}"
        );
        let empty = tempfile::tempdir().unwrap();
        fs::set_permissions(empty.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let empty = Shelf::Workspace(empty.path().to_path_buf());
        assert_eq!(kept_aside(&empty, &cloud, &options).await, None);

        let without = queued(None, &cloud, &options).await.unwrap();
        assert!(without.findings.is_empty() && without.row.state.is_gap());
        let none = testing::options(&range, &login);
        assert!(queued(Some(&shelf), &cloud, &none).await.is_none());
    }

    #[test]
    fn pages_that_a_later_version_does_not_have_are_over_here_too() {
        let at = Place {
            account: testing::account("222222222222"),
            region: testing::region(testing::SEOUL),
        };
        let page = |number: u32, of: u32, hour: u32| {
            let raw = format!(
                r#"{{"version":"0","id":"e","detail-type":"AWS Health Event","source":"aws.health","account":"222222222222",
                "time":"2026-03-01T{hour:02}:00:00Z","region":"ap-northeast-2","detail":{{"eventArn":"arn:aws:health:global::event/X",
                "statusCode":"open","page":"{number}","totalPages":"{of}"}}}}"#
            );
            event::read(&raw.into(), &at).unwrap().remove(0).finding
        };
        let found = vec![page(1, 2, 5), page(2, 3, 3), page(3, 3, 3)];
        let over: Vec<bool> = without_pages_that_are_over(found).iter().map(|f| f.archived).collect();
        assert_eq!(over, [false, false, true]);
    }
}
