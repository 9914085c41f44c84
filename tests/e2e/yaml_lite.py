"""The top-level scalars of a plain YAML file, as text: enough to read a kubelet's configuration without a package."""


def load(text):
    found = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon and key and not key[0].isspace() and key[0] != "#":
            found[key] = value.strip().strip("'\"")
    return found
