//! What S3 keeps: buckets by name, their settings, and objects by key.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::{AccountId, Region, Time};
use crate::range::policy::Policy;
use crate::range::services::sqs::md5;

/// All buckets of the world, and what each account blocks as a whole.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub buckets: BTreeMap<String, Bucket>,
    pub account_blocks: BTreeMap<AccountId, Block>,
}

/// One bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    pub name: String,
    pub owner: AccountId,
    pub region: Region,
    pub created: Time,
    pub policy: Option<Policy>,
    pub block: Option<Block>,
    /// Whether its ACL lets everybody read.
    pub public_acl: bool,
    /// `Enabled` or `Suspended`, once it was ever switched on.
    pub versioning: Option<String>,
    /// Settings as they are written in the API's documents, where there are any.
    pub object_lock: Option<Value>,
    pub logging: Option<Value>,
    pub replication: Option<Value>,
    pub notification: Option<Value>,
    pub website: Option<Value>,
    pub objects: BTreeMap<String, Object>,
}

/// The four settings of a public access block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are S3's own four settings")]
pub struct Block {
    pub public_acls: bool,
    pub ignore_acls: bool,
    pub public_policy: bool,
    pub restrict: bool,
}

/// One object.
#[derive(Clone, Debug)]
pub struct Object {
    pub content: Vec<u8>,
    pub etag: String,
    pub content_type: String,
    pub metadata: BTreeMap<String, String>,
    pub modified: Time,
    /// Object Lock's mode and the time until which it holds, as they were given.
    pub retention: Option<(String, String)>,
}

impl Block {
    /// All four on, as new buckets have had it since April 2023.
    pub const ALL: Self = Self {
        public_acls: true,
        ignore_acls: true,
        public_policy: true,
        restrict: true,
    };
}

impl Object {
    /// An object of these bytes, as a plain upload makes it.
    #[must_use]
    pub fn of(content: &[u8], modified: Time) -> Self {
        Self {
            content: content.to_vec(),
            etag: format!("\"{}\"", md5::hex(content)),
            content_type: "binary/octet-stream".to_owned(),
            metadata: BTreeMap::new(),
            modified,
            retention: None,
        }
    }
}

impl Bucket {
    /// A bucket without any setting.
    #[must_use]
    pub fn new(name: &str, owner: AccountId, region: Region, created: Time) -> Self {
        Self {
            name: name.to_owned(),
            owner,
            region,
            created,
            policy: None,
            block: None,
            public_acl: false,
            versioning: None,
            object_lock: None,
            logging: None,
            replication: None,
            notification: None,
            website: None,
            objects: BTreeMap::new(),
        }
    }
}

impl Store {
    /// What is blocked for a bucket, by itself or by its account.
    #[must_use]
    pub fn blocked(&self, bucket: &Bucket) -> Block {
        let own = bucket.block.unwrap_or_default();
        let all = self.account_blocks.get(&bucket.owner).copied().unwrap_or_default();
        Block {
            public_acls: own.public_acls || all.public_acls,
            ignore_acls: own.ignore_acls || all.ignore_acls,
            public_policy: own.public_policy || all.public_policy,
            restrict: own.restrict || all.restrict,
        }
    }
}
