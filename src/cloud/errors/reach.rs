//! Why no answer came, in plain words: behind the SDK's words for it stand a name, a proxy, a certificate, a port.
//!
//! Owns: these words. Must never: leave out what the system said, which is what a network's people ask for.

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::CertificateError;

/// What the SDK and its HTTP client say of each layer, which says nothing where a cause follows.
const LAYERS: [&str; 6] = [
    "dispatch failure",
    "io error",
    "timeout",
    "other",
    "client error (Connect)",
    "error trying to connect",
];

/// An error and what caused it, in one line: first what it means, where that is known. Repetitions are left out.
pub(in crate::cloud) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for error in chain(error) {
        let text = error.to_string();
        if parts.last().is_none_or(|last| !last.contains(&text)) {
            parts.push(text.trim_end_matches('.').to_owned());
        }
    }
    let last = parts.len().saturating_sub(1);
    let mut place = 0..;
    parts.retain(|part| place.next() == Some(last) || !LAYERS.contains(&part.as_str()));
    let said = parts.join(": ");
    match meaning(error, &said) {
        Some(meaning) => format!("{meaning} ({said})"),
        None => said,
    }
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

/// An I/O error gives its inner error's cause for its own, and so hides the inner error itself.
fn cause<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn meaning(error: &(dyn Error + 'static), said: &str) -> Option<&'static str> {
    if let Some(error) = chain(error).find_map(|e| e.downcast_ref::<rustls::Error>()) {
        return Some(of_tls(error));
    }
    for (words, meaning) in [
        (
            "CONNECT tunnel failed",
            "the proxy did not let the call through; look at HTTPS_PROXY and NO_PROXY",
        ),
        (
            "dns error",
            "the endpoint's name could not be looked up; look at the network, the VPN and the proxy",
        ),
        (
            "connect timeout",
            "the endpoint could not be reached in time; look at the network, the VPN and the proxy",
        ),
        ("read timeout", "the request was sent, and no answer came in time"),
    ] {
        if said.contains(words) {
            return Some(meaning);
        }
    }
    let kinds = chain(error)
        .filter_map(|e| e.downcast_ref::<io::Error>())
        .map(io::Error::kind);
    kinds.into_iter().find_map(|kind| match kind {
        ErrorKind::ConnectionRefused => Some("nothing listens at the endpoint; look at its address and port"),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            Some("no network leads to the endpoint; look at the network and the VPN")
        }
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => Some("the connection was cut before the answer was there"),
        _ => None,
    })
}

fn of_tls(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "the server's certificate is not trusted here; behind a proxy that opens TLS, name its certificates with AWS_CA_BUNDLE"
        }
        rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => "the server's certificate is not valid at this time; look at this machine's clock",
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "the server's certificate is for another name; look at the endpoint and the proxy",
        rustls::Error::InvalidCertificate(_) => "the server's certificate is not accepted",
        _ => "TLS could not be agreed on with the server",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An error with a cause.
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Layer(&'static str, #[source] Box<dyn Error + Send + Sync>);

    fn layers(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Layer {
        let connect = Layer("client error (Connect)", cause.into());
        Layer("dispatch failure", Box::new(Layer("io error", Box::new(connect))))
    }

    #[test]
    fn what_a_failure_means_comes_first_and_what_was_said_stays() {
        let refused = io::Error::from(ErrorKind::ConnectionRefused);
        let said = causes(&layers(Layer("tcp connect error", Box::new(refused))));
        assert_eq!(
            said,
            "nothing listens at the endpoint; look at its address and port (tcp connect error: connection refused)"
        );
        let stranger = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let said = causes(&layers(io::Error::new(ErrorKind::InvalidData, stranger)));
        assert!(said.starts_with("the server's certificate is not trusted"), "{said}");
        assert!(said.ends_with("(invalid peer certificate: UnknownIssuer)"), "{said}");
        for (text, means) in [
            ("CONNECT tunnel failed: no", "the proxy did not"),
            ("dns error: no such name", "the endpoint's name"),
            (
                "HTTP connect timeout occurred after 3s",
                "the endpoint could not be reached",
            ),
            ("HTTP read timeout occurred after 15s", "the request was sent"),
        ] {
            let said = causes(&layers(text));
            assert!(
                said.starts_with(means) && said.ends_with(&format!("({text})")),
                "{said}"
            );
        }
    }

    #[test]
    fn what_is_not_known_is_told_as_it_came() {
        assert_eq!(causes(&layers("a hiccup")), "a hiccup");
        assert_eq!(
            causes(&Layer("other", "other".into())),
            "other",
            "the last word is kept"
        );
    }
}
