//! The SQL of sites, as admins see them.

use sqlx::Result;

use crate::{
    identity::site::Site,
    store::{Db, Tx},
};

const SITES: &str = "SELECT token, name, origins, greeting, color FROM sites ORDER BY name, token";

/// All sites.
pub async fn sites(db: &Db) -> Result<Vec<Site>> {
    db.query(SITES).fetch_all().await
}

/// The same within a transaction.
pub async fn sites_in(tx: &mut Tx) -> Result<Vec<Site>> {
    tx.query(SITES).fetch_all().await
}

/// Removes a site.
pub async fn delete_site(tx: &mut Tx, token: &str) -> Result<u64> {
    tx.query("DELETE FROM sites WHERE token = $1").bind(token.to_owned()).execute().await
}
