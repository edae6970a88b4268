//! What others may ask of a session.

use kandy_wire::{Value, notice::Notification, session::MESSAGE_IDS};

use super::{
    super::{
        flavour::Flavour,
        requests::{Account, at},
    },
    Session, State,
};
use crate::{
    Config, Error,
    command::Credentials,
    config::IceServer,
    people::Standing,
    query::{Services, UserInfo},
};

impl Session {
    pub(in crate::link) fn is_out(&self) -> bool {
        matches!(self.state, State::Out)
    }

    /// A logout is under way.
    pub(in crate::link) fn is_leaving(&self) -> bool {
        matches!(self.state, State::EndingCalls | State::Unsubscribing { .. } | State::Revoking { .. })
    }

    pub(in crate::link) fn is_updating(&self) -> bool {
        self.update.is_some()
    }

    pub(in crate::link) fn awaits_calls(&self) -> bool {
        matches!(self.state, State::EndingCalls)
    }

    /// `channel_up`: whether the socket is open. A logout counts as connected until it is done (api-behaviour 5.3).
    pub(in crate::link) fn is_connected(&self, channel_up: bool) -> bool {
        match self.state {
            State::In => channel_up,
            State::Returning(_) => false,
            State::EndingCalls | State::Unsubscribing { .. } | State::Revoking { .. } => true,
            State::Out | State::Token { .. } | State::Subscribing { .. } | State::Opening => false,
        }
    }

    pub(in crate::link) fn is_pending(&self, channel_up: bool) -> bool {
        match self.state {
            State::Out => false,
            State::In => !channel_up,
            _ => true,
        }
    }

    /// The user, while calls can be made.
    pub(in crate::link) fn user(&self) -> Option<&str> {
        matches!(self.state, State::In | State::Returning(_)).then_some(self.account.as_ref()?.username.as_str())
    }

    /// The account, while requests can be made.
    pub(in crate::link) fn account(&self) -> Option<&Account> {
        matches!(self.state, State::In | State::Returning(_) | State::EndingCalls)
            .then_some(self.account.as_ref())
            .flatten()
    }

    pub(in crate::link) fn platform(&self) -> Option<&'static str> {
        self.platform
    }

    pub(in crate::link) fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// What the application logged in with, unless it is logging out.
    pub(in crate::link) fn credentials(&self) -> Option<Credentials> {
        self.credentials.clone().filter(|_| !self.is_leaving())
    }

    /// Whether the server sends what came while there was no socket, and says if that is not everything.
    pub(in crate::link) fn resumes(&self) -> bool {
        self.granted.as_ref().is_some_and(|granted| granted.resume_for.is_some())
    }

    /// The address of the socket, with the proof of the moment; a channel that goes on does so after the notification `after`.
    pub(in crate::link) fn channel_url(&self, after: Option<&str>, config: &Config) -> Option<String> {
        let mut server = config.authentication.websocket.clone();
        server.server = server.server.or_else(|| config.authentication.subscription.server.server.clone());
        let path = self.granted.as_ref()?.notification_channel.as_deref()?;
        let after = after.filter(|_| self.resumes() && matches!(self.state, State::In));
        Some(at(&server.base("wss")?, path) + &self.account.as_ref()?.channel_query(after))
    }

    /// Configured servers; those without credentials of their own get the server's (protocol §2.8, api-behaviour 7.20).
    pub(in crate::link) fn ice_servers(&self, config: &Config) -> Vec<IceServer> {
        let given = self.granted.as_ref().and_then(|g| g.turn_credentials.as_ref());
        let mut servers = config.call.ice_servers.clone();
        if let Some(given) = given.filter(|_| config.call.server_turn_credentials) {
            for server in servers.iter_mut().filter(|server| server.username.is_none() && server.credential.is_none()) {
                server.username = Some(given.username.clone());
                server.credential = Some(given.password.clone());
            }
        }
        servers
    }

    /// The id by which a notification that comes twice is known (protocol §3.8).
    pub(in crate::link) fn duplicate_key<'a>(&self, notification: &'a Notification) -> Option<&'a Value> {
        let own = notification.id.as_ref().filter(|id| !id.is_null() && id.as_str() != Some(""));
        match self.account.as_ref().map(|a| a.flavour) {
            Some(Flavour::Uc) => own.or(notification.event_id.as_ref()),
            _ => notification.event_id.as_ref(),
        }
    }

    /// Whether somebody is logged in, with or without a socket.
    fn lasts(&self) -> bool {
        self.is_connected(true) || matches!(self.state, State::Returning(_))
    }

    pub(in crate::link) fn user_info(&self) -> UserInfo {
        if !self.lasts() {
            return UserInfo::default();
        }
        let Some(account) = &self.account else { return UserInfo::default() };
        let token = self.token.clone().filter(|_| account.flavour == Flavour::Uc);
        UserInfo {
            username: Some(account.username.clone()),
            access_token: token.as_ref().map(|t| t.access_token.clone()),
            refresh_token: token.and_then(|t| t.refresh_token),
        }
    }

    /// What the people engine knows of it.
    pub(in crate::link) fn standing(&self, login: u32, channel_up: bool) -> Option<Standing> {
        let (account, granted) = (self.account.as_ref()?, self.granted.as_ref()?);
        matches!(self.state, State::In | State::Returning(_)).then(|| Standing {
            login,
            flavour: account.flavour.platform(),
            username: account.username.clone(),
            services: granted.service.clone(),
            expires: granted.expires,
            connected: self.is_connected(channel_up),
            once: granted.supported.iter().flatten().any(|name| name == MESSAGE_IDS),
        })
    }

    /// Compared without regard to case (protocol §2.3).
    pub(in crate::link) fn services(&self) -> Services {
        let granted = self.granted.as_ref().filter(|_| self.lasts());
        let Some(granted) = granted else {
            let none = Vec::new;
            return Services {
                requested: none(),
                received: none(),
                missing: none(),
                status: "NONE",
                services: Default::default(),
            };
        };
        let has = |name: &String| granted.service.iter().any(|s| s.eq_ignore_ascii_case(name));
        let missing: Vec<String> = self.requested.iter().filter(|name| !has(name)).cloned().collect();
        let status = match (granted.service.is_empty(), missing.is_empty()) {
            (true, _) => "NONE",
            (_, false) => "PARTIAL",
            (_, true) if granted.service.len() == self.requested.len() => "FULL",
            (_, true) => "UNKNOWN",
        };
        let services = self.requested.iter().map(|name| (name.clone(), has(name))).collect();
        Services { requested: self.requested.clone(), received: granted.service.clone(), missing, status, services }
    }
}
