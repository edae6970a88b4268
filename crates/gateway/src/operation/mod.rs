//! What those who run the gateway see of it: whether it lives and takes logins, how much of everything there is, how long things
//! take.
//!
//! | module | subject |
//! | --- | --- |
//! | `health` | `/healthz` and `/readyz` |
//! | `meters` | what the parts of the gateway count and measure |
//! | `metrics` | all of it in the text form of Prometheus |
//! | `requests` | around every request: its id, its line in the log, its time |
//! | `log` | the log's two forms |

pub(crate) mod health;
pub mod log;
pub(crate) mod meters;
pub(crate) mod metrics;
pub(crate) mod requests;

use axum::{Router, routing::get};

use crate::people::People;
use metrics::Metrics;

/// What is for everybody: it tells nothing but one word.
pub(crate) fn public(people: &People) -> Router {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz).with_state(people.clone()))
}

/// What is served on the listener of its own.
pub(crate) fn private(people: &People, metrics: Metrics) -> Router {
    public(people).route("/metrics", get(metrics::serve).with_state(metrics))
}
