//! Logging in with an identity provider: what the API server does not start with.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Carried, Data, Model, Target};

declare! {
    /// The API server compares each token with the client for which the provider must have issued it, and fetches the provider's
    /// keys over HTTPS. With an empty `client`, or an `issuer` that does not begin with `https://`, it ends at once
    /// ("oidc-issuer-url and oidc-client-id must be specified together", "URL scheme must be https"), and no control plane comes up.
    ///
    /// ```pik fails
    /// api-server { oidc { issuer = "https://login.example.org", client = "" } }
    /// ```
    ///
    /// ```pik
    /// api-server { oidc { issuer = "https://login.example.org", client = kubernetes } }
    /// ```
    pub static REFUSED = {
        code: "control-plane/oidc-refused",
        since: "0.1.0",
        severity: Error,
        title: "OIDC settings that the API server refuses",
        help: "write `client = NAME`, as the provider knows it, and an `issuer` that begins with `https://`",
        sources: ["kubernetes/kubernetes pkg/kubeapiserver/options/authentication.go", "kubernetes/apiserver pkg/apis/apiserver/validation/validation.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&REFUSED];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    for carried in &model.cluster.carried {
        let (Target::Argument { program, name }, Data::Text(text)) =
            (&carried.target, &carried.value.value)
        else {
            continue;
        };
        if program != "kube-apiserver" {
            continue;
        }
        match name.as_str() {
            "oidc-client-id" if text.is_empty() => out.push(
                refused(
                    carried,
                    "`client` of `oidc` is empty".to_owned(),
                    "no client",
                )
                .help("write `client = NAME`: the client as the provider knows it"),
            ),
            "oidc-issuer-url" if !text.starts_with("https://") => {
                let message = format!("`issuer` of `oidc` is not reached over HTTPS: {text}");
                let meant = text.replacen("http://", "https://", 1);
                out.push(
                    refused(carried, message, "the API server accepts only `https`")
                        .write(&carried.value.origin, format!("\"{meant}\"")),
                );
            }
            _ => {}
        }
    }
}

fn refused(carried: &Carried, message: String, label: &str) -> Diagnostic {
    Diagnostic::new(&REFUSED, message).label(&carried.value, label)
}
