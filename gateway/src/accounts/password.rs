//! Password hashes: argon2id, on threads of their own, few at a time. Owns no policy but length.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use tokio::sync::Semaphore;

use super::AccountError;

const CHARS: std::ops::RangeInclusive<usize> = 10..=256;
/// Each takes 19 MiB and a core for tens of milliseconds.
const AT_ONCE: usize = 2;

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

#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// Verified against when there is no such account, so that both take equally long.
    decoy: Arc<tokio::sync::OnceCell<String>>,
}

impl Passwords {
    pub fn new() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            decoy: Arc::default(),
        }
    }

    /// Checks the length and hashes.
    pub async fn hash(&self, password: &str) -> Result<String, AccountError> {
        acceptable(password)?;
        let password = password.to_owned();
        self.on_thread(move || hash(&password)).await
    }

    /// Whether `password` fits `hash`; without a hash it takes as long and is never right.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> bool {
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
        let _permit = self.permits.acquire().await;
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

    #[tokio::test]
    async fn only_the_right_password_fits_and_no_account_fits_nothing() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse", Some(&hash)).await);
        assert!(!passwords.verify("correct horsf", Some(&hash)).await);
        assert!(!passwords.verify("correct horse", None).await);
    }

    #[tokio::test]
    async fn short_and_endless_passwords_are_refused() {
        let passwords = Passwords::new();
        assert!(passwords.hash("123456789").await.is_err());
        assert!(passwords.hash(&"x".repeat(257)).await.is_err());
    }
}
