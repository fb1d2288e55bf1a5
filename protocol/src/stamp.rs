//! The stamp: a fixed section inside the agent's file that says whose agent it is. Owns the form and its limits; making and checking
//! signatures is the caller's, and so is the file.
//!
//! Layout of the [`SECTION_BYTES`] bytes, numbers big-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 0..16 | [`HEAD`] |
//! | 16..18 | version of this layout, 1 |
//! | 18 | 0 = blank, 1 = stamped |
//! | 19..21 | length of the fields |
//! | 21..3984 | the fields, then zeros |
//! | 3984..4016 | the gateway's stamp key (Ed25519, RFC 8032) |
//! | 4016..4080 | its signature over bytes 0..4016 |
//! | 4080..4096 | [`TAIL`] |
//!
//! The fields: host, port (two bytes), key pin (32 bytes), organisation, version; a text is its length (two bytes) and UTF-8.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use crate::limits;
use crate::reader::{Malformed, Reader};

/// The whole section, bytes.
pub const SECTION_BYTES: usize = 4096;
/// First bytes of the section. A file is searched for these and, at their distance, [`TAIL`]: a copy of the constants alone, as this
/// very code holds, is no section.
pub const HEAD: [u8; 16] = *b"\x89Mayday stamp{\r\n";
/// Last bytes of the section.
pub const TAIL: [u8; 16] = *b"\n} Mayday stamp\x98";

/// Sections begin at multiples of this, in memory and in the file: executable formats keep the alignment up to their pages.
pub const SECTION_ALIGN: usize = 64;

const LAYOUT: u16 = 1;
const BLANK: u8 = 0;
const STAMPED: u8 = 1;
const FIELDS_AT: usize = 21;
const KEY_AT: usize = 3984;
const SIGNATURE_AT: usize = 4016;
const TAIL_AT: usize = 4080;
/// RFC 1035, section 2.3.4.
const HOST_BYTES: usize = 253;
const VERSION_BYTES: usize = 32;

/// A section as the agent carries it.
#[repr(C, align(64))]
pub struct Section(pub [u8; SECTION_BYTES]);

const _: () = assert!(align_of::<Section>() == SECTION_ALIGN);

/// Where a gateway is reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GatewayAddress {
    /// A name or an address, without brackets, in lower case.
    host: String,
    port: u16,
}

/// What a stamp says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampFields {
    pub gateway: GatewayAddress,
    /// SHA-256 of the gateway's public identity key.
    pub pin: [u8; 32],
    /// As the end user reads it.
    pub organisation: String,
    /// Of the gateway that stamped.
    pub version: String,
}

/// A stamped section, taken apart. Whether it is whole, its signature tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub fields: StampFields,
    /// The gateway's stamp key.
    pub key: [u8; 32],
    /// Over [`signed_part`] of the section.
    pub signature: [u8; 64],
}

/// Why no section could be found, or not just one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    #[error("there is no stamp section in this file; is it a Mayday agent?")]
    Absent,
    #[error("there are {0} stamp sections in this file, one is expected")]
    Several(usize),
}

/// What cannot be stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadField {
    #[error("the gateway's address is HOST:PORT, with a name or address of at most 253 characters")]
    Gateway,
    #[error(
        "the organisation's name has 1 to 64 characters, none of them invisible or for control"
    )]
    Organisation,
    #[error("the version has 1 to 32 visible ASCII characters")]
    Version,
}

/// An unstamped section, for the agent to carry.
#[must_use]
pub const fn blank() -> [u8; SECTION_BYTES] {
    let mut section = [0; SECTION_BYTES];
    let mut at = 0;
    while at < HEAD.len() {
        section[at] = HEAD[at];
        section[TAIL_AT + at] = TAIL[at];
        at += 1;
    }
    let layout = LAYOUT.to_be_bytes();
    section[16] = layout[0];
    section[17] = layout[1];
    section[18] = BLANK;
    section
}

/// Where in a file the one section begins.
///
/// # Errors
/// When there is none, or more than one.
pub fn find(file: &[u8]) -> Result<usize, NotFound> {
    let begins = |at: &usize| {
        let section = file.get(*at..*at + SECTION_BYTES);
        section.is_some_and(|one| one.starts_with(&HEAD) && one.ends_with(&TAIL))
    };
    let mut found = (0..file.len()).step_by(SECTION_ALIGN).filter(begins);
    let first = found.next().ok_or(NotFound::Absent)?;
    match found.count() {
        0 => Ok(first),
        more => Err(NotFound::Several(more + 1)),
    }
}

/// A signed section.
///
/// # Errors
/// When a field is not fit to be stamped.
pub fn write(
    fields: &StampFields,
    key: &[u8; 32],
    sign: impl FnOnce(&[u8]) -> [u8; 64],
) -> Result<[u8; SECTION_BYTES], BadField> {
    fields.check()?;
    let bytes = fields.to_bytes();
    let mut section = blank();
    section[18] = STAMPED;
    section[19..FIELDS_AT].copy_from_slice(&(bytes.len() as u16).to_be_bytes());
    section[FIELDS_AT..FIELDS_AT + bytes.len()].copy_from_slice(&bytes);
    section[KEY_AT..SIGNATURE_AT].copy_from_slice(key);
    let signature = sign(signed_part(&section));
    section[SIGNATURE_AT..TAIL_AT].copy_from_slice(&signature);
    Ok(section)
}

/// Takes a section apart; `None` when it is blank. Every byte is accounted for, so that one text has one form.
///
/// # Errors
/// When it is no section, or says what no stamp says.
pub fn read(section: &[u8]) -> Result<Option<Stamp>, Malformed> {
    let unknown = Malformed::Unknown {
        what: "stamp section",
    };
    let section: &[u8; SECTION_BYTES] = section.try_into().map_err(|_| Malformed::Truncated)?;
    if *section == blank() {
        return Ok(None);
    }
    let mut reader = Reader::new(section);
    if reader.take(HEAD.len())? != HEAD || reader.u16()? != LAYOUT || reader.u8()? != STAMPED {
        return Err(unknown);
    }
    let room = KEY_AT - FIELDS_AT;
    let length = usize::from(reader.u16()?);
    let length = reader.count("length of a stamp", length, room)?;
    let fields = StampFields::from_bytes(reader.take(length)?)?;
    if reader.take(room - length)?.iter().any(|&byte| byte != 0) {
        return Err(Malformed::Trailing);
    }
    let stamp = Stamp {
        fields,
        key: reader.array()?,
        signature: reader.array()?,
    };
    if reader.take(TAIL.len())? != TAIL {
        return Err(unknown);
    }
    reader.end()?;
    Ok(Some(stamp))
}

/// The part of a section that its signature covers.
#[must_use]
pub fn signed_part(section: &[u8; SECTION_BYTES]) -> &[u8] {
    &section[..SIGNATURE_AT]
}

impl StampFields {
    fn check(&self) -> Result<(), BadField> {
        if !is_host(&self.gateway.host) || self.gateway.port == 0 {
            return Err(BadField::Gateway);
        }
        if !is_name(&self.organisation) {
            return Err(BadField::Organisation);
        }
        let visible = self.version.bytes().all(|byte| byte.is_ascii_graphic());
        if self.version.is_empty() || self.version.len() > VERSION_BYTES || !visible {
            return Err(BadField::Version);
        }
        Ok(())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_text(&mut bytes, &self.gateway.host);
        bytes.extend(self.gateway.port.to_be_bytes());
        bytes.extend(self.pin);
        put_text(&mut bytes, &self.organisation);
        put_text(&mut bytes, &self.version);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let host = text(&mut reader)?;
        let port = reader.u16()?;
        let fields = Self {
            gateway: GatewayAddress { host, port },
            pin: reader.array()?,
            organisation: text(&mut reader)?,
            version: text(&mut reader)?,
        };
        reader.end()?;
        fields.check().map_err(|_| Malformed::Unknown {
            what: "field of a stamp",
        })?;
        Ok(fields)
    }
}

impl GatewayAddress {
    /// # Errors
    /// When the host is neither a name nor an address, or the port is 0.
    pub fn new(host: &str, port: u16) -> Result<Self, BadField> {
        let host = host.to_ascii_lowercase();
        if is_host(&host) && port != 0 {
            Ok(Self { host, port })
        } else {
            Err(BadField::Gateway)
        }
    }

    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for GatewayAddress {
    type Err = BadField;

    /// `host:port`, or `[address]:port`.
    fn from_str(text: &str) -> Result<Self, BadField> {
        let (host, port) = text.rsplit_once(':').ok_or(BadField::Gateway)?;
        let port = port.parse().map_err(|_| BadField::Gateway)?;
        match host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
        {
            Some(host) if host.parse::<Ipv6Addr>().is_ok() => Self::new(host, port),
            Some(_) => Err(BadField::Gateway),
            None if host.contains(':') => Err(BadField::Gateway),
            None => Self::new(host, port),
        }
    }
}

impl fmt::Display for GatewayAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

fn is_host(host: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let name = !host.is_empty()
        && host.len() <= HOST_BYTES
        && host
            .split('.')
            .all(|label| (1..=63).contains(&label.len()) && label.bytes().all(letter));
    name || host.parse::<Ipv6Addr>().is_ok() && !host.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// A name shown to a person: nothing in it may hide, reorder or break the line.
fn is_name(name: &str) -> bool {
    let hidden = |one: char| {
        one.is_control()
            || matches!(one, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
            || matches!(one, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(one, '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}')
    };
    let count = name.chars().count();
    let trimmed = name.trim().len() == name.len();
    (1..=limits::NAME_CHARS).contains(&count) && trimmed && !name.chars().any(hidden)
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u16).to_be_bytes());
    bytes.extend(text.as_bytes());
}

fn text(reader: &mut Reader<'_>) -> Result<String, Malformed> {
    let length = usize::from(reader.u16()?);
    let length = reader.count("length of a text", length, 4 * limits::NAME_CHARS)?;
    let bytes = reader.take(length)?.to_vec();
    String::from_utf8(bytes).map_err(|_| Malformed::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> StampFields {
        StampFields {
            gateway: "help.example.com:8443".parse().unwrap(),
            pin: [7; 32],
            organisation: "Müller & Söhne 株式会社".to_owned(),
            version: "0.1.0".to_owned(),
        }
    }

    fn stamped() -> [u8; SECTION_BYTES] {
        write(&fields(), &[1; 32], |_| [2; 64]).unwrap()
    }

    #[test]
    fn a_stamp_comes_back_as_it_went_and_the_signature_covers_all_before_it() {
        let mut signed = Vec::new();
        let section = write(&fields(), &[1; 32], |part| {
            signed = part.to_vec();
            [2; 64]
        })
        .unwrap();
        assert_eq!(signed, section[..SIGNATURE_AT]);
        let stamp = read(&section).unwrap().unwrap();
        assert_eq!(stamp.fields, fields());
        assert_eq!((stamp.key, stamp.signature), ([1; 32], [2; 64]));
        assert_eq!(read(&blank()), Ok(None));
    }

    #[test]
    fn no_changed_byte_makes_the_reader_panic_or_goes_by_unseen() {
        let section = stamped();
        for at in 0..SECTION_BYTES {
            let mut changed = section;
            changed[at] ^= 0x41;
            let same = read(&changed) == read(&section);
            assert!(!same, "byte {at} counts for nothing");
            assert!(read(&section[..at]).is_err());
        }
    }

    #[test]
    fn the_one_section_of_a_file_is_found_and_two_or_none_are_refused() {
        let noise = [HEAD.as_slice(), &TAIL, &[9; 78 * 64 - 32]].concat();
        let file = [noise.as_slice(), &blank(), &noise].concat();
        assert_eq!(find(&file), Ok(noise.len()));
        assert_eq!(find(&noise), Err(NotFound::Absent));
        assert_eq!(find(&[]), Err(NotFound::Absent));
        let twice = [file.as_slice(), &stamped()].concat();
        assert_eq!(find(&twice), Err(NotFound::Several(2)));
    }

    #[test]
    fn addresses_are_read_and_written() {
        for text in [
            "help.example.com:443",
            "192.0.2.1:8443",
            "[2001:db8::1]:8443",
        ] {
            let address: GatewayAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
        let address: GatewayAddress = "Help.Example.COM:1".parse().unwrap();
        assert_eq!((address.host(), address.port()), ("help.example.com", 1));
        for text in [
            "",
            "host",
            "host:",
            ":443",
            "host:0",
            "host:65536",
            "ho st:1",
            "https://host:1",
            "2001:db8::1:8443",
            "[host]:1",
            "a..b:1",
            "h\u{f6}st:1",
        ] {
            assert_eq!(
                text.parse::<GatewayAddress>(),
                Err(BadField::Gateway),
                "{text}"
            );
        }
    }

    #[test]
    fn names_that_hide_something_are_refused() {
        for name in ["", " x", "a\u{202e}b", "a\nb", "a\u{200b}", &"x".repeat(65)] {
            let fields = StampFields {
                organisation: (*name).to_owned(),
                ..fields()
            };
            let written = write(&fields, &[0; 32], |_| [0; 64]);
            assert_eq!(written, Err(BadField::Organisation), "{name:?}");
        }
        let longest = StampFields {
            organisation: "\u{1f600}".repeat(64),
            gateway: GatewayAddress::new(&["a"; 127].join("."), 1).unwrap(),
            ..fields()
        };
        let section = write(&longest, &[0; 32], |_| [0; 64]).unwrap();
        assert_eq!(read(&section).unwrap().unwrap().fields, longest);
    }
}
