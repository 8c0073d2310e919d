//! What the configuration pins and discovery could not use.
//!
//! Owns: the words for it. Must never: let a pin that has no effect go by in silence.

use std::fmt::Write as _;

use super::scout::Scout;
use super::{Remark, Topic};
use crate::cloud::config::HomeRegion;
use crate::cloud::doctor::Health;
use crate::findings::Source;

/// Remarks on every pin that is not used, and says them behind `how`. True where findings may be missed for it.
pub(super) fn told(scout: &Scout, how: &mut String) -> bool {
    let mut missed = false;
    for source in Source::REGIONAL {
        missed |= administrator(scout, source, how);
    }
    home(scout, how) || missed
}

fn administrator(scout: &Scout, source: Source, how: &mut String) -> bool {
    let Some(pinned) = scout.cloud.options.discovery.administrator(source) else {
        return false;
    };
    if scout.sight(source).is_some() {
        return false;
    }
    // A remark with the reason and its advice is there already.
    let _ = write!(
        how,
        " {pinned} is pinned as {}'s administrator, but not used, because it cannot be read; members that only it knows are missed.",
        source.name()
    );
    true
}

fn home(scout: &Scout, how: &mut String) -> bool {
    let Some(HomeRegion::At(pinned)) = &scout.cloud.options.discovery.securityhub_home else {
        return false;
    };
    let sight = scout.sight(Source::SecurityHub);
    if let Some(home) = sight.as_ref().and_then(|sight| sight.home.as_ref())
        && home.region == *pinned
    {
        return false;
    }
    let given = &scout.cloud.options.regions;
    let (because, advice) = if sight.is_none() {
        (
            "no administrator of Security Hub was found that can be used",
            Some(
                "Name the administrator with securityhub_administrator under [discovery], let it be delegated, or take securityhub_home out.",
            ),
        )
    } else if !given.is_empty() && !given.contains(pinned) {
        (
            "it is none of the regions that were asked for",
            Some("Name it among the regions, or take securityhub_home out."),
        )
    } else {
        // Who asked has remarked on the answer.
        ("Security Hub does not say that findings are gathered there", None)
    };
    let sentence = format!("The home region {pinned} is pinned, but not used, because {because}");
    let _ = write!(how, " {sentence}; each region is read by itself.");
    if let Some(advice) = advice {
        let remark = Remark::new(Topic::Home, Health::Warning, sentence, advice);
        scout.tell.remark(remark);
    }
    // What is gathered there from places that nobody looks at is read nowhere.
    given.is_empty() && !scout.regions.borrow().items.contains(pinned)
}
