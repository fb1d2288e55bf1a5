//! What the stamp of a file says, and whether it is whole: for IT, and for whoever doubts a download.

use std::fmt;
use std::path::Path;

use mayday_protocol::base32;
use mayday_protocol::stamp::{self, NotFound, SECTION_BYTES, Stamp};
use ring::signature::{ED25519, UnparsedPublicKey};

use crate::write::{FileError, read_image};

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As released: no gateway's yet.
    Unstamped,
    Whole(Stamp),
    /// There is a stamp, but somebody changed it.
    Altered,
    NoSection(NotFound),
}

/// Looks at the stamp of a file.
///
/// # Errors
/// When the file cannot be read.
pub fn show_file(path: &Path) -> Result<Shown, FileError> {
    Ok(show_image(&read_image(path)?))
}

fn show_image(image: &[u8]) -> Shown {
    let at = match stamp::find(image) {
        Ok(at) => at,
        Err(error) => return Shown::NoSection(error),
    };
    let Some(section) = image[at..].first_chunk::<SECTION_BYTES>() else {
        return Shown::NoSection(NotFound::Absent);
    };
    match stamp::read(section) {
        Ok(None) => Shown::Unstamped,
        Ok(Some(stamp)) => {
            let key = UnparsedPublicKey::new(&ED25519, stamp.key);
            match key.verify(stamp::signed_part(section), &stamp.signature) {
                Ok(()) => Shown::Whole(stamp),
                Err(_) => Shown::Altered,
            }
        }
        Err(_) => Shown::Altered,
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unstamped => formatter.write_str("not stamped: a template, as released"),
            Self::Altered => formatter.write_str("ALTERED: do not use this file"),
            Self::NoSection(error) => error.fmt(formatter),
            Self::Whole(stamp) => {
                let fields = &stamp.fields;
                writeln!(formatter, "organisation  {}", fields.organisation)?;
                writeln!(formatter, "gateway       {}", fields.gateway)?;
                writeln!(formatter, "key pin       {}", base32::encode(&fields.pin))?;
                writeln!(formatter, "version       {}", fields.version)?;
                writeln!(formatter, "stamp key     {}", base32::encode(&stamp.key))?;
                formatter.write_str("The stamp is whole. Compare the key pin with your gateway's.")
            }
        }
    }
}
