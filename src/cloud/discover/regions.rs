//! Which regions are looked at: those given, else those that are enabled.
//!
//! Only the caller's account is asked. EC2 names the regions that it has not enabled, too; where there are other accounts, one of them
//! may have, and a call to each of hundreds would be needed to know. So that is told as something that may be missing, until the
//! regions are given.
//!
//! Owns: the question to EC2. Must never: take the regions that every account has for all that one has.

use std::sync::Arc;

use aws_config::SdkConfig;

use super::scout::{Scout, counted};
use super::{Remark, Topic};
use crate::cloud::connect::Cloud;
use crate::cloud::doctor::Health;
use crate::cloud::errors::{CallError, ErrorKind};
use crate::cloud::session::at;
use crate::cloud::whole::Whole;
use crate::domain::Region;

const CALL: &str = "ec2:DescribeRegions";

/// Regions that are enabled in every account and cannot be disabled: those introduced before 20 March 2019 (AWS Account
/// Management Reference Guide, "Enable or disable AWS Regions in your account").
const ALWAYS: [&str; 17] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-south-1",
    "ap-northeast-3",
    "ca-central-1",
    "eu-north-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
];
const ALWAYS_CHINA: [&str; 2] = ["cn-north-1", "cn-northwest-1"];
const ALWAYS_US_GOV: [&str; 2] = ["us-gov-west-1", "us-gov-east-1"];

/// Those that can be read before EC2 has answered. The first is the configured one. An endpoint that is not AWS's has its own.
pub(in crate::cloud) fn known(cloud: &Cloud) -> Vec<Region> {
    let mut known = cloud.regions().to_vec();
    if !cloud.options.regions.is_empty() || cloud.endpoint().is_some() || cloud.options.http.is_some() {
        return known;
    }
    let always: &[&str] = match cloud.identity().arn.partition() {
        "aws" => &ALWAYS,
        "aws-cn" => &ALWAYS_CHINA,
        "aws-us-gov" => &ALWAYS_US_GOV,
        _ => &[],
    };
    for region in always.iter().filter_map(|code| code.parse().ok()) {
        if !known.contains(&region) {
            known.push(region);
        }
    }
    known
}

/// Whether a region is enabled in every account of its partition.
pub(in crate::cloud) fn is_always(region: &str) -> bool {
    let mut all = ALWAYS.iter().chain(&ALWAYS_CHINA).chain(&ALWAYS_US_GOV);
    all.any(|code| *code == region)
}

/// A region that is enabled in every account, in the partition that a region's name belongs to.
pub(in crate::cloud) fn well_known(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        ALWAYS_CHINA[0]
    } else if region.starts_with("us-gov-") {
        ALWAYS_US_GOV[0]
    } else {
        ALWAYS[0]
    }
}

/// Takes the regions that were given. Those that not every account has are looked up, so that a wrong name is told.
async fn given(scout: &Scout) {
    scout.regions.send_modify(|list| {
        list.how = format!("{} as asked for.", counted(list.items.len(), "region"));
        list.ended = true;
    });
    let cloud = &scout.cloud;
    let mut odd = cloud.options.regions.clone();
    odd.retain(|region| !is_always(region.as_str()));
    if odd.is_empty() {
        return;
    }
    // Where it may not be asked, each region's own answers say enough.
    let Ok(enabled) = Box::pin(enabled(cloud)).await else {
        return;
    };
    odd.retain(|region| !enabled.here.contains(region));
    let own = cloud.identity().account;
    for region in odd {
        let sentence = format!("{region} is not enabled in {own}, or there is no such region");
        scout
            .regions
            .send_modify(|list| list.how = format!("{} {sentence}.", list.how));
        let advice = "Correct --region or regions in the configuration, or enable the region.";
        scout
            .tell
            .remark(Remark::new(Topic::Regions, Health::Warning, sentence, advice));
    }
}

/// Finds them all.
pub(super) async fn find(scout: Arc<Scout>) {
    let cloud = &scout.cloud;
    if !cloud.options.regions.is_empty() {
        Box::pin(given(&scout)).await;
        return;
    }
    let own = cloud.identity().account;
    let enabled = Box::pin(enabled(cloud)).await;
    let failed = enabled.as_ref().err().cloned();
    scout.regions.send_modify(|list| {
        list.ended = true;
        match enabled {
            Ok(enabled) => {
                for region in enabled.here {
                    if !list.items.contains(&region) {
                        list.items.push(region);
                    }
                }
                list.how = format!("{}: those enabled in {own}.", counted(list.items.len(), "region"));
                scout.not_enabled(enabled.not_here);
            }
            Err(error) => {
                list.may_miss = true;
                list.how = format!(
                    "{}: which others are enabled is not known ({error}).",
                    counted(list.items.len(), "region")
                );
            }
        }
    });
    if let Some(error) = failed {
        let sentence = format!("Which regions are enabled could not be asked: {error}");
        scout.tell.remark(Remark::new(
            Topic::Regions,
            Health::Problem,
            sentence,
            "Allow ec2:DescribeRegions for the reader role, or name the regions with --region or in the configuration.",
        ));
    }
}

/// Where another account may have enabled what the caller's has not: the sentence that says so.
pub(super) fn elsewhere(scout: &Scout, others: bool) -> Option<String> {
    let regions = scout.elsewhere();
    if regions.is_empty() || !others {
        return None;
    }
    let own = scout.cloud.identity().account;
    let sentence = format!(
        "Another account may have enabled some of the {} that {own} has not, and there nothing is looked at",
        counted(regions.len(), "region")
    );
    let advice = "Name every region that any account uses with --region, or as regions in the configuration.";
    let remark = Remark::new(Topic::Regions, Health::Problem, sentence.clone(), advice);
    scout.tell.remark(remark);
    Some(format!("{sentence}; naming the regions settles it."))
}

/// The regions that there are, by whether the caller's account has them enabled.
struct Enabled {
    here: Vec<Region>,
    not_here: Vec<Region>,
}

/// Asks with the caller's own credentials, which are there at once; where they may not, with the reader role.
async fn enabled(cloud: &Cloud) -> Result<Enabled, CallError> {
    match ask(&cloud.base).await {
        Err(error) if error.kind == ErrorKind::Denied => {
            let session = cloud.session(&cloud.identity().account).await;
            match session {
                Ok(session) if !session.is_own_credentials() => {
                    // Where the caller was known, which the first region given need not be.
                    let region = cloud.base.region().and_then(|r| r.as_ref().parse().ok());
                    ask(&session.at(region.as_ref().unwrap_or(&cloud.regions()[0]))).await
                }
                _ => Err(error),
            }
        }
        asked => asked,
    }
}

async fn ask(config: &SdkConfig) -> Result<Enabled, CallError> {
    let region = config.region().and_then(|r| r.as_ref().parse::<Region>().ok());
    let config = region.map_or_else(|| config.clone(), |region| at(config, &region));
    // Of an answer that was cut, the regions behind the cut would be missing in silence.
    let config = aws_sdk_ec2::config::Builder::from(&config).interceptor(Whole).build();
    let call = aws_sdk_ec2::Client::from_conf(config)
        .describe_regions()
        .all_regions(true);
    let answer = call.send().await;
    let answer = answer.map_err(|e| CallError::from_sdk(CALL, &e))?;
    let (mut here, mut not_here) = (Vec::new(), Vec::new());
    for region in answer.regions() {
        let list = match region.opt_in_status() {
            Some("not-opted-in") => &mut not_here,
            _ => &mut here,
        };
        let code = region.region_name().unwrap_or_default();
        list.push(
            code.parse()
                .map_err(|bad| CallError::malformed(CALL, format!("{bad}")))?,
        );
    }
    if here.is_empty() {
        return Err(CallError::malformed(CALL, "the answer has no enabled region"));
    }
    Ok(Enabled { here, not_here })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::testing::connected;
    use crate::range::fault::{Fault, Kind};

    /// Wherever the answer is cut, it is no list; the first length that is taken has every region.
    #[tokio::test]
    async fn an_answer_that_was_cut_is_no_shorter_list() {
        let (range, cloud) = connected().await;
        let whole = Box::pin(ask(&cloud.base)).await.unwrap();
        assert!(whole.here.len() > 1);
        let mut length = 0;
        let taken = loop {
            range.heal();
            range.fail(Fault {
                operation: Some("DescribeRegions".to_owned()),
                kind: Kind::CutBody(length),
                ..Fault::default()
            });
            match Box::pin(ask(&cloud.base)).await {
                Ok(taken) => break taken,
                Err(error) => assert_eq!(error.kind, ErrorKind::Malformed, "{length}: {error}"),
            }
            length += 1;
        };
        assert!(length > 200, "it was cut {length} times");
        assert_eq!((taken.here, taken.not_here), (whole.here, whole.not_here));
    }

    #[test]
    fn each_partition_has_a_region_that_is_always_there() {
        for (region, known) in [
            ("me-south-1", "us-east-1"),
            ("cn-x-1", "cn-north-1"),
            ("us-gov-x-1", "us-gov-west-1"),
        ] {
            assert_eq!(well_known(region), known);
            assert!(is_always(known) && !is_always(region));
        }
    }

    #[test]
    fn the_regions_that_are_always_there_are_named_once_each() {
        let all = ALWAYS.iter().chain(&ALWAYS_CHINA).chain(&ALWAYS_US_GOV);
        let parsed: std::collections::BTreeSet<Region> = all.map(|code| code.parse().unwrap()).collect();
        assert_eq!(parsed.len(), 21);
    }
}
