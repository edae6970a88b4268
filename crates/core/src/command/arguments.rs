//! What the functions of the API are given.

use kandy_wire::{Map, Value};

use crate::{input::Kind, plain};

/// What `connect` was given. Members of the wrong type count as absent.
#[derive(Clone, Default)]
pub struct Credentials {
    /// `user@domain`
    pub username: Option<String>,
    /// Password of `username` or of `authname`.
    pub password: Option<String>,
    /// Link: another name to authenticate with.
    pub authname: Option<String>,
    /// Link: a token made by the application's server.
    pub hmac_token: Option<String>,
    /// UC: a token that the application already has.
    pub access_token: Option<String>,
    /// UC: renews the access token.
    pub refresh_token: Option<String>,
    /// UC: OAuth.
    pub oauth_token: Option<String>,
    /// UC: wanted life of the token in seconds.
    pub expires: Option<u64>,
}

impl Credentials {
    /// Reads the application's object.
    pub fn from_value(value: &Value) -> Self {
        let text = |key| plain::text(value, key);
        Self {
            username: text("username"),
            password: text("password"),
            authname: text("authname"),
            hmac_token: text("hmacToken"),
            access_token: text("accessToken"),
            refresh_token: text("refreshToken"),
            oauth_token: text("oauthToken"),
            expires: plain::whole(value, "expires").filter(|seconds| *seconds > 0),
        }
    }
}

/// Nothing of it belongs in a log.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// What `notification.registerPush` was given. Members of the wrong type count as empty.
#[derive(Clone, Default)]
pub struct PushDevice {
    /// The provider's name of the device.
    pub token: String,
    /// Services whose notifications are pushed.
    pub services: Vec<String>,
    /// `apple` or `google`, in any letter case.
    pub provider: String,
    /// The application's name of the device.
    pub correlator: String,
}

impl PushDevice {
    pub(super) fn from_value(value: &Value) -> Self {
        let text = |key| plain::text(value, key).unwrap_or_default();
        Self {
            token: text("deviceToken"),
            services: plain::texts(value.get("services")),
            provider: text("pushProvider"),
            correlator: text("clientCorrelator"),
        }
    }
}

/// Whoever has the device's token can send to it.
impl std::fmt::Debug for PushDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushDevice").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// The `media` argument of `make` and `answer`: per kind, nothing or the constraint for the browser.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Media {
    /// `true`, or the application's `audioOptions`.
    pub audio: Option<Value>,
    /// `true`, or the application's `videoOptions`.
    pub video: Option<Value>,
    /// Whether sound is received where none is sent; not named: whatever the other side offers (legacy-3x 7.3).
    pub receive_audio: Option<bool>,
    /// The same of pictures.
    pub receive_video: Option<bool>,
}

impl Media {
    /// Reads the application's object; anything that is none asks for nothing (api-behaviour 7.3, 7.6).
    pub fn from_value(value: &Value) -> Self {
        let wish = |flag: &str, options: &str| -> Option<Value> {
            value.get(flag)?.as_bool()?.then(|| match value.get(options) {
                Some(Value::Object(members)) if !members.is_empty() => {
                    let mut members = members.clone();
                    // A plain device id means that device and no other.
                    if let Some(id) = members.get_mut("deviceId").filter(|id| id.is_string()) {
                        // Not collected from a list of one, which brings code for sorting: 1.5 kB of the engine.
                        let mut exact = Map::new();
                        exact.insert("exact".to_owned(), id.take());
                        *id = Value::Object(exact);
                    }
                    Value::Object(members)
                }
                _ => Value::Bool(true),
            })
        };
        Self {
            audio: wish("audio", "audioOptions"),
            video: wish("video", "videoOptions"),
            receive_audio: plain::flag(value, "receiveAudio"),
            receive_video: plain::flag(value, "receiveVideo"),
        }
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.is_silent() && ![self.receive_audio, self.receive_video].contains(&Some(true))
    }

    /// Whether nothing is to be sent.
    pub fn is_silent(&self) -> bool {
        self.audio.is_none() && self.video.is_none()
    }

    /// Whether a kind that is not sent is received; `None` where the application did not say.
    pub fn receives(&self, kind: Kind) -> Option<bool> {
        match kind {
            Kind::Audio => self.receive_audio,
            Kind::Video => self.receive_video,
        }
    }
}

/// The `options` argument of `make` and `answer`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallOptions {
    /// Limits on what is received, in kbit/s, where the application named some.
    pub bandwidth: Limits,
    /// Shown to the callee as the caller's name.
    pub display_name: Option<String>,
    /// Whether the destination is normalized whatever the configuration says (legacy-3x 7.3).
    pub normalize: bool,
}

impl CallOptions {
    pub(super) fn from_value(value: &Value) -> Self {
        let limit = |kind: &str| {
            let given = value.get("bandwidth").and_then(|limits| plain::whole(limits, kind));
            given.filter(|n| *n > 0).map(|n| n.min(u64::from(u32::MAX)) as u32)
        };
        let bandwidth = Limits { audio: limit("audio"), video: limit("video") };
        let normalize = plain::flag(value, "normalizeAddress") == Some(true);
        Self { bandwidth, display_name: plain::text(value, "displayName"), normalize }
    }
}

/// The limits that an application named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// kbit/s
    pub audio: Option<u32>,
    /// kbit/s
    pub video: Option<u32>,
}

impl Limits {
    /// These limits, and those of `base` where none are named.
    pub fn over(self, base: Bandwidth) -> Bandwidth {
        Bandwidth { audio: self.audio.unwrap_or(base.audio), video: self.video.unwrap_or(base.video) }
    }
}

/// Limits in kbit/s on what a call receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Bandwidth {
    /// kbit/s
    pub audio: u32,
    /// kbit/s
    pub video: u32,
}

impl Bandwidth {
    /// What a kind gets for which the application named no number (api-behaviour 7.3).
    pub const DEFAULT_KBPS: u32 = 5000;
}

impl Default for Bandwidth {
    fn default() -> Self {
        Self { audio: Self::DEFAULT_KBPS, video: Self::DEFAULT_KBPS }
    }
}

/// The `options` argument of `renderTracks`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RenderOptions {
    /// Output device for audio.
    pub speaker_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Command;

    fn media(json: &str) -> Media {
        Media::from_value(&kandy_wire::decode(json).unwrap())
    }

    #[test]
    fn media_wishes_are_read_leniently() {
        let yes = || Some(Value::Bool(true));
        assert_eq!(media(r#"{"audio":true,"video":true}"#), Media { audio: yes(), video: yes(), ..Media::default() });
        assert_eq!(media(r#"{"audio":true,"audioOptions":{}}"#), Media { audio: yes(), ..Media::default() });
        let heard = media(r#"{"receiveAudio":true,"receiveVideo":false}"#);
        assert!(heard.is_silent() && !heard.is_empty());
        assert_eq!((heard.receives(Kind::Audio), heard.receives(Kind::Video)), (Some(true), Some(false)));
        for nothing in [r#""x""#, "{}", "null", "7", r#"{"audio":"yes"}"#, r#"{"videoOptions":{"width":640}}"#] {
            assert!(media(nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn a_plain_device_id_is_exact() {
        let wish = media(r#"{"audio":true,"audioOptions":{"deviceId":"mic-1"}}"#).audio.unwrap();
        assert_eq!(wish["deviceId"]["exact"], "mic-1");
        let wish = media(r#"{"video":true,"videoOptions":{"deviceId":{"ideal":"cam"},"width":640}}"#).video.unwrap();
        assert_eq!(wish["deviceId"]["ideal"], "cam");
        assert_eq!(wish["width"], 640);
    }

    #[test]
    fn commands_are_read_from_plain_data() {
        let json = r#"{"type":"call.make","callId":"c","destination":"bob","media":{"audio":true},
                       "options":{"bandwidth":{"audio":"x","video":300}}}"#;
        let Command::Make { call_id, options, .. } = Command::from_json(json).unwrap() else { panic!("make") };
        assert_eq!(call_id.0, "c");
        assert_eq!(options.bandwidth.over(Bandwidth::default()), Bandwidth { audio: 5000, video: 300 });
        let json = r#"{"type":"call.make","callId":"c","destination":"bob","media":{},"options":null}"#;
        assert!(Command::from_json(json).is_ok(), "null options are accepted");
        for (json, why) in [
            ("{", "not the expected JSON"),
            ("{}", "type"),
            (r#"{"type":"x"}"#, "known"),
            (r#"{"type":"call.end"}"#, "callId"),
        ] {
            let said = Command::from_json(json).unwrap_err();
            assert!(said.contains(why), "{json}: {said}");
        }
    }
}
