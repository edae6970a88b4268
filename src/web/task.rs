//! Work that waits for the browser, and stops when nobody needs it any more.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};

use futures_channel::oneshot;
use wasm_bindgen_futures::spawn_local;

/// Work that runs until it is done or this is dropped.
#[derive(Debug)]
pub(crate) struct Task(#[expect(dead_code, reason = "dropping it is its use")] oneshot::Sender<Infallible>);

impl Task {
    /// Begins the work, in a microtask.
    pub(crate) fn spawn(work: impl Future<Output = ()> + 'static) -> Self {
        let (leash, mut cut) = oneshot::channel();
        spawn_local(async move {
            let mut work = pin!(work);
            poll_fn(|cx| match Pin::new(&mut cut).poll(cx) {
                Poll::Ready(_) => Poll::Ready(()),
                Poll::Pending => work.as_mut().poll(cx),
            })
            .await;
        });
        Self(leash)
    }
}
