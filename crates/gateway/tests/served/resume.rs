//! Clients that come back and say what they have; clients that do not read; over real sockets.

use kandy_switch::Policy;
use kandy_wire::session::{EARLY_NOTIFICATIONS, RESUME};
use serde_json::{Value, json};

use crate::server::{Server, Socket};

fn sessions(user: &str, session: &str) -> String {
    format!("/rest/version/1/user/{user}@example.com/callControl/callSessions/{session}")
}

async fn notification(socket: &mut Socket) -> Value {
    socket.next().await.expect("an open socket")["notificationMessage"].clone()
}

/// Comes back, and names the last notification that it has; returns what it was told about the rest.
pub(crate) async fn resumed(server: &Server, channel: &str, after: &str) -> (Socket, Value) {
    let mut socket = server.socket(&format!("{channel}?after={after}")).await.unwrap();
    let first = notification(&mut socket).await;
    assert_eq!(first["eventType"], "channelResumed");
    assert!(first.get("eventId").is_none());
    (socket, first["channelResumedParams"]["complete"].clone())
}

/// Two who talk, of whom bob resumes: his channel, and the sessions of both.
pub(crate) struct Talk {
    pub(crate) alice: Socket,
    pub(crate) alices_channel: String,
    /// Bob's.
    pub(crate) channel: String,
    pub(crate) sessions: [String; 2],
}

impl Talk {
    pub(crate) async fn begin(server: &Server) -> Self {
        let tags = ["RingingFeedback", EARLY_NOTIFICATIONS, RESUME];
        let (mut alice, alices_channel) = server.login("alice").await;
        let channel = server.subscribed("bob", &tags).await;
        let start =
            json!({"callControlRequest": {"type": "callStart", "to": "sip:bob@example.com", "from": "", "sdp": "o"}});
        let path = "/rest/version/1/user/alice@example.com/callControl";
        let (status, body) = server.send("alice", "POST", path, Some(start)).await;
        assert_eq!(status, 200);
        let theirs = body["callControlResponse"]["sessionData"].as_str().unwrap().to_owned();
        let (mut bob, complete) = resumed(server, &channel, "").await;
        assert_eq!(complete, true);
        let ours = notification(&mut bob).await["sessionParams"]["sessionData"].as_str().unwrap().to_owned();
        let talk = Self { alice, alices_channel, channel, sessions: [theirs, ours] };
        talk.ask(server, 1, &json!({"type": "ringing"})).await;
        talk.ask(server, 1, &json!({"type": "callAnswer", "sdp": "a"})).await;
        bob.close().await;
        alice = talk.alice;
        for kind in ["ringing", "respondCallUpdate"] {
            assert_eq!(notification(&mut alice).await["eventType"], kind);
        }
        Self { alice, ..talk }
    }

    pub(crate) async fn ask(&self, server: &Server, side: usize, wish: &Value) {
        let path = sessions(["alice", "bob"][side], &self.sessions[side]);
        assert_eq!(
            server.send(["alice", "bob"][side], "PUT", &path, Some(json!({"callControlRequest": wish}))).await.0,
            200
        );
    }

    /// Alice offers a new description, which bob's channel is to tell, and bob answers it, wherever he has it from.
    pub(crate) async fn exchange(&mut self, server: &Server, sdp: &str) {
        self.ask(server, 0, &json!({"type": "startCallUpdate", "sdp": sdp})).await;
        self.ask(server, 1, &json!({"type": "respondCallUpdate", "sdp": "a"})).await;
        assert_eq!(notification(&mut self.alice).await["eventType"], "respondCallUpdate");
    }
}

#[tokio::test]
async fn a_channel_goes_on_where_it_was_left() {
    let server = Server::start().await;
    let mut talk = Talk::begin(&server).await;
    for sdp in ["1", "2", "3"] {
        talk.exchange(&server, sdp).await;
    }
    let (mut bob, _) = resumed(&server, &talk.channel, "").await;
    let all: Vec<Value> = bob.rest().await;
    let ids: Vec<&str> = all.iter().map(|frame| frame["notificationMessage"]["eventId"].as_str().unwrap()).collect();
    let (mut next, complete) = resumed(&server, &talk.channel, ids[1]).await;
    assert_eq!(bob.next().await, Err(1000), "the older socket is over");
    assert_eq!((complete, next.rest().await), (json!(true), all[2..].to_vec()));
    for socket in [next, talk.alice] {
        socket.close().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off_and_gets_what_was_kept_when_it_is_back() {
    // More than fits: 256 frames that wait for the socket, and what the buffers of the connection hold.
    let sdp = "x".repeat(32 << 10);
    // The socket is cut off when too many frames wait for it, or one of them for too long, which on a slow machine comes first;
    // then all that wait are lost with it.
    for (queue_length, complete) in [(400, true), (5, false)] {
        let policy =
            Policy { queue_length, queue_bytes: 64 << 20, user_bytes: 64 << 20, grace: 0, ..Policy::default() };
        let server = Server::with(policy, None, None).await;
        let mut talk = Talk::begin(&server).await;
        let mut slow = server.small_socket(&format!("{}?after=", talk.channel)).await;
        slow.next().await.unwrap();
        for _ in 0..400 {
            talk.exchange(&server, &sdp).await;
        }
        let mut ids: Vec<String> = Vec::new();
        let code = loop {
            match slow.next().await {
                Ok(frame) => ids.push(frame["notificationMessage"]["eventId"].as_str().unwrap().to_owned()),
                Err(code) => break code,
            }
        };
        assert_eq!(code, 1013, "come back");
        let (mut back, told) = resumed(&server, &talk.channel, ids.last().unwrap()).await;
        let rest = back.rest().await;
        assert_eq!(told, complete);
        assert!(rest.len() <= queue_length);
        ids.extend(rest.iter().map(|frame| frame["notificationMessage"]["eventId"].as_str().unwrap().to_owned()));
        assert!(ids.is_sorted_by(|a, b| a < b), "each once, and in order");
        assert_eq!(ids.len() == 401, complete, "{} of 401", ids.len());
        for socket in [back, talk.alice] {
            socket.close().await;
        }
        server.stop().await;
    }
}
