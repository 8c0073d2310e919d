//! Ids that go into API calls. Each is checked when it is made, so that text from a finding cannot become anything else.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The text does not have the shape of the id that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}; it should look like {example}")]
pub struct BadId {
    pub what: &'static str,
    pub example: &'static str,
    pub text: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $example:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as AWS writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    let text = text.chars().take(80).collect();
                    Err(BadId { what: $what, example: $example, text })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;

            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

id!(
    /// An EC2 instance.
    InstanceId, "an instance id", "i-0ab12cd34ef567890", |t| hex_id(t, "i-")
);
id!(
    /// An elastic network interface.
    InterfaceId, "a network interface id", "eni-0aa1b2c3d4e5f6a7b", |t| hex_id(t, "eni-")
);
id!(
    /// A security group.
    GroupId, "a security group id", "sg-0aa1b2c3d4e5f6a7b", |t| hex_id(t, "sg-")
);
id!(
    /// A VPC.
    VpcId, "a VPC id", "vpc-0aa1b2c3d4e5f6a7b", |t| hex_id(t, "vpc-")
);
id!(
    /// A subnet.
    SubnetId, "a subnet id", "subnet-0aa1b2c3d4e5f6a7b", |t| hex_id(t, "subnet-")
);
id!(
    /// An EBS volume.
    VolumeId, "a volume id", "vol-0aa1b2c3d4e5f6a7b", |t| hex_id(t, "vol-")
);
id!(
    /// An EBS snapshot.
    SnapshotId, "a snapshot id", "snap-0aa1b2c3d4e5f6a7b", |t| hex_id(t, "snap-")
);
id!(
    /// A network ACL.
    AclId, "a network ACL id", "acl-0aa1b2c3d4e5f6a7b", |t| hex_id(t, "acl-")
);
id!(
    /// A subnet's association with its network ACL. It changes whenever the ACL is replaced.
    AclAssociationId, "a network ACL association id", "aclassoc-0aa1b2c3d4e5f6a7b", |t| hex_id(t, "aclassoc-")
);
id!(
    /// An Elastic IP address that the account holds.
    AllocationId, "an Elastic IP allocation id", "eipalloc-0aa1b2c3d4e5f6a7b", |t| hex_id(t, "eipalloc-")
);
id!(
    /// An Elastic IP address on an interface.
    AddressAssociationId, "an Elastic IP association id", "eipassoc-0aa1b2c3d4e5f6a7b", |t| hex_id(t, "eipassoc-")
);
id!(
    /// An instance profile on an instance.
    ProfileAssociationId, "an instance profile association id", "iip-assoc-0aa1b2c3d4e5f6a7b",
    |t| hex_id(t, "iip-assoc-")
);
id!(
    /// A VPC endpoint.
    EndpointId, "a VPC endpoint id", "vpce-0aa1b2c3d4e5f6a7b", |t| hex_id(t, "vpce-")
);
id!(
    /// An access key: `AKIA…` belongs to a user (or root) for good, `ASIA…` to one session
    /// (IAM guide, "Understanding unique ID prefixes").
    AccessKeyId, "an access key id", "AKIAIOSFODNN7EXAMPLE", |t| {
        (16..=128).contains(&t.len())
            && t.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && ["AKIA", "ASIA"].iter().any(|p| t.starts_with(p))
    }
);
id!(
    /// An IAM user's name: at most 64 of the characters that IAM allows.
    UserName, "an IAM user name", "deploy-bot", iam_name
);
id!(
    /// An IAM role's name: at most 64 of the characters that IAM allows.
    RoleName, "an IAM role name", "web-server", iam_name
);
id!(
    /// A KMS key, by its id alone; `mrk-…` for a multi-Region key.
    KeyId, "a KMS key id", "1234abcd-12ab-34cd-56ef-1234567890ab", |t| {
        (1..=128).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    }
);
id!(
    /// An RDS instance, cluster or snapshot, by its identifier (RDS API reference: letters, digits, hyphens, a letter first).
    DatabaseId, "a database identifier", "payments-db", |t| {
        (1..=255).contains(&t.len())
            && t.starts_with(|c: char| c.is_ascii_alphabetic())
            && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    }
);
id!(
    /// A Secrets Manager secret, by its name or ARN (API reference, `CreateSecret`: at most 512 of these characters).
    SecretName, "a secret's name", "payments/database", |t| {
        (1..=640).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@!:-".contains(&b))
    }
);
id!(
    /// An instance profile's name: at most 128 of the characters that IAM allows.
    ProfileName, "an instance profile name", "web-server", |t| iam_text(t, 128)
);

id!(
    /// A policy of Organizations.
    PolicyId, "an Organizations policy id", "p-0ab12cd3", |t| {
        t.strip_prefix("p-").is_some_and(|rest| {
            (8..=128).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
    }
);
id!(
    /// What a policy of Organizations is attached to: a root, an organisational unit or an account.
    PolicyTargetId, "a root, an organisational unit or an account", "r-ab12", |t| {
        let word = |text: &str, longest| {
            (4..=longest).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        match (t.strip_prefix("r-"), t.strip_prefix("ou-")) {
            (Some(root), _) => word(root, 32),
            (_, Some(unit)) => unit.split_once('-').is_some_and(|(root, own)| word(root, 32) && word(own, 32)),
            (None, None) => t.len() == 12 && t.bytes().all(|b| b.is_ascii_digit()),
        }
    }
);
id!(
    /// The identity store behind an instance of IAM Identity Center.
    IdentityStoreId, "an identity store id", "d-1234567890", |t| {
        (1..=36).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    }
);
id!(
    /// A user, a group or a membership in an identity store: a UUID, in older stores behind the store's ten hex digits.
    StoreEntryId, "an identity store user id", "906712345a-5f3c2a10-3c61-4d8e-9a27-0b1c2d3e4f50", |t| {
        let groups: Vec<&str> = t.split('-').collect();
        let lengths: Vec<usize> = groups.iter().map(|g| g.len()).collect();
        let hex = groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_hexdigit()));
        hex && matches!(lengths.as_slice(), [8, 4, 4, 4, 12] | [10, 8, 4, 4, 4, 12])
    }
);

id!(
    /// A user's name in an identity store: at most 128 characters, none of them white space or a control character (API reference,
    /// `CreateUser`). Often it is an e-mail address.
    StoreUserName, "an Identity Center user name", "ann@example.com", |t| {
        !t.is_empty() && t.chars().count() <= 128 && !t.chars().any(|c| c.is_control() || c.is_whitespace())
    }
);

impl From<super::AccountId> for PolicyTargetId {
    fn from(account: super::AccountId) -> Self {
        Self(account.to_string())
    }
}

id!(
    /// An S3 bucket's name (S3 User Guide, "Bucket naming rules").
    BucketName, "a bucket name", "acme-exports", |t| {
        (3..=63).contains(&t.len())
            && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'))
            && t.starts_with(|c: char| c.is_ascii_alphanumeric())
            && t.ends_with(|c: char| c.is_ascii_alphanumeric())
            && !t.contains("..")
    }
);
id!(
    /// A Lambda function's name without a version or alias; a replica of Lambda@Edge has its region before the name.
    FunctionName, "a function name", "resize-images", |t| {
        (1..=140).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    }
);
id!(
    /// An IAM policy's name: at most 128 of the characters that IAM allows.
    PolicyName, "an IAM policy name", "quell-contain-INC-7", |t| iam_text(t, 128)
);
id!(
    /// An IAM group's name: at most 128 of the characters that IAM allows.
    UserGroupName, "an IAM group name", "developers", |t| iam_text(t, 128)
);

id!(
    /// An object in S3 by its address. Of what S3 allows in a key only what means nothing to a shell.
    ObjectUrl, "the address of an object in S3", "s3://acme-evidence/quell/tools/avml", |t| {
        t.strip_prefix("s3://").and_then(|rest| rest.split_once('/')).is_some_and(|(bucket, key)| {
            bucket.parse::<BucketName>().is_ok() && (1..=900).contains(&key.len()) && plain(key) && !key.ends_with('/')
        })
    }
);
id!(
    /// Where a program is downloaded from: an object in S3, or `https://` without a query, which may hold a signature.
    ToolUrl, "the address of a program", "s3://acme-evidence/quell/tools/avml", |t| match t.strip_prefix("https://") {
        Some(rest) => rest.split_once('/').is_some_and(|(host, path)| {
            !path.is_empty() && t.len() <= 900 && plain(path)
                && host.starts_with(|c: char| c.is_ascii_alphanumeric())
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'))
        }),
        None => t.parse::<ObjectUrl>().is_ok(),
    }
);
id!(
    /// A SHA-256 as 64 lower-case hex digits.
    Sha256Hex, "a SHA-256", "64 hex digits", |t| {
        t.len() == 64 && t.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    }
);

/// Letters, digits and what separates them in a path.
fn plain(path: &str) -> bool {
    path.bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-'))
}

impl AccessKeyId {
    /// Whether the key belongs to a session (`ASIA…`), so that there is no user's key to switch off.
    #[must_use]
    pub fn is_session(&self) -> bool {
        self.0.starts_with("ASIA")
    }
}

fn hex_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        (8..=32).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

fn iam_name(text: &str) -> bool {
    iam_text(text, 64)
}

fn iam_text(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shape_of_an_id_is_an_id() {
        assert!("i-0ab12cd34ef567890".parse::<InstanceId>().is_ok());
        assert!("i-1234abcd".parse::<InstanceId>().is_ok());
        for bad in [
            "",
            "i-",
            "i-0AB12CD34EF567890",
            "sg-0ab12cd34ef567890",
            "i-0ab12cd3\u{202e}",
            "*",
        ] {
            assert!(bad.parse::<InstanceId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_of_users_and_of_sessions_are_told_apart() {
        assert!(!"AKIAIOSFODNN7EXAMPLE".parse::<AccessKeyId>().unwrap().is_session());
        assert!("ASIAIOSFODNN7EXAMPLE".parse::<AccessKeyId>().unwrap().is_session());
        assert!("AROAIOSFODNN7EXAMPLE".parse::<AccessKeyId>().is_err());
    }

    #[test]
    fn an_address_has_nothing_that_a_shell_would_read() {
        for good in [
            "s3://acme-evidence/quell/tools/avml",
            "https://tools.example:8443/avml-1.2_x",
        ] {
            assert!(good.parse::<ToolUrl>().is_ok(), "{good}");
        }
        assert!("https://tools.example/avml".parse::<ObjectUrl>().is_err());
        for part in [
            "'",
            "\"",
            "$(id)",
            "`id`",
            " ",
            "\n",
            ";",
            "&",
            "{{ssm:key}}",
            "\\",
            "?a=b",
            "*",
            "\u{e9}",
        ] {
            assert!(
                format!("s3://acme-evidence/a{part}b").parse::<ObjectUrl>().is_err(),
                "{part}"
            );
            assert!(
                format!("https://tools.example/a{part}b").parse::<ToolUrl>().is_err(),
                "{part}"
            );
            assert!(
                format!("https://tools{part}.example/a").parse::<ToolUrl>().is_err(),
                "{part}"
            );
        }
        for bad in [
            "s3://acme-evidence",
            "s3://acme-evidence/",
            "s3://-/a",
            "http://tools.example/a",
            "https:///a",
            "https://-o/a",
        ] {
            assert!(bad.parse::<ToolUrl>().is_err(), "{bad}");
        }
        assert!("g".repeat(64).parse::<Sha256Hex>().is_err() && "a".repeat(64).parse::<Sha256Hex>().is_ok());
    }
}
