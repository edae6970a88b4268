//! The configuration as the face hands it over: merged with the documented defaults, so every section is there.
//! Members that only the face uses are ignored here; members of the wrong type fall back to the documented default.

use serde::{Deserialize, Deserializer};

use kandy_wire::Value;

/// The configuration of one client.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
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

/// `authentication` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Authentication {
    /// The REST server.
    pub subscription: Subscription,
    /// The WebSocket server.
    pub websocket: Server,
    /// UC: seconds before the end of a token's life at which it is renewed.
    #[serde(deserialize_with = "seconds_300")]
    pub early_refresh_margin: u64,
}

impl Default for Authentication {
    fn default() -> Self {
        Self { subscription: Subscription::default(), websocket: Server::default(), early_refresh_margin: 300 }
    }
}

/// `authentication.subscription`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Subscription {
    /// Scheme, host, port.
    #[serde(flatten)]
    pub server: Server,
    /// `v2.0` and the like: UC; `1` and the like: Link.
    #[serde(deserialize_with = "text")]
    pub version: Option<String>,
    /// Seconds.
    #[serde(deserialize_with = "seconds_3600")]
    pub expires: u64,
    /// Wanted services.
    pub service: Vec<String>,
    /// `English_US` and the like.
    #[serde(deserialize_with = "text")]
    pub localization: Option<String>,
    /// `WebSocket`
    #[serde(deserialize_with = "text")]
    pub notification_type: Option<String>,
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
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Server {
    /// `https`, `wss`, …
    #[serde(deserialize_with = "text")]
    pub protocol: Option<String>,
    /// Host name.
    #[serde(deserialize_with = "text")]
    pub server: Option<String>,
    /// Number or text.
    #[serde(deserialize_with = "text")]
    pub port: Option<String>,
}

impl Server {
    /// `protocol://server:port`, the port always written (protocol §0.2); `None` without a server.
    pub fn base(&self, protocol: &str) -> Option<String> {
        let server = self.server.as_deref()?;
        let protocol = self.protocol.as_deref().unwrap_or(protocol);
        let port = self.port.as_deref().unwrap_or("443");
        Some(format!("{protocol}://{server}:{port}"))
    }
}

/// `call` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CallConfig {
    /// STUN and TURN servers.
    pub ice_servers: Vec<IceServer>,
    /// Whether the server's credentials are put into them.
    pub server_turn_credentials: bool,
    /// Whether H264 is taken out of every description.
    #[serde(rename = "removeH264Codecs")]
    pub remove_h264_codecs: bool,
    /// Whether destinations are brought into the form `sip:user@domain`.
    pub normalize_destination: bool,
    /// `plan-b` or `unified-plan`; decides only about events and elements at hold (api-behaviour 7.9).
    #[serde(deserialize_with = "text")]
    pub sdp_semantics: Option<String>,
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
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct IceServer {
    /// One address or several.
    #[serde(deserialize_with = "one_or_many")]
    pub urls: Vec<String>,
    /// User name.
    #[serde(deserialize_with = "text")]
    pub username: Option<String>,
    /// Password.
    #[serde(deserialize_with = "text")]
    pub credential: Option<String>,
}

/// The credential stays out of logs.
impl std::fmt::Debug for IceServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IceServer").field("urls", &self.urls).finish_non_exhaustive()
    }
}

/// `connectivity` of the configuration; times in milliseconds (protocol §3.2, §3.3).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
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
    /// Intervals without a sign of life that mean loss.
    pub max_missed_pings: u32,
    /// Whether the client checks at all.
    pub check_connectivity: bool,
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
            max_missed_pings: 3,
            check_connectivity: true,
        }
    }
}

/// `connectivity.method`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Method {
    /// `keepAlive` or `pingPong`
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: Option<String>,
    /// `client` or `server`
    #[serde(deserialize_with = "text")]
    pub responsible_party: Option<String>,
}

/// `notifications` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Notifications {
    /// How many ids the duplicate filter remembers (protocol §3.8).
    pub id_cache_length: usize,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { id_cache_length: 100 }
    }
}

/// Text as it is, numbers as text, anything else as absent.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(s) if !s.is_empty() => Some(s),
        Value::Number(n) => Some(n.as_f64().map_or_else(|| n.to_string(), |f| f.to_string())),
        _ => None,
    })
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(s) => vec![s],
        Value::Array(all) => all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    })
}

fn seconds_300<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(seconds(&Value::deserialize(deserializer)?).unwrap_or(300))
}

fn seconds_3600<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(seconds(&Value::deserialize(deserializer)?).unwrap_or(3600))
}

fn seconds(value: &Value) -> Option<u64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|n| *n >= 0.0 && n.is_finite()).map(|n| n as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_configuration_has_the_documented_defaults() {
        let config: Config = kandy_wire::decode("{}").unwrap();
        assert_eq!(config.connectivity.ping_interval, 30_000);
        assert_eq!(config.notifications.id_cache_length, 100);
        assert!(config.call.remove_h264_codecs && config.call.normalize_destination);
        assert_eq!(config.authentication.early_refresh_margin, 300);
    }

    #[test]
    fn ports_may_be_numbers_and_members_of_other_types_are_ignored() {
        let json = r#"{"authentication":{"subscription":{"server":"h","port":8080,"protocol":"http","version":1,"expires":"60"},
                       "websocket":{"server":7.5,"port":null}},"call":{"iceServers":[{"urls":"stun:x"},{"urls":["a","b"]}],"x":1}}"#;
        let config: Config = kandy_wire::decode(json).unwrap();
        assert_eq!(config.authentication.subscription.server.base("https").as_deref(), Some("http://h:8080"));
        assert_eq!(config.authentication.subscription.version.as_deref(), Some("1"));
        assert_eq!(config.authentication.subscription.expires, 60);
        assert_eq!(config.authentication.websocket.base("wss").as_deref(), Some("wss://7.5:443"));
        assert_eq!(config.call.ice_servers.iter().map(|s| s.urls.len()).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(Server::default().base("https"), None);
    }
}
