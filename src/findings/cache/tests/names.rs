//! What accounts are called.

use super::*;

fn named(account: &str, name: &str) -> (AccountId, Untrusted) {
    (account.parse().unwrap(), Untrusted::new(name))
}

const PROD: &str = "222222222222";
const DATA: &str = "333333333333";

#[test]
fn names_last_over_a_start_and_one_that_is_not_told_again_stays() {
    let (_base, home) = workspace();
    let cache = open(&home);
    cache.name(vec![named(PROD, "acme-prod"), named(DATA, "old")]);
    cache.name(vec![named(PROD, ""), named(DATA, "acme-data")]);
    drop(cache);
    let all = [named(PROD, "acme-prod"), named(DATA, "acme-data")];
    assert_eq!(open(&home).names(&Scope::default()).unwrap(), all);
    let scope = Scope {
        accounts: vec![DATA.parse().unwrap()],
        regions: Vec::new(),
    };
    assert_eq!(open(&home).names(&scope).unwrap(), all[1..]);
    let (other, _) = Cache::open(&home, &world(PROD), now()).unwrap();
    assert_eq!(other.names(&Scope::default()).unwrap(), [], "another world's");
}

#[test]
fn a_file_of_before_there_were_names_gets_them() {
    let (_base, home) = workspace();
    open(&home).keep(Batch::of(&[simple(1, 9.0)]), now());
    let old = Connection::open(home.join(FILE_NAME)).unwrap();
    old.execute_batch("DROP TABLE names").unwrap();
    drop(old);
    let cache = open(&home);
    assert_eq!(ids(&all(&cache, 10)), ["f-1"]);
    assert_eq!(cache.names(&Scope::default()).unwrap(), []);
    cache.name(vec![named(PROD, "acme-prod")]);
    assert_eq!(cache.names(&Scope::default()).unwrap().len(), 1);
}
