//! Slow hashing of passwords and PINs (argon2id), off the async threads and never more at once than there are cores.

use std::{fmt, sync::Arc};

use argon2::{Argon2, Params, PasswordHasher, PasswordVerifier};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::error::{Error, Result};

/// Hashes and compares. Clones share the limit and the key.
#[derive(Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    pin_key: Arc<[u8; 32]>,
    /// What a claim that fits nobody is compared with, so that it takes as long.
    decoy: Arc<str>,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

impl Hasher {
    /// A hasher with the key under which PINs are hashed; the key lives outside the database.
    pub fn new(pin_key: [u8; 32]) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Ok(Self { turns: Arc::new(Semaphore::new(cores)), pin_key: Arc::new(pin_key), decoy: decoy().into() })
    }

    /// What tells this PIN key from others and says nothing about it: it is 256 random bits.
    pub fn pin_key_mark(&self) -> Result<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.pin_key.as_slice()).map_err(Error::internal)?;
        mac.update(b"the mark of a PIN key");
        Ok(hex(&mac.finalize().into_bytes()))
    }

    /// The hash to store for a password.
    pub async fn hash_password(&self, password: &str) -> Result<String> {
        self.hash(password.as_bytes().to_vec()).await
    }

    /// Whether `password` is the one behind `hash`; without a hash it takes as long and is wrong.
    pub async fn check_password(&self, password: &str, hash: Option<String>) -> Result<bool> {
        self.check(password.as_bytes().to_vec(), hash).await
    }

    /// The hash to store for a contact's PIN: keyed with HMAC, then argon2id.
    pub async fn hash_pin(&self, contact: Uuid, pin: &str) -> Result<String> {
        self.hash(self.keyed(contact, pin)?).await
    }

    /// Whether `pin` is the one behind `hash`; without a hash it takes as long and is wrong.
    pub async fn check_pin(&self, contact: Uuid, pin: &str, hash: Option<String>) -> Result<bool> {
        self.check(self.keyed(contact, pin)?, hash).await
    }

    fn keyed(&self, contact: Uuid, pin: &str) -> Result<Vec<u8>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.pin_key.as_slice()).map_err(Error::internal)?;
        mac.update(contact.as_bytes());
        mac.update(pin.as_bytes());
        Ok(mac.finalize().into_bytes().to_vec())
    }

    async fn hash(&self, secret: Vec<u8>) -> Result<String> {
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || hash_now(&secret)).await.map_err(Error::internal)?
    }

    async fn check(&self, secret: Vec<u8>, hash: Option<String>) -> Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.to_string());
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        let fits =
            tokio::task::spawn_blocking(move || Argon2::default().verify_password(&secret, hash.as_str()).is_ok());
        Ok(fits.await.map_err(Error::internal)? && known)
    }
}

fn hash_now(secret: &[u8]) -> Result<String> {
    Ok(Argon2::default().hash_password(secret).map_err(|e| Error::internal(e.to_string()))?.to_string())
}

/// A hash that nothing has, of the same cost as those that `hash_now` makes. Written down: to make one takes 19 MiB and most
/// of the time that a start has.
fn decoy() -> String {
    let (m, t, p) = (Params::DEFAULT_M_COST, Params::DEFAULT_T_COST, Params::DEFAULT_P_COST);
    format!("$argon2id$v=19$m={m},t={t},p={p}${}${}", "A".repeat(22), "A".repeat(43))
}

/// The form in which a token is stored and looked up: its SHA-256, in hex.
pub fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_02_who_is_nobody_is_found_out_as_slowly() {
        let shape = |hash: &str| -> Vec<String> {
            let parts: Vec<&str> = hash.split('$').collect();
            let (cost, lengths) = (&parts[..4], parts[4..].iter().map(|part| part.len().to_string()));
            cost.iter().map(|part| (*part).to_owned()).chain(lengths).collect()
        };
        assert_eq!(shape(&decoy()), shape(&hash_now(b"somebody").unwrap()));
        let compared = Argon2::default().verify_password(b"nobody", decoy().as_str()).unwrap_err();
        assert!(matches!(compared, argon2::password_hash::Error::PasswordInvalid), "{compared}");
    }
}
