//! How calls travel: one HTTPS client for all, through the proxy that the environment names, and how long is waited.
//!
//! Owns: the client's making and the timeouts. Must never: know who calls, or send to a proxy what is meant for this machine.

mod bundle;
mod near;

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::shared::IntoShared as _;

pub(super) use bundle::{BadBundle, named};

/// What the environment calls proxies (AWS SDKs and tools reference guide, "HTTP proxies"; the lower-case names are older).
const PROXIES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// One HTTPS client under every SDK client, so that they share connections. It trusts what the system trusts.
pub(super) fn https() -> SharedHttpClient {
    trusting(TlsContext::default())
}

/// The same, and it trusts the given certificates alone.
pub(super) fn trusting(trusted: TlsContext) -> SharedHttpClient {
    Https {
        trusted,
        made: RwLock::default(),
    }
    .into_shared()
}

/// Makes a connector for each pair of timeouts, once. The SDK's own client makes one for each of its clients' configurations in
/// order to look at it, which reads all the certificates anew; and it knows no proxy.
#[derive(Debug)]
struct Https {
    trusted: TlsContext,
    made: RwLock<HashMap<Waits, SharedHttpConnector>>,
}

/// For a connection, and for an answer.
type Waits = (Option<Duration>, Option<Duration>);

impl HttpClient for Https {
    fn http_connector(&self, settings: &HttpConnectorSettings, parts: &RuntimeComponents) -> SharedHttpConnector {
        let waits = (settings.connect_timeout(), settings.read_timeout());
        let made = self
            .made
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&waits)
            .cloned();
        made.unwrap_or_else(|| {
            let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
            let ways = made.entry(waits);
            ways.or_insert_with(|| SharedHttpConnector::new(self.ways(settings, parts)))
                .clone()
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("hyper", Some("1.x".into())))
    }
}

impl Https {
    fn ways(&self, settings: &HttpConnectorSettings, parts: &RuntimeComponents) -> Ways {
        let mut builder = Connector::builder().connector_settings(settings.clone());
        builder.set_sleep_impl(parts.sleep_impl());
        let builder = builder
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .tls_context(self.trusted.clone());
        let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let proxied = PROXIES.iter().any(is_set).then(|| builder.clone());
        Ways {
            direct: builder.build(),
            proxied: proxied.map(|builder| builder.proxy_config(ProxyConfig::from_env()).build()),
        }
    }
}

/// The ways that a call may take.
#[derive(Debug)]
struct Ways {
    direct: Connector,
    /// Where the environment names a proxy. What `NO_PROXY` names goes around it.
    proxied: Option<Connector>,
}

impl HttpConnector for Ways {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match &self.proxied {
            Some(proxied) if !near::is_near(request.uri()) => proxied.call(request),
            _ => self.direct.call(request),
        }
    }
}

/// How long is waited. A read that takes longer is better named as a gap than waited for.
pub(super) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .read_timeout(Duration::from_secs(15))
        .operation_attempt_timeout(Duration::from_secs(20))
        .operation_timeout(Duration::from_mins(1))
        .build()
}
