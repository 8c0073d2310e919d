//! Topics that a scenario's notifications go to.
//!
//! Owns: where each lies and who hears it. Must never: build a drill whose own topic is not there.

use super::build::Builder;
use super::error::Fault;
use super::scenario::topic_arn;
use crate::range::services::sns::Topic;

impl Builder<'_> {
    /// Topics that notifications go to.
    pub fn add_topics(&mut self) -> Result<(), Fault> {
        for topic in &self.file.topic {
            let account = self.file.account_id(&topic.account)?;
            let region = self.file.region(&topic.region)?;
            let arn = topic_arn(region, account, topic.name.as_ref());
            if let Some(regional) = self.regional(account, region) {
                let topic = Topic {
                    confirmed: topic.subscribers,
                    pending: topic.pending,
                    ..Topic::default()
                };
                regional.sns.topics.insert(arn, topic);
            }
        }
        let named = &self.file.quell.topic;
        if self
            .file
            .topic
            .iter()
            .any(|topic| topic.name.as_ref() == named.as_ref())
        {
            Ok(())
        } else {
            Err(Fault::at(named, format!("no topic is called {:?}", named.as_ref())))
        }
    }
}
