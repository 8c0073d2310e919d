//! A range on a loopback port of this process, as `quell drill serve` serves it, with the world still in the test's hands.

use std::net::TcpListener as StdListener;

use quell::drill::{Credentials, Login};
use quell::range::{Range, serve};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::ground::range_of;
use super::python::Stranger;

pub struct Served {
    pub range: Range,
    pub login: Login,
    endpoint: String,
    /// Dropped with the value, and the server with it.
    _runtime: Runtime,
}

impl Served {
    pub fn leaked_key() -> Self {
        let (name, text) = quell::drill::builtin()[0];
        Self::with(name, text)
    }

    /// Serves any scenario.
    pub fn with(name: &str, text: &str) -> Self {
        let (range, login) = range_of(name, text);
        let listener = StdListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let served = range.clone();
        runtime.spawn(async move { serve(served, TcpListener::from_std(listener).unwrap()).await });
        Self {
            range,
            login,
            endpoint,
            _runtime: runtime,
        }
    }

    /// A client with a user's own key.
    pub fn stranger(&self, keys: &Credentials) -> Stranger {
        Stranger {
            endpoint: self.endpoint.clone(),
            access_key: keys.access_key.clone(),
            secret_key: keys.secret_key.clone(),
            token: None,
            region: self.login.regions[0].to_string(),
        }
    }
}
