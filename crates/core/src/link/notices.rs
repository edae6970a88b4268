//! Notifications on their way in, whichever way they came: is the way open, did this one come before, where does its description
//! stand (protocol §3.8, §3.10, §9.4)? They are taken strictly one after the other.

use std::collections::VecDeque;

use kandy_wire::{Value, notice::Notification, parse};

use super::{Context, HttpResult, calls, filter::Filter};
use crate::{Event, OpId, effect::Level, limits};

/// The ways on which notifications come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    WebSocket,
    Push,
    External,
}

impl Way {
    /// By the name that the application uses, in any letter case.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "WEBSOCKET" => Some(Self::WebSocket),
            "PUSH" => Some(Self::Push),
            "EXTERNAL" => Some(Self::External),
            _ => None,
        }
    }
}

/// A notification, typed, as it was received, and by which way.
#[derive(Debug)]
pub(super) struct Arrived {
    pub way: Way,
    pub notification: Notification,
    pub raw: Value,
}

/// What becomes of the next notification.
#[derive(Debug)]
pub(super) enum Next {
    /// It can be acted upon.
    Act(Box<Notification>),
    /// Its description stands at this path; those behind it wait for the answer with this number.
    Fetch(OpId, String),
    /// Its description is packed; those behind it wait.
    Unpack(OpId, String),
}

/// A notification whose description is being fetched, or unpacked.
#[derive(Debug)]
struct Fetching {
    op: OpId,
    notification: Notification,
}

/// Notifications of one login.
#[derive(Debug, Default)]
pub(super) struct Notices {
    filter: Filter,
    /// `enableWebsocket(false)`
    websocket_off: bool,
    /// A device is registered.
    pub push_on: bool,
    /// Those that are not taken up yet.
    waiting: VecDeque<Arrived>,
    fetching: Option<Fetching>,
    /// `eventId` of the last one that came on this subscription's channel.
    last: Option<String>,
    /// How many subscriptions there have been.
    logins: u32,
}

impl Notices {
    /// A new login: ids of earlier ones mean nothing.
    pub(super) fn login(&mut self, length: usize) {
        let (websocket_off, logins) = (self.websocket_off, self.logins + 1);
        *self = Self { filter: Filter::new(length), websocket_off, logins, ..Self::default() };
    }

    /// A new subscription of the same login.
    pub(super) fn renew(&mut self) {
        self.last = None;
        self.logins += 1;
    }

    /// How many subscriptions there have been, this one included.
    pub(super) fn logins(&self) -> u32 {
        self.logins
    }

    /// The `eventId` after which the channel goes on.
    pub(super) fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// `enableWebsocket`
    pub(super) fn enable_websocket(&mut self, enable: bool) {
        self.websocket_off = !enable;
    }

    /// A notification came. Whether it is kept, and not too many wait.
    pub(super) fn arrive(&mut self, arrived: Arrived, key: Option<&Value>, cx: &mut Context<'_>) {
        // Also of those that are dropped here on purpose: they need not come again.
        if arrived.way == Way::WebSocket {
            self.last = arrived.notification.event_id.as_ref().map(id_text).or(self.last.take());
        }
        let closed = match arrived.way {
            Way::WebSocket => self.websocket_off,
            Way::Push => !self.push_on,
            Way::External => false,
        };
        if closed {
            return cx.out.log(Level::Debug, "a notification on a channel that is switched off was dropped");
        }
        if !self.filter.is_new(key) {
            return cx.out.log(Level::Debug, "a notification came twice");
        }
        if self.waiting.len() >= limits::HELD {
            return cx.out.log(Level::Error, "too many notifications wait for a description: one was dropped");
        }
        self.waiting.push_back(arrived);
    }

    /// Takes the next one up, unless a description is being fetched.
    pub(super) fn next(&mut self, cx: &mut Context<'_>) -> Option<Next> {
        if self.fetching.is_some() {
            return None;
        }
        let Arrived { mut notification, raw, .. } = self.waiting.pop_front()?;
        cx.out.emit(Event::NotificationReceived { payload: raw, people: calls::is_about_else(&notification) });
        let Some(params) = &mut notification.session_params else { return Some(Next::Act(Box::new(notification))) };
        match (params.sdp_format.as_deref(), params.sdp.take()) {
            (Some(format @ ("compressed" | "url")), Some(text)) => {
                let (op, packed) = (cx.ids.op(), format == "compressed");
                self.fetching = Some(Fetching { op, notification });
                Some(if packed { Next::Unpack(op, text) } else { Next::Fetch(op, text) })
            }
            (_, plain) => {
                params.sdp = plain;
                Some(Next::Act(Box::new(notification)))
            }
        }
    }

    /// The number of the request for a description.
    pub(super) fn fetch_op(&self) -> Option<OpId> {
        self.fetching.as_ref().map(|fetching| fetching.op)
    }

    /// A description was fetched or unpacked, or not; `None` if it was another request.
    pub(super) fn fetched(&mut self, op: OpId, sdp: Option<String>, cx: &mut Context<'_>) -> Option<Notification> {
        let Fetching { mut notification, .. } = self.fetching.take_if(|fetching| fetching.op == op)?;
        if sdp.is_none() {
            cx.out.log(Level::Warn, "the description of a notification cannot be had");
        }
        if let Some(params) = &mut notification.session_params {
            params.sdp = sdp;
        }
        Some(notification)
    }
}

/// `{"eventDataResponse":{"sdp":"…"}}`
pub(super) fn fetched(result: &HttpResult) -> Option<String> {
    let response = result.as_ref().ok().filter(|response| (200..300).contains(&response.status))?;
    parse(&response.body).ok()?.get("eventDataResponse")?.get("sdp")?.as_str().map(str::to_owned)
}

fn id_text(id: &Value) -> String {
    id.as_str().map_or_else(|| kandy_wire::encode(id), str::to_owned)
}
