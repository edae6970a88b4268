//! One text frame on the WebSocket, read by either side.

use std::fmt::Debug;

use kandy_wire::{
    Malformed, Read, Value, decode, encode,
    frame::{CONN_ACK, ClientFrame, ServerFrame},
    notice::NotificationFrame,
    parse,
};

use crate::{
    router::{World, steps},
    text,
};

/// Longest sentence about a frame that cannot be read, in bytes: it never repeats what may be a secret.
const LONGEST_SENTENCE: usize = 80;
/// Frames of one input.
const FRAMES: usize = 200;

/// Each line is a frame, first of a client and then of a server.
///
/// What must hold: no panic; only what is no JSON is refused, in a sentence that does not repeat it; a switch answers a check with
/// one `connAck` and everything else with nothing (protocol §3.4); the reader that is written by hand agrees with the one that
/// serde derives; and a notification that is written and read again is the same.
pub fn client_frame(data: &[u8]) {
    let (text, mut world) = (text(data), World::new());
    for step in steps(LOGIN) {
        world.step(&step);
    }
    for line in text.lines().take(FRAMES) {
        of_client(&mut world, line);
        of_server(line);
    }
}

/// Alice logs in and has a socket.
const LOGIN: &str = r#"POST /rest/version/1/user/alice@example.com/subscription
login: alice@example.com:alice-pw
{"subscribeRequest":{"expires":3600,"service":["call","IM"],"localization":"English_US","useTurn":true,"notificationType":"WebSocket"}}

OPEN 1 $notificationChannel"#;

fn of_client(world: &mut World, line: &str) {
    let frame = ClientFrame::decode(line);
    refused_only_if_no_json(line, frame.as_ref().err());
    world.frames.clear();
    for step in steps("HEAR 1").chain([crate::router::Step::Say { socket: 1, text: line }]) {
        world.step(&step);
    }
    let answers: &[&str] = if frame == Ok(ClientFrame::ConnCheck) { &[CONN_ACK] } else { &[] };
    assert_eq!(world.frames, answers, "{line}");
}

fn of_server(line: &str) {
    let frame = ServerFrame::decode(line);
    let Ok(value) = parse(line) else { return refused_only_if_no_json(line, frame.as_ref().err()) };
    if let Ok(ServerFrame::Notification(frame, raw)) = frame {
        assert_eq!(raw, value, "as it was received");
        // A number of more digits than a double holds is read to its last bit but one, so a second reading may differ.
        if parse(&encode(&value)).as_ref() != Ok(&value) {
            return;
        }
        assert_eq!(
            decode::<NotificationFrame>(&encode(&*frame)).as_ref(),
            Ok(&*frame),
            "written and read again: {line}"
        );
    }
    agree::<NotificationFrame>(&value);
}

fn refused_only_if_no_json(line: &str, refused: Option<&Malformed>) {
    assert_eq!(refused.is_none(), parse(line).is_ok(), "{line}");
    assert!(refused.is_none_or(|why| why.to_string().len() <= LONGEST_SENTENCE), "{refused:?}");
}

/// What serde reads is read by hand, too, and as the same.
fn agree<T: Read + serde::de::DeserializeOwned + PartialEq + Debug>(value: &Value) {
    if let Ok(derived) = decode::<T>(&encode(value)) {
        assert_eq!(T::read(value).as_ref(), Some(&derived), "{value}");
    }
}
