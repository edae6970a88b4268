//! The log goes to the standard error, in lines for people or for programs.

use std::io::{IsTerminal, stderr};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    fmt::layer,
    layer::SubscriberExt,
    registry,
    util::SubscriberInitExt,
};

/// The form of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// Starts the log of this process, with what `filter` lets through. `filter` is a level (`info`) or directives
/// (`warn,kandy_gateway=debug`).
///
/// Below `info`, libraries are left out whatever the filter says: they tell what they read and write, and there are secrets in
/// that.
///
/// # Errors
/// A sentence, when the filter is none, or there is a log already.
pub fn begin(filter: &str, format: LogFormat) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let filter = filter.and(filter_fn(is_told));
    let lines = layer().with_writer(stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    registry().with(lines.with_filter(filter)).try_init().map_err(|error| error.to_string())
}

fn is_told(about: &Metadata<'_>) -> bool {
    about.target().starts_with("kandy_") || *about.level() <= Level::INFO
}
