//! Stores for tests: SQLite in memory, or a schema of their own where `KANDY_TEST_POSTGRES` names a PostgreSQL server.

use std::{ops::Deref, sync::Arc};

#[path = "../../tests/place/mod.rs"]
mod place;

use super::{DatabaseUrl, Store, StoreError};
pub(crate) use place::Folder;
use place::Schema;

/// A store that is gone with its test.
pub(crate) struct TestStore {
    store: Arc<Store>,
    /// After the store, which uses them.
    folder: Option<Folder>,
    schema: Option<Schema>,
}

/// An empty store.
pub(crate) async fn store() -> TestStore {
    let schema = Schema::new();
    let store = match &schema {
        Some(schema) => Store::connect(&DatabaseUrl::new(&schema.url).unwrap()).await,
        None => Store::open(None).await,
    };
    TestStore { store: Arc::new(store.unwrap()), folder: None, schema }
}

/// One that outlives its connections: with SQLite, it is in a folder.
pub(crate) async fn lasting() -> TestStore {
    let store = store().await;
    if store.lasts() {
        return store;
    }
    let folder = Folder::new("lasting");
    TestStore { store: Arc::new(Store::open(Some(&folder.0)).await.unwrap()), folder: Some(folder), schema: None }
}

impl TestStore {
    /// What another gateway gets that uses the same.
    pub(crate) async fn again(&self) -> Result<Store, StoreError> {
        match &self.schema {
            Some(schema) => Store::connect(&DatabaseUrl::new(&schema.url).unwrap()).await,
            None => Store::open(self.folder.as_ref().map(|folder| &*folder.0)).await,
        }
    }
}

impl Deref for TestStore {
    type Target = Arc<Store>;

    fn deref(&self) -> &Arc<Store> {
        &self.store
    }
}
