//! Password hashes: argon2id, on threads of their own, few at a time, with few waiting. Owns no policy but length.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::AccountError;

const CHARS: std::ops::RangeInclusive<usize> = 10..=256;
/// Each takes 19 MiB and a core for tens of milliseconds.
const AT_ONCE: usize = 2;
/// No more than these wait: whoever floods the door must not fill the memory, nor make others wait for minutes.
const WAITING: usize = 64;
/// After this a place is likely free again.
const BUSY_SECONDS: u64 = 2;

/// Whether this may be somebody's password.
///
/// # Errors
/// When it is too short or endless.
pub fn acceptable(password: &str) -> Result<(), AccountError> {
    if CHARS.contains(&password.chars().count()) {
        Ok(())
    } else {
        Err(AccountError::PasswordLength)
    }
}

/// A place among those who work or wait; dropping it gives it back.
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

#[derive(Clone)]
pub struct Passwords {
    places: Arc<Semaphore>,
    permits: Arc<Semaphore>,
    /// Verified against when there is no such account, so that both take equally long.
    decoy: Arc<tokio::sync::OnceCell<String>>,
}

impl Passwords {
    pub fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            decoy: Arc::default(),
        }
    }

    /// A place for one [`Passwords::verify`].
    ///
    /// # Errors
    /// `TryLater` when too many wait already.
    pub fn place(&self) -> Result<Place, AccountError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        match place {
            Ok(permit) => Ok(Place { _permit: permit }),
            Err(_) => Err(AccountError::TryLater {
                seconds: BUSY_SECONDS,
            }),
        }
    }

    /// Checks the length and hashes.
    ///
    /// # Errors
    /// `PasswordLength`, and `TryLater` when too many wait already.
    pub async fn hash(&self, password: &str) -> Result<String, AccountError> {
        acceptable(password)?;
        let _place = self.place()?;
        let password = password.to_owned();
        self.on_thread(move || hash(&password)).await
    }

    /// Whether `password` fits `hash`; without a hash it takes as long and is never right.
    pub async fn verify(&self, place: Place, password: &str, hash: Option<&str>) -> bool {
        if password.chars().count() > *CHARS.end() {
            return false;
        }
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash.to_owned(),
            None => self.decoy().await,
        };
        let password = password.to_owned();
        let fits = self.on_thread(move || verify(&password, &hash)).await;
        drop(place);
        known && fits
    }

    async fn decoy(&self) -> String {
        let make = || async {
            let secret = crate::secrets::random_token();
            self.on_thread(move || hash(&secret).unwrap_or_default())
                .await
        };
        self.decoy.get_or_init(make).await.clone()
    }

    async fn on_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let work = move || {
            // Held by the work, which goes on also when nobody waits for it any more.
            let _permit = permit;
            work()
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

fn hash(password: &str) -> Result<String, AccountError> {
    match Argon2::default().hash_password(password.as_bytes()) {
        Ok(hash) => Ok(hash.to_string()),
        Err(_) => Err(AccountError::PasswordLength),
    }
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn verify(passwords: &Passwords, password: &str, hash: Option<&str>) -> bool {
        let place = passwords.place().unwrap();
        passwords.verify(place, password, hash).await
    }

    #[tokio::test]
    async fn more_than_the_queue_holds_are_told_to_come_back() {
        let passwords = Passwords::new();
        let places: Vec<_> = (0..AT_ONCE + WAITING)
            .map(|_| passwords.place().unwrap())
            .collect();
        let busy = |result| matches!(result, Err(AccountError::TryLater { .. }));
        assert!(busy(passwords.hash("correct horse").await));
        assert!(busy(passwords.place().map(|_| String::new())));
        drop(places);
        assert!(passwords.hash("correct horse").await.is_ok());
    }

    #[tokio::test]
    async fn only_the_right_password_fits_and_no_account_fits_nothing() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify(&passwords, "correct horse", Some(&hash)).await);
        assert!(!verify(&passwords, "correct horsf", Some(&hash)).await);
        assert!(!verify(&passwords, "correct horse", None).await);
    }

    #[tokio::test]
    async fn short_and_endless_passwords_are_refused() {
        let passwords = Passwords::new();
        assert!(passwords.hash("123456789").await.is_err());
        assert!(passwords.hash(&"x".repeat(257)).await.is_err());
    }
}
