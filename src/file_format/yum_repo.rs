//! dnf's repositories (`/etc/yum.repos.d/*.repo`), and lines of its `dnf.conf` (dnf.conf(5)).
//!
//! `[id]` begins a section, and `key=value` lines follow. A line that begins with a space continues the value before it, `#` and `;`
//! begin a comment at the start of a line only, lists are split at spaces and commas, and `$name` is replaced by a variable
//! (libdnf/conf: `ConfigParser.cpp`, `OptionStringList.cpp`, `utils/iniparser.cpp`). So a value is printing ASCII without `$` and without
//! the sign that hides one, and a member of a list has no comma.

use super::{Format, Unfit, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct YumRepo;

impl Format for YumRepo {
    const NAME: &'static str = "a repository of dnf (yum.repos.d)";
}

impl Writer<YumRepo> {
    /// `[pikc-kubernetes]`.
    pub fn section(&mut self, id: &str, origins: impl IntoIterator<Item = Origin>) {
        self.put(name(id).map(|id| format!("[{id}]")), origins);
    }

    /// `name=The packages of Kubernetes 1.36.`, for people.
    pub fn title(&mut self, title: &str, origins: impl IntoIterator<Item = Origin>) {
        self.put(
            self::title(title).map(|title| format!("name={title}")),
            origins,
        );
    }

    /// `baseurl=https://...`: the folder with `repodata`.
    pub fn base_url(&mut self, url: &str, origins: impl IntoIterator<Item = Origin>) {
        self.put(base_url(url).map(|url| format!("baseurl={url}")), origins);
    }

    /// `gpgkey=file:///etc/pki/rpm-gpg/NAME`: a key on the machine.
    pub fn key_file(&mut self, path: &str, origins: impl IntoIterator<Item = Origin>) {
        let path = word::path(path, ",$\\%#");
        self.put(path.map(|path| format!("gpgkey=file://{path}")), origins);
    }

    /// `excludepkgs=kubeadm,kubelet`: dnf takes these from here only if it is told not to heed this line.
    pub fn excluded(&mut self, packages: &[&str], origins: impl IntoIterator<Item = Origin>) {
        let names: Result<Vec<&str>, Unfit> = packages.iter().map(|one| name(one)).collect();
        self.put(
            names.map(|names| format!("excludepkgs={}", names.join(","))),
            origins,
        );
    }

    /// `proxy=http://proxy:3128`.
    pub fn proxy(&mut self, url: &str, origins: impl IntoIterator<Item = Origin>) {
        let url = word::graphic(url, "an address of a proxy", "$\\");
        self.put(url.map(|url| format!("proxy={url}")), origins);
    }
}

/// An address of a repository, or why dnf cannot use it.
pub fn base_url(url: &str) -> Result<&str, Unfit> {
    word::graphic(url, "an address of a repository", "$,\\")?;
    match url.contains("://") {
        true => Ok(url),
        false => Err(Unfit::new(
            "is not an address of a repository: `https://...`",
        )),
    }
}

/// Text of one line that dnf leaves as it is: spaces at its ends would be cut off.
fn title(text: &str) -> Result<&str, Unfit> {
    let text = word::line(text)?;
    if text.is_empty() || text.trim() != text {
        return Err(Unfit::new("is empty, or begins or ends with a space"));
    }
    match text.contains(['$', '\\']) {
        true => Err(Unfit::new(
            "holds `$` or a backslash, and dnf reads a variable there",
        )),
        false => Ok(text),
    }
}

/// A name of a repository or a package, which dnf takes for no pattern.
fn name(text: &str) -> Result<&str, Unfit> {
    word::word(
        text,
        "a name",
        "letters, digits, `+`, `-`, `.` and `_`",
        |c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_'),
    )
}
