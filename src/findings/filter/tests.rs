use proptest::prelude::*;

use super::*;
use crate::domain::{Severity, Untrusted};
use crate::findings::samples;

fn name(id: &AccountId) -> Option<&'static str> {
    (id.as_str() == "222222222222").then_some("Prod-운영")
}

/// A finding of two hours ago in the account `Prod-운영`, high (7.5), counted 12 times.
fn finding() -> Finding {
    let mut finding = samples::finding();
    finding.account = "222222222222".parse().unwrap();
    finding.region = "ap-northeast-2".parse().unwrap();
    finding.severity = Severity::from_score(7.5);
    finding.title = Untrusted::new("운영 서버가 Bitcoin 주소와 통신합니다 or so");
    finding.updated_at = Some("2026-11-20T01:00:00Z".parse().unwrap());
    finding.first_seen = Some("2026-11-18T03:00:00Z".parse().unwrap());
    finding.count = 12;
    finding
}

fn passes(text: &str, finding: &Finding) -> bool {
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let context = Context {
        now: "2026-11-20T03:00:00Z".parse().unwrap(),
        account_name: &name,
        incident: &|_, asked| {
            asked == Asked::Is(Is::Overdue) || asked == Asked::Owner("oncall") || asked == Asked::Named("q-1f")
        },
    };
    filter.matches(finding, &context)
}

#[test]
fn terms_say_what_they_mean() {
    let finding = finding();
    for (text, passed) in [
        ("", true),
        ("sev>=high account:prod type~crypto age<3h !archived \"bitcoin\"", true),
        ("sev:high", true),
        ("is:overdue owner:ONCALL incident:q-1F", true),
        ("is:claimed", false),
        ("!is:grouped is:responded or is:overdue", true),
        ("is:archived", false),
        ("is:unclaimed", false),
        ("!owner:Unclaimed", true),
        ("sev>=high and account:prod AND 서버", true),
        ("sev>=high and account:other", false),
        ("sev:low or sev:high and account:prod", true),
        ("and-more or sev:high", true),
        ("severity=HIGH", true),
        ("sev>high", false),
        ("sev<=high", true),
        ("sev<high", false),
        ("sev>=7.5 sev<7.6", true),
        ("sev=7.5", true),
        ("sev:crit", false),
        ("account:2222", true),
        ("account:운영", true),
        ("account=prod", false),
        ("account=Prod-운영", true),
        ("region:apne2", true),
        ("region=ap-northeast-2", true),
        ("region:use1", false),
        ("source:guardduty", true),
        ("source:\"Security Hub\"", false),
        ("type=CryptoCurrency:EC2/BitcoinTool.B!DNS", true),
        ("type=CryptoCurrency", false),
        ("resource:i-0ab", true),
        ("resource:instance", true),
        ("ip:198.51", false),
        ("age<2h", false),
        ("age<=2h age>1h59m", true),
        ("first>2d", false),
        ("first>=48h", true),
        ("count>=12 count<13 count:12", true),
        ("archived", false),
        ("archived:no", true),
        ("!archived", true),
        ("-bitcoin", false),
        ("!!bitcoin", true),
        ("서버", true),
        ("title:\"서버가 bitcoin\"", true),
        ("\"or so\"", true),
        ("sev:low or sev:high account:prod", true),
        ("account:other sev:low or sev:high", false),
        ("sev:low OR type~Exfil or 서버", true),
    ] {
        assert_eq!(passes(text, &finding), passed, "{text}");
    }
}

#[test]
fn the_principal_and_its_address_are_found() {
    let mut finding = finding();
    finding.principal.name = Some(Untrusted::new("deploy-bot"));
    finding.principal.access_key = Some(Untrusted::new("AKIAEXAMPLE7Q2XEXAMP"));
    finding.principal.remote_ip = Some(Untrusted::new("203.0.113.7"));
    for text in [
        "user:deploy",
        "principal=deploy-bot",
        "user:akiaexample",
        "ip=203.0.113.7",
    ] {
        assert!(passes(text, &finding), "{text}");
    }
    finding.updated_at = None;
    assert!(!passes("age<9d", &finding) && !passes("age>=0s", &finding));
}

#[test]
fn errors_say_where_and_what_was_expected() {
    for (text, column, says) in [
        (
            "acount:prod",
            1,
            "there is no field \"acount\"; a field is one of sev, account",
        ),
        ("sev>=hihg", 6, "critical, high, medium"),
        ("sev>=11", 6, "from 0 to 10"),
        ("sev~high", 4, "sev is a number"),
        ("서버 age<2", 8, "a time such as"),
        ("age:2h", 4, "compared with <"),
        ("age<", 5, "a value is expected after age"),
        ("x \"open", 3, "a closing \""),
        ("type>x", 5, "type is text"),
        ("count>many", 7, "a whole number"),
        ("archived:maybe", 10, "yes or no"),
        ("a ! b", 3, "right after \"!\""),
        ("or a", 1, "before \"or\""),
        ("a or", 3, "after \"or\""),
        ("a or or b", 6, "before \"or\""),
        ("and a", 1, "before \"and\""),
        ("a AND", 3, "after \"and\""),
        ("a or and b", 6, "before \"and\""),
        ("(sev>=high or x)", 1, "no brackets"),
        ("sev >= high", 5, "right before its operator"),
        ("x 10.0.0.1:443", 11, "goes in quotes"),
        ("age<99999999999999999999h", 5, "a time such as"),
    ] {
        let error = Filter::parse(text).unwrap_err();
        assert_eq!(error.column, column, "{text}: {error}");
        assert!(error.message.contains(says), "{text}: {error}");
    }
}

#[test]
fn every_field_of_the_help_can_be_typed() {
    for field in FIELDS {
        assert!(Filter::parse(field.example).is_ok(), "{}", field.example);
    }
    for (example, _) in SIGNS {
        assert!(Filter::parse(example).is_ok(), "{example}");
    }
    assert!(Filter::default().is_empty());
    assert_eq!(Filter::parse(" sev>=high  x ").unwrap().to_string(), "sev>=high  x");
}

proptest! {
    #[test]
    fn nothing_typed_panics(text in "[a-z가-힣!:~<>=\" 0-9-]{0,40}|.{0,60}") {
        if let Err(error) = Filter::parse(&text) {
            prop_assert!(error.column <= text.chars().count() + 1);
        }
    }

    #[test]
    fn a_quoted_text_finds_itself(text in "\\PC{1,20}") {
        let mut finding = finding();
        finding.title = Untrusted::new(text.as_str());
        let quoted = format!("title=\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        prop_assert!(passes(&quoted, &finding));
    }
}
