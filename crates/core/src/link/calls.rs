//! Signals as requests, replies and notifications as signalling terms (protocol §4.2 to §4.4).

use kandy_wire::{
    Read as _, SessionId, Value,
    call::{CallControl, CallControlRequest, CallControlResponse, CallDisposition, CallDispositionRequest},
    encode, fault,
    notice::{EventType, Notification},
    parse,
};

use super::{HttpResult, requests::Account};
use crate::{
    Error,
    effect::HttpRequest,
    error::Code,
    limits,
    signal::{Parties, Remote, Reply, Signal, Told},
};

/// What a request under way was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its answer names a session.
    Invite,
    /// Only whether it was accepted counts.
    Plain,
}

/// The request that carries a signal.
pub(super) fn request(account: &Account, session: Option<&SessionId>, signal: Signal) -> (HttpRequest, Kind) {
    let id = session.map(SessionId::to_string).unwrap_or_default();
    let url = match session {
        Some(id) => account.resource(&format!("callControl/callSessions/{id}")),
        None => account.resource("callControl"),
    };
    let control = |control| Some(encode(&CallControlRequest { call_control_request: control }));
    match signal {
        Signal::Invite { to, display_name, sdp } => {
            let own = crate::address::normalize(&account.username, &account.username);
            let from = display_name.map_or_else(|| own.clone(), |name| format!("{name}<{own}>"));
            let body = control(CallControl::CallStart { to, sdp, from });
            (account.request("POST", account.resource("callControl"), body), Kind::Invite)
        }
        Signal::Ringing => (account.request("PUT", url, control(CallControl::Ringing)), Kind::Plain),
        Signal::Answer { sdp } => (account.request("PUT", url, control(CallControl::CallAnswer { sdp })), Kind::Plain),
        Signal::Update { sdp } => {
            (account.request("PUT", url, control(CallControl::StartCallUpdate { sdp })), Kind::Plain)
        }
        Signal::UpdateAnswer { sdp } => {
            (account.request("PUT", url, control(CallControl::RespondCallUpdate { sdp })), Kind::Plain)
        }
        Signal::Audit => (account.request("PUT", url, control(CallControl::Audit)), Kind::Plain),
        Signal::Reject => (disposition(account, CallDisposition::Reject { session_data: SessionId(id) }), Kind::Plain),
        Signal::Forward { to } => {
            let forward = CallDisposition::Forward { session_data: SessionId(id), address: to };
            (disposition(account, forward), Kind::Plain)
        }
        Signal::Transfer { to, with } => {
            let transfer = CallControl::Transfer { address: to, session_data: with };
            (account.request("PUT", url, control(transfer)), Kind::Plain)
        }
        Signal::Join { first, second, sdp } => {
            let join = CallControl::Join { first_session_data: first, second_session_data: second, sdp };
            (account.request("POST", account.resource("callControl"), control(join)), Kind::Invite)
        }
        Signal::End => {
            let mut request = account.request("DELETE", url, None);
            request.timeout = limits::HTTP_END;
            // Whoever closes the page right after `end` still ends the call.
            request.keepalive = true;
            (request, Kind::Plain)
        }
    }
}

fn disposition(account: &Account, call_disposition_request: CallDisposition) -> HttpRequest {
    let body = encode(&CallDispositionRequest { call_disposition_request });
    account.request("POST", account.resource("calldisposition"), Some(body))
}

/// What became of a request.
pub(super) fn reply(kind: Kind, result: &HttpResult) -> Reply {
    match (result, kind) {
        (Err(failure), _) => Reply::Refused { error: Error::new(Code::NoCode, failure.message.clone()), gone: false },
        (Ok(response), Kind::Plain) if (200..300).contains(&response.status) => Reply::Accepted(None),
        (Ok(response), Kind::Invite) if (200..300).contains(&response.status) => {
            let body = parse(&response.body).ok().and_then(|body| CallControlResponse::read(&body));
            Reply::Accepted(body.and_then(|b| b.call_control_response.session_data))
        }
        (Ok(response), _) => {
            let body = parse(&response.body).unwrap_or_default();
            let code = fault::status_code(&body).unwrap_or(i64::from(response.status));
            let said = fault::sentence(&body).unwrap_or(&response.status_text);
            let meaning = match code {
                5 => "the request was invalid",
                26 => "internal error of the server",
                42 => "the server does not know this call",
                1004 => "bad request",
                _ => "refused",
            };
            let message = if said.is_empty() { meaning.to_owned() } else { format!("{meaning}: {said}") };
            Reply::Refused {
                error: Error::new(Code::Status(code), format!("Request failed: {message}.")),
                gone: code == 42,
            }
        }
    }
}

/// Whether a notification is neither about a call nor about the subscription.
pub(super) fn is_about_else(notification: &Notification) -> bool {
    matches!(notification.event_type, None | Some(EventType::Other(_)))
}

/// What a notification says about a call; `None` for those about something else.
pub(super) fn told(notification: Notification) -> Result<Option<(SessionId, Parties, Told)>, &'static str> {
    let Some(event) = notification.event_type else { return Ok(None) };
    if matches!(event, EventType::Gone | EventType::ChannelResumed | EventType::Other(_)) {
        return Ok(None);
    }
    let params = notification.session_params.unwrap_or_default();
    let session = params.session_data.ok_or("it names no session")?;
    let named = notification.call_notification_params.unwrap_or_default();
    let parties = Parties {
        caller: Remote { number: named.caller_display_number, name: named.caller_name },
        callee: Remote { number: named.remote_display_number, name: named.remote_name },
    };
    let sdp = params.sdp.filter(|sdp| !sdp.is_empty());
    let told = match event {
        EventType::Call => Told::Invite { sdp },
        EventType::Ringing => Told::Ringing,
        EventType::RespondCallUpdate => match (sdp, notification.status_code.as_ref().and_then(Value::as_i64)) {
            (Some(sdp), _) => Told::Answer { sdp },
            (None, Some(49)) => {
                let seconds = params.retry_after.as_ref().and_then(Value::as_f64).unwrap_or_default().max(0.0);
                Told::Glare { retry: ((seconds * 1000.0) as u64).min(limits::GLARE_WAIT) }
            }
            (None, _) => return Err("an answer without a description"),
        },
        EventType::StartCallUpdate => Told::Update { sdp },
        EventType::CallEnd | EventType::SessionComplete => {
            Told::End { status: params.status_code.filter(|v| !v.is_null()), reason: params.reason_text }
        }
        EventType::CallCancel => Told::Cancel,
        EventType::SessionFail => Told::Failed,
        EventType::Gone | EventType::ChannelResumed | EventType::Other(_) => return Ok(None),
    };
    Ok(Some((session, parties, told)))
}
