//! Somebody with a stolen key and the sessions that it began, by the real SDK clients.

use aws_credential_types::Credentials;
use aws_sdk_iam::config::{BehaviorVersion, Region, retry::RetryConfig};

use crate::support::ground::{Ground, PROD, VIRGINIA};

/// Who stole a user's key and went on with the role's sessions.
pub struct Thief<'g>(&'g Ground, aws_types::SdkConfig);

impl<'g> Thief<'g> {
    /// With the user's own key.
    pub fn new(ground: &'g Ground) -> Self {
        let (id, secret) = ground.range.with_world(|world| {
            let key = &world.accounts[&PROD.parse().unwrap()].iam.users["deploy-bot"].keys[0];
            (key.id.clone(), key.secret.clone())
        });
        Self(
            ground,
            config(ground, Credentials::new(id, secret, None, None, "thief")),
        )
    }

    /// With a session of the role.
    pub async fn session(&self, name: &str) -> Result<Thief<'g>, String> {
        let assumed = aws_sdk_sts::Client::new(&self.1)
            .assume_role()
            .role_arn(format!("arn:aws:iam::{PROD}:role/team/pay"))
            .role_session_name(name)
            .send()
            .await
            .map_err(|e| format!("{e:?}"))?;
        let given = assumed.credentials().unwrap();
        let credentials = Credentials::new(
            given.access_key_id(),
            given.secret_access_key(),
            Some(given.session_token().to_owned()),
            None,
            "thief",
        );
        Ok(Thief(self.0, config(self.0, credentials)))
    }

    /// Whether it may look at machines.
    pub async fn is_in(&self) -> bool {
        let asked = aws_sdk_ec2::Client::new(&self.1).describe_instances().send().await;
        match asked {
            Ok(_) => true,
            Err(error) => {
                assert!(format!("{error:?}").contains("UnauthorizedOperation"), "{error:?}");
                false
            }
        }
    }
}

fn config(ground: &Ground, credentials: Credentials) -> aws_types::SdkConfig {
    aws_types::SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(VIRGINIA))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
            credentials,
        ))
        .http_client(ground.range.http_client())
        .retry_config(RetryConfig::disabled())
        .build()
}
