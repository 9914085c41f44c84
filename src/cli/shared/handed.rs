//! The size of user-data against what the platform accepts: known once the files are rendered.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use crate::Compiled;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::Model;
use crate::render::Entry;
use crate::source::Span;
use crate::stdlib::Platform;

declare! {
    /// Each cloud has its own limit for user-data. Beyond it, the cloud refuses the machine or cuts the file off, and half a file
    /// sets up nothing. What pikc writes there is the machine's whole bundle, packed: about 40 KiB. Amazon EC2 accepts 16.
    ///
    /// The spec names the platform (`platform = ec2`), and the size is known once the files are generated: `compile` and
    /// `diff` report this, `check` does not.
    ///
    /// The same machine can be set up from its folder: without `platform`, start it without user-data from pikc, copy
    /// `nodes/NAME` there and run `run.sh`, as the tree's runbook says. If the platform lets you attach a disk, `--seed-images`
    /// builds one of any size that cloud-init reads.
    ///
    /// It is a warning if the library's figure is not confirmed.
    pub static TOO_LARGE = {
        code: "platform/user-data",
        since: "0.1.0",
        severity: Error,
        title: "more user-data than the platform accepts",
        help: "remove `platform` and copy the machine's folder there, or attach the image that `--seed-images` builds",
        no_edit: "what can go elsewhere depends on what the machine needs at its first boot",
        sources: [
            "docs.aws.amazon.com: AWSEC2/latest/UserGuide/instancedata-add-user-data",
            "docs.openstack.org: nova user/user-data",
            "kubicorn/kubicorn#667",
        ],
    }
}

pub(in crate::cli) static CODES: &[&Descriptor] = &[&TOO_LARGE];

/// The machines of one `platform` setting whose files are too large.
struct Group<'a> {
    platform: &'a Platform,
    /// The largest file, and whose it is.
    largest: (usize, &'a str),
    machines: usize,
}

/// One finding for each `platform` setting whose machines have more than the platform accepts.
pub(in crate::cli) fn too_large(model: &Model, compiled: &Compiled) -> Vec<Diagnostic> {
    let mut groups: BTreeMap<Option<Span>, Group<'_>> = BTreeMap::new();
    for node in &model.nodes {
        let Some(platform) = &node.settings.platform else {
            continue;
        };
        let name = node.name.value.as_str();
        let path = Utf8PathBuf::from(format!("nodes/{name}/cloud-init/user-data"));
        let Some(Entry::File(file)) = compiled.rendered.entries().get(path.as_str()) else {
            continue;
        };
        let size = file.content.len();
        if usize::try_from(platform.value.user_data.value).is_ok_and(|most| size <= most) {
            continue;
        }
        let group = groups.entry(platform.origin.span()).or_insert(Group {
            platform: &platform.value,
            largest: (0, name),
            machines: 0,
        });
        group.machines += 1;
        if size > group.largest.0 {
            group.largest = (size, name);
        }
    }
    groups
        .into_iter()
        .map(|(span, group)| finding(span, &group))
        .collect()
}

fn finding(span: Option<Span>, group: &Group<'_>) -> Diagnostic {
    let (size, name) = group.largest;
    let most = group.platform.user_data.value;
    let others = match group.machines {
        1 => String::new(),
        2 => " (and 1 more machine)".to_owned(),
        more => format!(" (and {} more machines)", more - 1),
    };
    let severity = match group.platform.verified {
        true => Severity::Error,
        false => Severity::Warning,
    };
    Diagnostic::new(
        &TOO_LARGE,
        format!(
            "the user-data of {name}{others} has {size} bytes, and {} accepts {most}",
            group.platform.title
        ),
    )
    .severity(severity)
    .label(span, format!("{most} bytes at most"))
    .help(format!(
        "remove `platform`, copy `nodes/{name}` to the machine and run `run.sh` there; or attach the image that `--seed-images` builds"
    ))
}
