//! Time zone, language, keyboard.

use serde_json::json;

use super::super::file::Placing;
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::shell_settings::ShellSettings;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let locale = &class.settings.locale;
    let timezone = locale.timezone.as_ref();
    let sets = class.system.sets_language.as_ref();
    let sets = sets.is_none_or(|sets| sets.value);
    let language = locale.language.as_ref().filter(|_| sets);
    let keyboard = locale.keyboard.as_ref();
    if timezone.is_none() && language.is_none() && keyboard.is_none() {
        return None;
    }
    let mut step = Step::new("27-locale").set(
        "locale",
        json!({
            "timezone": timezone.map(|zone| zone.value.0.clone()),
            "language": language.map(|language| language.value.clone()),
            "keyboard": keyboard.map(|keyboard| keyboard.value.clone()),
        }),
        [],
    );
    if let Some(zone) = timezone {
        step.context.because("timezone", [zone.origin.clone()]);
        step = step.asked(
            format!("timezone = {}", zone.value.0),
            [zone.origin.clone()],
        );
    }
    if let Some(language) = language {
        step.context.because("language", [language.origin.clone()]);
        step = step.asked(
            format!("language = {}", language.value),
            [language.origin.clone()],
        );
    }
    if let Some(keyboard) = keyboard {
        step.context.because("keyboard", [keyboard.origin.clone()]);
        let mut file = Writer::<ShellSettings>::headed("The keyboard of the console.", class.spec);
        file.fixed("XKBMODEL=\"pc105\"");
        file.set("XKBLAYOUT", &keyboard.value, [keyboard.origin.clone()]);
        file.fixed("XKBVARIANT=\"\"");
        file.fixed("XKBOPTIONS=\"\"");
        file.fixed("BACKSPACE=\"guess\"");
        step = step
            .asked(
                format!("keyboard = {}", keyboard.value),
                [keyboard.origin.clone()],
            )
            .file(Placing::whole("/etc/default/keyboard", file));
    }
    Some(step)
}
