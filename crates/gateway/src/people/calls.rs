//! Call history (protocol §4.14).

use kandy_switch::{CallRecord, Fault, Response, code, parameter};
use kandy_wire::{
    history::{CALL_LOG, Direction, LogHistory, LogHistoryResponse, LogItem, LogRecord},
    presence::done,
};

use super::{Ask, People};
use crate::store::records;

/// Records of a page that the client gives no length for, and of the longest there is.
const PAGE: (i64, i64) = (50, 200);

const BAD_PAGE: Fault = Fault::new(400, code::VALUE, "count and startIndex must be numbers that are not negative.");
const NONE: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such record.");

/// `GET logHistory`
pub(super) async fn list(people: &People, ask: &Ask) -> Result<Response, Fault> {
    let number = |name, otherwise| match parameter(&ask.query, name) {
        None => Ok(otherwise),
        Some(text) => text.parse::<i64>().ok().filter(|number| *number >= 0).ok_or(BAD_PAGE),
    };
    let (count, start) = (number("count", PAGE.0)?.min(PAGE.1), number("startIndex", 0)?);
    people.settled().await;
    let (found, all) = records::page(&mut *people.store.read().await?, &ask.user, start, count).await?;
    let own = people.switch(|switch, _| switch.accounts().number(&ask.user))?;
    let log_items = found.into_iter().map(|(id, record)| item(id, record, &own)).collect();
    let log_history = LogHistory { status_code: 0, total_number_of_records: all.to_string(), log_items };
    Ok(Response::ok(&LogHistoryResponse { log_history }))
}

/// `DELETE logHistory`
pub(super) async fn clear(people: &People, ask: &Ask) -> Result<Response, Fault> {
    people.settled().await;
    records::clear(&mut *people.store.write().await, &ask.user).await?;
    Ok(Response::ok(&done("logRecord")))
}

/// `DELETE logRecord/{id}`
pub(super) async fn remove(people: &People, ask: &Ask, id: &str) -> Result<Response, Fault> {
    let id = id.parse().map_err(|_| NONE)?;
    let removed = records::remove(&mut *people.store.write().await, &ask.user, id).await?;
    if removed { Ok(Response::ok(&done("logRecord"))) } else { Err(NONE) }
}

fn item(id: i64, record: CallRecord, own: &str) -> LogItem {
    let ours = (record.name, own.to_owned());
    let theirs = (record.remote_name, record.remote_number);
    let ((caller_name, caller_display_number), (callee_name, callee_display_number)) = match record.direction {
        Direction::Outgoing => (ours, theirs),
        Direction::Incoming | Direction::Missed => (theirs, ours),
    };
    let params = LogRecord {
        record_id: id.to_string(),
        start_time: record.started.to_string(),
        duration: record.duration.to_string(),
        direction: record.direction,
        caller_name,
        caller_display_number,
        callee_name,
        callee_display_number,
        resource_location: format!("/rest/version/1/user/{own}/logRecord/{id}"),
    };
    LogItem { kind: CALL_LOG.to_owned(), params }
}
