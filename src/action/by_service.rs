//! One closed list out of several, one for each service of AWS.
//!
//! Owns: how such a list is read and written. On paper it is flat: `{"call": "CreateTags", …}`, for the names of all services
//! are different. Must never: guess. A name that no service knows is refused with that name.

/// The error of a list that does not know the name at all; another list may.
pub(super) fn is_another_lists(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("unknown variant")
}

/// Reading and writing of an enum whose variants are the lists of the services.
macro_rules! by_service {
    ($list:ident, $tag:literal: $($service:ident($inner:ty)),+ $(,)?) => {
        impl serde::Serialize for $list {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$service(inner) => inner.serialize(serializer),)+
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $list {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                $(
                    match <$inner as serde::Deserialize>::deserialize(&value) {
                        Ok(inner) => return Ok(Self::$service(inner)),
                        Err(error) if $crate::action::by_service::is_another_lists(&error) => {}
                        Err(error) => return Err(serde::de::Error::custom(error)),
                    }
                )+
                let name = value.get($tag).unwrap_or(&serde_json::Value::Null);
                Err(serde::de::Error::custom(format!("unknown {} {name}", $tag)))
            }
        }

        $(
            impl From<$inner> for $list {
                fn from(inner: $inner) -> Self {
                    Self::$service(inner)
                }
            }
        )+
    };
}
pub(super) use by_service;
