//! The part of WebRTC that is used here, as JavaScript has it. Unlike in `web-sys`, everything that may throw is caught, and
//! `setStreams` is there.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{EventTarget, MediaStream, MediaStreamTrack};

#[wasm_bindgen]
extern "C" {
    /// `RTCPeerConnection`
    #[wasm_bindgen(extends = EventTarget, js_name = RTCPeerConnection)]
    #[derive(Debug, Clone)]
    pub(crate) type Connection;

    /// Throws a `ReferenceError` in a browser without WebRTC.
    #[wasm_bindgen(constructor, catch, js_class = "RTCPeerConnection")]
    pub(crate) fn new(configuration: &JsValue) -> Result<Connection, JsValue>;

    #[wasm_bindgen(method, getter, js_name = signalingState)]
    pub(crate) fn signaling_state(this: &Connection) -> String;

    #[wasm_bindgen(method, getter, js_name = iceGatheringState)]
    pub(crate) fn gathering_state(this: &Connection) -> String;

    #[wasm_bindgen(method, getter, js_name = connectionState)]
    pub(crate) fn connection_state(this: &Connection) -> Option<String>;

    #[wasm_bindgen(method, getter, js_name = localDescription)]
    pub(crate) fn local_description(this: &Connection) -> Option<Description>;

    #[wasm_bindgen(method, getter, js_name = currentRemoteDescription)]
    pub(crate) fn current_remote_description(this: &Connection) -> Option<Description>;

    #[wasm_bindgen(method, js_name = createOffer)]
    pub(crate) fn create_offer(this: &Connection, options: &JsValue) -> Promise;

    #[wasm_bindgen(method, js_name = createAnswer)]
    pub(crate) fn create_answer(this: &Connection) -> Promise;

    #[wasm_bindgen(method, js_name = setLocalDescription)]
    pub(crate) fn set_local_description(this: &Connection, description: &JsValue) -> Promise;

    #[wasm_bindgen(method, js_name = setRemoteDescription)]
    pub(crate) fn set_remote_description(this: &Connection, description: &JsValue) -> Promise;

    #[wasm_bindgen(method, catch, js_name = addTransceiver)]
    pub(crate) fn add_transceiver(
        this: &Connection,
        track_or_kind: &JsValue,
        init: &JsValue,
    ) -> Result<Transceiver, JsValue>;

    #[wasm_bindgen(method, catch, js_name = getStats)]
    pub(crate) fn stats(this: &Connection, track: Option<&MediaStreamTrack>) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, js_name = getTransceivers)]
    pub(crate) fn transceivers(this: &Connection) -> Array;

    #[wasm_bindgen(method)]
    pub(crate) fn close(this: &Connection);

    /// `RTCSessionDescription`
    #[derive(Debug)]
    pub(crate) type Description;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn sdp(this: &Description) -> String;

    /// `RTCRtpTransceiver`
    #[derive(Debug, Clone)]
    pub(crate) type Transceiver;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn mid(this: &Transceiver) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn direction(this: &Transceiver) -> String;

    #[wasm_bindgen(method, setter, catch)]
    pub(crate) fn set_direction(this: &Transceiver, direction: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method, getter, js_name = currentDirection)]
    pub(crate) fn current_direction(this: &Transceiver) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn sender(this: &Transceiver) -> Sender;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn receiver(this: &Transceiver) -> Receiver;

    /// `RTCRtpSender`
    #[derive(Debug)]
    pub(crate) type Sender;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn track(this: &Sender) -> Option<MediaStreamTrack>;

    #[wasm_bindgen(method, js_name = replaceTrack)]
    pub(crate) fn replace_track(this: &Sender, track: Option<&MediaStreamTrack>) -> Promise;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn dtmf(this: &Sender) -> Option<ToneSender>;

    /// Throws a `TypeError` in browsers that do not have it (Firefox before 113).
    #[wasm_bindgen(method, catch, js_name = setStreams)]
    pub(crate) fn set_streams(this: &Sender, stream: &MediaStream) -> Result<(), JsValue>;

    /// `RTCDTMFSender`
    #[wasm_bindgen(extends = EventTarget)]
    #[derive(Debug)]
    pub(crate) type ToneSender;

    #[wasm_bindgen(method, catch, js_name = insertDTMF)]
    pub(crate) fn insert(this: &ToneSender, tones: &str, duration: u32, gap: u32) -> Result<(), JsValue>;

    /// `RTCDTMFToneChangeEvent`
    #[derive(Debug)]
    pub(crate) type ToneEvent;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn tone(this: &ToneEvent) -> String;

    /// `RTCRtpReceiver`
    #[derive(Debug)]
    pub(crate) type Receiver;

    #[wasm_bindgen(method, getter, js_name = track)]
    pub(crate) fn receiver_track(this: &Receiver) -> MediaStreamTrack;

    /// `RTCTrackEvent`
    #[derive(Debug)]
    pub(crate) type TrackEvent;

    #[wasm_bindgen(method, getter, js_name = track)]
    pub(crate) fn event_track(this: &TrackEvent) -> MediaStreamTrack;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn streams(this: &TrackEvent) -> Array;

    /// `RTCPeerConnectionIceEvent`
    #[derive(Debug)]
    pub(crate) type CandidateEvent;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn candidate(this: &CandidateEvent) -> JsValue;
}

impl Transceiver {
    /// Whether its line is gone for good.
    pub(crate) fn is_stopped(&self) -> bool {
        self.direction() == "stopped" || self.current_direction().as_deref() == Some("stopped")
    }

    /// Audio or video.
    pub(crate) fn kind(&self) -> String {
        self.receiver().receiver_track().kind()
    }
}
