//! What the accounts are called, so that a filter by a name is answered from the first frame on.
//!
//! Owns: the accounts' names of each world. Must never: let an account that came without a name lose the one that is known.

use rusqlite::params;

use super::{Tables, unreadable};
use crate::domain::{AccountId, Untrusted};

impl Tables<'_> {
    /// Keeps the names; the latest of an account takes the place of any earlier one.
    pub fn name(&self, names: &[(AccountId, Untrusted)]) -> rusqlite::Result<()> {
        let mut put = self
            .sql
            .prepare_cached("INSERT OR REPLACE INTO names(world, account, name) VALUES(?1, ?2, ?3)")?;
        for (account, name) in names.iter().filter(|(_, name)| !name.is_empty()) {
            put.execute(params![self.world, account.as_str(), name.raw()])?;
        }
        Ok(())
    }

    /// Every account whose name is known.
    pub fn names(&self) -> rusqlite::Result<Vec<(AccountId, Untrusted)>> {
        let mut asked = self
            .sql
            .prepare_cached("SELECT account, name FROM names WHERE world = ?1 ORDER BY account")?;
        let found = asked.query_map([self.world], |row| {
            let (account, name): (String, String) = (row.get(0)?, row.get(1)?);
            Ok((account.parse().map_err(|e| unreadable(0, e))?, Untrusted::new(name)))
        })?;
        found.collect()
    }
}
