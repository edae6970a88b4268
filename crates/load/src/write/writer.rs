//! One who writes: a message, its answer, the next one.

use std::{net::SocketAddr, time::Duration};

use kandy_core::ids::Ids;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};

use super::PASSWORD;
use crate::{Failure, http::connections};

/// How long an answer may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// Messages of one writer, who then waits for the end: what is remembered of them is some megabytes.
const MOST: u32 = 50_000;
/// How often one message is tried while there is a gateway.
const TRIES: u32 = 50;
/// Of so many messages with an unknown outcome, one is given up.
const GIVEN_UP: u64 = 3;

/// A message, and what its writer knows of it.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) conversation: usize,
    pub(super) writer: usize,
    pub(super) number: u32,
    /// Since the beginning.
    pub(super) sent: Duration,
    /// Since the beginning, and the id; `None` for an outcome that is not known.
    pub(super) acknowledged: Option<(Duration, String)>,
}

/// A writer.
pub(super) struct Writer {
    number: usize,
    user: String,
    /// By number, with all their members.
    conversations: Vec<(usize, Vec<String>)>,
    ids: Ids,
    http: Client,
    /// Where the gateway listens, while it does.
    up: watch::Receiver<Option<SocketAddr>>,
    more: watch::Receiver<bool>,
    began: Instant,
}

/// What became of a request.
enum Outcome {
    /// The id.
    Stored(String),
    Unknown,
    Refused(String),
}

impl Writer {
    pub(super) fn new(
        number: usize,
        user: String,
        conversations: Vec<(usize, Vec<String>)>,
        seed: u64,
        (up, more): (watch::Receiver<Option<SocketAddr>>, watch::Receiver<bool>),
        began: Instant,
    ) -> Result<Self, Failure> {
        let (ids, http) = (Ids::new(seed), connections()?);
        Ok(Self { number, user, conversations, ids, http, up, more, began })
    }

    /// Writes until it is told to stop. Returns all messages, and how many requests were sent again.
    pub(super) async fn run(mut self) -> Result<(Vec<Said>, usize), Failure> {
        let (mut all, mut repeated) = (Vec::new(), 0);
        for number in 1..=MOST {
            if !*self.more.borrow() {
                break;
            }
            let at = usize::try_from(self.ids.below(self.conversations.len() as u64)).unwrap_or_default();
            let Some((conversation, members)) = self.conversations.get(at).cloned() else { break };
            let mut said =
                Said { conversation, writer: self.number, number, sent: self.began.elapsed(), acknowledged: None };
            let client_id = self.ids.uuid();
            for again in 0..TRIES {
                repeated += usize::from(again > 0);
                match self.ask(&members, number, &client_id).await? {
                    Outcome::Stored(id) => {
                        said.acknowledged = Some((self.began.elapsed(), id));
                        break;
                    }
                    Outcome::Refused(why) => return Err(Failure::Writer(why)),
                    // A user, too, may close the page now.
                    Outcome::Unknown if self.ids.below(GIVEN_UP) == 0 => break,
                    Outcome::Unknown if again + 1 == TRIES => {
                        return Err(Failure::Writer("the gateway listens and does not answer".into()));
                    }
                    Outcome::Unknown => {}
                }
            }
            all.push(said);
        }
        Ok((all, repeated))
    }

    async fn ask(&mut self, members: &[String], number: u32, client_id: &str) -> Result<Outcome, Failure> {
        let gone = |_| Failure::Writer("there is no gateway any longer".into());
        let address = *self.up.wait_for(Option::is_some).await.map_err(gone)?;
        let Some(address) = address else { return Ok(Outcome::Unknown) };
        let text = format!("{}/{number}", self.number);
        let Ok(response) = self.request(address, members, &text, client_id).send().await else {
            return Ok(Outcome::Unknown);
        };
        let Ok(body) = response.json::<Value>().await else { return Ok(Outcome::Unknown) };
        let id = body.pointer("/success/id").or_else(|| body.pointer("/imResponse/messageId"));
        Ok(match id.and_then(Value::as_str) {
            Some(id) => Outcome::Stored(id.to_owned()),
            None => Outcome::Refused(body.to_string()),
        })
    }

    /// Pairs are written to in both ways, groups in the only one there is.
    fn request(&self, address: SocketAddr, members: &[String], text: &str, client_id: &str) -> RequestBuilder {
        let others: Vec<&String> = members.iter().filter(|member| **member != self.user).collect();
        let request = match others.as_slice() {
            [other] if self.number % 2 == 1 => {
                let wish = json!({"imRequest": {"charset": "UTF-8", "toUrl": other, "message": text, "type": "A2",
                    "clientMessageId": client_id}});
                let path = format!("http://{address}/rest/version/1/user/{}/instantmessage", self.user);
                self.http.post(path).json(&wish)
            }
            others => {
                // None of this needs encoding.
                let to: String = others.iter().map(|other| format!("&tos={other}")).collect();
                self.http.get(format!("http://{address}/v2.0/rm/send?clientMessageId={client_id}&txt={text}{to}"))
            }
        };
        request.basic_auth(&self.user, Some(PASSWORD)).timeout(PATIENCE)
    }
}
