//! `AwsSecurityFindingFilters` and `SortCriteria`: which findings, and in what order.
//!
//! Conditions on one attribute are joined by OR where they ask for something and by AND where they exclude; attributes are
//! joined by AND (`AwsSecurityFindingFilters` and `StringFilter` in the API reference).

use jiff::SignedDuration;
use serde_json::Value;

use super::invalid;
use crate::domain::Time;
use crate::range::call::ApiError;
use crate::range::services::paging::Key;

/// All conditions on one attribute.
pub struct Attribute {
    path: &'static str,
    conditions: Vec<Condition>,
}

enum Condition {
    Text {
        comparison: String,
        value: String,
    },
    /// From and to, either open.
    Times(Option<Time>, Option<Time>),
    /// A comparison's name and its number.
    Numbers(Vec<(String, f64)>),
}

enum Kind {
    Text,
    Date,
    Number,
}

/// Where an attribute stands in a finding, and how it is compared. A step through a list looks at each of its items.
fn attribute(name: &str) -> Option<(&'static str, Kind)> {
    Some(match name {
        "Id" => ("Id", Kind::Text),
        "ProductArn" => ("ProductArn", Kind::Text),
        "ProductName" => ("ProductName", Kind::Text),
        "CompanyName" => ("CompanyName", Kind::Text),
        "GeneratorId" => ("GeneratorId", Kind::Text),
        "AwsAccountId" => ("AwsAccountId", Kind::Text),
        "AwsAccountName" => ("AwsAccountName", Kind::Text),
        "Region" => ("Region", Kind::Text),
        "Title" => ("Title", Kind::Text),
        "Description" => ("Description", Kind::Text),
        "Type" => ("Types", Kind::Text),
        "SeverityLabel" => ("Severity.Label", Kind::Text),
        "SeverityNormalized" => ("Severity.Normalized", Kind::Number),
        "SeverityProduct" => ("Severity.Product", Kind::Number),
        "ResourceId" => ("Resources.Id", Kind::Text),
        "ResourceType" => ("Resources.Type", Kind::Text),
        "ResourceRegion" => ("Resources.Region", Kind::Text),
        "ComplianceStatus" => ("Compliance.Status", Kind::Text),
        "ComplianceSecurityControlId" => ("Compliance.SecurityControlId", Kind::Text),
        "WorkflowStatus" => ("Workflow.Status", Kind::Text),
        "WorkflowState" => ("WorkflowState", Kind::Text),
        "RecordState" => ("RecordState", Kind::Text),
        "VerificationState" => ("VerificationState", Kind::Text),
        "NoteText" => ("Note.Text", Kind::Text),
        "NoteUpdatedBy" => ("Note.UpdatedBy", Kind::Text),
        "CreatedAt" => ("CreatedAt", Kind::Date),
        "UpdatedAt" => ("UpdatedAt", Kind::Date),
        "FirstObservedAt" => ("FirstObservedAt", Kind::Date),
        "LastObservedAt" => ("LastObservedAt", Kind::Date),
        _ => return None,
    })
}

/// Reads `Filters`; absent means everything. `now` is what `DateRange` counts back from.
pub fn read(filters: &Value, now: Time) -> Result<Vec<Attribute>, ApiError> {
    let Some(attributes) = filters.as_object() else {
        return if filters.is_null() {
            Ok(Vec::new())
        } else {
            Err(invalid("Invalid parameter 'Filters'."))
        };
    };
    let mut found = Vec::new();
    for (name, list) in attributes {
        let refuse = || invalid(format!("Invalid parameter 'Filters.{name}'."));
        let (path, kind) = attribute(name).ok_or_else(refuse)?;
        let list = list.as_array().filter(|l| l.len() <= 20).ok_or_else(refuse)?;
        let conditions: Option<Vec<Condition>> = list
            .iter()
            .map(|item| match kind {
                Kind::Text => text(item),
                Kind::Date => date(item, now),
                Kind::Number => number(item),
            })
            .collect();
        found.push(Attribute {
            path,
            conditions: conditions.ok_or_else(refuse)?,
        });
    }
    Ok(found)
}

fn text(item: &Value) -> Option<Condition> {
    let comparison = item["Comparison"].as_str()?;
    let known = matches!(
        comparison,
        "EQUALS" | "PREFIX" | "CONTAINS" | "NOT_EQUALS" | "PREFIX_NOT_EQUALS" | "NOT_CONTAINS"
    );
    known.then_some(Condition::Text {
        comparison: comparison.to_owned(),
        value: item["Value"].as_str()?.to_owned(),
    })
}

fn date(item: &Value, now: Time) -> Option<Condition> {
    if let Some(range) = item.get("DateRange").filter(|r| !r.is_null()) {
        let days = range["Value"].as_i64().filter(|days| (1..=365).contains(days))?;
        if range["Unit"].as_str()? != "DAYS" {
            return None;
        }
        let from = now.checked_sub(SignedDuration::from_hours(24 * days)).ok()?;
        return Some(Condition::Times(Some(from), None));
    }
    let limit = |name: &str| match item.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(given) => given.as_str()?.parse::<Time>().ok().map(Some),
    };
    let (from, to) = (limit("Start")?, limit("End")?);
    (from.is_some() || to.is_some()).then_some(Condition::Times(from, to))
}

fn number(item: &Value) -> Option<Condition> {
    let limits: Option<Vec<(String, f64)>> = item
        .as_object()?
        .iter()
        .map(|(name, value)| {
            let known = matches!(name.as_str(), "Eq" | "Gt" | "Gte" | "Lt" | "Lte");
            Some((name.clone(), value.as_f64().filter(|_| known)?))
        })
        .collect();
    limits.filter(|l| !l.is_empty()).map(Condition::Numbers)
}

impl Attribute {
    /// Whether a finding meets what is asked of this attribute.
    pub fn accepts(&self, finding: &Value) -> bool {
        let mut values = Vec::new();
        collect(finding, self.path, &mut values);
        let (excluding, asking): (Vec<_>, Vec<_>) = self.conditions.iter().partition(|c| c.excludes());
        excluding.iter().all(|c| values.iter().all(|v| c.holds(v)))
            && (asking.is_empty() || asking.iter().any(|c| values.iter().any(|v| c.holds(v))))
    }
}

impl Condition {
    fn excludes(&self) -> bool {
        matches!(self, Self::Text { comparison, .. } if comparison.contains("NOT"))
    }

    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Text {
                comparison,
                value: wanted,
            } => {
                let Some(text) = value.as_str() else { return false };
                match comparison.as_str() {
                    "EQUALS" => text == wanted,
                    "PREFIX" => text.starts_with(wanted.as_str()),
                    "CONTAINS" => text.contains(wanted.as_str()),
                    "NOT_EQUALS" => text != wanted,
                    "PREFIX_NOT_EQUALS" => !text.starts_with(wanted.as_str()),
                    _ => !text.contains(wanted.as_str()),
                }
            }
            Self::Times(from, to) => {
                let Some(time) = value.as_str().and_then(|t| t.parse::<Time>().ok()) else {
                    return false;
                };
                from.is_none_or(|from| time >= from) && to.is_none_or(|to| time <= to)
            }
            Self::Numbers(limits) => {
                let Some(number) = value.as_f64() else { return false };
                limits.iter().all(|(name, limit)| match name.as_str() {
                    "Gt" => number > *limit,
                    "Gte" => number >= *limit,
                    "Lt" => number < *limit,
                    "Lte" => number <= *limit,
                    _ => number.total_cmp(limit).is_eq(),
                })
            }
        }
    }
}

fn collect<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, found)),
        _ if path.is_empty() => found.push(value),
        Value::Object(fields) => {
            let (head, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(next) = fields.get(head) {
                collect(next, rest, found);
            }
        }
        _ => {}
    }
}

/// One step of the order.
pub struct Sort {
    path: &'static str,
    descending: bool,
}

/// Reads `SortCriteria`, at most ten steps; fields have the names that filters have.
pub fn sort(criteria: &Value) -> Result<Vec<Sort>, ApiError> {
    let refuse = || invalid("Invalid parameter 'SortCriteria'.");
    if criteria.is_null() {
        return Ok(Vec::new());
    }
    let list = criteria.as_array().filter(|l| l.len() <= 10).ok_or_else(refuse)?;
    list.iter()
        .map(|step| {
            let (path, _) = step["Field"].as_str().and_then(attribute).ok_or_else(refuse)?;
            let descending = match step["SortOrder"].as_str() {
                Some("asc") | None => false,
                Some("desc") => true,
                Some(_) => return Err(refuse()),
            };
            Ok(Sort { path, descending })
        })
        .collect()
}

impl Sort {
    /// Where the finding stands in the order. Severity labels sort as texts, as AWS does.
    pub fn key(&self, finding: &Value) -> Key {
        let mut values = Vec::new();
        collect(finding, self.path, &mut values);
        let key = match values.first() {
            Some(Value::Number(number)) => Key::up_number(number.as_f64().unwrap_or_default()),
            Some(value) => Key::up_text(value.as_str().unwrap_or_default()),
            None => Key::up_text(""),
        };
        if self.descending { key.reversed() } else { key }
    }
}
