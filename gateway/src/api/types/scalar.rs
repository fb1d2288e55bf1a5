//! Ids as decimal strings and moments as RFC 3339 text, in both directions. Owns no meaning beyond the notation.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

use crate::clock::Timestamp;

/// A random number below 2^53, written as a decimal string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, example = "4503599627370496")]
pub struct Id(pub u64);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(number) if number < 1 << 53 => Ok(Self(number)),
            Ok(_) | Err(_) => Err("an id is a decimal number below 2^53"),
        }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// A moment in UTC, RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-21T21:50:00.000Z")]
pub struct Moment(pub Timestamp);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Always three digits, so that texts are in the order of the moments.
        let (seconds, milliseconds) = (self.0.0 / 1000, self.0.0 % 1000);
        let text = i64::try_from(seconds)
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
            .and_then(|moment| moment.format(&Rfc3339).ok());
        match text.as_deref().and_then(|text| text.strip_suffix('Z')) {
            Some(text) => write!(f, "{text}.{milliseconds:03}Z"),
            None => f.write_str("9999-12-31T23:59:59.999Z"),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let moment = OffsetDateTime::parse(&text, &Rfc3339).map_err(D::Error::custom)?;
        let milliseconds = moment.unix_timestamp_nanos() / 1_000_000;
        let milliseconds = u64::try_from(milliseconds).map_err(D::Error::custom)?;
        Ok(Self(Timestamp(milliseconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_strings_in_both_directions() {
        assert_eq!(serde_json::to_string(&Id(7)).unwrap(), "\"7\"");
        assert_eq!(serde_json::from_str::<Id>("\"7\"").unwrap(), Id(7));
        assert!(serde_json::from_str::<Id>("7").is_err());
        assert!(serde_json::from_str::<Id>("\"-7\"").is_err());
        assert!(serde_json::from_str::<Id>("\"9007199254740992\"").is_err());
    }

    #[test]
    fn moments_are_rfc_3339_with_milliseconds() {
        let moment = Moment(Timestamp(1_000_000_000_123));
        assert_eq!(moment.to_string(), "2001-09-09T01:46:40.123Z");
        let read: Moment = serde_json::from_str("\"2001-09-09T03:46:40.123+02:00\"").unwrap();
        assert_eq!(read, moment);
        assert!(serde_json::from_str::<Moment>("\"yesterday\"").is_err());
        assert_eq!(
            Moment(Timestamp(u64::MAX)).to_string(),
            "9999-12-31T23:59:59.999Z"
        );
    }

    #[test]
    fn moments_as_texts_are_in_their_order() {
        let texts =
            [1000, 1001, 1010, 1100, 1120, 1125, 2000].map(|at| Moment(Timestamp(at)).to_string());
        assert!(texts.is_sorted(), "{texts:?}");
    }
}
