//! What the application asks for. The face hands these over as plain data `{ type: 'call.make', … }`.

use serde::{Deserialize, Deserializer};

use crate::{CallId, Config, TrackId};
use kandy_wire::Value;

/// One wish of the application. Functions that only read are in [`crate::query`].
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub enum Command {
    /// `connect(credentials)`
    #[serde(rename = "connect")]
    Connect {
        /// Which form of login.
        credentials: Credentials,
    },
    /// `disconnect()`
    #[serde(rename = "disconnect")]
    Disconnect,
    /// `updateConfig(values)`: the merged configuration.
    #[serde(rename = "configure")]
    Configure {
        /// The whole configuration.
        config: Box<Config>,
    },
    /// `call.make(destination, media, options)`
    #[serde(rename = "call.make")]
    Make {
        /// Minted by the face.
        call_id: CallId,
        /// As the application gave it.
        destination: String,
        /// Which media.
        media: Media,
        /// Bandwidth, display name.
        #[serde(default)]
        options: CallOptions,
    },
    /// `call.answer(callId, media, options)`
    #[serde(rename = "call.answer")]
    Answer {
        /// Which call.
        call_id: CallId,
        /// Which media.
        media: Media,
        /// Bandwidth.
        #[serde(default)]
        options: CallOptions,
    },
    /// `call.reject(callId)`
    #[serde(rename = "call.reject")]
    Reject {
        /// Which call.
        call_id: CallId,
    },
    /// `call.ignore(callId)`
    #[serde(rename = "call.ignore")]
    Ignore {
        /// Which call.
        call_id: CallId,
    },
    /// `call.end(callId)`
    #[serde(rename = "call.end")]
    End {
        /// Which call.
        call_id: CallId,
    },
    /// `media.renderTracks(trackIds, cssSelector, options)`
    #[serde(rename = "media.renderTracks")]
    RenderTracks {
        /// Which tracks.
        track_ids: Vec<TrackId>,
        /// Where: the first element that matches.
        css_selector: String,
        /// Output device.
        #[serde(default)]
        options: RenderOptions,
    },
    /// `media.removeTracks(trackIds, cssSelector)`
    #[serde(rename = "media.removeTracks")]
    RemoveTracks {
        /// Which tracks.
        track_ids: Vec<TrackId>,
        /// Where from.
        css_selector: String,
    },
    /// `media.muteTracks(trackIds)`
    #[serde(rename = "media.muteTracks")]
    MuteTracks {
        /// Which tracks.
        track_ids: Vec<TrackId>,
    },
    /// `media.unmuteTracks(trackIds)`
    #[serde(rename = "media.unmuteTracks")]
    UnmuteTracks {
        /// Which tracks.
        track_ids: Vec<TrackId>,
    },
}

/// What `connect` was given. Members of the wrong type count as absent.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Credentials {
    /// `user@domain`
    #[serde(deserialize_with = "text")]
    pub username: Option<String>,
    /// Password of `username` or of `authname`.
    #[serde(deserialize_with = "text")]
    pub password: Option<String>,
    /// Link: another name to authenticate with.
    #[serde(deserialize_with = "text")]
    pub authname: Option<String>,
    /// Link: a token made by the application's server.
    #[serde(deserialize_with = "text")]
    pub hmac_token: Option<String>,
    /// UC: a token that the application already has.
    #[serde(deserialize_with = "text")]
    pub access_token: Option<String>,
    /// UC: renews the access token.
    #[serde(deserialize_with = "text")]
    pub refresh_token: Option<String>,
    /// UC: OAuth.
    #[serde(deserialize_with = "text")]
    pub oauth_token: Option<String>,
    /// UC: wanted life of the token in seconds.
    #[serde(deserialize_with = "number")]
    pub expires: Option<f64>,
}

/// Nothing of it belongs in a log.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The `media` argument of `make` and `answer`: per kind, nothing or the constraint for the browser.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Media {
    /// `true`, or the application's `audioOptions`.
    pub audio: Option<Value>,
    /// `true`, or the application's `videoOptions`.
    pub video: Option<Value>,
}

impl Media {
    /// Reads the application's object; anything that is none asks for nothing (api-behaviour 7.3, 7.6).
    pub fn from_value(value: &Value) -> Self {
        let wish = |flag: &str, options: &str| -> Option<Value> {
            value.get(flag)?.as_bool()?.then(|| match value.get(options) {
                Some(Value::Object(members)) if !members.is_empty() => {
                    let mut members = members.clone();
                    // A plain device id means that device and no other.
                    if let Some(Value::String(id)) = members.get("deviceId") {
                        let exact =
                            Value::Object([("exact".to_owned(), Value::String(id.clone()))].into_iter().collect());
                        members.insert("deviceId".to_owned(), exact);
                    }
                    Value::Object(members)
                }
                _ => Value::Bool(true),
            })
        };
        Self { audio: wish("audio", "audioOptions"), video: wish("video", "videoOptions") }
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.audio.is_none() && self.video.is_none()
    }
}

impl<'de> Deserialize<'de> for Media {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self::from_value(&value))
    }
}

/// The `options` argument of `make` and `answer`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallOptions {
    /// Limits on what is received, in kbit/s.
    pub bandwidth: Bandwidth,
    /// Shown to the callee as the caller's name.
    pub display_name: Option<String>,
}

impl<'de> Deserialize<'de> for CallOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let limit = |kind: &str| {
            let given = value.get("bandwidth").and_then(|b| b.get(kind)).and_then(Value::as_f64);
            given.filter(|n| n.is_finite() && *n >= 1.0).map_or(Bandwidth::DEFAULT_KBPS, |n| n as u32)
        };
        let display_name = value.get("displayName").and_then(Value::as_str).map(str::to_owned);
        Ok(Self { bandwidth: Bandwidth { audio: limit("audio"), video: limit("video") }, display_name })
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

impl<'de> Deserialize<'de> for RenderOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self { speaker_id: value.get("speakerId").and_then(Value::as_str).map(str::to_owned) })
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_str().filter(|s| !s.is_empty()).map(str::to_owned))
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(json: &str) -> Media {
        kandy_wire::decode(json).unwrap()
    }

    #[test]
    fn media_wishes_are_read_leniently() {
        let yes = || Some(Value::Bool(true));
        assert_eq!(media(r#"{"audio":true,"video":true}"#), Media { audio: yes(), video: yes() });
        assert_eq!(media(r#"{"audio":true,"audioOptions":{}}"#), Media { audio: yes(), video: None });
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
        let Command::Make { call_id, options, .. } = kandy_wire::decode(json).unwrap() else { panic!("make") };
        assert_eq!(call_id.0, "c");
        assert_eq!(options.bandwidth, Bandwidth { audio: 5000, video: 300 });
        let json = r#"{"type":"call.make","callId":"c","destination":"bob","media":{},"options":null}"#;
        assert!(kandy_wire::decode::<Command>(json).is_ok(), "null options are accepted");
    }
}
