//! Agents of Systems Manager on a scenario's instances.

use super::build::Builder;
use super::schema;
use crate::range::services::ssm::Agent;

impl Builder<'_> {
    /// An agent on each instance that has one by its `ssm`.
    pub fn add_agents(&mut self) {
        for spec in &self.file.instance {
            let Some(agent) = spec.ssm else { continue };
            let registered = self.ago(spec.launched);
            let name = spec.name.as_ref().as_str();
            for home in self.instances.get(name).cloned().unwrap_or_default() {
                let agent = Agent {
                    online: agent == schema::Agent::Online,
                    platform: "Linux".to_owned(),
                    name: "Amazon Linux".to_owned(),
                    version: "2023".to_owned(),
                    registered,
                };
                if let Some(regional) = self.regional(&home.account, &home.region) {
                    regional.ssm.agents.insert(home.id, agent);
                }
            }
        }
    }
}
