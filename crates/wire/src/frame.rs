//! One text frame on the WebSocket (§3.4, §3.7).

use serde::Serialize;

use crate::{Malformed, Read as _, Value, notice::NotificationFrame, parse};

/// What a client may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientFrame {
    /// `{"message_type":"ping"}`: alive; **must not be answered** (§3.4).
    Ping,
    /// `{"connCheck":{"interval":30}}`: answer with `connAck`.
    ConnCheck,
    /// `{"connAck":{}}`: answer to the server's own check.
    ConnAck,
    /// Anything else that is JSON.
    Other,
}

/// What a server may send.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerFrame {
    /// Answer with `connAck`; the number is the server's interval in seconds.
    ConnCheck(Option<f64>),
    /// The server heard our check.
    ConnAck,
    /// A notification, typed, and as it was received (for `notification:received`).
    Notification(Box<NotificationFrame>, Value),
}

/// `{"message_type":"ping"}`
pub const PING: &str = r#"{"message_type":"ping"}"#;
/// `{"connAck":{}}`
pub const CONN_ACK: &str = r#"{"connAck":{}}"#;

/// `{"connCheck":{"interval":…}}`, interval in seconds; a whole number is written as one, as released clients do.
pub fn conn_check(interval: f64) -> String {
    let interval = if interval.fract() == 0.0 { Value::from(interval as u64) } else { Value::from(interval) };
    crate::encode(&ConnCheck { conn_check: Interval { interval } })
}

impl ClientFrame {
    /// Reads what a client sent.
    ///
    /// # Errors
    /// [`Malformed`] when it is no JSON.
    pub fn decode(text: &str) -> Result<Self, Malformed> {
        let value = parse(text)?;
        Ok(if truthy(value.get("connCheck")) {
            Self::ConnCheck
        } else if truthy(value.get("connAck")) {
            Self::ConnAck
        } else if value.get("message_type").and_then(Value::as_str) == Some("ping") {
            Self::Ping
        } else {
            Self::Other
        })
    }
}

impl ServerFrame {
    /// Reads what a server sent, in the order of §3.7.
    ///
    /// # Errors
    /// [`Malformed`] when it is no JSON or has no `notificationMessage`.
    pub fn decode(text: &str) -> Result<Self, Malformed> {
        Self::from_value(parse(text)?)
    }

    /// The same for JSON that is already parsed.
    ///
    /// # Errors
    /// [`Malformed`] when it has no `notificationMessage`.
    pub fn from_value(value: Value) -> Result<Self, Malformed> {
        if let Some(check) = value.get("connCheck").filter(|v| truthy(Some(v))) {
            return Ok(Self::ConnCheck(check.get("interval").and_then(Value::as_f64)));
        }
        if truthy(value.get("connAck")) {
            return Ok(Self::ConnAck);
        }
        let frame = NotificationFrame::read(&value).ok_or_else(|| Malformed("no notificationMessage".to_owned()))?;
        Ok(Self::Notification(Box::new(frame), value))
    }
}

/// JavaScript's idea of true, by which released clients judge these members.
fn truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) | Some(Value::Bool(false)) => false,
        Some(Value::Number(n)) => n.as_f64() != Some(0.0),
        Some(Value::String(s)) => !s.is_empty(),
        Some(Value::Bool(true) | Value::Array(_) | Value::Object(_)) => true,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnCheck {
    conn_check: Interval,
}

#[derive(Serialize)]
struct Interval {
    interval: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_frames_are_told_apart() {
        let rows = [
            (PING, Ok(ClientFrame::Ping)),
            (r#"{"connCheck":{"interval":30}}"#, Ok(ClientFrame::ConnCheck)),
            (CONN_ACK, Ok(ClientFrame::ConnAck)),
            (r#"{"connCheck":0}"#, Ok(ClientFrame::Other)),
            ("[1]", Ok(ClientFrame::Other)),
        ];
        for (text, wanted) in rows {
            assert_eq!(ClientFrame::decode(text), wanted, "{text}");
        }
        assert!(ClientFrame::decode("{").is_err());
    }

    #[test]
    fn server_frames_are_told_apart_in_the_order_of_the_protocol() {
        let both = r#"{"connCheck":{"interval":60},"notificationMessage":{}}"#;
        assert_eq!(ServerFrame::decode(both), Ok(ServerFrame::ConnCheck(Some(60.0))));
        assert_eq!(ServerFrame::decode(CONN_ACK), Ok(ServerFrame::ConnAck));
        assert_eq!(ServerFrame::decode(&conn_check(30.0)), Ok(ServerFrame::ConnCheck(Some(30.0))));
        assert_eq!(conn_check(30.0), r#"{"connCheck":{"interval":30}}"#);
        assert_eq!(conn_check(1.5), r#"{"connCheck":{"interval":1.5}}"#);
        assert!(ServerFrame::decode(r#"{"hello":1}"#).is_err(), "a frame without notificationMessage");
        assert!(ServerFrame::decode(r#"{"notificationMessage":7}"#).is_err());
        let ServerFrame::Notification(frame, raw) =
            ServerFrame::decode(r#"{"notificationMessage":{"eventType":"mwi","eventId":7,"x":1}}"#).unwrap()
        else {
            panic!("a notification")
        };
        assert_eq!(frame.notification_message.event_type, Some(crate::notice::EventType::Other("mwi".into())));
        assert_eq!(raw["notificationMessage"]["x"], 1, "the raw form keeps what is not typed");
    }
}
