//! Who gets the evidence in a scenario: what a configuration's `[forensic]` says of a real organisation.

use serde::Deserialize;

use super::error::Fault;
use super::ids::Ids;
use super::schema::{File, Name};
use crate::domain::{AccountId, Arn, BucketName};

/// `[quell.forensic]`, by the names of other things in the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    pub account: Name,
    /// A `[[bucket]]` of that account.
    pub bucket: Option<Name>,
    /// `[[key]]`s, each of another account and region.
    #[serde(default)]
    pub keys: Vec<Name>,
}

/// The same, by what AWS calls them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forensic {
    pub account: AccountId,
    pub bucket: Option<BucketName>,
    pub kms_keys: Vec<Arn>,
}

impl Forensic {
    /// Finds what the scenario names.
    pub fn of(file: &File, ids: Ids) -> Result<Option<Self>, Fault> {
        let Some(written) = &file.quell.forensic else {
            return Ok(None);
        };
        let account = *file.account_id(&written.account)?;
        let bucket = written.bucket.as_ref().map(|name| {
            let owned = |b: &&super::schema::Bucket| {
                b.name.as_ref() == name.as_ref() && b.account.as_ref() == written.account.as_ref()
            };
            let known = file.bucket.iter().find(owned).map(|b| b.name.as_ref().parse());
            match known {
                Some(Ok(bucket)) => Ok(bucket),
                _ => Err(Fault::at(
                    name,
                    format!("no [[bucket]] of that account is called {:?}", name.as_ref()),
                )),
            }
        });
        let keys = written.keys.iter().map(|name| {
            let unknown = || Fault::at(name, format!("no [[key]] is called {:?}", name.as_ref()));
            let spec = file.key.iter().find(|key| key.name.as_ref() == name.as_ref());
            let spec = spec.ok_or_else(unknown)?;
            let (home, region) = (file.account_id(&spec.account)?, file.region(&spec.region)?);
            let id = spec.id(ids, *home, region);
            let arn = format!("arn:aws:kms:{region}:{home}:key/{id}");
            arn.parse().map_err(|_| unknown())
        });
        Ok(Some(Self {
            account,
            bucket: bucket.transpose()?,
            kms_keys: keys.collect::<Result<_, Fault>>()?,
        }))
    }
}
