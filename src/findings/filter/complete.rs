//! What could come next in a filter that is being typed.
//!
//! Owns: the candidates. Must never: offer what the language does not understand, or a value that would need to be looked for
//! among all findings: values are handed in.

use crate::domain::SeverityLabel;

use super::FIELDS;

/// More candidates than this are of no help.
const MOST: usize = 50;

/// Values that were seen, for the fields that have many.
#[derive(Clone, Debug, Default)]
pub struct Values {
    pub accounts: Vec<String>,
    pub regions: Vec<String>,
    pub types: Vec<String>,
}

/// What could stand in place of the text's last word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// Where the word begins that a candidate takes the place of, in bytes.
    pub start: usize,
    /// The most likely first.
    pub candidates: Vec<String>,
}

/// The candidates for the word that `before`, the text up to the cursor, ends in.
#[must_use]
pub fn complete(before: &str, values: &Values) -> Completions {
    let Some(start) = last_word(before) else {
        return Completions::default();
    };
    let word = &before[start..];
    let sign = word.len() - word.trim_start_matches(['!', '-']).len();
    let (sign, word) = word.split_at(sign.min(1));
    let mut candidates = match word.find([':', '~', '=', '<', '>']) {
        None => fields(word, !sign.is_empty()),
        Some(at) => {
            let after = word[at..].find(|c: char| !":~=<>".contains(c));
            let (head, value) = word.split_at(after.map_or(word.len(), |n| at + n));
            let found = of_field(&head[..at].to_lowercase(), value, values);
            found.into_iter().map(|value| format!("{head}{value}")).collect()
        }
    };
    candidates.iter_mut().for_each(|c| c.insert_str(0, sign));
    candidates.retain(|c| c.as_str() != &before[start..]);
    candidates.truncate(MOST);
    Completions { start, candidates }
}

/// Where the last word begins; none where the text ends inside quotes.
fn last_word(text: &str) -> Option<usize> {
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => start = at + c.len_utf8(),
            _ => {}
        }
    }
    (!quoted).then_some(start)
}

/// Fields that begin like the word, each with the operator that is usual for it.
fn fields(word: &str, negated: bool) -> Vec<String> {
    let word = word.to_lowercase();
    let found = FIELDS.iter().filter(|field| field.name.starts_with(&word));
    let mut found: Vec<String> = found
        .map(|field| format!("{}{}", field.name, usual(field.name)))
        .collect();
    if word.is_empty() && !negated {
        found.push("!archived".to_owned());
    }
    found
}

/// The operator that a field is mostly used with; none for a word that stands by itself.
fn usual(field: &str) -> &'static str {
    match field {
        "sev" => ">=",
        "age" | "first" => "<",
        "count" => ">",
        "archived" => "",
        _ => ":",
    }
}

/// Values of a field that have what was typed in them; those that begin with it come first.
fn of_field(field: &str, typed: &str, values: &Values) -> Vec<String> {
    let fixed = |all: &[&str]| all.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
    let all = match field {
        "sev" | "severity" => SeverityLabel::ALL.iter().map(|l| l.word().to_owned()).collect(),
        "source" => fixed(&["guardduty", "securityhub", "eventbridge"]),
        "age" | "first" => fixed(&["15m", "1h", "4h", "24h", "7d"]),
        "archived" => fixed(&["yes", "no"]),
        "account" => values.accounts.clone(),
        "region" => values.regions.clone(),
        "type" => values.types.clone(),
        _ => Vec::new(),
    };
    let typed = typed.trim_matches('"').to_lowercase();
    let (mut first, mut then) = (Vec::new(), Vec::new());
    for value in all {
        let lower = value.to_lowercase();
        if lower.starts_with(&typed) {
            first.push(quoted(&value));
        } else if lower.contains(&typed) {
            then.push(quoted(&value));
        }
    }
    first.append(&mut then);
    first
}

/// The value as it has to be typed: in quotes where it is not one plain word.
fn quoted(value: &str) -> String {
    if value.is_empty() || value.starts_with('"') || value.contains(char::is_whitespace) {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::filter::Filter;

    fn values() -> Values {
        Values {
            accounts: vec!["prod".to_owned(), "pre prod \"b\"".to_owned(), "데이터-창고".to_owned()],
            regions: vec!["ap-northeast-2".to_owned(), "us-east-1".to_owned()],
            types: vec!["CryptoCurrency:EC2/BitcoinTool.B!DNS".to_owned()],
        }
    }

    fn found(before: &str) -> Vec<String> {
        complete(before, &values()).candidates
    }

    #[test]
    fn fields_then_values() {
        assert_eq!(found("s"), ["sev>=", "source:"]);
        assert_eq!(found("sev>=h"), ["sev>=high"]);
        assert_eq!(found("x !a"), ["!account:", "!age<", "!archived"]);
        assert_eq!(found("region:east"), ["region:ap-northeast-2", "region:us-east-1"]);
        assert_eq!(found("region:us"), ["region:us-east-1"]);
        assert_eq!(found("type~bitcoin"), ["type~CryptoCurrency:EC2/BitcoinTool.B!DNS"]);
        assert_eq!(found("account:데"), ["account:데이터-창고"]);
        assert_eq!(complete("sev>=high acc", &values()).start, "sev>=high ".len());
        assert!(found("title:\"sev").is_empty() && found("nothing:x").is_empty());
    }

    #[test]
    fn every_whole_candidate_is_understood() {
        for before in [
            "sev>=",
            "sev<",
            "account:p",
            "region:",
            "type:",
            "source=",
            "age<",
            "first>",
            "archived:",
            "!",
        ] {
            for candidate in found(before) {
                if !candidate.ends_with([':', '=', '<', '>', '~']) {
                    assert!(Filter::parse(&candidate).is_ok(), "{candidate}");
                }
            }
        }
    }
}
