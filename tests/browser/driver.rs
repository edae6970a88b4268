//! The loop, with a machine of the test's own.

use std::{
    cell::RefCell,
    rc::{Rc, Weak},
};

use js_sys::{Array, Function};
use kandy_core::{
    Answer, CallId, Command, Effect, Error, Event, Input, Now, OpId, Query,
    effect::Level,
    error::Code,
    event::{AuthChange, CallEvent},
    people::Tell,
};
use kandy_wasm::{
    driver::{Driver, Machine, Sink},
    js,
};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{member, run};

type Rules = Box<dyn FnMut(Input) -> Vec<Effect>>;

/// Answers every input by its rules.
struct Scripted(Rules);

impl Machine for Scripted {
    fn start(&mut self) -> Vec<Effect> {
        vec![Effect::Log(Level::Info, "started".to_owned())]
    }

    fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        assert!(now.0 > 1_700_000_000_000, "{now:?} is a time of today");
        (self.0)(input)
    }

    fn query(&self, _: kandy_core::Now, query: &Query) -> Answer {
        match query {
            Query::Calls => Answer::Calls(Vec::new()),
            _ => Answer::Nothing,
        }
    }
}

/// A driver whose events go to `on_event`, together with the lines of its log.
fn start(rules: impl FnMut(Input) -> Vec<Effect> + 'static, on_event: Function) -> (Rc<Driver>, Array) {
    let lines = Array::new();
    let on_log = run("return (level, line) => it.push(level + ' ' + line)", &lines).into();
    (
        Driver::start(Box::new(Scripted(Box::new(rules))), Sink { on_event, on_log, edit_sdp: None, on_action: None }),
        lines,
    )
}

fn command(kind: &str) -> JsValue {
    js::object(&[("type", &kind.into())])
}

fn started(call: &str) -> Effect {
    Effect::Emit(Event::CallStart(CallEvent { call_id: CallId::from(call), error: None }))
}

fn collector() -> (Function, Array) {
    let events = Array::new();
    (run("return (event) => { it.push(event) }", &events).into(), events)
}

fn ignored() -> Function {
    Function::new_no_args("")
}

#[wasm_bindgen_test]
fn a_listener_may_call_back_in() {
    // `disconnect` is answered by two events; the listener asks for `connect` at the first, which has to come third.
    let rules = |input| match input {
        Input::Command(_, Command::Disconnect) => vec![started("first"), started("second")],
        Input::Command(_, Command::Connect { .. }) => vec![started("third")],
        other => panic!("{other:?}"),
    };
    let seen: Rc<RefCell<Vec<String>>> = Rc::default();
    let driver: Rc<RefCell<Weak<Driver>>> = Rc::default();
    let (kept, inside) = (seen.clone(), driver.clone());
    let listener = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let driver = inside.borrow().upgrade().unwrap();
        let call = member(&member(&event, "payload"), "callId").as_string().unwrap();
        if call == "first" {
            driver.dispatch(&js::object(&[("type", &"connect".into()), ("credentials", &js::object(&[]))]));
        }
        let calls = driver.query(&command("call.getAll"));
        assert!(Array::is_array(&calls), "a question is answered inside a listener");
        kept.borrow_mut().push(call);
    });
    let (one, _lines) = start(rules, listener.as_ref().clone().unchecked_into());
    driver.replace(Rc::downgrade(&one));
    one.dispatch(&command("disconnect"));
    assert_eq!(*seen.borrow(), ["first", "second", "third"], "all before dispatch returns");
}

#[wasm_bindgen_test]
fn a_listener_that_throws_stops_nothing() {
    let rules = |_| vec![started("a"), started("b")];
    let throws = run("return (event) => { it.push(event); throw new TypeError('of the listener') }", &Array::new());
    let (driver, lines) = start(rules, throws.into());
    driver.dispatch(&command("disconnect"));
    driver.dispatch(&command("disconnect"));
    let lines: Vec<_> = lines.iter().filter_map(|line| line.as_string()).collect();
    assert_eq!(lines[0], "info started");
    assert_eq!(lines[1..], vec!["error a listener threw TypeError: of the listener"; 4]);
}

#[wasm_bindgen_test]
fn a_listener_that_asks_without_end_is_bounded() {
    let driver: Rc<RefCell<Weak<Driver>>> = Rc::default();
    let inside = driver.clone();
    let listener = Closure::<dyn Fn(JsValue)>::new(move |_| {
        let driver = inside.borrow().upgrade().unwrap();
        for _ in 0..10_001 {
            driver.dispatch(&command("disconnect"));
        }
    });
    let handled = Rc::new(RefCell::new(0));
    let count = handled.clone();
    let rules = move |_| {
        *count.borrow_mut() += 1;
        if *count.borrow() == 1 { vec![started("once")] } else { Vec::new() }
    };
    let (one, lines) = start(rules, listener.as_ref().clone().unchecked_into());
    driver.replace(Rc::downgrade(&one));
    one.dispatch(&command("disconnect"));
    assert_eq!((*handled.borrow(), lines.length()), (10_001, 2), "one was dropped, and that is in the log");
}

#[wasm_bindgen_test]
fn a_listener_may_free_the_engine() {
    let driver: Rc<RefCell<Option<Rc<Driver>>>> = Rc::default();
    let count = Rc::new(RefCell::new(0));
    let (inside, counted) = (driver.clone(), count.clone());
    let listener = Closure::<dyn Fn(JsValue)>::new(move |_| {
        *counted.borrow_mut() += 1;
        inside.borrow_mut().take().unwrap().stop();
    });
    let (one, _lines) = start(|_| vec![started("a"), started("b")], listener.as_ref().clone().unchecked_into());
    driver.replace(Some(one.clone()));
    one.dispatch(&command("disconnect"));
    one.dispatch(&command("disconnect"));
    assert_eq!(*count.borrow(), 1, "nothing is told after stop");
}

#[wasm_bindgen_test]
fn commands_that_cannot_be_read_are_told_without_their_values() {
    let why: Rc<RefCell<Vec<String>>> = Rc::default();
    let kept = why.clone();
    let rules = move |input| match input {
        Input::Garbled(None, sentence) => {
            kept.borrow_mut().push(sentence);
            Vec::new()
        }
        other => panic!("{other:?}"),
    };
    let (driver, lines) = start(rules, ignored());
    let broken = "const cycle = { type: 'disconnect' }; cycle.cycle = cycle;
                  let deep = []; for (let i = 0; i < 1000; i++) deep = [deep];
                  return [undefined, cycle, deep, 7, { type: 'secret' }, { type: 'call.end' }, { type: 'call.end', callId: { secret: 1 } }]";
    for command in Array::from(&run(broken, &JsValue::NULL)).iter() {
        driver.dispatch(&command);
    }
    let why = why.borrow();
    assert_eq!(why.len(), 7, "{why:?}");
    assert_eq!(why[..2], ["it is undefined", "it is not plain data"]);
    assert!(why[5].contains("callId") && why[6].contains("callId"), "{why:?}");
    assert!(why.iter().all(|sentence| !sentence.is_empty() && !sentence.contains("secret")), "{why:?}");

    assert!(driver.query(&command("nonsense")).is_undefined());
    assert!(driver.query(&command("getUserInfo")).is_undefined(), "there is no such thing");
    assert_eq!(lines.length(), 2, "a question that cannot be read is logged: {lines:?}");
}

#[wasm_bindgen_test]
fn events_and_errors_have_their_documented_shape() {
    let failed = |code| Some(Error::new(code, "It failed."));
    let call = |error| Event::CallReceive(CallEvent { call_id: CallId::from("c"), error });
    let notice = kandy_wire::decode(r#"{"a":null,"b":[1,{"c":2.5}]}"#).unwrap();
    let effects = vec![
        Effect::Emit(call(None)),
        Effect::Emit(call(failed(Code::Status(480)))),
        Effect::Emit(call(failed(Code::CallMedia))),
        Effect::Emit(Event::AuthChange(AuthChange { reason: Some("GONE"), forced: None })),
        Effect::Emit(Event::DevicesChange {}),
        Effect::Emit(Event::NotificationReceived { payload: notice, people: true }),
        // For the face, and by way of it for the people engine.
        Effect::Tell(Tell::Session { session: None }),
        Effect::Unpack(OpId(2), "eJw".to_owned()),
        Effect::Emit(Event::Settle { op: OpId(3), told: true, error: None }),
        Effect::Emit(Event::Settle { op: OpId(4), told: false, error: Some(Error::new(Code::NoCode, "No.")) }),
    ];
    let (on_event, events) = collector();
    let mut once = Some(effects);
    let (driver, _lines) = start(move |_| once.take().unwrap(), on_event);
    driver.dispatch(&command("disconnect"));

    // With the keys that JSON would leave out, and without calling a Map an object.
    let shapes = run(
        "const shape = (v) => v === undefined ? 'undefined' : v === null || typeof v !== 'object' ? JSON.stringify(v)
             : Array.isArray(v) ? '[' + v.map(shape) + ']'
             : v.constructor === Object ? '{' + Object.keys(v).map((k) => k + ':' + shape(v[k])) + '}' : v.constructor.name;
         return it.map(shape)",
        &events,
    );
    let shapes: Vec<_> = Array::from(&shapes).iter().filter_map(|shape| shape.as_string()).collect();
    assert_eq!(
        shapes,
        [
            r#"{type:"call:receive",payload:{callId:"c",error:undefined}}"#,
            r#"{type:"call:receive",payload:{callId:"c",error:{name:"BasicError",code:480,message:"It failed."}}}"#,
            r#"{type:"call:receive",payload:{callId:"c",error:{name:"BasicError",code:"call:4",message:"It failed."}}}"#,
            r#"{type:"auth:change",payload:{reason:"GONE"}}"#,
            r#"{type:"devices:change",payload:{}}"#,
            r#"{type:"notification:received",payload:{payload:{a:null,b:[1,{c:2.5}]}},people:true}"#,
            r#"{type:"people:session",session:undefined}"#,
            r#"{type:"unpack",payload:{op:2,packed:"eJw"}}"#,
            r#"{type:"settle",payload:{op:3,told:true}}"#,
            r#"{type:"settle",payload:{op:4,told:false,error:{name:"BasicError",code:"NO_CODE",message:"No."}}}"#,
        ]
    );
}

#[wasm_bindgen_test]
fn seeds_differ() {
    assert_ne!(js::seed(), js::seed());
}
