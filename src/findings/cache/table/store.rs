//! How a version of a finding is stored.
//!
//! Must never: let an older version take the place of a later one, or forget that a finding was received again.

use std::num::NonZeroU32;

use bytes::Bytes;
use rusqlite::{OptionalExtension, params};

use super::{Row, Tables, label, product, severity};
use crate::domain::Time;
use crate::findings::Source;
use crate::findings::version::{Told, Version, goes_on, worsened};

/// What is there already.
struct Held {
    row: i64,
    version: Version,
    first: Option<Time>,
    severity: i64,
    worse: Option<NonZeroU32>,
}

impl Tables<'_> {
    /// Stores a version of a finding, where it is not older than the one that is there (`version`).
    pub fn store(&self, row: &Row, at: Time) -> rusqlite::Result<()> {
        let (seen, run) = (at.as_millisecond(), self.run()?);
        let Some(held) = self.held(row)? else {
            return self.add(row, seen, run);
        };
        let version = &row.version;
        let is_newer = version.digest != held.version.digest && !version.is_older_than(&held.version);
        let (before, now) = ((held.first, held.version.archived), (row.first, version.archived));
        let first = goes_on(row.key.source, before, now, is_newer).map(Time::as_millisecond);
        let is_event = row.key.source == Source::EventBridge && version.digest != held.version.digest;
        if is_event && is_newer {
            self.keep_latest_as_earlier(held.row, held.version.digest, seen)?;
        } else if is_event {
            self.keep_earlier(held.row, version.digest, &row.raw, seen)?;
        }
        if !is_newer {
            // That the same was told later makes what is older than that old.
            let told = if version.digest == held.version.digest {
                version.told.max(held.version.told)
            } else {
                held.version.told
            };
            self.sql
                .prepare_cached(
                    "UPDATE findings SET seen = max(seen, ?1), gone = 0, run = ?2, told = ?3, first = ?4 WHERE row = ?5",
                )?
                .execute(params![seen, run, told.code(), first, held.row])?;
            return Ok(());
        }
        self.sql
            .prepare_cached(
                "UPDATE findings SET updated = ?1, severity = ?2, archived = ?3, digest = ?4, seen = max(seen, ?5), gone = 0,
                 rank = ?6, age = ?7, run = ?8, told = ?9, first = ?10, worse = ?11 WHERE row = ?12",
            )?
            .execute(params![
                version.updated,
                row.severity,
                version.archived,
                version.digest.cast_signed(),
                seen,
                row.rank(),
                row.age,
                run,
                version.told.code(),
                first,
                worsened((label(held.severity), held.worse), row.label()).map(NonZeroU32::get),
                held.row
            ])?;
        self.put(held.row, &row.raw)
    }

    fn held(&self, row: &Row) -> rusqlite::Result<Option<Held>> {
        let key = &row.key;
        self.sql
            .prepare_cached(
                "SELECT row, updated, told, archived, digest, first, severity, worse FROM findings
                 WHERE world = ?1 AND source = ?2 AND account = ?3 AND region = ?4 AND id = ?5 AND product = ?6",
            )?
            .query_row(
                params![
                    self.world,
                    key.source.word(),
                    key.account.as_str(),
                    key.region.as_str(),
                    key.id.raw(),
                    product(key)
                ],
                |found| {
                    let first: Option<i64> = found.get(5)?;
                    Ok(Held {
                        row: found.get(0)?,
                        version: Version {
                            updated: found.get(1)?,
                            told: Told::from_code(found.get(2)?),
                            severity: severity(found.get(6)?),
                            archived: found.get(3)?,
                            digest: found.get::<_, i64>(4)?.cast_unsigned(),
                        },
                        first: first.and_then(|at| Time::from_millisecond(at).ok()),
                        severity: found.get(6)?,
                        worse: found.get::<_, Option<u32>>(7)?.and_then(NonZeroU32::new),
                    })
                },
            )
            .optional()
    }

    fn add(&self, row: &Row, seen: i64, run: i64) -> rusqlite::Result<()> {
        let (key, version) = (&row.key, &row.version);
        self.sql
            .prepare_cached(
                "INSERT INTO findings(world, source, account, region, id, product, updated, severity, archived, digest, seen, rank, age,
                 run, told, first) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(params![
                self.world,
                key.source.word(),
                key.account.as_str(),
                key.region.as_str(),
                key.id.raw(),
                product(key),
                version.updated,
                row.severity,
                version.archived,
                version.digest.cast_signed(),
                seen,
                row.rank(),
                row.age,
                run,
                version.told.code(),
                row.first.map(Time::as_millisecond)
            ])?;
        self.put(self.sql.last_insert_rowid(), &row.raw)
    }

    fn put(&self, number: i64, raw: &Bytes) -> rusqlite::Result<()> {
        self.sql
            .prepare_cached("INSERT OR REPLACE INTO raws(row, raw) VALUES(?1, ?2)")?
            .execute(params![number, raw.as_ref()])?;
        Ok(())
    }
}
