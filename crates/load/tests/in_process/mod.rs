//! A gateway that lives in the process of the test, but on a runtime of its own: shutting that down is to the clients what SIGKILL
//! is.

use std::{net::SocketAddr, time::Duration};

use kandy_gateway::Config;
use kandy_load::{Failure, Gateway, Usage};
use kandy_switch::Accounts;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    task::spawn_blocking,
};

/// A gateway in this process.
pub(crate) struct InProcess {
    accounts: String,
    runtime: Option<Runtime>,
    /// Where it listened, start by start.
    pub(crate) starts: Vec<SocketAddr>,
}

impl InProcess {
    /// One that is not started yet. `accounts` is the text of its accounts file.
    pub(crate) fn new(accounts: String) -> Self {
        Self { accounts, runtime: None, starts: Vec::new() }
    }
}

impl Gateway for InProcess {
    async fn start(&mut self, listen: SocketAddr) -> Result<SocketAddr, Failure> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listening = runtime.spawn(async move { TcpListener::bind(listen).await.unwrap() });
        let listener = listening.await.unwrap();
        let address = listener.local_addr().unwrap();
        let accounts = Accounts::from_json(&self.accounts).unwrap();
        let config = Config { accounts, ..Config::default() };
        runtime.spawn(kandy_gateway::run(listener, config, std::future::pending()));
        self.runtime = Some(runtime);
        self.starts.push(address);
        Ok(address)
    }

    async fn kill(&mut self) -> Result<(), Failure> {
        let runtime = self.runtime.take().expect("a gateway that runs");
        spawn_blocking(|| runtime.shutdown_timeout(Duration::from_secs(10))).await.unwrap();
        Ok(())
    }

    fn usage(&self) -> Option<Usage> {
        None
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
