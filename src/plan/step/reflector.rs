//! The node announces to all others by BGP where pods are.

use super::{ClassView, Step};

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let on = class.settings.route_reflector.as_ref();
    let on = on.filter(|on| on.value && class.model.speaks_bgp())?;
    Some(Step::new("79-reflector").asked("route-reflector = on", [on.origin.clone()]))
}
