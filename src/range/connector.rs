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
use super::body::Sent;
use super::fault::Broken;

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
        let request = match plain(request) {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(error)),
        };
        let range = self.0.clone();
        HttpConnectorFuture::new(async move { sdk(range.exchange_in_time(&request).await) })
    }
}

/// The SDK's request as anybody else would send it.
fn plain(request: HttpRequest) -> Result<http::Request<Bytes>, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|e| ConnectorError::user(e.into()))?
        .map(|body| body.bytes().map(Bytes::copy_from_slice));
    let (parts, body) = request.into_parts();
    let body = body.ok_or_else(|| ConnectorError::user("the range takes no streamed request bodies".into()))?;
    Ok(http::Request::from_parts(parts, body))
}

/// An answer as the SDK takes it.
fn sdk(response: Option<http::Response<Bytes>>) -> Result<HttpResponse, ConnectorError> {
    let response =
        response.ok_or_else(|| ConnectorError::io("connection closed before the response arrived".into()))?;
    let broken = response.extensions().get::<Broken>().is_some();
    let response = if broken {
        Sent::of(response).map(SdkBody::from_body_1_x)
    } else {
        response.map(SdkBody::from)
    };
    HttpResponse::try_from(response).map_err(|e| ConnectorError::user(e.into()))
}
