//! The registration of a device to which notifications are pushed while there is no page (protocol §9.3).

use kandy_wire::{Value, encode, fault, parse};
use serde::Serialize;

use super::{Context, HttpResult, flavour::Flavour, requests::Account};
use crate::{Config, Effect, Error, Event, OpId, command::PushDevice, error::Code};

/// One device, or none.
#[derive(Debug, Default)]
pub(super) struct Push {
    state: State,
    /// Path of the registration.
    registration: Option<String>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Registering {
        op: OpId,
        provider: String,
    },
    Deregistering {
        op: OpId,
    },
}

#[derive(Serialize)]
struct Registration<'a> {
    #[serde(rename = "deviceToken")]
    token: &'a str,
    #[serde(rename = "bundleID", skip_serializing_if = "Option::is_none")]
    bundle: Option<&'a str>,
    service: &'a [String],
    #[serde(rename = "clientCorrelator")]
    correlator: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    realm: Option<&'a str>,
}

impl Push {
    pub(super) fn is_registered(&self) -> bool {
        self.registration.is_some()
    }

    /// `notification.registerPush`
    pub(super) fn register(&mut self, account: Option<&Account>, device: PushDevice, cx: &mut Context<'_>) {
        let provider = device.provider.to_ascii_lowercase();
        let why = match (&self.state, account) {
            (State::Idle, Some(_)) if device.token.is_empty() || device.services.is_empty() => {
                "A registration needs a deviceToken and a list of services."
            }
            (State::Idle, Some(account)) if ["apple", "google"].contains(&provider.as_str()) => {
                let url = format!(
                    "{}/rest/version/{}/user/{}/push/{provider}/devices/",
                    base(account, cx.config),
                    version(account, cx.config),
                    account.username
                );
                let body = encode(&Registration {
                    token: &device.token,
                    bundle: cx.config.notifications.bundle_id.as_deref(),
                    service: &device.services,
                    correlator: &device.correlator,
                    realm: cx.config.notifications.realm.as_deref(),
                });
                let op = cx.ids.op();
                cx.out.push(Effect::Http(op, account.request("POST", url, Some(body))));
                self.state = State::Registering { op, provider };
                return;
            }
            (State::Idle, Some(_)) => "The provider has to be apple or google.",
            (State::Idle, None) => NOT_CONNECTED,
            _ => BUSY,
        };
        fail(why.to_owned(), cx);
    }

    /// `notification.deregisterPush`
    pub(super) fn deregister(&mut self, account: Option<&Account>, cx: &mut Context<'_>) {
        let why = match (&self.state, account, &self.registration) {
            (State::Idle, Some(account), Some(path)) => {
                let url = format!("{}{path}", base(account, cx.config));
                let op = cx.ids.op();
                cx.out.push(Effect::Http(op, account.request("DELETE", url, None)));
                self.state = State::Deregistering { op };
                return;
            }
            (State::Idle, Some(_), None) => "No device is registered.",
            (State::Idle, None, _) => NOT_CONNECTED,
            _ => BUSY,
        };
        fail(why.to_owned(), cx);
    }

    /// Takes the answer to such a request; anything else is not meant for it.
    pub(super) fn answered(&mut self, op: OpId, result: &HttpResult, cx: &mut Context<'_>) -> bool {
        match &self.state {
            State::Registering { op: wanted, provider } if *wanted == op => {
                let made = registered(result, &format!("{provider}DeviceRegistrationResponse"));
                self.state = State::Idle;
                match made {
                    Ok(path) => {
                        self.registration = Some(path);
                        cx.out.emit(Event::NotificationsChange { channel: "PUSH" });
                    }
                    Err(why) => fail(format!("The device could not be registered. {why}"), cx),
                }
            }
            State::Deregistering { op: wanted } if *wanted == op => {
                self.state = State::Idle;
                match refused(result) {
                    None => {
                        self.registration = None;
                        cx.out.emit(Event::NotificationsChange { channel: "PUSH" });
                    }
                    Some(why) => fail(format!("The device could not be deregistered. {why}"), cx),
                }
            }
            _ => return false,
        }
        true
    }
}

const NOT_CONNECTED: &str = "Not connected: call connect() first.";
const BUSY: &str = "Another registration or deregistration is under way.";

/// The server of push registrations, and of descriptions that stand elsewhere: its own, or the REST server.
pub(super) fn base(account: &Account, config: &Config) -> String {
    let own = &config.notifications.push_registration;
    own.server.base("https").unwrap_or_else(|| account.base.clone())
}

/// Unlike other addresses these have the version as it is configured, also that of the UC service (D20).
fn version<'a>(account: &'a Account, config: &'a Config) -> &'a str {
    match (&config.notifications.push_registration.version, account.flavour) {
        (Some(own), _) => own,
        (None, Flavour::Uc) => &account.service_version,
        (None, Flavour::Link) => &account.version,
    }
}

/// The path of the registration (protocol §9.3: `statusCode` is 0, and the path and the list of services are there).
fn registered(result: &HttpResult, wrapper: &str) -> Result<String, String> {
    if let Some(why) = refused(result) {
        return Err(why);
    }
    let body = result.as_ref().ok().and_then(|response| parse(&response.body).ok()).unwrap_or_default();
    let answer = body.get(wrapper).unwrap_or(&Value::Null);
    match (answer.get("statusCode").and_then(Value::as_i64), answer.get("registration").and_then(Value::as_str)) {
        (Some(0), Some(path)) if path.starts_with('/') => Ok(path.to_owned()),
        (Some(code), _) if code != 0 => Err(format!("Code: {code}.")),
        _ => Err("The server's answer is not what the protocol asks for.".to_owned()),
    }
}

/// Why a request came to nothing.
fn refused(result: &HttpResult) -> Option<String> {
    match result {
        Ok(response) if (200..300).contains(&response.status) => None,
        Ok(response) => {
            let body = parse(&response.body).unwrap_or_default();
            Some(fault::sentence(&body).map_or_else(|| format!("HTTP {}.", response.status), str::to_owned))
        }
        Err(failure) => Some(format!("{}: {}", failure.name, failure.message)),
    }
}

fn fail(why: String, cx: &mut Context<'_>) {
    cx.out.emit(Event::NotificationsError { channel: "PUSH", error: Error::new(Code::NoCode, why) });
}
