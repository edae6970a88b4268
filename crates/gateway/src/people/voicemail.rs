//! Voicemail indicators: set by the operator's mailbox, read by users (protocol §9.1).

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::Method,
    response::Response as HttpResponse,
};
use kandy_switch::{Family, Fault, Notice, Response, Service, UserKey, code};
use kandy_wire::{
    decode, encode,
    history::{Counts, Indicators, Mwi, MwiResponse, NO_VOICE_MESSAGES, YesNo},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tracing::Instrument;

use super::{Ask, People};
use crate::{client::Client, http, operator, store};

const NO_USER: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such user.");
const METHOD: Fault = Fault::new(405, code::BAD_REQUEST, "This address takes PUT alone.");
const URGENT: Fault = Fault::new(400, code::VALUE, "Urgent messages are among the messages, so they cannot be more.");

/// What the operator says of a mailbox, and what is stored. A kind that is not there is not served by the mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mailbox {
    #[serde(default)]
    voice: Waiting,
    fax: Option<Waiting>,
    multimedia: Option<Waiting>,
}

/// How many messages there are, the urgent ones included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Waiting {
    new_messages: u32,
    old_messages: u32,
    new_urgent_messages: u32,
    old_urgent_messages: u32,
}

/// `GET voicemail`
pub(super) async fn read(people: &People, ask: &Ask) -> Result<Response, Fault> {
    let counts = store::voicemail::of(&mut *people.store.read().await?, &ask.user).await?;
    let mailbox = counts.and_then(|counts| decode::<Mailbox>(&counts).ok());
    let mwi_response = match mailbox {
        Some(mailbox) => Mwi { status_code: 0, indicators: Some(indicators(mailbox)) },
        None => Mwi { status_code: NO_VOICE_MESSAGES, indicators: None },
    };
    Ok(Response::ok(&MwiResponse { mwi_response }))
}

/// `PUT /operator/v1/users/{user}/voicemail`
pub(crate) async fn operator(
    State(people): State<People>,
    Path(user): Path<String>,
    client: Client,
    request: Request,
) -> HttpResponse {
    let (parts, mut body) = request.into_parts();
    if let Some(refusal) = operator::refusal(&people, &client, &parts.headers) {
        // Whoever is still sending would not read it.
        http::ignore(&mut body).await;
        return refusal;
    }
    let done = match parts.method {
        // Not to be cut off between the commit and telling of it.
        Method::PUT => tokio::spawn(set(people, user, body).in_current_span()).await.unwrap_or(Err(super::FAILED)),
        _ => {
            http::ignore(&mut body).await;
            Err(METHOD)
        }
    };
    http::answer(done.unwrap_or_else(|fault| fault.response(Family::Bare)))
}

async fn set(people: People, user: String, body: Body) -> Result<Response, Fault> {
    let body = http::read(body).await.map_err(|(status, reason)| Fault::new(status, code::BODY, reason))?;
    let mailbox = decode::<Mailbox>(&body).map_err(|_| Fault::BODY)?;
    if ![Some(mailbox.voice), mailbox.fax, mailbox.multimedia].into_iter().flatten().all(sensible) {
        return Err(URGENT);
    }
    let user = UserKey::of(&user);
    let known = people.switch(|switch, _| switch.accounts().find(&user).is_some())?;
    if !known {
        return Err(NO_USER);
    }
    let indicators = indicators(mailbox);
    let notice = Notice::new(json!({"eventType": "mwi", "mwiNotificationParams": value(&indicators)}));
    let mut writer = people.store.write().await;
    store::voicemail::set(&mut writer, &user, &encode(&mailbox)).await?;
    people.switch(|switch, now| switch.notify(now, &user, Service::Any, &notice))?;
    let mwi_response = Mwi { status_code: 0, indicators: Some(indicators) };
    Ok(Response::ok(&MwiResponse { mwi_response }))
}

fn sensible(waiting: Waiting) -> bool {
    waiting.new_urgent_messages <= waiting.new_messages && waiting.old_urgent_messages <= waiting.old_messages
}

fn indicators(mailbox: Mailbox) -> Indicators {
    let all = [Some(mailbox.voice), mailbox.fax, mailbox.multimedia];
    let new = all.into_iter().flatten().any(|waiting| waiting.new_messages > 0);
    let counts = |waiting: Waiting| Counts {
        new_messages: waiting.new_messages,
        old_messages: waiting.old_messages,
        new_urgent_messages: waiting.new_urgent_messages,
        old_urgent_messages: waiting.old_urgent_messages,
    };
    Indicators {
        mwi: if new { YesNo::Yes } else { YesNo::No },
        total_voice: mailbox.voice.new_messages.saturating_add(mailbox.voice.old_messages),
        unheard_voice: mailbox.voice.new_messages,
        voice: Some(counts(mailbox.voice)),
        fax: mailbox.fax.map(counts),
        multimedia: mailbox.multimedia.map(counts),
    }
}

fn value(indicators: &Indicators) -> Value {
    serde_json::to_value(indicators).unwrap_or_default()
}
