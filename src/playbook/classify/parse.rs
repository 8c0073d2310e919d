//! From a classification file's text to a table, or to its faults with their places.

use toml::Spanned;

use super::{Classification, IncidentType, Level, SEVERITIES, Subtype};
use crate::domain::{SeverityLabel, SourceError};
use crate::playbook::sheet::{self, Faults, Sheet};

/// The longest response time that a table may give: 30 days, in minutes.
const LONGEST: u32 = 30 * 24 * 60;
/// The most systems that may be affected before an incident is a step worse.
const MOST_SYSTEMS: u32 = 1_000_000;
/// The most items of a list and the longest of them, in characters.
const ITEMS: (usize, usize) = (32, 200);
/// The most patterns of a list, since findings are held against each, and the longest.
const PATTERNS: (usize, usize) = (64, 128);
/// The longest title, in characters.
const TITLE: usize = 100;
/// The most types, and the most subtypes of one.
const MOST_TYPES: usize = 32;

pub(super) fn table(file: &str, text: &str) -> Result<Classification, Vec<SourceError>> {
    let (mut sheet, mut faults) = sheet::open(file, text)?;
    let read = whole(&mut sheet, &mut faults);
    sheet.end(&mut faults);
    faults.finish(read)
}

fn whole<'t>(sheet: &mut Sheet<'t>, faults: &mut Faults<'t>) -> Option<Classification> {
    let step_up_above = sheet.number("step_up_above", &(1..=MOST_SYSTEMS), faults);
    let mut known = Known::default();
    let [critical, high, medium, low] = ["critical", "high", "medium", "low"].map(|key| {
        sheet
            .sheet(key, faults)
            .and_then(|sheet| level(sheet, &mut known, faults))
    });
    for missing in SeverityLabel::ALL.iter().filter(|l| !known.taken.contains(l)) {
        faults.add(sheet.span(), format!("no severity is suggested for {missing} findings"));
    }
    let sheets = sheet.sheets("type", MOST_TYPES, faults);
    if sheets.is_empty() {
        faults.add(sheet.span(), "expected at least one [[type]]");
    }
    let last = sheets.len().saturating_sub(1);
    let mut types: Vec<IncidentType> = Vec::new();
    for (place, sheet) in sheets.into_iter().enumerate() {
        types.extend(incident_type(sheet, &types, place == last, faults));
    }
    Some(Classification {
        step_up_above: step_up_above?.into_inner(),
        levels: [critical?, high?, medium?, low?],
        types,
    })
}

/// What the severities before have, the worst first.
struct Known {
    shortest: u32,
    taken: Vec<SeverityLabel>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            shortest: 1,
            taken: Vec::new(),
        }
    }
}

fn level<'t>(mut sheet: Sheet<'t>, known: &mut Known, faults: &mut Faults<'t>) -> Option<Level> {
    let minutes = sheet.number("response_minutes", &(1..=LONGEST), faults);
    if let Some(minutes) = &minutes {
        if *minutes.get_ref() < known.shortest {
            let shortest = known.shortest;
            let what = format!("expected {shortest} to {LONGEST}: no severity waits less than a worse one");
            faults.add(minutes.span(), what);
        }
        known.shortest = known.shortest.max(*minutes.get_ref());
    }
    let mut suggested_for = Vec::new();
    for value in sheet.texts("suggested_for", ITEMS, faults).unwrap_or_default() {
        let Some(label) = faults.word::<SeverityLabel>(&value) else {
            continue;
        };
        if known.taken.contains(&label) {
            faults.add(value.span(), format!("{label} is suggested twice, expected once"));
        }
        known.taken.push(label);
        suggested_for.push(label);
    }
    let meaning = sheet.need("meaning", ITEMS.1, faults);
    let escalation = sheet.texts("escalation", ITEMS, faults).unwrap_or_default();
    if escalation.is_empty() {
        faults.add(
            sheet.span(),
            "expected escalation = […]: somebody is told of every incident",
        );
    }
    let actions = sheet.texts("actions", ITEMS, faults).unwrap_or_default();
    sheet.end(faults);
    Some(Level {
        response_minutes: minutes?.into_inner(),
        suggested_for,
        meaning: meaning?.into_inner(),
        escalation: strings(escalation),
        actions: strings(actions),
    })
}

fn incident_type<'t>(
    mut sheet: Sheet<'t>,
    before: &[IncidentType],
    is_last: bool,
    faults: &mut Faults<'t>,
) -> Option<IncidentType> {
    let name = name(&mut sheet, faults, |name| before.iter().any(|t| t.name == name));
    let title = sheet.need("title", TITLE, faults);
    let actions = sheet.texts("actions", ITEMS, faults).unwrap_or_default();
    let findings = sheet.texts("findings", PATTERNS, faults).unwrap_or_default();
    if findings.is_empty() != is_last {
        let what = "every type has findings that suggest it but the last, which is for everything else";
        faults.add(sheet.span(), what);
    }
    let mut subtypes: Vec<Subtype> = Vec::new();
    for one in sheet.sheets("subtype", MOST_TYPES, faults) {
        subtypes.extend(subtype(one, &subtypes, faults));
    }
    let assumed = subtypes.iter().filter(|s| s.assumed).count();
    if assumed != 1 {
        let what = format!(
            "{assumed} subtypes have assumed = true, expected one, which is taken when nothing suggests another"
        );
        faults.add(sheet.span(), what);
    }
    sheet.end(faults);
    Some(IncidentType {
        name: name?,
        title: title?.into_inner(),
        actions: strings(actions),
        findings: strings(findings),
        subtypes,
    })
}

fn subtype<'t>(mut sheet: Sheet<'t>, before: &[Subtype], faults: &mut Faults<'t>) -> Option<Subtype> {
    let name = name(&mut sheet, faults, |name| before.iter().any(|s| s.name == name));
    let title = sheet.need("title", TITLE, faults);
    let severity = sheet.need("severity", 20, faults);
    let severity = severity.and_then(|value| {
        let severity = faults.word::<SeverityLabel>(&value)?;
        if !SEVERITIES.contains(&severity) {
            faults.add(value.span(), "expected critical, high, medium or low");
        }
        Some(severity)
    });
    let findings = sheet.texts("findings", PATTERNS, faults).unwrap_or_default();
    let resources = sheet.words("resources", 16, faults);
    let tags = sheet.texts("tags", PATTERNS, faults).unwrap_or_default();
    for tag in &tags {
        let lower = tag.get_ref().to_lowercase() == *tag.get_ref();
        if !lower || !tag.get_ref().contains('=') {
            faults.add(
                tag.span(),
                "expected a tag as key=value in lower case, * standing for any text",
            );
        }
    }
    let assumed = sheet.flag("assumed", faults);
    sheet.end(faults);
    Some(Subtype {
        name: name?,
        title: title?.into_inner(),
        severity: severity?,
        findings: strings(findings),
        resources,
        tags: strings(tags),
        assumed,
    })
}

/// A name that conditions can use and that is not there yet.
fn name<'t>(sheet: &mut Sheet<'t>, faults: &mut Faults<'t>, is_taken: impl Fn(&str) -> bool) -> Option<String> {
    let name = sheet.name("name", faults)?;
    if is_taken(name.get_ref()) {
        faults.add(
            name.span(),
            format!("there is {} already, expected another name", name.get_ref()),
        );
    }
    Some(name.into_inner())
}

fn strings(all: Vec<Spanned<String>>) -> Vec<String> {
    all.into_iter().map(Spanned::into_inner).collect()
}
