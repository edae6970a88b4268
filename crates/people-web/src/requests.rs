//! HTTP requests, and the forms of uploads (protocol §7.3.6).

use js_sys::Array;
use kandy_core::{OpId, effect::HttpRequest};
use kandy_people::{AskId, Failure, Upload};
use kandy_wasm::web::{Report, http::Http};
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag, FormData};

use crate::host::Host;

/// The requests of one engine that are under way.
#[derive(Debug)]
pub(crate) struct Requests {
    http: Http,
}

impl Requests {
    /// Reports to there.
    pub(crate) fn new(report: Report) -> Self {
        Self { http: Http::new(report) }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// Why it cannot even begin.
    pub(crate) fn send(
        &self,
        id: AskId,
        request: HttpRequest,
        file: Option<&Upload>,
        host: &Host,
    ) -> Result<(), Failure> {
        let body = file.map(|file| form(file, host)).transpose()?;
        self.http.send(OpId(id.0), request, body.map(JsValue::from));
        Ok(())
    }
}

fn form(upload: &Upload, host: &Host) -> Result<FormData, Failure> {
    let refused = |_: JsValue| failure("TypeError", "The browser cannot send files.");
    let form = FormData::new().map_err(refused)?;
    match upload {
        // A file of the application brings its own name.
        Upload::File(file) => {
            let blob = host.held(*file).ok_or_else(|| failure("NotFoundError", "The file is no longer there."))?;
            form.append_with_blob("raw", &blob).map_err(refused)?;
        }
        Upload::Text { name, mime, text } => {
            let bag = BlobPropertyBag::new();
            bag.set_type(mime);
            let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &bag).map_err(refused)?;
            form.append_with_blob_and_filename("raw", &blob, name).map_err(refused)?;
        }
    }
    Ok(form)
}

fn failure(name: &str, message: &str) -> Failure {
    Failure { name: name.to_owned(), message: message.to_owned() }
}
