//! What could be typed next.
//!
//! Owns: the proposals at the cursor. Must never: propose what cannot be read again, such as a name with a space and no quotes.

use crate::domain::SeverityLabel;
use crate::findings::Source;

use super::FIELDS;
use super::term::Is;
use super::text::folded;

/// At most so many proposals are made.
const MOST: usize = 50;

/// What was seen in the findings, in the order in which it is to be proposed. As AWS wrote it: whoever shows it makes it safe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// Names and numbers.
    pub accounts: Vec<String>,
    pub regions: Vec<String>,
    pub types: Vec<String>,
    /// Who works on incidents.
    pub owners: Vec<String>,
    /// Names of principals.
    pub users: Vec<String>,
    /// Ids of access keys.
    pub keys: Vec<String>,
    pub resources: Vec<String>,
    pub addresses: Vec<String>,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is proposed, by itself.
    pub label: String,
    /// The whole line with it.
    pub text: String,
    /// Where the cursor stands then, in characters.
    pub cursor: usize,
}

/// What could stand at the cursor, which counts characters of the text. First what begins with what is typed, then what holds it.
#[must_use]
pub fn complete(text: &str, cursor: usize, values: &Values) -> Vec<Completion> {
    let chars: Vec<char> = text.chars().collect();
    let cursor = cursor.min(chars.len());
    let start = word_start(&chars[..cursor]);
    let word: String = chars[start..cursor].iter().collect();
    let term = word.trim_start_matches(['!', '-']);
    let signs = &word[..word.len() - term.len()];
    let proposals = match term.find([':', '~', '=', '<', '>']) {
        None => fields(term),
        Some(at) => {
            let after = term[at..].trim_start_matches([':', '~', '=', '<', '>']);
            let head = &term[..term.len() - after.len()];
            let typed = after.trim_start_matches('"');
            let of = values_of(&term[..at].to_lowercase(), values);
            matching(of, typed)
                .into_iter()
                .map(|value| format!("{head}{}", quoted(&value)))
                .collect()
        }
    };
    let before: String = chars[..start].iter().collect();
    // The rest of a word that the cursor stands in is part of what is replaced.
    let rest: String = chars[cursor..].iter().skip_while(|c| !c.is_whitespace()).collect();
    let made = proposals.into_iter().take(MOST).map(|label| {
        let head = format!("{before}{signs}{label}");
        Completion {
            cursor: head.chars().count(),
            text: format!("{head}{rest}"),
            label,
        }
    });
    made.collect()
}

/// Where the word before the cursor begins. A space in quotes is part of it.
fn word_start(before: &[char]) -> usize {
    let (mut start, mut in_quotes, mut plain) = (0, false, false);
    for (at, c) in before.iter().enumerate() {
        match c {
            _ if plain => plain = false,
            '\\' if in_quotes => plain = true,
            '"' => in_quotes = !in_quotes,
            c if c.is_whitespace() && !in_quotes => start = at + 1,
            _ => {}
        }
    }
    start
}

/// Fields with the operator that suits them, and the words that stand alone.
fn fields(typed: &str) -> Vec<String> {
    let heads = FIELDS.iter().map(|field| {
        let end = field.example.find([':', '~', '<', '>', '=']);
        let from = end.map_or(field.example.len(), |at| {
            let sign = field.example[at..].trim_start_matches([':', '~', '<', '>', '=']);
            field.example.len() - sign.len()
        });
        field.example[..from].trim_start_matches('!').to_owned()
    });
    let typed = typed.to_lowercase();
    heads
        .filter(|head| head.starts_with(&typed) && *head != typed)
        .collect()
}

fn values_of(field: &str, values: &Values) -> Vec<String> {
    let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect();
    match field {
        "sev" | "severity" => SeverityLabel::ALL.iter().map(|label| label.word().to_owned()).collect(),
        "account" => values.accounts.clone(),
        "region" => values.regions.clone(),
        "type" => values.types.clone(),
        "owner" => {
            let nobody = Is::Unclaimed.word().to_owned();
            values.owners.iter().cloned().chain([nobody]).collect()
        }
        "user" | "principal" => values.users.clone(),
        "key" => values.keys.clone(),
        "resource" => values.resources.clone(),
        "ip" => values.addresses.clone(),
        "source" => Source::ALL.iter().map(|source| source.word().to_owned()).collect(),
        "is" => Is::ALL
            .iter()
            .map(|is| is.word().to_owned())
            .chain(["archived".to_owned()])
            .collect(),
        "age" | "first" => words(&["15m", "1h", "4h", "24h", "7d"]),
        "archived" => words(&["yes", "no"]),
        _ => Vec::new(),
    }
}

fn matching(values: Vec<String>, typed: &str) -> Vec<String> {
    let typed = folded(typed);
    let fits = values.into_iter().filter(|value| folded(value).contains(&typed));
    let (mut first, rest): (Vec<String>, Vec<String>) = fits.partition(|value| folded(value).starts_with(&typed));
    first.extend(rest);
    first
}

/// A value that has a space or a quote in it stands in quotes.
fn quoted(value: &str) -> String {
    if value.is_empty() || value.contains(|c: char| c.is_whitespace() || c == '"') {
        let plain = value.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{plain}\"")
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::filter::Filter;

    fn values() -> Values {
        let texts = |all: &[&str]| all.iter().map(|v| (*v).to_owned()).collect();
        Values {
            accounts: texts(&["prod", "my \"own\" lab", "non-prod", "한국-운영"]),
            regions: texts(&["ap-northeast-2", "us-east-1"]),
            types: texts(&["CryptoCurrency:EC2/BitcoinTool.B!DNS", "Recon:EC2/Portscan"]),
            owners: texts(&["oncall-1"]),
            users: texts(&["deploy-bot", "\u{1109}\u{1165}\u{1107}\u{1165}"]),
            keys: texts(&["AKIAEXAMPLE7Q2XEXAMP"]),
            resources: texts(&["i-0ab12cd34ef567890"]),
            addresses: texts(&["203.0.113.7", "2001:db8::1"]),
        }
    }

    fn labels(text: &str) -> Vec<String> {
        let found = complete(text, text.chars().count(), &values());
        found.into_iter().map(|c| c.label).collect()
    }

    #[test]
    fn fields_and_values_are_proposed_at_the_cursor() {
        for (text, wanted) in [
            ("s", vec!["sev>=", "source:"]),
            ("sev>=hi", vec!["sev>=high"]),
            ("account:prod", vec!["account:prod", "account:non-prod"]),
            ("sev>=high !acc", vec!["account:"]),
            ("account:my", vec!["account:\"my \\\"own\\\" lab\""]),
            ("account:\"my ", vec!["account:\"my \\\"own\\\" lab\""]),
            ("is:o", vec!["is:overdue"]),
            ("owner:u", vec!["owner:unclaimed"]),
            ("user:d", vec!["user:deploy-bot"]),
            ("key:", vec!["key:AKIAEXAMPLE7Q2XEXAMP"]),
            ("resource:i-", vec!["resource:i-0ab12cd34ef567890"]),
            ("ip:20", vec!["ip:203.0.113.7", "ip:2001:db8::1"]),
            ("nothing:", vec![]),
            ("source:sec", vec!["source:securityhub"]),
            // Typed in letters, written in syllables, and the other way round.
            ("account:\u{1112}\u{1161}\u{11ab}", vec!["account:한국-운영"]),
            ("user:서", vec!["user:\u{1109}\u{1165}\u{1107}\u{1165}"]),
        ] {
            let got = labels(text);
            let head: Vec<&str> = got.iter().map(String::as_str).take(wanted.len().max(1)).collect();
            assert_eq!(head, wanted, "{text}");
        }
    }

    #[test]
    fn the_word_under_the_cursor_is_replaced_and_the_rest_stays() {
        let found = complete("sev>=high reg:x account:prod", 13, &values());
        assert_eq!(found[0].text, "sev>=high region: account:prod");
        assert_eq!(found[0].cursor, 17);
        let minus = complete("-is:cl", 6, &values());
        assert_eq!(
            (minus[0].text.as_str(), minus[0].label.as_str()),
            ("-is:claimed", "is:claimed")
        );
    }

    #[test]
    fn what_is_proposed_can_be_read_again() {
        for field in FIELDS {
            for value in complete(&format!("{}:", field.name), 99, &values()) {
                let text = if matches!(field.name, "age" | "first") {
                    value.text.replace(':', "<")
                } else {
                    value.text
                };
                assert!(Filter::parse(&text).is_ok(), "{text}");
            }
        }
        for text in ["", "\"", "a\\", "\u{1b}:", "=", "!!-", "서버 \"", ":::"] {
            for cursor in 0..8 {
                let found = complete(text, cursor, &values());
                assert!(found.len() <= MOST);
            }
        }
    }
}
