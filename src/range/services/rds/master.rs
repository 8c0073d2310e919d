//! The master user's password, where Secrets Manager has it: a secret that RDS makes and rotates.

use serde_json::{Value, json};

use super::Master;
use crate::domain::Time;
use crate::range::call::Call;
use crate::range::services::secretsmanager::{self, Secret};

/// What AWS puts behind a secret's name in its ARN; one is as good as another here.
const SUFFIX: &str = "Qu3LLr";

/// The secret's name: `rds!db-…` or `rds!cluster-…`.
fn name(id: &str, cluster: bool) -> String {
    let kind = if cluster { "cluster" } else { "db" };
    format!("rds!{kind}-{id}")
}

/// The database's secret, made where there is none.
pub fn keep<'s>(store: &'s mut secretsmanager::Store, id: &str, cluster: bool, now: Time) -> &'s mut Secret {
    let name = name(id, cluster);
    let new = || Secret {
        name: name.clone(),
        suffix: SUFFIX.to_owned(),
        description: format!("The secret associated with the primary RDS DB {id}"),
        kms_key: None,
        rotation: None,
        owner: Some("rds".to_owned()),
        created: now,
        last_rotated: None,
        last_accessed: None,
        deleted: None,
        versions: [(version(0), secretsmanager::first(&version(0), now))].into(),
        rotating: None,
        broken: false,
        tags: [("aws:rds:primaryDBInstanceArn".to_owned(), id.to_owned())].into(),
    };
    store.secrets.entry(name.clone()).or_insert_with(new)
}

fn version(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// Makes the password anew: the first one with the secret, every later one as a new version that is in use after a while.
pub fn renew(store: &mut secretsmanager::Store, master: &mut Master, (id, cluster): (&str, bool), call: &Call) {
    let secret = keep(store, id, cluster, call.now);
    master.rotated += 1;
    master.renewed = Some(call.now);
    if master.managed {
        secretsmanager::begin(secret, &version(master.rotated), call.now);
    }
    master.managed = true;
}

/// `MasterUserSecret`.
pub fn show(master: &Master, id: &str, cluster: bool, call: &Call) -> Value {
    if !master.managed {
        return Value::Null;
    }
    let (region, account, name) = (call.region, call.caller.account, name(id, cluster));
    let underway = master.renewed.is_some_and(|at| call.now < at + secretsmanager::TIME);
    let status = match (underway, master.rotated) {
        (false, _) => "active",
        (true, 1) => "creating",
        (true, _) => "rotating",
    };
    json!({
        "SecretArn": format!("arn:aws:secretsmanager:{region}:{account}:secret:{name}-{SUFFIX}"),
        "SecretStatus": status,
    })
}
