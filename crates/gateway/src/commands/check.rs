//! `kandy-gateway check`

use std::{io::Write, path::Path};

use super::CommandError;
use crate::{config::Settings, store};

/// Looks for faults in the database, as it is at one moment, and writes a line for each of them, or that there are none. Changes
/// nothing. Returns how many there are.
///
/// # Errors
/// [`CommandError`] when there is no database, or it cannot be read at all.
pub async fn check(settings: &Settings, out: &mut impl Write) -> Result<usize, CommandError> {
    let url = settings.database()?;
    let data = match (&settings.data, &url) {
        (Some(data), _) => data.as_path(),
        (None, Some(_)) => Path::new(""),
        (None, None) => return Err(CommandError::Nowhere),
    };
    let mut db = store::database::look(data, url.as_ref()).await?;
    let findings = store::check::findings(&mut db).await?;
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    if findings.is_empty() {
        writeln!(out, "no faults")?;
    }
    out.flush()?;
    Ok(findings.len())
}
