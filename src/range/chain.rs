//! Which page of a listing a call asks for.
//!
//! Owns: the tokens that have been given out, and the number of the page that each leads to. Must never: guess; a token that it has
//! not seen given out has no number.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::call::Call;
use crate::domain::{AccountId, Region};

/// Tokens kept; beyond it the chains are forgotten and followed anew.
const MOST: usize = 100_000;

/// What AWS calls a token, in requests and answers alike.
const NAMES: [&str; 3] = ["NextToken", "nextToken", "Marker"];

/// The chains of pages that are being followed.
#[derive(Debug, Default)]
pub struct Chains(HashMap<(Question, String), usize>);

/// One question, whichever of its pages is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question(u64);

impl Question {
    /// Two calls are pages of one question where they differ in nothing but the token.
    pub fn of(service: &str, operation: &str, account: AccountId, region: &Region, params: &Value) -> Self {
        let mut hasher = DefaultHasher::new();
        (service, operation, account, region).hash(&mut hasher);
        for (key, value) in params.as_object().into_iter().flatten() {
            if !NAMES.contains(&key.as_str()) {
                key.hash(&mut hasher);
                value.to_string().hash(&mut hasher);
            }
        }
        Self(hasher.finish())
    }

    /// The question that a call asks.
    pub fn asked(service: &str, call: &Call) -> Self {
        Self::of(service, call.operation, call.caller.account, call.region, call.params)
    }
}

/// The token in a request's parameters or in an answer, if there is one.
fn token(value: &Value) -> Option<&str> {
    NAMES
        .iter()
        .find_map(|name| value.get(*name)?.as_str())
        .filter(|t| !t.is_empty())
}

impl Chains {
    /// The page that a call asks for, from 1.
    pub fn page(&self, question: Question, params: &Value) -> Option<usize> {
        match token(params) {
            None => Some(1),
            Some(token) => self.0.get(&(question, token.to_owned())).copied(),
        }
    }

    /// Notes where the token of an answer leads.
    pub fn follow(&mut self, question: Question, page: Option<usize>, answer: &Value) {
        if let (Some(page), Some(token)) = (page, token(answer)) {
            if self.0.len() >= MOST {
                self.0.clear();
            }
            self.0.insert((question, token.to_owned()), page + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_are_counted_along_each_question() {
        let region = Region::global();
        let question = |params: &Value| {
            Question::of(
                "guardduty",
                "ListFindings",
                "111111111111".parse().unwrap(),
                &region,
                params,
            )
        };
        let mut chains = Chains::default();
        let (high, low) = (json!({"sort": "high"}), json!({"sort": "low"}));
        assert_eq!(chains.page(question(&high), &high), Some(1));
        chains.follow(question(&high), Some(1), &json!({"nextToken": "a"}));
        let second = json!({"sort": "high", "nextToken": "a"});
        assert_eq!(chains.page(question(&second), &second), Some(2));
        // The same page asked for again is the same page.
        assert_eq!(chains.page(question(&second), &second), Some(2));
        // The same token under another question was never given out, and an empty token is none.
        let other = json!({"sort": "low", "nextToken": "a"});
        assert_eq!(chains.page(question(&low), &other), None);
        assert_eq!(chains.page(question(&low), &json!({"nextToken": ""})), Some(1));
    }
}
