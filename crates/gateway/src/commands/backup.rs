//! `kandy-gateway backup FILE`

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::CommandError;
use crate::{
    config::Settings,
    store::{self, StoreError},
};

/// Writes a copy of the SQLite database as it is at one moment, for its owner's eyes alone. A gateway may write meanwhile. With
/// the copy as `kandy.sqlite` in a data folder of its own, another gateway goes on from there.
///
/// # Errors
/// [`CommandError`] when there is no such database, the file is there already, or it cannot be written. Then there is no copy.
pub async fn backup(settings: &Settings, file: &Path) -> Result<(), CommandError> {
    if settings.database()?.is_some() {
        return Err(CommandError::Postgres);
    }
    let data = settings.data.as_deref().ok_or(CommandError::Nowhere)?;
    let mut db = store::database::look(data, None).await?;
    // Under another name until it is complete, so that whatever is called `file` is a backup.
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let no_text = || failed(file)(io::Error::other("SQLite needs its name in UTF-8"));
    let name = part.to_str().ok_or_else(no_text)?.to_owned();
    if fs::exists(file).map_err(failed(file))? {
        return Err(CommandError::There(file.to_owned()));
    }
    create(&part)?;
    let copy = sqlx::query("VACUUM INTO $1").bind(name).execute(&mut db).await;
    let copied = copy.map_err(|error| StoreError::from(error).into()).and_then(|_| keep(&part, file));
    if copied.is_err() {
        // Nothing more can be done if it does not go.
        drop(fs::remove_file(&part));
    }
    copied
}

/// An empty file, which is the only one that SQLite writes over.
fn create(file: &Path) -> Result<(), CommandError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(CommandError::There(file.to_owned())),
        opened => opened.map(drop).map_err(failed(file)),
    }
}

/// Gives the copy its name once it is on disk.
fn keep(part: &Path, file: &Path) -> Result<(), CommandError> {
    let synced = fs::File::open(part).and_then(|file| file.sync_all());
    synced.and_then(|()| fs::rename(part, file)).map_err(failed(file))?;
    #[cfg(unix)]
    if let Some(folder) = file.canonicalize().map_err(failed(file))?.parent() {
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(file))?;
    }
    Ok(())
}

fn failed(file: &Path) -> impl FnOnce(io::Error) -> CommandError {
    let file = file.to_owned();
    move |error| CommandError::Copy(file, error)
}
