//! The cache's tables: what is written and asked, in SQL.
//!
//! Owns: every statement. Must never: let a row of one world be seen in another.

mod aside;
mod rescue;
mod since;

pub use rescue::rescue;

use bytes::Bytes;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use super::{Aside, Asides, Kept, Run, Scope};
use crate::domain::{AccountId, Region, Time, Untrusted};
use crate::findings::{Coverage, FindingKey, Seen, Source};

/// Small columns and large ones are kept apart, so that marking a finding as seen does not write its JSON again. `rank` and
/// `age` grow with how little urgent a finding is.
pub const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS worlds(world INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, opened INTEGER NOT NULL,
  run INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS findings(
  row INTEGER PRIMARY KEY, world INTEGER NOT NULL, source TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
  id TEXT NOT NULL, updated INTEGER, severity INTEGER NOT NULL, archived INTEGER NOT NULL, digest INTEGER NOT NULL,
  seen INTEGER NOT NULL, gone INTEGER NOT NULL DEFAULT 0, rank INTEGER NOT NULL, age INTEGER NOT NULL,
  run INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS finding_key ON findings(world, source, account, region, id);
CREATE INDEX IF NOT EXISTS finding_order ON findings(world, gone, rank, age, row);
CREATE TABLE IF NOT EXISTS raws(row INTEGER PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS coverage(
  world INTEGER NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, source TEXT NOT NULL, json TEXT NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY(world, account, region, source)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aside(
  world INTEGER NOT NULL, id TEXT NOT NULL, why TEXT NOT NULL, body BLOB NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(world, id));
";

/// What the first version's tables lack.
pub const SINCE_ONE: &str = "
ALTER TABLE worlds ADD COLUMN run INTEGER NOT NULL DEFAULT 1;
ALTER TABLE findings ADD COLUMN run INTEGER NOT NULL DEFAULT 0;
";

const DAY: i64 = 86_400_000;
/// Days after which what is gone is dropped, and what was not received again.
const GONE_DAYS: i64 = 30;
const OLD_DAYS: i64 = 90;
/// So many worlds are kept: of those who use one machine with several organisations in turn.
const WORLDS: i64 = 4;

/// A finding on its way to the disk.
#[derive(Debug)]
pub struct Row {
    key: FindingKey,
    updated: Option<i64>,
    severity: i64,
    archived: bool,
    digest: i64,
    raw: Bytes,
}

impl Row {
    pub fn of(seen: &Seen) -> Self {
        let finding = &seen.finding;
        Self {
            key: finding.key(),
            updated: finding.updated_at.map(Time::as_millisecond),
            severity: tenths(finding.severity.score()),
            archived: finding.archived,
            digest: finding.digest.cast_signed(),
            raw: seen.raw.clone(),
        }
    }

    /// What is archived comes after everything else.
    fn rank(&self) -> i64 {
        i64::from(self.archived) * 1000 + 100 - self.severity
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a severity lies between 0 and 10, so tenths fit"
)]
fn tenths(score: f64) -> i64 {
    (score * 10.0).round() as i64
}

/// A row's place in the order of urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    rank: i64,
    age: i64,
    row: i64,
}

/// The tables as one world sees them.
#[derive(Debug)]
pub struct Tables<'c> {
    sql: &'c Connection,
    world: i64,
}

impl<'c> Tables<'c> {
    /// Those of a world.
    pub fn of(sql: &'c Connection, world: i64) -> Self {
        Self { sql, world }
    }

    /// Enters a world by its name, and drops what has had its time.
    pub fn enter(sql: &Connection, name: &str, now: Time) -> rusqlite::Result<i64> {
        let now = now.as_millisecond();
        sql.execute(
            "INSERT INTO worlds(name, opened) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET opened = excluded.opened",
            params![name, now],
        )?;
        let world = sql.query_row("SELECT world FROM worlds WHERE name = ?1", [name], |row| row.get(0))?;
        sql.execute(
            "DELETE FROM worlds WHERE world <> ?1 AND world NOT IN (SELECT world FROM worlds ORDER BY opened DESC LIMIT ?2)",
            params![world, WORLDS],
        )?;
        for table in ["findings", "coverage", "aside"] {
            sql.execute(
                &format!("DELETE FROM {table} WHERE world NOT IN (SELECT world FROM worlds)"),
                [],
            )?;
        }
        sql.execute(
            "DELETE FROM findings WHERE gone = 1 AND seen < ?1 OR seen < ?2",
            params![now - GONE_DAYS * DAY, now - OLD_DAYS * DAY],
        )?;
        for table in ["aside", "coverage"] {
            sql.execute(&format!("DELETE FROM {table} WHERE at < ?1"), [now - OLD_DAYS * DAY])?;
        }
        sql.execute("DELETE FROM raws WHERE row NOT IN (SELECT row FROM findings)", [])?;
        Ok(world)
    }

    /// Stores a version of a finding. Of two versions the one updated later stays; with equal times, or where one has none,
    /// the one stored last.
    pub fn store(&self, row: &Row, at: Time) -> rusqlite::Result<()> {
        let key = &row.key;
        let held: Option<(i64, Option<i64>, i64)> = self
            .sql
            .prepare_cached(
                "SELECT row, updated, digest FROM findings WHERE world = ?1 AND source = ?2 AND account = ?3 AND region = ?4 AND id = ?5",
            )?
            .query_row(
                params![self.world, key.source.word(), key.account.as_str(), key.region.as_str(), key.id.raw()],
                |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?)),
            )
            .optional()?;
        let (seen, run) = (at.as_millisecond(), self.run()?);
        let age = -row.updated.unwrap_or(0);
        match held {
            None => {
                self.sql
                    .prepare_cached(
                        "INSERT INTO findings(world, source, account, region, id, updated, severity, archived, digest, seen, rank, age, run)
                         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                    )?
                    .execute(params![
                        self.world,
                        key.source.word(),
                        key.account.as_str(),
                        key.region.as_str(),
                        key.id.raw(),
                        row.updated,
                        row.severity,
                        row.archived,
                        row.digest,
                        seen,
                        row.rank(),
                        age,
                        run
                    ])?;
                let number = self.sql.last_insert_rowid();
                self.put(number, &row.raw)
            }
            Some((number, updated, digest)) => {
                let older = matches!((row.updated, updated), (Some(new), Some(old)) if new < old);
                if older || digest == row.digest {
                    self.sql
                        .prepare_cached("UPDATE findings SET seen = max(seen, ?1), gone = 0, run = ?2 WHERE row = ?3")?
                        .execute(params![seen, run, number])?;
                    return Ok(());
                }
                self.sql
                    .prepare_cached(
                        "UPDATE findings SET updated = ?1, severity = ?2, archived = ?3, digest = ?4, seen = max(seen, ?5), gone = 0,
                         rank = ?6, age = ?7, run = ?8 WHERE row = ?9",
                    )?
                    .execute(params![
                        row.updated,
                        row.severity,
                        row.archived,
                        row.digest,
                        seen,
                        row.rank(),
                        age,
                        run,
                        number
                    ])?;
                self.put(number, &row.raw)
            }
        }
    }

    fn put(&self, number: i64, raw: &Bytes) -> rusqlite::Result<()> {
        self.sql
            .prepare_cached("INSERT OR REPLACE INTO raws(row, raw) VALUES(?1, ?2)")?
            .execute(params![number, raw.as_ref()])?;
        Ok(())
    }

    /// Limits the file to so many pages, as a full disk does.
    #[cfg(test)]
    pub fn limit(&self, pages: i64) -> rusqlite::Result<i64> {
        self.sql
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get(0))
    }

    pub fn raw(&self, key: &FindingKey) -> rusqlite::Result<Option<Bytes>> {
        self.sql
            .prepare_cached(
                "SELECT raw FROM findings JOIN raws USING(row)
                 WHERE world = ?1 AND source = ?2 AND account = ?3 AND region = ?4 AND id = ?5",
            )?
            .query_row(
                params![
                    self.world,
                    key.source.word(),
                    key.account.as_str(),
                    key.region.as_str(),
                    key.id.raw()
                ],
                |row| row.get::<_, Vec<u8>>(0).map(Bytes::from),
            )
            .optional()
    }

    pub fn page(
        &self,
        scope: &Scope,
        before: Run,
        after: Option<Order>,
        limit: usize,
    ) -> rusqlite::Result<(Vec<Kept>, Option<Order>)> {
        let after = after.unwrap_or(Order {
            rank: i64::MIN,
            age: i64::MIN,
            row: i64::MIN,
        });
        let mut asked = self.sql.prepare_cached(
            "SELECT source, account, region, id, raw, seen, rank, age, row FROM findings JOIN raws USING(row)
             WHERE world = ?1 AND gone = 0 AND (rank, age, row) > (?2, ?3, ?4) AND run < ?5
             ORDER BY rank, age, row LIMIT ?6",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = asked.query_map(
            params![self.world, after.rank, after.age, after.row, before.0, limit],
            |row| {
                let order = Order {
                    rank: row.get(6)?,
                    age: row.get(7)?,
                    row: row.get(8)?,
                };
                Ok((kept(row)?, order))
            },
        )?;
        let (mut page, mut last) = (Vec::new(), None);
        for found in found {
            let (kept, order) = found?;
            last = Some(order);
            if scope.holds(kept.key.account, &kept.key.region) {
                page.push(kept);
            }
        }
        Ok((page, last))
    }

    pub fn cover(&self, row: &Coverage, at: Time) -> rusqlite::Result<()> {
        let json = serde_json::to_string(row).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
        self.sql
            .prepare_cached(
                "INSERT OR REPLACE INTO coverage(world, account, region, source, json, at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                self.world,
                row.account.as_str(),
                row.region.as_str(),
                row.source.word(),
                json,
                at.as_millisecond()
            ])?;
        Ok(())
    }

    pub fn coverage(&self) -> rusqlite::Result<Vec<(Coverage, Time)>> {
        let mut asked = self
            .sql
            .prepare_cached("SELECT json, at FROM coverage WHERE world = ?1 ORDER BY account, region, source")?;
        let rows = asked.query_map([self.world], |row| {
            let json: String = row.get(0)?;
            let read = serde_json::from_str(&json).map_err(|e| unreadable(0, e))?;
            Ok((read, time(row, 1)?))
        })?;
        rows.collect()
    }
}

fn kept(row: &SqlRow<'_>) -> rusqlite::Result<Kept> {
    let (account, region, source) = spot(row)?;
    Ok(Kept {
        key: FindingKey {
            source,
            account,
            region,
            id: Untrusted::new(row.get::<_, String>(3)?),
        },
        raw: Bytes::from(row.get::<_, Vec<u8>>(4)?),
        seen: time(row, 5)?,
    })
}

/// The first three columns: source, account, region.
fn spot(row: &SqlRow<'_>) -> rusqlite::Result<(AccountId, Region, Source)> {
    let word: String = row.get(0)?;
    let source = Source::ALL.into_iter().find(|source| source.word() == word);
    let (account, region): (String, String) = (row.get(1)?, row.get(2)?);
    Ok((
        account.parse().map_err(|e| unreadable(1, e))?,
        region.parse().map_err(|e| unreadable(2, e))?,
        source.ok_or_else(|| unreadable(0, std::fmt::Error))?,
    ))
}

fn time(row: &SqlRow<'_>, column: usize) -> rusqlite::Result<Time> {
    Time::from_millisecond(row.get(column)?).map_err(|e| unreadable(column, e))
}

fn unreadable(column: usize, why: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(why))
}
