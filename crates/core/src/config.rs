//! The configuration as the face hands it over: merged with the documented defaults, so every section is there.
//! Members that only the face uses are ignored here; members of the wrong type fall back to the documented default.

use kandy_wire::Value;

use crate::plain;

/// The configuration of one client.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Where to log in.
    pub authentication: Authentication,
    /// How calls are made.
    pub call: CallConfig,
    /// How the WebSocket is kept.
    pub connectivity: Connectivity,
    /// How notifications are filtered.
    pub notifications: Notifications,
}

impl Config {
    /// Reads the merged configuration from JSON text.
    ///
    /// # Errors
    /// A sentence, if it is no JSON.
    pub fn from_json(json: &str) -> Result<Self, String> {
        kandy_wire::parse(json).map(|value| Self::from_value(&value)).map_err(|e| e.to_string())
    }

    /// Reads the merged configuration; what is missing or of another type falls back to the documented default.
    pub fn from_value(value: &Value) -> Self {
        let part = |key: &str| value.get(key).unwrap_or(&Value::Null);
        Self {
            authentication: Authentication::from_value(part("authentication")),
            call: CallConfig::from_value(part("call")),
            connectivity: Connectivity::from_value(part("connectivity")),
            notifications: Notifications::from_value(part("notifications")),
        }
    }
}

/// `authentication` of the configuration.
#[derive(Debug, Clone)]
pub struct Authentication {
    /// The REST server.
    pub subscription: Subscription,
    /// The WebSocket server.
    pub websocket: Server,
    /// UC: seconds before the end of a token's life at which it is renewed.
    pub early_refresh_margin: u64,
}

impl Authentication {
    fn from_value(value: &Value) -> Self {
        let part = |key: &str| value.get(key).unwrap_or(&Value::Null);
        let fallback = Self::default();
        Self {
            subscription: Subscription::from_value(part("subscription")),
            websocket: Server::from_value(part("websocket")),
            early_refresh_margin: plain::whole(value, "earlyRefreshMargin").unwrap_or(fallback.early_refresh_margin),
        }
    }
}

impl Default for Authentication {
    fn default() -> Self {
        Self { subscription: Subscription::default(), websocket: Server::default(), early_refresh_margin: 300 }
    }
}

/// `authentication.subscription`
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Scheme, host, port.
    pub server: Server,
    /// `v2.0` and the like: UC; `1` and the like: Link.
    pub version: Option<String>,
    /// Seconds.
    pub expires: u64,
    /// Wanted services.
    pub service: Vec<String>,
    /// `English_US` and the like.
    pub localization: Option<String>,
    /// `WebSocket`
    pub notification_type: Option<String>,
}

impl Subscription {
    fn from_value(value: &Value) -> Self {
        Self {
            server: Server::from_value(value),
            version: plain::text_or_number(value, "version"),
            expires: plain::whole(value, "expires").unwrap_or(Self::default().expires),
            service: plain::texts(value.get("service")),
            localization: plain::text(value, "localization"),
            notification_type: plain::text(value, "notificationType"),
        }
    }
}

impl Default for Subscription {
    fn default() -> Self {
        Self {
            server: Server::default(),
            version: None,
            expires: 3600,
            service: Vec::new(),
            localization: None,
            notification_type: None,
        }
    }
}

/// Scheme, host and port.
#[derive(Debug, Clone, Default)]
pub struct Server {
    /// `https`, `wss`, …
    pub protocol: Option<String>,
    /// Host name.
    pub server: Option<String>,
    /// Number or text.
    pub port: Option<String>,
}

impl Server {
    fn from_value(value: &Value) -> Self {
        let text = |key| plain::text(value, key);
        Self { protocol: text("protocol"), server: text("server"), port: plain::text_or_number(value, "port") }
    }

    /// `protocol://server:port`, the port always written (protocol §0.2); `None` without a server.
    pub fn base(&self, protocol: &str) -> Option<String> {
        let server = self.server.as_deref()?;
        let protocol = self.protocol.as_deref().unwrap_or(protocol);
        let port = self.port.as_deref().unwrap_or("443");
        Some(format!("{protocol}://{server}:{port}"))
    }
}

/// `call` of the configuration.
#[derive(Debug, Clone)]
pub struct CallConfig {
    /// STUN and TURN servers.
    pub ice_servers: Vec<IceServer>,
    /// Whether the server's credentials are put into them.
    pub server_turn_credentials: bool,
    /// Whether H264 is taken out of every description.
    pub remove_h264_codecs: bool,
    /// Whether destinations are brought into the form `sip:user@domain`.
    pub normalize_destination: bool,
    /// `plan-b` or `unified-plan`; decides only about events and elements at hold (api-behaviour 7.9).
    pub sdp_semantics: Option<String>,
}

impl CallConfig {
    fn from_value(value: &Value) -> Self {
        let flag = |key, fallback| plain::flag(value, key).unwrap_or(fallback);
        let fallback = Self::default();
        let servers = value.get("iceServers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Self {
            ice_servers: servers.iter().map(IceServer::from_value).collect(),
            server_turn_credentials: flag("serverTurnCredentials", fallback.server_turn_credentials),
            remove_h264_codecs: flag("removeH264Codecs", fallback.remove_h264_codecs),
            normalize_destination: flag("normalizeDestination", fallback.normalize_destination),
            sdp_semantics: plain::text(value, "sdpSemantics"),
        }
    }
}

impl Default for CallConfig {
    fn default() -> Self {
        Self {
            ice_servers: Vec::new(),
            server_turn_credentials: true,
            remove_h264_codecs: true,
            normalize_destination: true,
            sdp_semantics: None,
        }
    }
}

/// One STUN or TURN server.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IceServer {
    /// One address or several.
    pub urls: Vec<String>,
    /// User name.
    pub username: Option<String>,
    /// Password.
    pub credential: Option<String>,
}

impl IceServer {
    fn from_value(value: &Value) -> Self {
        let one = plain::text(value, "urls").map(|url| vec![url]);
        Self {
            urls: one.unwrap_or_else(|| plain::texts(value.get("urls"))),
            username: plain::text(value, "username"),
            credential: plain::text(value, "credential"),
        }
    }
}

/// The credential stays out of logs.
impl std::fmt::Debug for IceServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IceServer").field("urls", &self.urls).finish_non_exhaustive()
    }
}

/// `connectivity` of the configuration; times in milliseconds (protocol §3.2, §3.3).
#[derive(Debug, Clone)]
pub struct Connectivity {
    /// How the socket is checked.
    pub method: Method,
    /// Between two checks.
    pub ping_interval: u64,
    /// Attempts in a row; 0 means no limit.
    pub reconnect_limit: u32,
    /// Pause after the first failed attempt.
    pub reconnect_delay: u64,
    /// Growth of the pause.
    pub reconnect_time_multiplier: f64,
    /// Longest pause.
    pub reconnect_time_limit: u64,
    /// Whether a lost socket is opened again.
    pub auto_reconnect: bool,
    /// Whether the client checks at all.
    pub check_connectivity: bool,
}

impl Connectivity {
    fn from_value(value: &Value) -> Self {
        let whole = |key, fallback| plain::whole(value, key).unwrap_or(fallback);
        let small = |key, fallback: u32| whole(key, u64::from(fallback)).min(u64::from(u32::MAX)) as u32;
        let flag = |key, fallback| plain::flag(value, key).unwrap_or(fallback);
        let (fallback, method) = (Self::default(), value.get("method").unwrap_or(&Value::Null));
        let growth = value.get("reconnectTimeMultiplier").and_then(Value::as_f64);
        Self {
            method: Method {
                kind: plain::text(method, "type"),
                responsible_party: plain::text(method, "responsibleParty"),
            },
            ping_interval: whole("pingInterval", fallback.ping_interval),
            reconnect_limit: small("reconnectLimit", fallback.reconnect_limit),
            reconnect_delay: whole("reconnectDelay", fallback.reconnect_delay),
            reconnect_time_multiplier: growth.unwrap_or(fallback.reconnect_time_multiplier),
            reconnect_time_limit: whole("reconnectTimeLimit", fallback.reconnect_time_limit),
            auto_reconnect: flag("autoReconnect", fallback.auto_reconnect),
            check_connectivity: flag("checkConnectivity", fallback.check_connectivity),
        }
    }
}

impl Default for Connectivity {
    fn default() -> Self {
        Self {
            method: Method::default(),
            ping_interval: 30_000,
            reconnect_limit: 5,
            reconnect_delay: 5_000,
            reconnect_time_multiplier: 1.0,
            reconnect_time_limit: 640_000,
            auto_reconnect: true,
            check_connectivity: true,
        }
    }
}

/// `connectivity.method`
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Method {
    /// `keepAlive` or `pingPong`
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `client` or `server`
    pub responsible_party: Option<String>,
}

/// `notifications` of the configuration.
#[derive(Debug, Clone)]
pub struct Notifications {
    /// How many ids the duplicate filter remembers (protocol §3.8).
    pub id_cache_length: usize,
    /// The server of push registrations, where it is not the REST server.
    pub push_registration: PushRegistration,
    /// Sent along with a registration.
    pub realm: Option<String>,
    /// Sent along with a registration: the id of the application.
    pub bundle_id: Option<String>,
}

impl Notifications {
    fn from_value(value: &Value) -> Self {
        let fallback = Self::default();
        let registration = value.get("pushRegistration").unwrap_or(&Value::Null);
        Self {
            id_cache_length: plain::whole(value, "idCacheLength").map_or(fallback.id_cache_length, |n| n as usize),
            push_registration: PushRegistration {
                server: Server::from_value(registration),
                version: plain::text_or_number(registration, "version"),
            },
            realm: plain::text(value, "realm"),
            bundle_id: plain::text(value, "bundleId"),
        }
    }
}

impl Default for Notifications {
    fn default() -> Self {
        Self { id_cache_length: 100, push_registration: PushRegistration::default(), realm: None, bundle_id: None }
    }
}

/// `notifications.pushRegistration`
#[derive(Debug, Clone, Default)]
pub struct PushRegistration {
    /// Scheme, host, port.
    pub server: Server,
    /// Version segment of its addresses.
    pub version: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_configuration_has_the_documented_defaults() {
        let config = Config::from_json("{}").unwrap();
        assert_eq!(config.connectivity.ping_interval, 30_000);
        assert_eq!(config.notifications.id_cache_length, 100);
        assert!(config.call.remove_h264_codecs && config.call.normalize_destination);
        assert_eq!(config.authentication.early_refresh_margin, 300);
    }

    #[test]
    fn ports_may_be_numbers_and_members_of_other_types_are_ignored() {
        let json = r#"{"authentication":{"subscription":{"server":"h","port":8080,"protocol":"http","version":1,"expires":"60"},
                       "websocket":{"server":7,"port":null}},"call":{"iceServers":[{"urls":"stun:x"},{"urls":["a","b"]}],"x":1}}"#;
        let config = Config::from_json(json).unwrap();
        assert_eq!(config.authentication.subscription.server.base("https").as_deref(), Some("http://h:8080"));
        assert_eq!(config.authentication.subscription.version.as_deref(), Some("1"));
        assert_eq!(config.authentication.subscription.expires, 60);
        assert_eq!(config.authentication.websocket.base("wss"), None, "a number is no host");
        assert_eq!(config.call.ice_servers.iter().map(|s| s.urls.len()).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(Server::default().base("https"), None);
    }
}
