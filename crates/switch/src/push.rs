//! Devices that can be woken by a push service (§9.3), and when they are.
//!
//! A push goes out for a notification when the device is registered for the notification's service and its user has no
//! socket with that service open at that moment: whoever listens on a socket needs no waking. It holds the same frame as
//! the socket would have got, under the same `eventId`, so that a client which gets it both ways takes it once (§9.4). The
//! end of a call that was pushed is pushed at once, because nobody but the device itself can stop its ringing. A user
//! without any subscription is not called, so there is nothing to push.

use std::collections::{BTreeMap, VecDeque};

use kandy_wire::decode;
use serde::{Deserialize, Serialize};

use crate::{
    Request, Response, Switch,
    accounts::UserKey,
    auth::Caller,
    fault::{Fault, code},
    subscription::known_services,
};

/// Longest device token, in bytes: those of both services have some hundreds.
const MAX_TOKEN: usize = 1_024;
/// Longest other text of a registration, in bytes.
const MAX_TEXT: usize = 200;
/// Pushes that wait for the shell to take them, which it does after every call of the switch.
const WAITING: usize = 1_024;

const NO_DEVICE: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such device registration.");
const UNUSABLE: Fault =
    Fault::new(400, code::BODY, "A registration needs a device token, a service of this gateway, and shorter texts.");

/// A push service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Apple's.
    Apple,
    /// Google's.
    Google,
}

/// Something for the shell to hand to a push service.
#[derive(Clone, PartialEq, Eq)]
pub struct Push {
    /// Which service.
    pub provider: Provider,
    /// The service's name for the device.
    pub device_token: String,
    /// The application, where the client named it.
    pub bundle_id: Option<String>,
    /// The realm, where the client named it.
    pub realm: Option<String>,
    /// Whose device: `user@domain`.
    pub user: String,
    /// The frame that a socket would have got, as JSON text.
    pub notification: String,
}

/// Tokens and descriptions do not reach a log through `{:?}`.
impl std::fmt::Debug for Push {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Push({:?}, {} bytes)", self.provider, self.notification.len())
    }
}

impl Provider {
    /// By the name in paths.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "apple" => Some(Self::Apple),
            "google" => Some(Self::Google),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Apple => "apple",
            Self::Google => "google",
        }
    }

    /// The wrapper of a registration's response.
    pub(crate) fn wrapper(self) -> &'static str {
        match self {
            Self::Apple => "appleDeviceRegistrationResponse",
            Self::Google => "googleDeviceRegistrationResponse",
        }
    }
}

/// A registration as the client asks for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wish {
    device_token: String,
    #[serde(rename = "bundleID")]
    bundle_id: Option<String>,
    realm: Option<String>,
    client_correlator: Option<String>,
    service: Vec<String>,
}

/// A device that is registered.
#[derive(Clone, Serialize, Deserialize)]
struct Device {
    /// The last part of the registration's path.
    id: String,
    provider: Provider,
    wish: Wish,
}

/// The devices of every user, those that were registered last at the end.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Devices(BTreeMap<UserKey, VecDeque<Device>>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Registered {
    status_code: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription_params: Option<Granted>,
}

#[derive(Serialize)]
struct Granted {
    service: Vec<String>,
}

impl Devices {
    /// Registers a device; the one that was registered longest ago makes room. A device that is registered already keeps
    /// its path.
    fn add(&mut self, user: &UserKey, mut device: Device, bound: usize) -> String {
        let devices = self.0.entry(user.clone()).or_default();
        let same =
            |known: &Device| (known.provider, &known.wish.device_token) == (device.provider, &device.wish.device_token);
        if let Some(known) = devices.iter().position(same).and_then(|at| devices.remove(at)) {
            device.id = known.id;
        }
        let id = device.id.clone();
        devices.push_back(device);
        devices.drain(..devices.len().saturating_sub(bound));
        id
    }

    fn remove(&mut self, user: &UserKey, provider: Provider, id: &str) -> Option<()> {
        let devices = self.0.get_mut(user)?;
        let at = devices.iter().position(|device| device.provider == provider && device.id == id)?;
        devices.remove(at);
        if devices.is_empty() {
            self.0.remove(user);
        }
        Some(())
    }

    /// The users who have any.
    pub(crate) fn users(&self) -> impl Iterator<Item = &UserKey> {
        self.0.keys()
    }

    /// Forgets all devices of a user; returns how many there were.
    pub(crate) fn forget(&mut self, user: &UserKey) -> usize {
        self.0.remove(user).map_or(0, |devices| devices.len())
    }
}

impl Switch {
    /// `POST push/{provider}/devices/`.
    pub(crate) fn register_device(
        &mut self,
        request: &Request<'_>,
        caller: &Caller,
        version: &str,
        provider: Provider,
    ) -> Result<Response, Fault> {
        let mut wish = decode::<Wish>(request.body).map_err(|_| Fault::BODY)?;
        let texts = [&wish.bundle_id, &wish.realm, &wish.client_correlator];
        let short = texts.into_iter().flatten().all(|text| text.len() <= MAX_TEXT);
        wish.service = known_services(&wish.service);
        if wish.device_token.is_empty() || wish.device_token.len() > MAX_TOKEN || !short || wish.service.is_empty() {
            return Err(UNUSABLE);
        }
        let service = wish.service.clone();
        let device = Device { id: self.secrets.token(), provider, wish };
        let id = self.devices.add(&caller.user, device, self.policy.devices_per_user);
        let (user, name) = (self.accounts.number(&caller.user), provider.name());
        let registration = format!("/rest/version/{version}/user/{user}/push/{name}/devices/{id}");
        let registered = Registered {
            status_code: 0,
            registration: Some(registration),
            subscription_params: Some(Granted { service }),
        };
        Ok(Response::ok(&BTreeMap::from([(provider.wrapper(), registered)])))
    }

    /// `DELETE push/{provider}/devices/{id}`.
    pub(crate) fn deregister_device(
        &mut self,
        caller: &Caller,
        provider: Provider,
        id: &str,
    ) -> Result<Response, Fault> {
        self.devices.remove(&caller.user, provider, id).ok_or(NO_DEVICE)?;
        let done = Registered { status_code: 0, registration: None, subscription_params: None };
        Ok(Response::ok(&BTreeMap::from([(provider.wrapper(), done)])))
    }

    /// Wakes the devices of a user for a notification of this service, if there are any and nobody listens. Returns whether
    /// a push went out.
    pub(crate) fn push(&mut self, user: &UserKey, service: &str, notification: &str) -> bool {
        let listens = self.subscriptions.of_user(user).any(|(_, s)| s.has(service) && s.channel.socket().is_some());
        if listens {
            return false;
        }
        let wants = |device: &&Device| device.wish.service.iter().any(|name| name.eq_ignore_ascii_case(service));
        let number = self.accounts.number(user);
        let before = self.pushes.len();
        self.pushes.extend(self.devices.0.get(user).into_iter().flatten().filter(wants).map(|device| Push {
            provider: device.provider,
            device_token: device.wish.device_token.clone(),
            bundle_id: device.wish.bundle_id.clone(),
            realm: device.wish.realm.clone(),
            user: number.clone(),
            notification: notification.to_owned(),
        }));
        let pushed = self.pushes.len() > before;
        self.pushes.drain(..self.pushes.len().saturating_sub(WAITING));
        pushed
    }
}
