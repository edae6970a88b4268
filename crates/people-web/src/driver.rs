//! The only loop: take an input from the inbox, let the engine handle it, carry out the effects in their order.
//!
//! While it runs, new inputs queue, and nothing is borrowed while effects are carried out: a listener may call the API.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
};

use kandy_core::input;
use kandy_people::{AskId, Effect, Failure, Input, Level, Now, People, Request, Response, TimerId};
use kandy_wasm::{
    js,
    web::{
        Report,
        timers::{Alarm, Timers},
    },
};
use kandy_wire::{encode, parse};

use crate::{host::Host, requests::Requests};

/// The loop, with everything it works on.
#[derive(Debug)]
pub(crate) struct Driver {
    people: RefCell<People>,
    inbox: RefCell<VecDeque<Input>>,
    busy: Cell<bool>,
    /// `None` once it is stopped.
    hands: RefCell<Option<Rc<Hands>>>,
    host: Host,
}

/// Timers and requests.
#[derive(Debug)]
struct Hands {
    timers: Timers<Clock>,
    requests: Requests,
}

/// Tells the loop that a time is over, as long as there is one.
#[derive(Clone)]
struct Clock(Weak<Driver>);

impl Alarm for Clock {
    type Id = TimerId;

    fn ring(&self, timer: TimerId) {
        if let Some(driver) = self.0.upgrade() {
            driver.feed(Input::Timer(timer));
        }
    }
}

impl Driver {
    /// Starts it.
    pub(crate) fn start(people: People, host: Host) -> Rc<Self> {
        Rc::new_cyclic(|this: &Weak<Self>| {
            let (for_timers, for_answers) = (this.clone(), this.clone());
            let timers = Timers::new(Clock(for_timers));
            let report = Report::new(
                move |fact| {
                    if let (Some(driver), input::Input::Http(op, result)) = (for_answers.upgrade(), fact) {
                        driver.answered(AskId(op.0), result);
                    }
                },
                |_, _| {},
            );
            let hands = Hands { timers, requests: Requests::new(report) };
            Self {
                people: RefCell::new(people),
                inbox: RefCell::default(),
                busy: Cell::new(false),
                hands: RefCell::new(Some(Rc::new(hands))),
                host,
            }
        })
    }

    /// An input of the face.
    pub(crate) fn tell(&self, text: &str) {
        match Input::from_json(text) {
            Ok(input) => self.feed(input),
            Err(why) => self.host.write("error", &format!("people: an input that cannot be read: {why}")),
        }
    }

    /// Asks the engine.
    pub(crate) fn query(&self, text: &str) -> String {
        let query = parse(text).unwrap_or_default();
        encode(&self.people.borrow().query(now(), &query))
    }

    /// Gives everything back. Nothing happens afterwards.
    pub(crate) fn stop(&self) {
        self.inbox.borrow_mut().clear();
        let hands = self.hands.borrow_mut().take();
        drop(hands);
    }

    fn answered(&self, id: AskId, result: Result<input::HttpResponse, input::HttpFailure>) {
        let answer = match result {
            Ok(response) => {
                let input::HttpResponse { status, content_type, body, .. } = response;
                Ok(Response { status, content_type, body })
            }
            Err(input::HttpFailure { name, message }) => Err(Failure { name, message }),
        };
        self.feed(Input::Answer(id, answer));
    }

    fn feed(&self, input: Input) {
        if self.hands.borrow().is_none() {
            return;
        }
        // The loop may stand still for ever: in a listener that asks without end, or where the engine broke.
        if self.inbox.borrow().len() >= MOST_WAITING {
            return self.host.write("error", "more is asked of the people engine than it can do: an input was dropped");
        }
        self.inbox.borrow_mut().push_back(input);
        if self.busy.replace(true) {
            return;
        }
        while let Some(input) = self.next() {
            let effects = self.people.borrow_mut().handle(now(), input);
            for effect in effects {
                self.carry_out(effect);
            }
        }
        self.busy.set(false);
    }

    fn next(&self) -> Option<Input> {
        self.inbox.borrow_mut().pop_front()
    }

    fn carry_out(&self, effect: Effect) {
        let hands = self.hands.borrow().clone();
        let Some(hands) = hands else { return };
        match effect {
            Effect::Ask(id, request) => {
                if let Err(failure) = self.send(&hands, id, &request) {
                    self.feed(Input::Answer(id, Err(failure)));
                }
            }
            Effect::Emit { event, payload } => self.host.tell(event, &encode(&payload)),
            Effect::Timer(timer, after) => hands.timers.set(timer, after),
            Effect::Log(level, line) => self.host.write(Level::name(level), &line),
        }
    }

    fn send(&self, hands: &Hands, id: AskId, request: &Request) -> Result<(), Failure> {
        let whole = self.host.whole(request).ok_or_else(|| Failure {
            name: Failure::NOT_CONNECTED.to_owned(),
            message: "Not connected: call connect() first.".to_owned(),
        })?;
        hands.requests.send(id, whole, request.file.as_ref(), &self.host)
    }
}

fn now() -> Now {
    Now(js::now().0)
}

/// Inputs; a burst of notifications after a loss has some thousands.
const MOST_WAITING: usize = 100_000;
