//! Random values, hashes and sealing. Owns the key file beside the database; nothing secret is stored in clear.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac};

const KEY_BYTES: usize = 32;
const FILE_BYTES: usize = 2 * KEY_BYTES;

/// The keys for invites: one to look them up by, one to seal what is shown again.
pub struct Keys {
    look_up: hmac::Key,
    seal: LessSafeKey,
}

/// A random id below 2^53, never 0.
#[must_use]
pub fn random_id() -> u64 {
    let number = u64::from_be_bytes(random()) >> 11;
    number.max(1)
}

/// A random number below `bound`, without bias.
#[must_use]
pub fn random_below(bound: u64) -> u64 {
    let fair = u64::MAX - u64::MAX % bound;
    loop {
        let number = u64::from_be_bytes(random());
        if number < fair {
            return number % bound;
        }
    }
}

/// 256 random bits in hexadecimal.
#[must_use]
pub fn random_token() -> String {
    hex(&random::<32>())
}

/// Random bytes from the operating system.
///
/// # Panics
/// When the operating system has none: nothing safe can be done without.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system gives random bytes");
    bytes
}

/// For tokens with so many random bits that guessing is hopeless: stored and looked up by this.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex(digest::digest(&digest::SHA256, token.as_bytes()).as_ref())
}

#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect()
}

/// Reads a file of 32 random bytes, or makes it (mode 0600).
///
/// # Errors
/// When it can be neither read nor written, or has a wrong length.
pub(crate) fn load_or_create_seed(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let bytes = load_or_create::<KEY_BYTES>(path)?;
    bytes.try_into().map_err(|_| damaged())
}

/// Never reads more than one byte too many.
fn load_or_create<const N: usize>(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match fs::File::open(path) {
        Ok(file) => {
            file.take(N as u64 + 1).read_to_end(&mut bytes)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            bytes = random::<N>().to_vec();
            create_private(path, &bytes)?;
        }
        Err(error) => return Err(error),
    }
    Ok(bytes)
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the key file is damaged")
}

impl Keys {
    /// Reads the key file, or makes it (mode 0600) at the first start.
    ///
    /// # Errors
    /// When it can be neither read nor written, or has a wrong length.
    pub fn load_or_create(path: &Path) -> io::Result<Self> {
        let bytes = load_or_create::<FILE_BYTES>(path)?;
        Self::from_bytes(&bytes).ok_or_else(damaged)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (look_up, seal) = bytes.split_at_checked(KEY_BYTES)?;
        Some(Self {
            look_up: hmac::Key::new(hmac::HMAC_SHA256, look_up),
            seal: LessSafeKey::new(UnboundKey::new(&aead::CHACHA20_POLY1305, seal).ok()?),
        })
    }

    /// The same secret always gives the same text; without the key file nobody can try secrets against it.
    #[must_use]
    pub fn look_up(&self, kind: &str, secret: &str) -> String {
        let mut context = hmac::Context::with_key(&self.look_up);
        context.update(&[u8::try_from(kind.len()).unwrap_or(u8::MAX)]);
        context.update(kind.as_bytes());
        context.update(secret.as_bytes());
        hex(context.sign().as_ref())
    }

    /// Encrypts `secret` so that it opens only for the same `owner`.
    #[must_use]
    pub fn seal(&self, owner: &str, secret: &str) -> String {
        let nonce = random::<{ aead::NONCE_LEN }>();
        let mut sealed = secret.as_bytes().to_vec();
        // The only cause of an error is a secret of 256 GiB.
        let done = self.seal.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(owner.as_bytes()),
            &mut sealed,
        );
        match done {
            Ok(()) => hex(&nonce) + &hex(&sealed),
            Err(_) => String::new(),
        }
    }

    /// `None` when it was sealed with other keys or for another owner.
    #[must_use]
    pub fn open(&self, owner: &str, sealed: &str) -> Option<String> {
        let bytes = unhex(sealed)?;
        let (nonce, sealed) = bytes.split_at_checked(aead::NONCE_LEN)?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = self
            .seal
            .open_in_place(nonce, Aad::from(owner.as_bytes()), &mut sealed)
            .ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}

/// Writes a new file that only this user can read.
fn create_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::from_bytes(&random::<FILE_BYTES>()).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_only_for_its_owner() {
        let keys = keys();
        let sealed = keys.seal("pin:7", "123456");
        assert_eq!(keys.open("pin:7", &sealed).as_deref(), Some("123456"));
        assert_eq!(keys.open("pin:8", &sealed), None);
        assert_eq!(keys.open("pin:7", "00"), None);
        assert_eq!(
            super::Keys::from_bytes(&[0; FILE_BYTES])
                .unwrap()
                .open("pin:7", &sealed),
            None
        );
    }

    #[test]
    fn look_up_depends_on_kind_secret_and_key() {
        let keys = keys();
        assert_eq!(keys.look_up("pin", "1"), keys.look_up("pin", "1"));
        assert_ne!(keys.look_up("pin", "1"), keys.look_up("pin1", ""));
        assert_ne!(
            keys.look_up("pin", "1"),
            super::tests::keys().look_up("pin", "1")
        );
    }

    #[test]
    fn ids_are_below_2_to_the_53() {
        assert!((0..1000).all(|_| (1..1 << 53).contains(&random_id())));
        assert!((0..1000).all(|_| random_below(7) < 7));
    }
}
