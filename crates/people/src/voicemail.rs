//! Messages that wait in the voice mail box (api-behaviour 16, protocol §9.1).

use kandy_wire::{Map, Value};

use crate::{
    asks::{Purpose, Subject},
    effect::{Request, To},
    error::code,
    outcome::{Outcome, Trouble},
    people::Cx,
    plain,
};

/// `statusCode`: no messages at all (protocol §11.2).
const NO_MESSAGES: i64 = 52;

/// The last values.
#[derive(Debug, Default)]
pub(crate) struct Voicemail {
    known: Map<String, Value>,
    /// Requests without an answer, which are made one after the other.
    asked: usize,
    /// Whether a notification has come during the one whose turn it is: the answer may be older.
    overtaken: bool,
}

impl Voicemail {
    /// `voicemail.fetch`
    pub(crate) fn fetch(&mut self, cx: &mut Cx<'_>) {
        self.asked += 1;
        cx.ask(Subject::Voicemail, Purpose::Voicemail, Request::new("GET", To::User, "voicemail"));
    }

    pub(crate) fn answered(&mut self, outcome: &Outcome, cx: &mut Cx<'_>) {
        self.asked = self.asked.saturating_sub(1);
        // The next request is made only now.
        let overtaken = std::mem::take(&mut self.overtaken);
        let trouble = match outcome.read("mwiresponse") {
            // Each change is told by a notification, so what it said is what there is.
            Ok(_) if overtaken => return self.tell(cx),
            Ok(answer) if answer.is_object() => return self.set(answer, cx.now, cx),
            Ok(_) => Trouble { code: None, why: "The answer has no mwiresponse.".to_owned() },
            Err(trouble) if trouble.code == Some(NO_MESSAGES) && matches!(outcome, Outcome::Accepted(_)) => {
                if overtaken {
                    return self.tell(cx);
                }
                let mut none = Map::new();
                plain::put(&mut none, "totalVoice", "0");
                plain::put(&mut none, "unheardVoice", "0");
                return self.set(&Value::Object(none), cx.now, cx);
            }
            Err(trouble) => trouble,
        };
        let error = trouble.coded("Voicemail information could not be fetched.", code::VOICEMAIL);
        cx.out.fail("voicemail:error", &error);
    }

    /// `mwi`: the box has changed.
    pub(crate) fn told(&mut self, notice: &Value, cx: &mut Cx<'_>) {
        self.overtaken = self.asked > 0;
        let time = plain::whole(notice, "time").unwrap_or(cx.now);
        self.set(&plain::any(notice, "mwiNotificationParams"), time, cx);
    }

    /// `voicemail.get()`
    pub(crate) fn get(&self) -> Value {
        Value::Object(self.known.clone())
    }

    fn set(&mut self, answer: &Value, time: u64, cx: &mut Cx<'_>) {
        let mut known = Map::new();
        plain::put(&mut known, "lastUpdated", time);
        plain::put(&mut known, "newMessagesWaiting", plain::text(answer, "mwi").as_deref() == Some("yes"));
        for key in ["totalVoice", "unheardVoice", "voice", "fax", "multimedia"] {
            plain::put_some(&mut known, key, answer.get(key).cloned());
        }
        self.known = known;
        self.tell(cx);
    }

    fn tell(&self, cx: &mut Cx<'_>) {
        cx.answer(&|| self.get());
        cx.out.emit("voicemail:change", Value::Object(self.known.clone()));
    }
}
