//! Arguments, admission plugins and fields that the release does not have, or that something else writes.

use super::mutations;
use crate::random::spec::Spec;

mutations! {
    "an argument of the API server that is gone" => "argument/gone", |spec, _| {
        argument(spec, "api-server", "insecure-port", "\"0\"")
    };
    "an argument of etcd that came later" => "argument/not-yet", |spec, _| {
        argument(spec, "etcd", "bootstrap-defrag-threshold-megabytes", "\"100\"")
            && spec.release < 34
    };
    "a misspelt argument of the controller manager" => "argument/unknown", |spec, _| {
        argument(spec, "controller-manager", "node-monitor-grace-perod", "40s")
    };
    "a number where a length of time belongs" => "argument/wrong-value", |spec, _| {
        argument(spec, "api-server", "request-timeout", "\"60\"")
    };
    "a deprecated argument of the API server" => "argument/deprecated", |spec, _| {
        argument(spec, "api-server", "default-watch-cache-size", "\"200\"")
    };
    "a range of pods as an argument" => "argument/taken", |spec, _| {
        argument(spec, "controller-manager", "cluster-cidr", "\"10.1.0.0/16\"")
    };
    "an admission plugin that is gone" => "admission/unknown-plugin", |spec, _| {
        admission(spec, "enable", "[PodSecurityPolicy]")
    };
    "an admission plugin that is on and off" => "admission/on-and-off", |spec, _| {
        spec.cluster().make("api-server").make("admission").say("disable", "[AlwaysPullImages]");
        admission(spec, "enable", "[AlwaysPullImages]")
    };
    "an admission plugin that is on by default" => "admission/already-on", |spec, _| {
        admission(spec, "enable", "[LimitRanger]")
    };
    "a misspelt field of the kubelet" => "field/unknown", |spec, _| {
        field(spec, "podPidLimit", "4096")
    };
    "a field that has a setting" => "field/taken", |spec, _| {
        field(spec, "maxPods", "40")
    };
    "a text where a list belongs" => "field/wrong-type", |spec, _| {
        field(spec, "allowedUnsafeSysctls", "\"net.core.somaxconn\"")
    };
    "a deprecated field of the kubelet" => "field/deprecated", |spec, _| {
        field(spec, "iptablesDropBit", "15")
    };
    "a field of a later release" => "field/not-in-release", |spec, _| {
        field(spec, "defaultPodSysctls.kernel", "\"1\"") && spec.release < 37
    };
    "a field inside a value" => "field/inside-another", |spec, _| {
        let fields = spec.cluster().make("kubelet").make("fields");
        fields.say("somethingNew", "1");
        field(spec, "somethingNew.inner", "2")
    };
    "a kind of key of a later release" => "setting/not-in-release", |spec, _| {
        spec.cluster().make("certificates").change("key-type", "ECDSA-P384");
        spec.release < 34
    };
}

fn argument(spec: &mut Spec, block: &str, key: &str, value: &str) -> bool {
    let arguments = spec.cluster().make(block).make("extra-args");
    arguments.change(key, value);
    true
}

fn admission(spec: &mut Spec, key: &str, value: &str) -> bool {
    spec.cluster()
        .make("api-server")
        .make("admission")
        .change(key, value);
    true
}

fn field(spec: &mut Spec, key: &str, value: &str) -> bool {
    spec.cluster()
        .make("kubelet")
        .make("fields")
        .change(key, value);
    true
}
