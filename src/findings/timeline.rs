//! How many findings moved in each hour, for the small chart above the list.
//!
//! Owns: the counts, kept up to date finding by finding, so that drawing them costs the same however many findings there are.
//! Must never: count an archived finding, or one finding twice.

use std::collections::BTreeMap;

use crate::domain::{SeverityLabel, Time};

use super::Finding;

const SECONDS: i64 = 3600;

/// Findings by the hour of their last update (UTC), in bands of severity. Without the archived ones, as in the counts beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Hours since 1970, and how many findings of each band, the worst band first.
    hours: BTreeMap<i64, [u32; SeverityLabel::ALL.len()]>,
}

/// One bar of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// How many findings were updated in its time.
    pub findings: u32,
    /// The worst of them.
    pub worst: Option<SeverityLabel>,
}

impl Timeline {
    /// Counts a finding.
    pub fn add(&mut self, finding: &Finding) {
        if let Some((hour, band)) = place(finding) {
            let slot = &mut self.hours.entry(hour).or_default()[band];
            *slot = slot.saturating_add(1);
        }
    }

    /// Takes back what `add` counted for the same version of a finding.
    pub fn remove(&mut self, finding: &Finding) {
        let Some((hour, band)) = place(finding) else { return };
        if let Some(bands) = self.hours.get_mut(&hour) {
            bands[band] = bands[band].saturating_sub(1);
            if bands.iter().all(|n| *n == 0) {
                self.hours.remove(&hour);
            }
        }
    }

    /// The last `bars` × `hours_each` hours up to and including that of `now`, the oldest first. What is dated later than `now`
    /// (clocks disagree) stands in the last bar, so that it is not left out of sight.
    #[must_use]
    pub fn bars(&self, now: Time, bars: usize, hours_each: usize) -> Vec<Bar> {
        let each = i64::try_from(hours_each.max(1)).unwrap_or(1);
        let count = i64::try_from(bars).unwrap_or_default();
        let last = now.as_second().div_euclid(SECONDS);
        let first = last - count * each + 1;
        let empty = Bar {
            findings: 0,
            worst: None,
        };
        let mut out = vec![empty; bars];
        for (hour, bands) in self.hours.range(first..) {
            let Ok(at) = usize::try_from(((*hour).min(last) - first) / each) else {
                continue;
            };
            let Some(bar) = out.get_mut(at) else { continue };
            for (label, n) in SeverityLabel::ALL.into_iter().zip(bands) {
                bar.findings = bar.findings.saturating_add(*n);
                if *n > 0 {
                    bar.worst = bar.worst.max(Some(label));
                }
            }
        }
        out
    }
}

/// The hour and the band that a finding counts in; none where it has no time or is archived.
fn place(finding: &Finding) -> Option<(i64, usize)> {
    if finding.archived {
        return None;
    }
    let hour = finding
        .updated_at
        .or(finding.first_seen)?
        .as_second()
        .div_euclid(SECONDS);
    let label = finding.severity.label();
    let band = SeverityLabel::ALL.iter().position(|l| *l == label)?;
    Some((hour, band))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Severity;
    use crate::findings::samples;

    fn at(hour: i64, score: f64) -> Finding {
        let mut finding = samples::finding();
        finding.updated_at = Some(Time::from_second(hour * SECONDS + 59).unwrap());
        finding.severity = Severity::from_score(score);
        finding.archived = false;
        finding
    }

    fn now(hour: i64) -> Time {
        Time::from_second(hour * SECONDS + 1800).unwrap()
    }

    #[test]
    fn each_hour_has_a_bar_with_its_worst_band() {
        let mut line = Timeline::default();
        for finding in [at(100, 2.0), at(100, 9.5), at(98, 5.0), at(76, 8.0), at(102, 5.0)] {
            line.add(&finding);
        }
        let bars = line.bars(now(100), 24, 1);
        let of = |n: usize| (bars[n].findings, bars[n].worst);
        assert_eq!(bars.len(), 24);
        // One of them is dated two hours from now: it stands in the last bar.
        assert_eq!(of(23), (3, Some(SeverityLabel::Critical)));
        assert_eq!(of(21), (1, Some(SeverityLabel::Medium)));
        assert_eq!(
            bars.iter().map(|b| b.findings).sum::<u32>(),
            4,
            "hour 76 is out of sight"
        );
        let wide = line.bars(now(100), 12, 2);
        assert_eq!(wide.iter().map(|b| b.findings).sum::<u32>(), 4);
        assert_eq!(wide[10].worst, Some(SeverityLabel::Medium));
    }

    #[test]
    fn what_is_taken_back_leaves_nothing_behind() {
        let mut line = Timeline::default();
        let (kept, gone) = (at(5, 9.0), at(5, 1.0));
        line.add(&kept);
        let before = line.clone();
        line.add(&gone);
        line.remove(&gone);
        assert_eq!(line, before);
        line.remove(&kept);
        assert_eq!(line, Timeline::default());
        let mut archived = at(5, 9.0);
        archived.archived = true;
        line.add(&archived);
        assert_eq!(line, Timeline::default());
    }
}
