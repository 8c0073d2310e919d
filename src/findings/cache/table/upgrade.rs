//! A file of an earlier version, brought up to this one.
//!
//! Owns: what each version's tables lacked. Must never: lose a row. It is part of the transaction in which the file is opened, so it is
//! done whole or not at all.

use rusqlite::{Connection, Transaction, params};

use crate::domain::{AccountId, Region, Untrusted};
use crate::findings::version::Version;
use crate::findings::{Place, asff};

const SINCE_ONE: &str = "
ALTER TABLE worlds ADD COLUMN run INTEGER NOT NULL DEFAULT 1;
ALTER TABLE findings ADD COLUMN run INTEGER NOT NULL DEFAULT 0;
";

/// Until then two products' findings with one id were one row. A world that was dropped while a console still stored in it gets a row
/// again, so that its number stays its own; its name is lost.
const SINCE_TWO: &str = "
ALTER TABLE findings ADD COLUMN product TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN told INTEGER;
ALTER TABLE findings ADD COLUMN first INTEGER;
DROP INDEX IF EXISTS finding_key;
UPDATE findings SET first = updated WHERE source = 'eventbridge';
INSERT INTO worlds(world, name, opened)
  SELECT world, 'unnamed ' || world, 0 FROM (SELECT world FROM findings UNION SELECT world FROM aside)
  WHERE world NOT IN (SELECT world FROM worlds);
";

const SINCE_THREE: &str = "ALTER TABLE findings ADD COLUMN worse INTEGER;";

/// Until then a row that was stale because it was off kept the time when it was on.
const SINCE_FOUR: &str = r#"
ALTER TABLE coverage ADD COLUMN lit INTEGER;
UPDATE coverage SET lit = at WHERE json LIKE '%"state":"complete"%' OR json LIKE '%"state":"stale"%';
"#;

/// Brings up the tables of a file of this version. One that is as new as this program, or has no tables yet, stays as it is.
pub fn upgrade(file: &Transaction<'_>, version: i64) -> rusqlite::Result<()> {
    if version == 1 {
        file.execute_batch(SINCE_ONE)?;
    }
    if version == 1 || version == 2 {
        file.execute_batch(SINCE_TWO)?;
        products(file)?;
    }
    if (1..=3).contains(&version) {
        file.execute_batch(SINCE_THREE)?;
    }
    if (1..=4).contains(&version) {
        file.execute_batch(SINCE_FOUR)?;
    }
    Ok(())
}

/// Reads the products, and which times of update are the findings' own, from the JSON. Only Security Hub's need it: GuardDuty has no
/// products, and its stand-in for a time of update is never later than the next one.
fn products(file: &Connection) -> rusqlite::Result<()> {
    let mut asked = file.prepare(
        "SELECT row, account, region, raw FROM findings JOIN raws USING(row) WHERE source = 'securityhub' ORDER BY row",
    )?;
    let mut put = file.prepare("UPDATE findings SET product = ?1, updated = ?2 WHERE row = ?3")?;
    let mut rows = asked.query([])?;
    while let Some(row) = rows.next()? {
        let (account, region): (String, String) = (row.get(1)?, row.get(2)?);
        let (Ok(account), Ok(region)) = (account.parse::<AccountId>(), region.parse::<Region>()) else {
            // Nobody can ask for it.
            continue;
        };
        let raw: Vec<u8> = row.get(3)?;
        let finding = asff::parse(&raw, &Place { account, region });
        let product = finding.product_arn.as_ref().map_or("", Untrusted::raw);
        put.execute(params![product, Version::of(&finding).updated, row.get::<_, i64>(0)?])?;
    }
    Ok(())
}
