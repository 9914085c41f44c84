//! Time zone, language, keyboard.

use serde_json::json;

use super::super::file::{Placing, header};
use super::super::types::Line;
use super::{Class, Step};

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
    let locale = &class.settings.locale;
    let timezone = locale.timezone.as_ref();
    let language = locale.language.as_ref();
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
        let mut lines = header("The keyboard of the console.", class.spec);
        lines.extend([
            Line::constant("XKBMODEL=\"pc105\""),
            Line::from(
                format!("XKBLAYOUT=\"{}\"", keyboard.value),
                [keyboard.origin.clone()],
            ),
            Line::constant("XKBVARIANT=\"\""),
            Line::constant("XKBOPTIONS=\"\""),
            Line::constant("BACKSPACE=\"guess\""),
        ]);
        step = step
            .asked(
                format!("keyboard = {}", keyboard.value),
                [keyboard.origin.clone()],
            )
            .file(Placing::whole("/etc/default/keyboard", lines));
    }
    Some(step)
}
