//! HTTP requests.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Timeout;
use js_sys::{Reflect, Uint8Array};
use kandy_core::{
    Input, OpId, Table,
    effect::HttpRequest,
    input::{HttpFailure, HttpResponse},
};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, ReadableStreamDefaultReader, RequestCredentials, RequestInit, Response};

use super::{Report, fault::Fault, task::Task, timers};

/// The requests of one engine that are under way.
#[derive(Debug)]
pub struct Http {
    report: Report,
    under_way: Rc<RefCell<Table<OpId, UnderWay>>>,
}

impl Http {
    /// Reports to there.
    pub fn new(report: Report) -> Self {
        Self { report, under_way: Rc::default() }
    }

    /// Sends a request, with this body if the request has no text for one; answered by `Input::Http` with its number.
    pub fn send(&self, op: OpId, request: HttpRequest, body: Option<JsValue>) {
        let (report, under_way) = (self.report.clone(), Rc::downgrade(&self.under_way));
        let controller = match AbortController::new() {
            Ok(controller) => controller,
            Err(thrown) => return self.report.tell(Input::Http(op, Err(failure(&Fault::of(&thrown))))),
        };
        let deadline = deadline(&controller, request.timeout);
        let aborts = (!request.keepalive).then(|| controller.clone());
        // Begun here and not in the task: when the page is being left, no microtask may follow.
        let answer = begin(&request, body, &controller);
        let task = Task::spawn(async move {
            let result = match answer {
                Ok(answer) => finish(answer, &controller).await,
                Err(thrown) => Err(thrown),
            };
            let done = under_way.upgrade().and_then(|under_way| under_way.borrow_mut().remove(&op));
            report.tell(Input::Http(op, result.map_err(|thrown| failure(&Fault::of(&thrown)))));
            drop(done);
        });
        self.under_way.borrow_mut().insert(op, UnderWay { aborts, _deadline: deadline, _task: task });
    }
}

#[derive(Debug)]
struct UnderWay {
    /// `None` for a request that should outlive the page, and so the engine.
    aborts: Option<AbortController>,
    _deadline: Timeout,
    _task: Task,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(controller) = &self.aborts {
            controller.abort();
        }
    }
}

fn deadline(controller: &AbortController, milliseconds: u64) -> Timeout {
    let controller = controller.clone();
    Timeout::new(timers::limited(milliseconds), move || {
        let why = js_sys::Error::new(&format!("There was no answer within {milliseconds} ms."));
        why.set_name("TimeoutError");
        controller.abort_with_reason(&why);
    })
}

fn begin(request: &HttpRequest, body: Option<JsValue>, controller: &AbortController) -> Result<JsFuture, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.append(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_headers_headers(&headers);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(&controller.signal()));
    if let Some(body) = request.body.as_deref().map(JsValue::from_str).or(body) {
        init.set_body(&body);
    }
    if request.keepalive {
        Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE)?;
    }
    let window = web_sys::window().ok_or("There is no window.")?;
    Ok(JsFuture::from(window.fetch_with_str_and_init(&request.url, &init)))
}

async fn finish(answer: JsFuture, controller: &AbortController) -> Result<HttpResponse, JsValue> {
    let response: Response = answer.await?.unchecked_into();
    let body = body(&response).await.inspect_err(|_| controller.abort())?;
    Ok(HttpResponse {
        status: response.status(),
        status_text: response.status_text(),
        content_type: response.headers().get("content-type")?,
        body,
    })
}

/// The body as text; read piece by piece, so that a server cannot fill the page's memory.
async fn body(response: &Response) -> Result<String, JsValue> {
    let Some(stream) = response.body() else { return Ok(String::new()) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let piece = JsFuture::from(reader.read()).await?;
        if Reflect::get(&piece, &"done".into())?.is_truthy() {
            break;
        }
        let piece: Uint8Array = Reflect::get(&piece, &"value".into())?.unchecked_into();
        if bytes.len() + piece.length() as usize > LARGEST {
            return Err(js_sys::RangeError::new("The answer is longer than 16 MiB.").into());
        }
        bytes.extend(piece.to_vec());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn failure(fault: &Fault) -> HttpFailure {
    HttpFailure { name: fault.name.clone(), message: fault.message.clone() }
}

/// Bytes of a body; an address book of 10,000 entries has some megabytes.
const LARGEST: usize = 16 << 20;
