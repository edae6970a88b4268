//! Histories as the gateway tells them, read by plain HTTP.

use std::net::SocketAddr;

use serde_json::Value;

use super::{PASSWORD, check::Shown, writer};
use crate::Failure;

/// Messages of one page of history, the most that the gateway gives.
pub(super) const PAGE: usize = 200;

/// All that `user` sees in the thread with `other`, or in the one group that they have, the oldest first.
pub(super) async fn history(address: SocketAddr, user: &str, other: &str, group: bool) -> Result<Vec<Shown>, Failure> {
    let http = crate::http::connections()?;
    let get = async |what: String| {
        let request = http.get(format!("http://{address}/v2.0/rm/{what}")).basic_auth(user, Some(PASSWORD));
        let answered = request.timeout(writer::PATIENCE).send().await;
        let body: Value = match answered {
            Ok(response) => response.json().await.unwrap_or_default(),
            Err(_) => Value::Null,
        };
        let list = body.get("success").and_then(Value::as_array).cloned();
        list.ok_or_else(|| Failure::Writer("a history cannot be read".into()))
    };
    let mut thread = other.to_owned();
    if group {
        let groups = get("threads?type=group".to_owned()).await?;
        let mine = groups.iter().find(|item| {
            let handles = item.get("handles").and_then(Value::as_array);
            handles.is_some_and(|handles| handles.iter().any(|handle| handle.as_str() == Some(other)))
        });
        let Some(name) = mine.and_then(|item| item.get("thread")).and_then(Value::as_str) else {
            return Ok(Vec::new());
        };
        name.clone_into(&mut thread);
    }
    let (mut pages, mut before) = (Vec::new(), String::new());
    loop {
        let page = get(format!("thread/{thread}?max={PAGE}{before}")).await;
        let page: Vec<Shown> = match page {
            Ok(page) => page.iter().map(Shown::read).collect::<Option<_>>().ok_or(unreadable())?,
            // Nobody came to write there.
            Err(_) if pages.is_empty() => return Ok(Vec::new()),
            Err(failure) => return Err(failure),
        };
        let full = page.len() == PAGE;
        if let Some(oldest) = page.first() {
            before = format!("&before={}", oldest.id);
        }
        pages.push(page);
        if !full {
            pages.reverse();
            return Ok(pages.concat());
        }
    }
}

fn unreadable() -> Failure {
    Failure::Writer("a history holds what nobody wrote".into())
}
