//! `GET /healthz` and `GET /readyz`. Both are for anybody: the answer is one word.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use crate::{
    people::People,
    store::{Store, StoreError},
};

/// How long the store may take for its answer: less than those who ask wait, by default.
const PATIENCE: Duration = Duration::from_millis(800);
/// How long an answer of the store counts, so that it costs nothing to ask often.
const FRESH: Duration = Duration::from_secs(1);
/// Seconds after which somebody who was sent away may ask again: a restart takes about as long.
pub(crate) const LATER: u64 = 5;

/// Whether the gateway takes logins.
#[derive(Default)]
pub(crate) struct Readiness {
    draining: AtomicBool,
    /// When the store was asked, and whether it answered.
    store: Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    /// From now on nobody logs in any more.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether nobody logs in any more.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Why nobody can log in, in a word.
    async fn fault(&self, store: &Store) -> Option<&'static str> {
        if self.is_draining() {
            return Some("draining");
        }
        // Whoever comes meanwhile waits for the same answer.
        let mut asked = self.store.lock().await;
        let known = asked.filter(|(at, _)| at.elapsed() < FRESH).map(|(_, answers)| answers);
        let answers = match known {
            Some(answers) => answers,
            None => {
                let answers = matches!(timeout(PATIENCE, ask(store)).await, Ok(Ok(())));
                *asked = Some((Instant::now(), answers));
                answers
            }
        };
        (!answers).then_some("store")
    }
}

async fn ask(store: &Store) -> Result<(), StoreError> {
    sqlx::query("SELECT 1").execute(&mut *store.read().await?).await?;
    Ok(())
}

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> Response {
    word(StatusCode::OK, "ok")
}

/// `GET /readyz`: whether it takes logins. Nobody is answered before the gateway has started, so there is no word for that.
pub(crate) async fn readyz(State(people): State<People>) -> Response {
    match people.readiness.fault(&people.store).await {
        None => word(StatusCode::OK, "ready"),
        Some(fault) => {
            let mut response = word(StatusCode::SERVICE_UNAVAILABLE, fault);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(LATER));
            response
        }
    }
}

fn word(status: StatusCode, word: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, format!(r#"{{"status":"{word}"}}"#)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_store_has_to_answer_in_time() {
        // In memory, where the one connection is the writer's.
        let store = Store::open(None).await.unwrap();
        let readiness = Readiness::default();
        assert_eq!(readiness.fault(&store).await, None);
        let held = store.write().await;
        assert_eq!(readiness.fault(&store).await, None, "it was asked a moment ago");
        *readiness.store.lock().await = None;
        assert_eq!(readiness.fault(&store).await, Some("store"));
        drop(held);
        *readiness.store.lock().await = None;
        assert_eq!(readiness.fault(&store).await, None);
        readiness.drain();
        assert_eq!(readiness.fault(&store).await, Some("draining"));
    }
}
