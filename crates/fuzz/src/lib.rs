//! Five doors through which strangers' text comes in, each as a function of bytes: the fuzzer calls them from `fuzz/`, and a test
//! of this crate replays its corpora without it.
//!
//! A function panics when something is wrong: that is how libFuzzer hears of a finding. Bytes are read as UTF-8 text, line by
//! line, so that a corpus can be read and written by people.
//!
//! | function | door |
//! | --- | --- |
//! | [`http_router()`] | requests and sockets, as a gateway hands them to its switch |
//! | [`client_frame()`] | one text frame on the WebSocket, read by either side |
//! | [`client_decoder()`] | all that a hostile server may answer to our client |
//! | [`sdp()`] | descriptions on their way through the client |
//! | [`address()`] | what people write as an address, and what stands in a URL |

#![expect(clippy::panic, reason = "a finding is a panic")]

mod address;
mod browser;
mod client_decoder;
mod client_frame;
mod heard;
mod http_router;
mod router;
mod sdp;

pub use address::address;
pub use client_decoder::client_decoder;
pub use client_frame::client_frame;
pub use http_router::http_router;
pub use sdp::sdp;

/// What is done with an input.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its program and of its corpus.
pub const TARGETS: [(&str, Target); 5] = [
    ("http_router", http_router),
    ("client_frame", client_frame),
    ("client_decoder", client_decoder),
    ("sdp", sdp),
    ("address", address),
];

/// Longest input that is read, in bytes: more than any of our corpora, and little enough for thousands of runs a second.
const LONGEST: usize = 64 << 10;

/// The text of an input. What is no UTF-8 becomes U+FFFD, what is too long is cut. The fuzzer finds in
/// the program what no stranger knows: the password of our client, and the name of somebody in another realm.
fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data.get(..LONGEST).unwrap_or(data))
        .replace(browser::PASSWORD, "")
        .replace(router::UNSEEN, "")
}
