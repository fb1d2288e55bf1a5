//! Stamping in memory: finds the one section of an agent's image and replaces it, byte for byte of the same length.

use mayday_protocol::stamp::{self, BadField, NotFound, SECTION_BYTES, StampFields};

use crate::key::StampKey;

/// Why an image cannot be stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    #[error(transparent)]
    NotFound(#[from] NotFound),
    #[error("this agent is stamped already; take the template as it was released")]
    AlreadyStamped,
    #[error("the stamp section of this file is damaged; take the template as it was released")]
    Damaged,
    #[error(transparent)]
    BadField(#[from] BadField),
}

/// Stamps an image in place.
pub(crate) fn stamp_image(
    image: &mut [u8],
    fields: &StampFields,
    key: &StampKey,
) -> Result<(), StampError> {
    let at = stamp::find(image)?;
    let section = &mut image[at..at + SECTION_BYTES];
    match stamp::read(section) {
        Ok(None) => {}
        Ok(Some(_)) => return Err(StampError::AlreadyStamped),
        Err(_) => return Err(StampError::Damaged),
    }
    let signed = stamp::write(fields, &key.public(), |part| key.sign(part))?;
    section.copy_from_slice(&signed);
    Ok(())
}
