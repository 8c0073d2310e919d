//! Which roles and sessions are quell's own.
//!
//! Owns: the prefix of the names that it gives its sessions, and how they are known again. Must never: take a session of somebody
//! else's for one of quell's because of its name alone.

use std::sync::Arc;

use crate::domain::Arn;

/// What the names of quell's sessions begin with.
pub const SESSION_PREFIX: &str = "quell-";

/// The roles that quell works with, by name or with their path, as they are configured.
#[derive(Clone, Debug)]
pub struct OwnRoles(Arc<[String; 2]>);

impl OwnRoles {
    /// The reader's and the responder's role.
    pub fn new(roles: [String; 2]) -> Self {
        Self(Arc::new(roles))
    }

    /// Whether it is one of these roles, by its name.
    pub fn has(&self, role: &str) -> bool {
        self.0.iter().any(|own| own.rsplit('/').next() == Some(role))
    }

    /// Whether somebody is a session of quell's: of one of these roles, by a name that quell gives.
    pub fn is_session(&self, principal: Option<&str>) -> bool {
        let Some(arn) = principal.and_then(|arn| arn.parse::<Arn>().ok()) else {
            return false;
        };
        match arn.resource().split('/').collect::<Vec<_>>().as_slice() {
            ["assumed-role", role, name] => name.starts_with(SESSION_PREFIX) && self.has(role),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_or_a_role_alone_is_not_quell() {
        let own = OwnRoles::new(["ops/quell-reader".to_owned(), "quell-responder".to_owned()]);
        let arn = |rest: &str| format!("arn:aws:sts::111122223333:assumed-role/{rest}");
        for (principal, is) in [
            (arn("quell-reader/quell-read-oncall-1"), true),
            (arn("quell-responder/quell-q-0a1b2c3d"), true),
            (arn("quell-reader/oncall-1"), false),
            (arn("payments-app/quell-read-oncall-1"), false),
            ("arn:aws:iam::111122223333:user/quell-reader".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(own.is_session(Some(&principal)), is, "{principal}");
        }
        assert!(!own.is_session(None));
    }
}
