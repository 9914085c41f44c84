"""A spec of many nodes, for the tests and the measurements that need one."""

import ipaddress

SPEC = """allow network/wide-lan {{ reason = "as many nodes as no network has" }}
cluster big {{
  kubernetes = 1.36
  network {{
    lan         = 172.20.0.0/14
    gateway     = 172.20.0.1
    dns         = [172.20.0.1]
    pods        = 10.0.0.0/10
    services    = 10.96.0.0/12
    node-prefix = 24
  }}
  time {{ servers = [172.20.0.1] }}
  runtime crio {{}}
  cni flannel {{ backend = vxlan }}
}}
profile pi {{
  os   = raspios-trixie
  swap = off
  user pi {{ ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAswVXqfxOkOM1h9osfsETZbgKXK7xQ5XoOozfIXPGGG you@laptop"] }}
  interface eth0 {{}}
}}
node control {{
  profile = pi
  role    = control-plane
  board   = pi-4b-8g
  address = 172.20.1.0
}}
node worker[{first}-{last}] {{
  profile = pi
  role    = worker
  board   = pi-4b-4g
  address = {begin}..{end}
}}
"""


def spec(nodes):
    """The text of a spec with one control plane and nodes - 1 workers."""
    workers, start = nodes - 1, ipaddress.ip_address("172.20.1.1")
    width = len(str(workers))
    return SPEC.format(first=str(1).zfill(width), last=str(workers).zfill(width), begin=start, end=start + workers - 1)


NODE = """
# Rack {rack}, slot {slot}.
node w{number} {{
  profile = pi
  role    = worker
  board   = pi-4b-4g
  address = 172.20.{high}.{low}
  labels {{ "example.org/rack" = "r{rack}" }}
}}
"""


def lines(count):
    """The text of a spec with at most this many lines and a block for each worker, as a person writes it."""
    parts = [spec(2)]
    left = count - parts[0].count("\n")
    for number in range(left // NODE.count("\n")):
        place = {"rack": number // 40, "slot": number % 40, "high": number // 250 + 2, "low": number % 250 + 1}
        parts.append(NODE.format(number=number, **place))
    return "".join(parts)
