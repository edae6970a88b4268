//! Signing in: tokens, subscriptions, the channel of notifications, and devices of push services.

use kandy_wire::session::{RevokeResponse, SubscribeRequest, SubscribeResponse, TokenResponse};
use serde_json::{Value, json};

use super::{
    operation::Operation,
    refusals::{self, Form},
    schemas::Schemas,
    shapes,
};

const TAG: &str = "Signing in";
/// What proves who the user is, in any request but the one that subscribes.
pub(super) const USER: [&str; 4] = ["password", "token", "userBearer", "session"];
/// Where the resources of a user are.
pub(super) const OF_USER: &str = "/rest/version/{version}/user/{user}";

const WRAPPED: Form = Form::Wrapped("subscribeResponse");

/// The rows.
pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let mut rows = tokens(schemas);
    rows.extend(subscriptions(schemas));
    rows.extend(devices(schemas));
    rows.push(channel(schemas));
    rows.into_iter().map(|row| row.tag(TAG)).collect()
}

fn tokens(schemas: &mut Schemas) -> Vec<Operation> {
    let (made, gone) = (schemas.written::<TokenResponse>(), schemas.written::<RevokeResponse>());
    let life = || json!({"type": "integer", "minimum": 0});
    let token = || json!({"type": "string", "minLength": 1});
    let example = json!({"success": {"access_token": "hR7…", "refresh_token": "k2D…", "expires": 3600}});
    let make = Operation::new("GET", "/{version}/auth/mk_token", "makeToken", "Makes an access token of a password")
        .needs(&["password"])
        .query("expires", life(), "Wanted life in seconds; the gateway keeps it within its bounds.")
        .shows(200, "A pair of tokens.", made.clone(), example.clone());
    let refresh = Operation::new("GET", "/{version}/auth/refresh_token", "refreshToken", "Makes a new pair of tokens")
        .needs_query("token", token(), "The refresh token.")
        .query("expires", life(), "As for `mk_token`.")
        .shows(200, "A pair of tokens. The old access token stays good.", made, example);
    let revoke =
        Operation::new("GET", "/{version}/auth/revoke_token", "revokeToken", "Ends a token, and all it opened")
            .needs(&["token", "userBearer"])
            .shows(200, "It is worth nothing any longer.", gone, json!({"success": true}));
    [make, refresh, revoke].into_iter().map(|row| refusals::of_user(row, schemas, Form::Uc, &[])).collect()
}

fn subscriptions(schemas: &mut Schemas) -> Vec<Operation> {
    let (wish, done) = (schemas.read::<SubscribeRequest>(), schemas.written::<SubscribeResponse>());
    let path = format!("{OF_USER}/subscription");
    let one = format!("{path}/{{subscription}}");
    let with_token = [USER.as_slice(), &["signedToken"]].concat();
    let subscribe = Operation::new("POST", path, "subscribe", "Signs in a client: one subscription for each")
        .about("The answer names the services that were granted, the WebSocket (`notificationChannel`), and credentials for relays.")
        .needs(&with_token)
        .takes(wish.clone(), wanted())
        .shows(200, "Subscribed.", done.clone(), subscribed());
    let extend =
        Operation::new("PUT", one.clone(), "extendSubscription", "Extends a subscription, or changes its services")
            .needs(&USER)
            .takes(wish, wanted())
            .answers(200, "Extended.", done.clone());
    let end = Operation::new("DELETE", one, "unsubscribe", "Signs the client out; its calls end").needs(&USER).shows(
        200,
        "Signed out.",
        done,
        json!({"subscribeResponse": {"statusCode": 0}}),
    );
    [(subscribe, &[][..]), (extend, &[404]), (end, &[404])]
        .into_iter()
        .map(|(row, more)| refusals::of_user(row, schemas, WRAPPED, more))
        .collect()
}

fn wanted() -> Value {
    json!({"subscribeRequest": {"expires": 3600, "service": ["call", "IM", "Presence"], "localization": "English_US",
        "useTurn": true, "notificationType": "WebSocket", "supported": ["RingingFeedback"]}})
}

fn subscribed() -> Value {
    json!({"subscribeResponse": {
        "statusCode": 0,
        "subscription": "/rest/version/1/user/alice@example.com/subscription/Wm3xuY0cQ7",
        "subscriptionParams": {
            "expires": 3600, "service": ["call", "IM", "Presence"], "localization": "English_US",
            "notificationType": "WebSocket", "notificationChannel": "/notification/1.0/websocket/hT5s0PzqLw",
            "sessionId": "rY8…", "turnCredentials": {"username": "alice@example.com", "password": "b4N…"},
        },
    }})
}

fn devices(schemas: &mut Schemas) -> Vec<Operation> {
    let (wish, done) = (schemas.read::<shapes::DeviceRequest>(), schemas.written::<shapes::Device>());
    let wrapped = |wrapper: &str| json!({"type": "object", "properties": {wrapper: done}, "required": [wrapper]});
    let done =
        json!({"anyOf": [wrapped("appleDeviceRegistrationResponse"), wrapped("googleDeviceRegistrationResponse")]});
    let path = format!("{OF_USER}/push/{{provider}}/devices");
    let example = json!({"deviceToken": "9c41…", "bundleID": "example.app", "service": ["call", "IM"],
        "realm": "example.com", "clientCorrelator": "phone-1"});
    let add = Operation::new(
        "POST",
        path.clone(),
        "registerDevice",
        "Registers a device that is woken for calls and messages",
    )
    .needs(&USER)
    .takes(wish, example)
    .answers(200, "Registered.", done.clone());
    let remove = Operation::new("DELETE", format!("{path}/{{device}}"), "deregisterDevice", "Forgets a device")
        .needs(&USER)
        .answers(200, "Forgotten.", done);
    vec![
        refusals::of_user(add, schemas, Form::OfProvider, &[]),
        refusals::of_user(remove, schemas, Form::OfDevice, &[404]),
    ]
}

fn channel(schemas: &mut Schemas) -> Operation {
    let text = || json!({"type": "string"});
    let path = "/notification/1.0/websocket/{channel}";
    let row = Operation::new("GET", path, "openChannel", "The WebSocket on which notifications come")
        .query("token", text(), "The access token, where the subscription was made with one.")
        .query("after", text(), "`eventId` of the last notification that the client has, if it resumes.")
        .answer(101, json!({"description": "The socket is open."}));
    refusals::with(row, schemas, Form::Bare, &[400, 401, 403, 404])
}
