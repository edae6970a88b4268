//! Sockets of channels: opening one and going on where the last one was left, writing, checking, closing (§3).

use kandy_wire::{
    Value, encode,
    frame::conn_check,
    notice::{EventType, Notification, NotificationFrame, Resumed},
    session::RESUME_AFTER,
};

use crate::{
    Delivery, SocketId, SubscriptionId, Switch, UserKey,
    fault::{Fault, code},
    routes::{is_given, parameter, segments},
    timers::Timer,
};

/// Says that the client's session is over: newer clients do not reconnect after this code (§3.6).
const CLOSE_OVER: u16 = 1000;

const NO_CHANNEL: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such notification channel.");
const NO_TOKEN: Fault = Fault::new(401, code::UNAUTHORIZED, "The notification channel needs its user's token.");

impl Switch {
    /// Whether any client of a user has an open socket.
    pub fn is_online(&self, user: &UserKey) -> bool {
        self.subscriptions.of_user(user).any(|(_, subscription)| subscription.channel.socket().is_some())
    }

    /// A socket for the channel of this path: it takes over from an older one (§3.5 W1), and gets what is kept (W2). A client
    /// that resumes and says which notification it has, or by an empty value that it has none, is told first of all whether
    /// what follows is all.
    pub(crate) fn open_socket(&mut self, now: u64, socket: SocketId, path: &str, query: &str) -> Result<(), Fault> {
        let channel = segments(path).and_then(|mut segments| segments.pop()).ok_or(NO_CHANNEL)?;
        let token_user = self.token_user(now, query, None).map(|(_, user)| user.clone());
        let (id, subscription) = self.subscriptions.by_channel(&channel).ok_or(NO_CHANNEL)?;
        if subscription.grant.is_some() && token_user.as_ref() != Some(&subscription.user) {
            return Err(NO_TOKEN);
        }
        subscription.last_active = now;
        let resumes = subscription.channel.resume_for().is_some() && is_given(query, RESUME_AFTER);
        let complete = resumes.then(|| {
            let after = parameter(query, RESUME_AFTER).and_then(|event| event.parse().ok());
            subscription.channel.resume(now, after)
        });
        let missing = subscription.channel.take_missing();
        let older = subscription.channel.open(socket);
        self.sockets.insert(socket, id);
        if let Some(complete) = complete {
            self.out.push(Delivery::Frame { socket, text: channel_resumed(now, complete) });
        }
        self.timers.set(Timer::Check(socket), now.saturating_add(self.policy.check_interval));
        if let Some(older) = older {
            self.close_socket(older);
        }
        self.note_delivered(id);
        if missing {
            self.newcomer(id);
        }
        self.hold_ends_back(now, id);
        self.write(now, id);
        self.pay_again(now, id);
        Ok(())
    }

    /// Hands everything that waits in a channel to its socket.
    pub(crate) fn write(&mut self, now: u64, id: SubscriptionId) {
        let Some(subscription) = self.subscriptions.get_mut(id) else { return };
        let frames = subscription.channel.write(now);
        self.out.extend(frames.into_iter().map(|(socket, text)| Delivery::Frame { socket, text }));
    }

    /// Asks a client that does not check its socket by itself (§3.4).
    pub(crate) fn check(&mut self, now: u64, socket: SocketId) {
        let interval = self.policy.check_interval;
        self.out.push(Delivery::Frame { socket, text: conn_check(interval as f64 / 1_000.0) });
        self.timers.set(Timer::Check(socket), now.saturating_add(interval));
    }

    pub(crate) fn forget_socket(&mut self, socket: SocketId) -> Option<SubscriptionId> {
        self.timers.clear(&Timer::Check(socket));
        self.sockets.remove(&socket)
    }

    /// Closes a socket for good.
    pub(crate) fn close_socket(&mut self, socket: SocketId) {
        self.forget_socket(socket);
        self.out.push(Delivery::Close { socket, code: CLOSE_OVER });
    }
}

/// The first frame on a socket of a client that resumes. It has no `eventId`, because it is about this socket alone.
fn channel_resumed(now: u64, complete: bool) -> String {
    let notification_message = Notification {
        event_type: Some(EventType::ChannelResumed),
        time: Some(Value::from(now)),
        channel_resumed_params: Some(Resumed { complete }),
        ..Notification::default()
    };
    encode(&NotificationFrame { notification_message })
}
