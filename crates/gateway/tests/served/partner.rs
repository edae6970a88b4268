//! The other side of a call that the recorded server made up by itself ("slowCall"): with our gateway somebody has to be
//! there, and the recorded client has to have asked for it, which it does by a click to call.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::server::{Server, Socket};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SlowCall {
    user_id: String,
    from: String,
}

/// Somebody who takes the call.
pub(crate) struct Partner {
    user: String,
    socket: Socket,
}

impl Partner {
    /// What the recorded server was told to do; `None` for remarks of another kind.
    pub(crate) async fn called_for(server: &Server, note: &str) -> Option<Self> {
        let (_, told) = note.split_once("slowCall ")?;
        let SlowCall { user_id, from } = serde_json::from_str(told).unwrap();
        let (user, asks) = (from.split('@').next().unwrap().to_owned(), user_id.split('@').next().unwrap());
        let (socket, _) = server.login(&user).await;
        let path = format!("/rest/version/1/user/{user_id}/clicktocall");
        let click = json!({"clickToCallRequest": {"callingParty": user_id, "calledParty": from}});
        let (status, body) = server.send(asks, "POST", &path, Some(click)).await;
        assert_eq!((status, body), (200, json!({"clickToCallResponse": {"statusCode": 0}})));
        Some(Self { user, socket })
    }

    /// Rings and answers with a description; returns the offer that came.
    pub(crate) async fn answer(&mut self, server: &Server, sdp: &Value) -> Value {
        let call = self.told("call").await;
        let session = call["sessionParams"]["sessionData"].as_str().unwrap();
        let path = format!("/rest/version/1/user/{}@example.com/callControl/callSessions/{session}", self.user);
        for wish in [json!({"type": "ringing"}), json!({"type": "callAnswer", "sdp": sdp})] {
            let wish = json!({ "callControlRequest": wish });
            assert_eq!(server.send(&self.user, "PUT", &path, Some(wish)).await.0, 200);
        }
        call["sessionParams"]["sdp"].clone()
    }

    /// The next notification, which is of this kind.
    pub(crate) async fn told(&mut self, kind: &str) -> Value {
        let told = self.socket.next().await.unwrap()["notificationMessage"].clone();
        assert_eq!(told["eventType"], kind);
        told
    }

    pub(crate) async fn close(self) {
        self.socket.close().await;
    }
}
