//! The certificates that the user names: `AWS_CA_BUNDLE`, or `ca_bundle` in the profile, as a company's proxy that opens TLS needs
//! them (AWS SDKs and tools reference guide, "General configuration"). They take the system's place, as in the AWS CLI.
//!
//! Owns: looking at each of them before the SDK does, which would panic at one that is none. Must never: trust in less than the
//! whole file, or take a file that cannot be read for none.

use std::path::PathBuf;

use aws_config::profile;
use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use aws_types::os_shim_internal::{Env, Fs};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::domain::Untrusted;

const VARIABLE: &str = "AWS_CA_BUNDLE";

/// A bundle that was named and cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The certificates that {from} names, {path}, {why}")]
pub struct BadBundle {
    /// Who names it, as a sentence can say it.
    from: String,
    path: Untrusted,
    why: String,
}

/// What to trust, where the environment or the profile names a bundle.
pub(in crate::cloud) async fn named(profile: Option<&str>) -> Result<Option<TlsContext>, BadBundle> {
    let (from, path) = match std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        Some(path) => (VARIABLE.to_owned(), PathBuf::from(path)),
        None => match in_profile(profile).await {
            Some(path) => ("ca_bundle in the profile".to_owned(), PathBuf::from(path)),
            None => return Ok(None),
        },
    };
    let shown = || Untrusted::new(path.display().to_string());
    let text = std::fs::read(&path).map_err(|error| BadBundle {
        from: from.clone(),
        path: shown(),
        why: format!("cannot be read: {error}"),
    })?;
    match trusted(text) {
        Ok(trusted) => Ok(Some(trusted)),
        Err(why) => Err(BadBundle {
            path: shown(),
            from,
            why,
        }),
    }
}

/// Profiles that cannot be read are named by those who need more of them.
async fn in_profile(profile: Option<&str>) -> Option<String> {
    let named = profile.map(|name| name.to_owned().into());
    #[expect(
        clippy::default_trait_access,
        reason = "the type's name is in a crate that nothing else here needs"
    )]
    let all = profile::load(&Fs::real(), &Env::real(), &Default::default(), named).await;
    let path = all.ok()?.get("ca_bundle")?.trim().to_owned();
    let home = |rest: &str| Some(std::env::home_dir()?.join(rest).display().to_string());
    match path.strip_prefix("~/") {
        Some(rest) => home(rest),
        None => (!path.is_empty()).then_some(path),
    }
}

fn trusted(text: Vec<u8>) -> Result<TlsContext, String> {
    let mut store = RootCertStore::empty();
    for (n, found) in CertificateDer::pem_slice_iter(&text).enumerate() {
        let which = n + 1;
        let certificate = found.map_err(|error| format!("hold no PEM at number {which}: {error}"))?;
        let added = store.add(certificate);
        added.map_err(|error| format!("hold something at number {which} that is no certificate: {error}"))?;
    }
    if store.is_empty() {
        return Err("hold no certificate in the PEM format".to_owned());
    }
    let store = TrustStore::empty().with_pem_certificate(text);
    let context = TlsContext::builder().with_trust_store(store).build();
    context.map_err(|error| format!("cannot be used: {error}"))
}

#[cfg(test)]
mod tests {
    use super::trusted;

    /// Signed by itself, of no use for anything else.
    const GOOD: &str = "\
-----BEGIN CERTIFICATE-----
MIIBgjCCASegAwIBAgIUF/qT8fUy5yqz082RzHEL1JIg9p4wCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKcXVlbGwgdGVzdDAgFw0yNjExMjMwNTEyNDlaGA8yMTI2MTAz
MDA1MTI0OVowFTETMBEGA1UEAwwKcXVlbGwgdGVzdDBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABN0LQXl9hTeX7/Id/8GWnsi6O9+UprKfcn/9LK3uOzqQL4VXOHq7
Kh8qvtTGWnVSwAYjfa+X7yL3UOUkVrAnUmqjUzBRMB0GA1UdDgQWBBTIUDyxTt6I
jzOqmF3vHXEUr6ENjTAfBgNVHSMEGDAWgBTIUDyxTt6IjzOqmF3vHXEUr6ENjTAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCt7bt+asm2Dp+SUQcT
sHSCNxmdu2Ij9vH8JhNIg9q2RQIhAJcGvQ9y719PCyd24BDi6M3rSfPMmINVIXy8
F+sy/Hti
-----END CERTIFICATE-----
";

    #[test]
    fn a_bundle_is_taken_whole_or_not_at_all() {
        assert!(trusted(GOOD.into()).is_ok());
        assert!(trusted(format!("# The company's.\n{GOOD}\n{GOOD}").into()).is_ok());
        for (text, says) in [
            (String::new(), "hold no certificate"),
            ("not a certificate".to_owned(), "hold no certificate"),
            (GOOD.replace("MIIB", "AAAA"), "number 1 that is no certificate"),
            (
                format!("{GOOD}-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"),
                "no PEM at number 2",
            ),
        ] {
            let said = trusted(text.into_bytes()).unwrap_err();
            assert!(said.contains(says), "{said}");
        }
    }
}
