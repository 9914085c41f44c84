//! The rules of a spec that apply to the files of a cluster without one.

/// The help of a rule that says nothing which only a spec has: it is right for files, too.
pub const AS_IT_IS: &str = "";

/// The codes of a spec's rules that apply to such files, with what to type there. The others are about things that
/// these files do not contain.
pub static APPLY: &[(&str, &str)] = &[
    (
        "kubernetes/release-ended",
        "write a newer `kubernetesVersion`; a running cluster goes up one minor release at a time",
    ),
    (
        "kubernetes/release-ends-soon",
        "plan the upgrade to the next minor release",
    ),
    (
        "kubernetes/newer-than-library",
        "it is used as it is; nothing that came with it is checked",
    ),
    (
        "network/pods-overlap-services",
        "write another `networking.podSubnet` or `networking.serviceSubnet`",
    ),
    (
        "network/special-range",
        "write a private range, within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
    ),
    (
        "network/others-range",
        "write another range, unless that program never runs on a node",
    ),
    (
        "network/public-range",
        "write a private range, within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
    ),
    (
        "network/node-prefix",
        "write a `networking.podSubnet` that holds several pieces, such as a /16, or another `node-cidr-mask-size-ipv4`",
    ),
    (
        "network/services-size",
        "write a `networking.serviceSubnet` from /12 to /28",
    ),
    ("proxy/mode", "write `mode: iptables` or `mode: nftables`"),
    ("kubelet/max-pods", "write a smaller `maxPods`"),
    ("feature-gate/refused", "drop the gate"),
    (
        "feature-gate/unseen",
        "look it up for your release: `pikc stdlib show gates/kubelet` lists what pikc knows",
    ),
    ("feature-gate/locked", "drop the gate"),
    (
        "kubelet/reserved-label",
        "drop the label, and give it afterwards: `kubectl label node NAME KEY=VALUE`",
    ),
    (
        "ipv6/size",
        "write a /56 as the IPv6 part of `podSubnet`, and a /112 as that of `serviceSubnet`",
    ),
    (
        "ipv6/not-routed",
        "write a private range: `fd` and ten random hexadecimal digits",
    ),
    (
        "ipv6/ranges-overlap",
        "write other IPv6 parts of `podSubnet` and `serviceSubnet`",
    ),
    (
        "network/machine-in-range",
        "write another `networking.podSubnet` or `networking.serviceSubnet`",
    ),
    (
        "kubeadm/certificate-validity",
        "leave the field out: kubeadm makes certificates for a year, and every upgrade renews them",
    ),
    (
        "control-plane/node-port-taken",
        "write a range that begins above the ports of the cluster, such as 30000-32767",
    ),
    (
        "mirror/registry-frozen",
        "leave `imageRepository` out: kubeadm uses `registry.k8s.io`",
    ),
    ("kubelet/argument-gone", AS_IT_IS),
    ("argument/gone", AS_IT_IS),
    ("argument/not-yet", AS_IT_IS),
    ("argument/unknown", AS_IT_IS),
    ("argument/deprecated", AS_IT_IS),
    ("argument/wrong-value", AS_IT_IS),
    ("admission/unknown-plugin", AS_IT_IS),
    ("admission/on-and-off", AS_IT_IS),
    ("admission/already-on", AS_IT_IS),
    ("admission/node-restriction-lost", AS_IT_IS),
    ("feature-gate/needs-another", AS_IT_IS),
    ("kubelet/cgroup-driver", AS_IT_IS),
    ("kubelet/evictions-lost", AS_IT_IS),
    ("kubelet/image-gc", AS_IT_IS),
    ("kubelet/not-a-value", AS_IT_IS),
    ("proxy/not-a-value", AS_IT_IS),
    ("kubelet/fields-conflict", AS_IT_IS),
    ("proxy/fields-conflict", AS_IT_IS),
    ("kubelet/needs-gate", AS_IT_IS),
    ("proxy/needs-gate", AS_IT_IS),
];
