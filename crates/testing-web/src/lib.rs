//! The gateway of `kandy-wasm/testing`: the switch of the real one, and what that keeps in its database kept in memory. It has
//! no clock, no socket and no random source: the world of a test hands in the time and a seed, and carries out what comes back.
//!
//! | module | job |
//! | --- | --- |
//! | this file | `TestGateway`: what `js/testing/` calls |
//! | [`gateway`] | one message in, what follows from it out |
//! | `people` | what the gateway serves from its store: contacts, directory, records of calls |
//! | `messages`, `threads` | messages and telling of them; reading them again |
//! | `secrets` | tokens that follow from the seed |

pub mod gateway;
mod messages;
mod people;
mod secrets;
mod threads;

#[cfg(target_arch = "wasm32")]
mod web {
    use wasm_bindgen::prelude::*;

    use crate::gateway::Gateway;

    /// One gateway.
    #[wasm_bindgen]
    #[derive(Debug)]
    pub struct TestGateway {
        gateway: Gateway,
    }

    #[wasm_bindgen]
    impl TestGateway {
        /// A gateway that nobody is logged in to.
        ///
        /// * `accounts` – who there is, as JSON: the list that an accounts file of the real gateway has
        /// * `seed` – what its tokens follow from
        ///
        /// # Errors
        /// An `Error` with a sentence that says which account cannot be used, and why.
        #[wasm_bindgen(constructor)]
        pub fn new(accounts: &str, seed: f64) -> Result<TestGateway, JsError> {
            let gateway = Gateway::new(accounts, seed as u64).map_err(|why| JsError::new(&why.to_string()))?;
            Ok(Self { gateway })
        }

        /// Takes one message as JSON, at `now` in milliseconds since the epoch; returns what follows from it as JSON.
        pub fn handle(&mut self, now: f64, message: &str) -> String {
            self.gateway.handle(now as u64, message)
        }
    }
}

#[cfg(target_arch = "wasm32")]
pub use web::TestGateway;
