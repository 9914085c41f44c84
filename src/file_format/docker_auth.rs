//! Logins to registries, in the JSON of Docker's `config.json` that CRI-O reads, too (containers-auth.json(5)):
//! `{"auths": {"HOST": {"auth": "BASE64 OF ACCOUNT:PASSWORD"}}}`.
//!
//! A host is a word of the letters of host names and ports, and base64 has no sign that means anything in JSON. JSON has no comments.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Format, Unfit, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct DockerAuth;

impl Format for DockerAuth {
    const NAME: &'static str = "a file of logins to registries";
}

impl Writer<DockerAuth> {
    /// The whole file: each host with its account and password.
    pub fn logins(logins: &[(&str, &str, Vec<Origin>)]) -> Self {
        let mut file = Self::new();
        file.fixed("{");
        file.fixed("  \"auths\": {");
        let last = logins.len().saturating_sub(1);
        for (index, (host, login, origins)) in logins.iter().enumerate() {
            let end = if index == last { "" } else { "," };
            let line = self::host(host).map(|host| {
                let packed = STANDARD.encode(login);
                format!("    \"{host}\": {{\"auth\": \"{packed}\"}}{end}")
            });
            file.put(line, origins.clone());
        }
        file.fixed("  }");
        file.fixed("}");
        file
    }
}

fn host(host: &str) -> Result<&str, Unfit> {
    word::word(
        host,
        "a registry",
        "letters, digits, `.`, `-`, `_`, `:`, `[`, `]` and `/`",
        |c| c.is_ascii_alphanumeric() || ".-_:[]/".contains(c),
    )
}
