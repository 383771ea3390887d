//! What admins set that is one text in the settings: read with defaults for what is not there, changed by admins, in the record.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::Staff,
    store::{Db, Tx},
};

use super::{
    audit::{self, Subject},
    change,
    queries::rules as queries,
};

/// Something that is stored so.
pub trait Stored: Serialize + DeserializeOwned + Default {
    /// Where in the settings.
    const KEY: &'static str;
    /// What is changed, as in "change the desk's rules".
    const NAME: &'static str;

    /// Refuses what cannot be.
    fn check(&self) -> Result<()>;
}

/// As it is.
pub async fn load<T: Stored>(db: &Db) -> Result<T> {
    Ok(read(queries::setting(db, T::KEY).await?.as_deref()))
}

/// The same within a transaction.
pub async fn load_in<T: Stored>(tx: &mut Tx) -> Result<T> {
    Ok(read(queries::setting_in(tx, T::KEY).await?.as_deref()))
}

fn read<T: Stored>(stored: Option<&str>) -> T {
    // Only this program writes them; what an older one left out has its default.
    stored.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Changes it, if it is still as it was read: `seen` is the mark that it had then. Only admins may.
pub async fn save_seen<T: Stored>(app: &App, staff: &Staff, new: &T, seen: Option<&str>) -> Result<()> {
    staff.require_admin(&format!("change {}", T::NAME))?;
    new.check()?;
    let mut work = change::begin(app).await?;
    let before: T = load_in(&mut work.tx).await?;
    change::require_unchanged(seen, &before)?;
    let text = serde_json::to_string(new).map_err(Error::internal)?;
    queries::set_setting(&mut work.tx, T::KEY, &text).await?;
    let subject = Subject { kind: T::KEY, key: T::KEY };
    audit::note(&mut work, staff, subject, &format!("Changed {}.", T::NAME), &before, new).await?;
    work.commit().await
}
