//! The only loop: take an input from the inbox, let the core handle it, carry out the effects in their order.
//!
//! While it runs, new inputs queue, and nothing is borrowed while effects are carried out: a listener may call `dispatch`
//! and `query`, and even free the engine.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
};

use js_sys::Function;
use kandy_core::{Answer, Client, Effect, Error, Event, Input, Now, Query, effect::Level, error::Code};
use wasm_bindgen::JsValue;

use crate::{
    js,
    web::{Hands, Report, fault::Fault},
};

/// What decides: the core's [`Client`], or a test's own.
pub trait Machine {
    /// What is to be done before the first input.
    fn start(&mut self) -> Vec<Effect>;
    /// What is to be done because of an input.
    fn handle(&mut self, now: Now, input: Input) -> Vec<Effect>;
    /// The answer to a question.
    fn query(&self, now: Now, query: &Query) -> Answer;
}

/// Where events and log lines go.
#[derive(Debug)]
pub struct Sink {
    /// Called with `{ type, payload }`.
    pub on_event: Function,
    /// Called with level and line.
    pub on_log: Function,
    /// The application's SDP handlers, if there are any.
    pub edit_sdp: Option<Function>,
    /// Called with the name of an input, what it carries, and milliseconds.
    pub on_action: Option<Function>,
}

/// The loop, with everything it works on.
pub struct Driver {
    machine: RefCell<Box<dyn Machine>>,
    /// Grows only while the loop runs: by what listeners ask for and what effects report at once.
    inbox: RefCell<VecDeque<(Input, JsValue)>>,
    busy: Cell<bool>,
    /// `None` once it is stopped.
    hands: RefCell<Option<Rc<Hands>>>,
    sink: Sink,
}

impl Driver {
    /// Starts a machine in this page.
    pub fn start(machine: Box<dyn Machine>, sink: Sink) -> Rc<Self> {
        let driver = Rc::new_cyclic(|this: &Weak<Self>| {
            let (for_facts, for_lines) = (this.clone(), this.clone());
            let report = Report::new(
                move |input| {
                    if let Some(driver) = for_facts.upgrade() {
                        driver.feed(input, JsValue::UNDEFINED);
                    }
                },
                move |level, line| {
                    if let Some(driver) = for_lines.upgrade() {
                        driver.log(level, line);
                    }
                },
            )
            .with_handlers(sink.edit_sdp.clone());
            Self {
                machine: RefCell::new(machine),
                inbox: RefCell::default(),
                busy: Cell::new(false),
                hands: RefCell::new(Some(Rc::new(Hands::new(report)))),
                sink,
            }
        });
        let effects = driver.machine.borrow_mut().start();
        driver.run(effects);
        driver
    }

    /// Hands a command of the application to the machine.
    pub fn dispatch(&self, command: &JsValue) {
        let input = js::text(command).map_or_else(|why| Input::Garbled(None, why), |text| Input::from_json(&text));
        self.feed(input, command.clone());
    }

    /// Asks the machine.
    pub fn query(&self, query: &JsValue) -> JsValue {
        match js::text(query).and_then(|text| Query::from_json(&text)) {
            Ok(query) => js::write(&self.machine.borrow().query(js::now(), &query)),
            Err(why) => {
                self.log(Level::Error, &format!("a question that cannot be read: {why}"));
                JsValue::UNDEFINED
            }
        }
    }

    /// Gives everything back. Nothing happens afterwards.
    pub fn stop(&self) {
        self.inbox.borrow_mut().clear();
        let hands = self.hands.borrow_mut().take();
        drop(hands);
    }

    /// Queues an input, and carries out what follows unless the loop runs already.
    fn feed(&self, input: Input, carried: JsValue) {
        if self.hands.borrow().is_none() {
            return;
        }
        // The loop may stand still for ever: in a listener that asks without end, or where the engine broke.
        if self.inbox.borrow().len() >= MOST_WAITING {
            let why = "more is asked of the engine than it can do: an input was dropped";
            if let Input::Command(Some(op), _) = input {
                let error = Some(Error::new(Code::Busy, why));
                self.carry_out(Effect::Emit(Event::Settle { op, told: false, error }));
            }
            return self.log(Level::Error, why);
        }
        self.inbox.borrow_mut().push_back((input, carried));
        if !self.busy.get() {
            self.run(Vec::new());
        }
    }

    fn run(&self, first: Vec<Effect>) {
        self.busy.set(true);
        let (mut effects, mut action) = (first, None);
        loop {
            for effect in effects {
                self.carry_out(effect);
            }
            if let Some(action) = action.take() {
                self.note(action);
            }
            let Some((input, carried)) = self.next() else { break };
            action = Some((input.name(), carried, js::steady()));
            effects = self.machine.borrow_mut().handle(js::now(), input);
        }
        self.busy.set(false);
    }

    fn next(&self) -> Option<(Input, JsValue)> {
        self.inbox.borrow_mut().pop_front()
    }

    fn carry_out(&self, effect: Effect) {
        let hands = self.hands.borrow().clone();
        let Some(hands) = hands else { return };
        match effect {
            Effect::Emit(event) => self.emit(&js::event(&event, |op| hands.take_report(op))),
            Effect::Unpack(op, packed) => self.emit(&js::packed(op, &packed)),
            Effect::Tell(tell) => self.emit(&js::write(&tell)),
            Effect::Log(level, line) => self.log(level, &line),
            for_the_page => hands.carry_out(for_the_page),
        }
    }

    fn emit(&self, event: &JsValue) {
        if let Err(thrown) = self.sink.on_event.call1(&JsValue::UNDEFINED, event) {
            self.log(Level::Error, &format!("a listener threw {}", Fault::of(&thrown)));
        }
    }

    /// An input with everything that followed from it is done.
    fn note(&self, (name, carried, began): (&'static str, JsValue, f64)) {
        let Some(on_action) = &self.sink.on_action else { return };
        let name = js::member(&carried, "type").unwrap_or_else(|| name.into());
        // As with log lines.
        let _ = on_action.call3(&JsValue::UNDEFINED, &name, &carried, &(js::steady() - began).into());
    }

    fn log(&self, level: Level, line: &str) {
        // A log handler that throws has nobody left to tell.
        let _ = self.sink.on_log.call2(&JsValue::UNDEFINED, &js::write(&level), &line.into());
    }
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver").field("busy", &self.busy).finish_non_exhaustive()
    }
}

impl Machine for Client {
    fn start(&mut self) -> Vec<Effect> {
        Client::start(self)
    }

    fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        Client::handle(self, now, input)
    }

    fn query(&self, now: Now, query: &Query) -> Answer {
        Client::query(self, now, query)
    }
}

/// Inputs; a busy call has a handful.
const MOST_WAITING: usize = 10_000;
