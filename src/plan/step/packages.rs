//! Programs that the other steps and Kubernetes use.

use serde_json::json;

use super::{ClassView, Step, disks, firmware};
use crate::origin::{Origin, Sourced};
use crate::stdlib::Hardware;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let os = class.settings.os.as_ref()?;
    let asked = &class.settings.packages;
    let upgrade = asked.upgrade.as_ref()?;
    let mut interfaces = class.settings.interfaces.iter();
    let radio = interfaces.find_map(|interface| interface.wifi.as_ref());
    let for_radio = radio.iter().flat_map(|_| &class.system.wifi_packages);
    let of_board = match class.board.hardware {
        Hardware::Pi => class.system.pi_modules.as_slice(),
        Hardware::Generic | Hardware::Any => &[],
    };
    let modules: Vec<&Sourced<String>> = class.system.modules.iter().chain(of_board).collect();
    let all: Vec<&Sourced<String>> = class
        .system
        .base_packages
        .iter()
        .chain(for_radio)
        .chain(modules.iter().copied())
        .chain(&asked.extra)
        .collect();
    let tools = disks::packages(class.settings).into_iter();
    let tools: Vec<_> = tools.chain(firmware::packages(class.settings)).collect();
    let install: Vec<&str> = all
        .iter()
        .map(|package| package.value.as_str())
        .chain(tools.iter().map(|(package, _)| *package))
        .collect();
    let origins: Vec<Origin> = all
        .iter()
        .map(|package| package.origin.clone())
        .chain(radio.map(|wifi| Origin::Written(wifi.head)))
        .chain(tools.iter().flat_map(|(_, why)| why.clone()))
        .chain([os.origin.clone()])
        .collect();
    let mut step = Step::new("35-packages")
        .asked(format!("os = {}", class.system.name), [os.origin.clone()])
        .set(
            "packages",
            json!({"install": install, "upgrade": upgrade.value}),
            origins,
        )
        .set(
            "modules",
            modules
                .iter()
                .map(|package| package.value.as_str())
                .collect::<Vec<_>>(),
            modules.iter().map(|package| package.origin.clone()),
        );
    step.context.because("upgrade", [upgrade.origin.clone()]);
    if upgrade.value {
        step = step.asked("packages { upgrade = on }", [upgrade.origin.clone()]);
    }
    if !asked.extra.is_empty() {
        let names: Vec<&str> = asked
            .extra
            .iter()
            .map(|package| package.value.as_str())
            .collect();
        step = step.asked(
            format!("packages {{ extra = [{}] }}", names.join(", ")),
            asked.extra.iter().map(|package| package.origin.clone()),
        );
    }
    Some(step)
}
