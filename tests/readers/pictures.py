"""Reads the pictures of `pikc graph` with an XML parser and with Graphviz: they are whole, show every machine, and load nothing. A board whose
title is markup is text in them.

usage: pictures.py PIKC"""

import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
# Titles that would be markup in one of the formats if they were not written as text.
TITLES = ['<script>alert(1)</script>', 'a ]]> b &amp; &#34; c', r'x\"]; evil [label=\"y\"', r'\\N \\G \\l \\', "``` end %%{init}%%"]
BOARD = """board odd {
  title = "%s"
  family = pi-4
  hardware = pi
  cores = 4
  memory = 2GiB
  usable = 1800MiB
  architecture = arm64
  wifi = "2.4 GHz"
  wifi-driver = brcmfmac
  source = ["a test"]
  checked = 2026-11-22
}
"""


def graph(pikc, spec, form, *more):
    done = subprocess.run([pikc, "graph", spec, "--format", form, *more], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{spec}: {done.stderr}"
    return done.stdout


def texts(svg):
    """The texts of a picture; an XML parser fails for one that is not whole."""
    tree = xml.etree.ElementTree.fromstring(svg)
    known = {"svg", "title", "desc", "style", "rect", "line", "text"}
    names = {element.tag.removeprefix(SVG) for element in tree.iter()}
    assert names <= known, f"unknown elements: {names - known}"
    loads = [name for element in tree.iter() for name in element.attrib if "href" in name or name.startswith("on")]
    assert not loads, f"attributes that load or run something: {loads}"
    assert tree.find(f"{SVG}title").text and tree.find(f"{SVG}desc").text
    return [element.text for element in tree.iter(f"{SVG}text")]


def labels(dot):
    """The nodes that Graphviz finds, with their labels."""
    done = subprocess.run(["dot", "-Tsvg"], input=dot, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, f"dot: {done.stderr}\n{dot}"
    tree = xml.etree.ElementTree.fromstring(done.stdout)
    nodes = {}
    for group in tree.iter(f"{SVG}g"):
        if group.get("class") == "node":
            nodes[group.find(f"{SVG}title").text] = [text.text for text in group.iter(f"{SVG}text")]
    return nodes


def plain(text):
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ")).strip()


def examples(pikc):
    count = 0
    for spec in sorted(ROOT.glob("examples/*/cluster.pik")):
        if subprocess.run([pikc, "check", spec], capture_output=True, check=False).returncode:
            continue  # an example of mistakes
        shown = texts(graph(pikc, spec, "svg"))
        nodes = labels(graph(pikc, spec, "dot"))
        assert set(nodes) - {"router", "api", "pods"} == {f"m{number}" for number in range(len(nodes) - 3)}, nodes
        for name, lines in nodes.items():
            # What Graphviz has in a box is in the SVG, too, where long lines are broken.
            for line in lines:
                first = plain(line).split(" ")[0]
                assert any(first in plain(text) for text in shown), f"{spec}: {name}: {line!r} is not in the SVG"
        count += 2
    assert count > 6, count
    return count


def hostile(pikc, folder):
    spec = folder / "cluster.pik"
    example = (ROOT / "examples/home-pi/cluster.pik").read_text()
    spec.write_text(example.replace("pi-4b-2g", "odd"))
    board = folder / "lib/boards/odd.pik"
    board.parent.mkdir(parents=True)
    for title in TITLES:
        board.write_text(BOARD % title)
        read = title.replace("\\\\", "\0").replace('\\"', '"').replace("\0", "\\")
        lines = labels(graph(pikc, spec, "dot", "--stdlib", folder / "lib"))["m0"]
        assert plain(read) in map(plain, lines), f"{read!r} is not in {lines}"
        shown = texts(graph(pikc, spec, "svg", "--stdlib", folder / "lib"))
        assert plain(read) in map(plain, shown), f"{read!r} is not in {shown}"
    return 2 * len(TITLES)


def main(pikc):
    count = examples(pikc)
    with tempfile.TemporaryDirectory() as folder:
        count += hostile(pikc, pathlib.Path(folder))
    print(f"pictures: {count} read")


main(sys.argv[1])
