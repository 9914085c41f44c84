//! The address that moves between the control planes, by services of the system: keepalived and HAProxy.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::super::file::Placing;
use super::super::vip::{CHECK, services};
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::haproxy::Haproxy;
use crate::file_format::systemd::Systemd;
use crate::model::{Role, Vip};
use crate::origin::Origin;
use crate::plan::types::Context;
use crate::stdlib::Runs;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let model = class.model;
    if class.role != Role::ControlPlane {
        return None;
    }
    let vip = services(model)?;
    let address = vip.address.as_ref()?;
    let by = vip.by.as_ref()?;
    let Runs::Services { packages, .. } = &model.facts.mover.as_ref()?.runs else {
        return None;
    };
    let port = model.balanced_port()?;
    let names: Vec<&str> = packages.iter().map(|one| one.value.as_str()).collect();
    let head = Origin::Written(vip.head);
    let why = [head.clone(), by.origin.clone()];
    let asked = format!("vip {{ address = {}, by = {} }}", address.value, by.value);
    let mut context = Context::default();
    context.set("spec", class.spec, []);
    let endpoint = model.cluster.endpoint.iter();
    context.set("port", port, endpoint.map(|it| it.origin.clone()));
    let check = Placing::template(CHECK, "script/check-address.sh.j2", Arc::new(context));
    Some(
        Step::new("70-vip-services")
            .asked(asked, why.clone())
            .set(
                "services",
                names,
                packages.iter().map(|one| one.origin.clone()),
            )
            .file(Placing::whole(
                "/etc/haproxy/pikc.cfg",
                haproxy(class, vip, port)?,
            ))
            .file(check.mode(0o755).because(why.clone()))
            .file(
                Placing::whole("/etc/systemd/system/pikc-haproxy.service", front(class))
                    .because(why.clone()),
            )
            .file(
                Placing::whole("/etc/systemd/system/pikc-keepalived.service", mover(class))
                    .because(why),
            ),
    )
}

/// HAProxy passes connections on as they are: TLS is between the client and the API server.
fn haproxy(class: &ClassView<'_>, vip: &Vip, port: u16) -> Option<Writer<Haproxy>> {
    let model = class.model;
    let address = vip.address.as_ref()?;
    let api = model.cluster.api_port.as_ref()?;
    let mut file = Writer::<Haproxy>::headed(
        "Passes connections to the address of the control planes on to an API server that is ready.",
        class.spec,
    );
    for line in [
        "global",
        "  log stdout format raw daemon notice",
        "  user haproxy",
        "  group haproxy",
        "",
        "defaults",
        "  log global",
        "  mode tcp",
        "  option dontlognull",
        "  timeout connect 5s",
        "  timeout check 5s",
        "  # Watches, and `kubectl exec` in which no one types: the ends see to it that a dead connection is noticed.",
        "  timeout client 4h",
        "  timeout server 4h",
        "  option clitcpka",
        "  option srvtcpka",
        "",
        "listen api-servers",
        "  # The address is on one machine only, and HAProxy runs on all of them.",
    ] {
        file.fixed(line);
    }
    let endpoint = model.cluster.endpoint.iter();
    let from = endpoint.map(|it| it.origin.clone());
    let from: Vec<Origin> = [address.origin.clone()].into_iter().chain(from).collect();
    file.bind_anywhere(address.value, port, from.iter().cloned());
    file.fixed("  # keepalived asks here.");
    file.bind(IpAddr::V4(Ipv4Addr::LOCALHOST), port, from);
    for line in [
        "  balance leastconn",
        "  # Anyone may ask for /readyz; an API server to which no one speaks without a name answers 401.",
        "  option httpchk GET /readyz",
        "  http-check expect rstatus ^(200|401)$",
        "  # The cluster's authority is made after this is started, so who answers the check is not verified; each client verifies it.",
        "  default-server check check-ssl verify none inter 3s fall 3 rise 2 on-marked-down shutdown-sessions",
    ] {
        file.fixed(line);
    }
    for node in model.with_role(Role::ControlPlane) {
        if let Some(own) = &node.address {
            let why = [
                node.name.origin.clone(),
                own.origin.clone(),
                api.origin.clone(),
            ];
            file.server(&node.name.value, own.value, api.value, why);
        }
    }
    Some(file)
}

/// HAProxy, beside the service of its package.
fn front(class: &ClassView<'_>) -> Writer<Systemd> {
    let mut file = Writer::headed(
        "HAProxy in front of the API servers of this cluster.",
        class.spec,
    );
    for line in [
        "[Unit]",
        "Description=HAProxy in front of the API servers",
        "Wants=network-online.target",
        "After=network-online.target",
        "",
        "[Service]",
        "Type=notify",
        "ExecStartPre=/usr/sbin/haproxy -c -q -f /etc/haproxy/pikc.cfg",
        "ExecStart=/usr/sbin/haproxy -Ws -f /etc/haproxy/pikc.cfg -p /run/pikc-haproxy.pid",
        "ExecReload=/usr/sbin/haproxy -c -q -f /etc/haproxy/pikc.cfg",
        "ExecReload=/bin/kill -USR2 $MAINPID",
        "KillMode=mixed",
        "SuccessExitStatus=143",
        "Restart=always",
        "RestartSec=1",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ] {
        file.fixed(line);
    }
    file
}

/// keepalived, beside the service of its package. After a crash it begins again at once: until then the address stays where it is.
fn mover(class: &ClassView<'_>) -> Writer<Systemd> {
    let mut file = Writer::headed(
        "keepalived: the address of the API servers is on one of the control planes.",
        class.spec,
    );
    for line in [
        "[Unit]",
        "Description=the address of the API servers, on one of the control planes",
        "Wants=network-online.target",
        "After=network-online.target pikc-haproxy.service",
        "",
        "[Service]",
        "RuntimeDirectory=pikc-keepalived",
        "ExecStart=/usr/sbin/keepalived --dont-fork --log-console --vrrp --use-file=/etc/keepalived/pikc.conf --pid=/run/pikc-keepalived/main.pid --vrrp_pid=/run/pikc-keepalived/vrrp.pid",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "KillMode=mixed",
        "Restart=always",
        "RestartSec=1",
        "# Whoever is silent for three seconds is taken for lost, however busy the machine is.",
        "Nice=-15",
        "OOMScoreAdjust=-997",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ] {
        file.fixed(line);
    }
    file
}
