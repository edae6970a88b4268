//! What the application asks for. The face hands these over as plain data `{ type: 'call.make', … }`.

mod arguments;

use kandy_wire::Value;

use crate::{CallId, Config, OpId, TrackId, plain};

pub use arguments::{Bandwidth, CallOptions, Credentials, Limits, Media, PushDevice, RenderOptions};

/// One wish of the application. Functions that only read are in [`crate::query`].
#[derive(Debug, Clone)]
pub enum Command {
    /// `connect(credentials)`
    Connect {
        /// Which form of login.
        credentials: Credentials,
    },
    /// `disconnect()`
    Disconnect,
    /// `updateToken(credentials)`
    UpdateToken {
        /// The new access or OAuth token.
        credentials: Credentials,
    },
    /// `updateConnection(services)`
    UpdateConnection {
        /// Every service that is wanted from now on.
        services: Vec<String>,
    },
    /// `connection.enableConnectivityChecking(enable)`
    EnableChecks {
        /// Whether the WebSocket is checked.
        enable: bool,
    },
    /// `notification.process(notification, channel, platform)`
    Process {
        /// As it came by another way than the WebSocket.
        notification: Value,
        /// `EXTERNAL`, `PUSH` or `WEBSOCKET`
        channel: String,
    },
    /// `notification.registerPush(device)`
    RegisterPush {
        /// Which device.
        device: PushDevice,
    },
    /// `notification.deregisterPush()`
    DeregisterPush,
    /// `notification.enableWebsocket(enable)`
    EnableWebsocket {
        /// Whether notifications of the WebSocket are heeded.
        enable: bool,
    },
    /// `updateConfig(values)`: the merged configuration.
    Configure {
        /// The whole configuration.
        config: Box<Config>,
    },
    /// Answers `Effect::Unpack`.
    Unpacked {
        /// Which.
        op: OpId,
        /// The plain text; `None` if it was none that can be unpacked.
        text: Option<String>,
    },
    /// `call.make(destination, media, options)`
    Make {
        /// Minted by the face.
        call_id: CallId,
        /// As the application gave it.
        destination: String,
        /// Which media.
        media: Media,
        /// Bandwidth, display name.
        options: CallOptions,
    },
    /// `call.answer(callId, media, options)`
    Answer {
        /// Which call.
        call_id: CallId,
        /// Which media.
        media: Media,
        /// Bandwidth.
        options: CallOptions,
    },
    /// `call.reject(callId)`
    Reject {
        /// Which call.
        call_id: CallId,
    },
    /// `call.ignore(callId)`
    Ignore {
        /// Which call.
        call_id: CallId,
    },
    /// `call.hold(callId)`
    Hold {
        /// Which call.
        call_id: CallId,
    },
    /// `call.unhold(callId)`
    Unhold {
        /// Which call.
        call_id: CallId,
    },
    /// `call.addMedia(callId, media, options)`
    AddMedia {
        /// Which call.
        call_id: CallId,
        /// Which media.
        media: Media,
        /// Bandwidth.
        options: CallOptions,
    },
    /// `call.removeMedia(callId, tracks, options)`
    RemoveMedia {
        /// Which call.
        call_id: CallId,
        /// Which of our tracks.
        tracks: Vec<TrackId>,
        /// Bandwidth.
        options: CallOptions,
    },
    /// `call.replaceTrack(callId, trackId, media)`
    ReplaceTrack {
        /// Which call.
        call_id: CallId,
        /// Which of our tracks.
        track_id: TrackId,
        /// What to send in its place.
        media: Media,
    },
    /// `call.sendDTMF(callId, tone, duration, intertoneGap)`
    SendDtmf {
        /// Which call.
        call_id: CallId,
        /// One tone after the other.
        tones: String,
        /// Milliseconds.
        duration: u64,
        /// Milliseconds.
        gap: u64,
    },
    /// `call.getStats(callId, trackId)`
    GetStats {
        /// Which call.
        call_id: CallId,
        /// Of one track only.
        track_id: Option<TrackId>,
    },
    /// `call.forward(callId, destination)`
    Forward {
        /// Which call.
        call_id: CallId,
        /// As the application gave it.
        destination: String,
    },
    /// `call.directTransfer(callId, destination)`
    DirectTransfer {
        /// Which call.
        call_id: CallId,
        /// As the application gave it.
        destination: String,
    },
    /// `call.consultativeTransfer(callId, otherCallId)`
    ConsultativeTransfer {
        /// Which call.
        call_id: CallId,
        /// Which other one.
        other: CallId,
    },
    /// `call.join(callId, otherCallId)`
    Join {
        /// Which call.
        call_id: CallId,
        /// Which other one.
        other: CallId,
    },
    /// `call.end(callId)`
    End {
        /// Which call.
        call_id: CallId,
    },
    /// `media.renderTracks(trackIds, cssSelector, options)`
    RenderTracks {
        /// Which tracks.
        track_ids: Vec<TrackId>,
        /// Where: the first element that matches.
        css_selector: String,
        /// Output device.
        options: RenderOptions,
    },
    /// `media.removeTracks(trackIds, cssSelector)`
    RemoveTracks {
        /// Which tracks.
        track_ids: Vec<TrackId>,
        /// Where from.
        css_selector: String,
    },
    /// `media.muteTracks(trackIds)`
    MuteTracks {
        /// Which tracks.
        track_ids: Vec<TrackId>,
    },
    /// `media.unmuteTracks(trackIds)`
    UnmuteTracks {
        /// Which tracks.
        track_ids: Vec<TrackId>,
    },
}

impl Command {
    /// Reads a command from JSON text.
    ///
    /// # Errors
    /// A sentence that says what is missing and repeats no value, which may be a secret.
    pub fn from_json(json: &str) -> Result<Self, String> {
        Self::from_value(&kandy_wire::parse(json).map_err(|e| e.to_string())?)
    }

    /// The same, of JSON that is read already.
    pub(crate) fn from_value(value: &Value) -> Result<Self, String> {
        let kind = plain::needed(value, "type")?;
        let call_id = || plain::needed(value, "callId").map(CallId);
        let part = |key: &str| value.get(key).unwrap_or(&Value::Null);
        let media = || Media::from_value(part("media"));
        let options = || CallOptions::from_value(part("options"));
        let track_ids = || plain::texts(value.get("trackIds")).into_iter().map(TrackId).collect();
        let destination = || plain::needed(value, "destination");
        let other = || plain::needed(value, "otherCallId").map(CallId);
        let enable = || plain::flag(value, "enable") == Some(true);
        let css_selector = || plain::needed(value, "cssSelector");
        Ok(match kind.as_str() {
            "connect" => Self::Connect { credentials: Credentials::from_value(part("credentials")) },
            "disconnect" => Self::Disconnect,
            "updateToken" => Self::UpdateToken { credentials: Credentials::from_value(part("credentials")) },
            "updateConnection" => Self::UpdateConnection { services: plain::texts(value.get("services")) },
            "connection.enableConnectivityChecking" => Self::EnableChecks { enable: enable() },
            "notification.process" => Self::Process {
                notification: part("notification").clone(),
                channel: plain::text(value, "channel").unwrap_or_default(),
            },
            "notification.registerPush" => Self::RegisterPush { device: PushDevice::from_value(value) },
            "notification.deregisterPush" => Self::DeregisterPush,
            "notification.enableWebsocket" => Self::EnableWebsocket { enable: enable() },
            "configure" => Self::Configure { config: Box::new(Config::from_value(part("config"))) },
            "unpacked" => Self::Unpacked {
                op: OpId(plain::whole(value, "op").unwrap_or_default()),
                text: plain::text(value, "text"),
            },
            "call.make" => {
                Self::Make { call_id: call_id()?, destination: destination()?, media: media(), options: options() }
            }
            "call.answer" => Self::Answer { call_id: call_id()?, media: media(), options: options() },
            "call.reject" => Self::Reject { call_id: call_id()? },
            "call.ignore" => Self::Ignore { call_id: call_id()? },
            "call.hold" => Self::Hold { call_id: call_id()? },
            "call.unhold" => Self::Unhold { call_id: call_id()? },
            "call.addMedia" => Self::AddMedia { call_id: call_id()?, media: media(), options: options() },
            "call.removeMedia" => {
                let tracks = plain::texts(value.get("tracks")).into_iter().map(TrackId).collect();
                Self::RemoveMedia { call_id: call_id()?, tracks, options: options() }
            }
            "call.replaceTrack" => {
                let track_id = TrackId(plain::needed(value, "trackId")?);
                Self::ReplaceTrack { call_id: call_id()?, track_id, media: media() }
            }
            "call.sendDTMF" => Self::SendDtmf {
                call_id: call_id()?,
                tones: plain::text_or_number(value, "tone").unwrap_or_default(),
                duration: plain::whole(value, "duration").unwrap_or(DTMF_DURATION),
                gap: plain::whole(value, "intertoneGap").unwrap_or(DTMF_GAP),
            },
            "call.getStats" => {
                Self::GetStats { call_id: call_id()?, track_id: plain::text(value, "trackId").map(TrackId) }
            }
            "call.forward" => Self::Forward { call_id: call_id()?, destination: destination()? },
            "call.directTransfer" => Self::DirectTransfer { call_id: call_id()?, destination: destination()? },
            "call.consultativeTransfer" => Self::ConsultativeTransfer { call_id: call_id()?, other: other()? },
            "call.join" => Self::Join { call_id: call_id()?, other: other()? },
            "call.end" => Self::End { call_id: call_id()? },
            "media.renderTracks" => {
                let options = RenderOptions { speaker_id: plain::text(part("options"), "speakerId") };
                Self::RenderTracks { track_ids: track_ids(), css_selector: css_selector()?, options }
            }
            "media.removeTracks" => Self::RemoveTracks { track_ids: track_ids(), css_selector: css_selector()? },
            "media.muteTracks" => Self::MuteTracks { track_ids: track_ids() },
            "media.unmuteTracks" => Self::UnmuteTracks { track_ids: track_ids() },
            _ => return Err("no known type".to_owned()),
        })
    }
}

/// Milliseconds of a tone (api-behaviour 7.14).
const DTMF_DURATION: u64 = 100;

/// Milliseconds between two tones (api-behaviour 7.14).
const DTMF_GAP: u64 = 70;
