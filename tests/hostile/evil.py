"""Strings that look right for one setting and are not: each must be refused, whatever file it would have ended up in."""

from expect import KEY

NAME = "ssh-ed25519"
EVIL = {
    ("allow", "reason"): ["", " ", "\n"],
    ("user", "(label)"): ["ALL", "1", "Pi", "nobody", "daemon", "root", "www-data", "a.b", "a" * 33, "-x", "%sudo", "#0", "pi$", "sync",
                          "systemd-network"],
    ("user", "groups"): ["a,b", "-x", "1", "a b", "a:b", "%sudo", "a" * 33],
    ("user", "ssh-keys"): [f"{NAME} {KEY[:-8]}", f"{NAME} {KEY}=", f"{NAME} AAAA", f"ssh-rsa {KEY}", f"{NAME} not-base64", f"{NAME}",
                           f'command="id" {NAME} {KEY}', f"no-pty {NAME} {KEY}", f"{NAME} {KEY} a\n{NAME} {KEY} b", "-----BEGIN OPENSSH PRIVATE KEY-----"],
    ("packages", "extra"): ["openssh-server-", "vim=1", "vim/sid", "-o", "?installed", "~i", "_vim", "@core", "vim[a]", "1:vim", "a", "vim:all:x", "gnome^", "./x.deb"],
    ("locale", "keyboard"): ["$(touch /tmp/x)", "jp;id", "jp`id`", 'jp"', "jp\nXKBMODEL=x", "jp us", "jp\\"],
    ("locale", "language"): ["C.UTF-8\nroot ALL", "de_DE.UTF-8 UTF-8", "../x", "$(id)", "-x", "de_DE.UTF-8;id"],
    ("mirror", "images"): ['x"y', "a b", "-x", "../..", "http://x/y", "UPPER/x", "", "x/", "/x", "a:b:c/d", "a:99999/b", "a\nb", "a@sha256:b", "a//b"],
    ("labels", "(value)"): ["a,node-role.kubernetes.io/control-plane=1", "-bad-", "a b", "$(id)", "a" * 64, "a\nb", "a=b", ".a", "a."],
    ("labels", "(key)"): ["node-role.kubernetes.io/control-plane", "a b", "-x", "a/b/c", "/x", "a" * 64, "A_B/x", "x.k8s.io/y"],
    ("taints", "(value)"): ["x:NoExecute,y", "NoSchedul", "a b:NoSchedule", "a=b:NoSchedule", "a:b:NoSchedule", ":", "a:", "-a:NoSchedule"],
    ("taints", "(key)"): ["a b", "-x", "a/b/c", "/x", "a=b", "a:b", "a,b", "a" * 64],
    ("sysctls", "(value)"): ["10\nkernel.core_pattern = |/tmp/x %p", "\n", "a\x00b"],
    ("sysctls", "(key)"): ["vm.swappiness = 1\nkernel.x", "-vm.swappiness", "#x.y", ";x.y", "vm.x=1", "vm x", "../x", "net.*.x"],
    ("extra-args", "(value)"): ["2 --anonymous-auth=true", "2\n--x", '2" --x', "2'"],
    ("extra-args", "(key)"): ["v=2 --x", "-v", "a b", "--anonymous-auth", "v\nw", "a=b"],
    ("wifi", "ssid"): ["", "a" * 33, "é" * 17, "a\nb", "a\x00b", "a" * 400],
    ("interface", "(label)"): ["a/b", ".", "..", "a" * 16, "a b", "all", "default", "lo", "eth0:1", "%n", "-x", "a\nb"],
    ("interface", "driver"): ["a*", "a b", "-x", "a/b", "", "a\nb", "a,b"],
    ("node", "(label)"): ["..", ".", "a/b", "-x", "x-", "A", "a_b", "a..b", "a" * 254, "localhost", "a b", "a\nb", ".a"],
    ("cluster", "(label)"): ["a b", "-x", "a/b", "..", "a\nb", "`id`", "](http://x)"],
    ("profile", "(label)"): ["a b", "a\nb", "-x", "../x", "$(id)"],
    ("cluster", "dns-domain"): ["a b", "-x", "a..b", ".a", "a_b", "a" * 64 + ".b", "cluster.local\nx"],
    ("cluster", "endpoint"): ["a b", "-x:1", "a:0", "a:70000", "a:b", "http://a", "a/b", "user@a", "a:1:2"],
    ("time", "servers"): ["a b", "-x", "a\nFallbackNTP=b", "a,b", "http://a", "a;b"],
    ("peer", "(label)"): ["A", "a b", "-x", "x-", "a/b", "a" * 64, "a.b..c"],
    ("policy", "(label)"): ["A", "a b", "-x", "../x", "a" * 64, "a/b"],
    ("policy", "namespaces"): ["A", "a b", "-x", "../x", "a" * 64, "a.b"],
    ("pods", "(value)"): ["a b", "-x", "a,b", "a" * 64],
    ("pods", "(key)"): ["a b", "-x", "a/b/c", "a,b"],
    ("cni", "upstream"): ["../../../../../../etc", "/proc/self", "/dev", ".."],
    ("cni", "manifest"): ["/etc/shadow", "/proc/self/environ", "/dev/zero", "../../../../../../etc/passwd", "."],
    ("top", "use"): ["/etc/shadow", "/proc/self/environ", "/dev/zero", "../../../../../../etc/passwd", "."],
    ("api-server", "sans"): ["https://x", "*", "*.", "*.1.2.3", "a.*.b", "a b", "-x", "x:6443", "a,b", "a\nb", "10.0.0.1/24", "*x.example"],
    ("api-server", "node-ports"): ["30000", "30000:32000", "32000-30000", "0-100", "30000-70000", "-1-5", "30000-", "30000-32000-33000"],
    ("reserve", "cpu"): ["0", "0m", "-1", "100%", "1.0001", "1e3", "200 m", "1Gi", ".5", "m", "1." , "9999999999999"],
    ("reserve", "cpus"): ["0-1 --x", "0\n1"],
    ("evictions", "memory"): ["101%", "-1%", "+5%", "%", "10.5%", "5 %", "1e3", "100Mi,nodefs.available<1%"],
    ("volume", "(label)"): ["A", "a b", "-x", "x-", "a/b", "a" * 64, "a.b"],
    ("oidc", "client"): ["a b", "a\n--x=y"],
    ("fields", "(key)"): ["a b", "a..b", ".a", "a.", "-x", "a\nb", "a:b", "a{b", "maxPods: 5"],
    ("firmware", "overlays"): ["../x", "a,", "a,b=", "a,=b", "a b", "a\nkernel=x", "x.dtbo", "a#b", "[all]", "-x", ",x", "a,b=c=d", "a," + "b" * 90],
    ("allow", "(label)"): ["*", "a/b", "", "kubernetes/release-ended kubernetes/x", "../x"],
}
URLS = ["javascript:alert(1)", "http://a b/", "http://user:pass@x/ y", "https://x/\nURIs: http://evil/", "ftp://x/", "//x/",
        "https://", "https://x/ [trusted=yes]", 'https://x/"', "https://x/`id`", "https://-x/", "cdrom:x", "copy:/etc", "https://x:99999/"]


def evil(place):
    return URLS if place.type.name == "url" else EVIL.get(place.key, [])
