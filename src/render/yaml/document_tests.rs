//! The typed documents as kubeadm, the kubelet and netplan read them: names and shapes of the fields.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;

use super::{YamlDocument, render};
use crate::model::Data;
use crate::origin::{Origin, Sourced};
use crate::plan::document::netplan::{
    AccessPoint, Interface, Nameservers, Netplan, Network, Renderer, Route, Wifi,
};
use crate::plan::document::{
    ApiEndpoint, Arg, ClusterConfiguration, Discovery, FileDiscovery, JoinConfiguration,
    Networking, NodeRegistration, Patches, Taint, TaintEffect, Versioned,
    fields::{Field, Fields},
    kubeadm_v1beta3 as v1beta3, kubeadm_v1beta4 as v1beta4,
    kubeproxy_v1alpha1::KubeProxyConfiguration,
};
use crate::source::{FileId, Span};

fn of<T>(value: T) -> Sourced<T> {
    Sourced::new(value, Origin::Written(Span::new(FileId(0), 1, 2)))
}

fn text(value: &str) -> Sourced<String> {
    of(value.to_owned())
}

fn address(value: &str) -> Sourced<IpAddr> {
    of(value.parse().expect("an address"))
}

fn yaml(body: &impl Serialize) -> String {
    let document = YamlDocument::new(body, &[], false).expect("plain data");
    render(&[document], false).text
}

fn yaml_with(body: &impl Serialize, fields: &Fields) -> String {
    let document = YamlDocument::new(body, &[], false).expect("plain data");
    let document = document.with(fields, false).expect("plain data");
    render(&[document], false).text
}

fn registration<A: crate::plan::document::ExtraArgs>(args: A) -> NodeRegistration<A> {
    NodeRegistration {
        name: text("node01"),
        cri_socket: text("unix:///var/run/crio/crio.sock"),
        taints: None,
        kubelet_extra_args: args,
        ignore_preflight_errors: Vec::new(),
        image_pull_policy: None,
    }
}

#[test]
fn the_control_plane_up_to_kubernetes_1_30() {
    let args = BTreeMap::from([("node-ip".to_owned(), text("192.168.11.201"))]);
    let init = v1beta3::InitConfiguration {
        node_registration: NodeRegistration {
            taints: Some(of(Vec::new())),
            ..registration(args)
        },
        local_api_endpoint: ApiEndpoint {
            advertise_address: address("192.168.11.201"),
            bind_port: of(6443),
        },
        skip_phases: Vec::new(),
        patches: Some(Patches {
            directory: text("/etc/pikc/patches"),
        }),
    };
    assert_eq!(
        yaml(&Versioned::from(init)),
        "\
apiVersion: kubeadm.k8s.io/v1beta3
kind: InitConfiguration
nodeRegistration:
  name: node01
  criSocket: unix:///var/run/crio/crio.sock
  taints: []
  kubeletExtraArgs:
    node-ip: \"192.168.11.201\"
localAPIEndpoint:
  advertiseAddress: \"192.168.11.201\"
  bindPort: 6443
patches:
  directory: /etc/pikc/patches
"
    );
}

#[test]
fn the_cluster_from_kubernetes_1_31_on() {
    let cluster = v1beta4::ClusterConfiguration {
        common: ClusterConfiguration {
            cluster_name: text("home"),
            kubernetes_version: text("v1.36.4"),
            control_plane_endpoint: Some(text("192.168.11.201:6443")),
            image_repository: None,
            feature_gates: std::collections::BTreeMap::new(),
            networking: Networking {
                service_subnet: of("10.96.0.0/12".parse().expect("a network")),
                pod_subnet: of("10.244.0.0/16".parse().expect("a network")),
                dns_domain: Some(text("cluster.local")),
            },
            dns: None,
        },
        proxy: None,
    };
    let mut fields = Fields::default();
    let sans = Data::List(vec![of(Data::Text("node01".to_owned()))]);
    fields.put(&["apiServer", "certSANs"], Field::Value(of(sans)));
    let mut argument = Fields::default();
    argument.text(&["name"], text("node-cidr-mask-size-ipv4"));
    argument.text(&["value"], text("24"));
    let arguments = Field::List(vec![Field::Map(argument)]);
    fields.put(&["controllerManager", "extraArgs"], arguments);
    fields.text(&["networking", "dnsDomain"], text("cluster.test"));
    assert_eq!(
        yaml_with(&Versioned::from(cluster), &fields),
        "\
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: home
kubernetesVersion: v1.36.4
controlPlaneEndpoint: \"192.168.11.201:6443\"
networking:
  serviceSubnet: 10.96.0.0/12
  podSubnet: 10.244.0.0/16
  dnsDomain: cluster.test
apiServer:
  certSANs:
    - node01
controllerManager:
  extraArgs:
    - name: node-cidr-mask-size-ipv4
      value: \"24\"
"
    );
}

#[test]
fn a_worker_from_kubernetes_1_31_on() {
    let join = v1beta4::JoinConfiguration {
        common: JoinConfiguration {
            node_registration: v1beta4::Registration {
                common: NodeRegistration {
                    taints: Some(of(vec![of(Taint {
                        key: "example.org/slow".to_owned(),
                        value: None,
                        effect: TaintEffect::NoSchedule,
                    })])),
                    ..registration(vec![of(Arg {
                        name: "node-ip".to_owned(),
                        value: "192.168.11.202".to_owned(),
                    })])
                },
                image_pull_serial: Some(of(true)),
            },
            discovery: Discovery {
                file: FileDiscovery {
                    kube_config_path: text("/etc/pikc/discovery.conf"),
                },
                timeout: None,
            },
            control_plane: None,
            skip_phases: Vec::new(),
            patches: None,
        },
        timeouts: Some(v1beta4::Timeouts {
            kubernetes_api_call: Some(text("2m0s")),
            etcd_api_call: Some(text("3m0s")),
            kubelet_health_check: Some(text("8m0s")),
            ..v1beta4::Timeouts::default()
        }),
    };
    assert_eq!(
        yaml(&Versioned::from(join)),
        "\
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
nodeRegistration:
  name: node01
  criSocket: unix:///var/run/crio/crio.sock
  taints:
    - key: example.org/slow
      effect: NoSchedule
  kubeletExtraArgs:
    - name: node-ip
      value: \"192.168.11.202\"
  imagePullSerial: true
discovery:
  file:
    kubeConfigPath: /etc/pikc/discovery.conf
timeouts:
  kubeletHealthCheck: 8m0s
  kubernetesAPICall: 2m0s
  etcdAPICall: 3m0s
"
    );
}

#[test]
fn kube_proxy() {
    let proxy = KubeProxyConfiguration {
        mode: Some(text("nftables")),
    };
    let mut fields = Fields::default();
    let on = Field::Value(of(Data::Boolean(true)));
    fields.put(&["conntrack", "tcpBeLiberal"], on);
    let number = Field::Value(of(Data::Integer(0)));
    fields.put(&["conntrack", "maxPerCore"], number);
    assert_eq!(
        yaml_with(&Versioned::from(proxy), &fields),
        "\
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
conntrack:
  tcpBeLiberal: true
  maxPerCore: 0
"
    );
}

#[test]
fn a_machine_on_wifi() {
    let mut network = Network::new(Some(of(Renderer::NetworkManager)));
    let wifi = Wifi {
        interface: Interface {
            dhcp4: Some(of(false)),
            addresses: vec![of("192.168.11.202/24".parse().expect("a network"))],
            routes: vec![Route {
                to: text("default"),
                via: address("192.168.11.1"),
                metric: None,
            }],
            nameservers: Some(Nameservers {
                addresses: vec![address("192.168.11.1")],
            }),
            optional: Some(of(false)),
            ..Interface::default()
        },
        regulatory_domain: Some(text("NO")),
        access_points: BTreeMap::from([(
            "home: 5G".to_owned(),
            of(AccessPoint {
                password: Some(text(&"0".repeat(64))),
                hidden: None,
            }),
        )]),
    };
    network.wifis.insert("wlan0".to_owned(), of(wifi));
    assert_eq!(
        yaml(&Netplan { network }),
        "\
network:
  version: 2
  renderer: NetworkManager
  wifis:
    wlan0:
      dhcp4: false
      addresses:
        - 192.168.11.202/24
      routes:
        - to: default
          via: \"192.168.11.1\"
      nameservers:
        addresses:
          - \"192.168.11.1\"
      optional: false
      regulatory-domain: \"NO\"
      access-points:
        \"home: 5G\":
          password: \"0000000000000000000000000000000000000000000000000000000000000000\"
"
    );
}
