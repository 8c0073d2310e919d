//! The way in for the AWS SDK: an HTTP client that is the range.
//!
//! Owns: the SDK's HTTP seam. Must never: touch the network; the endpoint that the SDK resolved does not matter, since the
//! signature tells the service and the region.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

use super::Range;

impl Range {
    /// An HTTP client for any SDK client; every clone is the same range.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Connector(self.clone()))
    }
}

#[derive(Clone, Debug)]
struct Connector(Range);

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move { connector.exchange(request).await })
    }
}

impl Connector {
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request
            .try_into_http1x()
            .map_err(|e| ConnectorError::user(e.into()))?
            .map(|body| body.bytes().map(Bytes::copy_from_slice));
        let (parts, body) = request.into_parts();
        let body = body.ok_or_else(|| ConnectorError::user("the range takes no streamed request bodies".into()))?;
        let response = self
            .0
            .exchange_in_time(&http::Request::from_parts(parts, body))
            .await
            .ok_or_else(|| ConnectorError::io("connection closed before the response arrived".into()))?;
        HttpResponse::try_from(response.map(SdkBody::from)).map_err(|e| ConnectorError::user(e.into()))
    }
}
