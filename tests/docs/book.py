#!/usr/bin/env python3
"""Follows every link of the built book: pages, headings, pictures, styles. Nothing may lead nowhere or to another host's files.

usage: book.py FOLDER
"""

import html.parser
import pathlib
import sys
import tempfile
import urllib.parse

# What a page loads must be in the book; a link that a reader follows may lead elsewhere.
LOADS = {("img", "src"), ("script", "src"), ("link", "href")}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id" or (tag, name) == ("a", "name"):
                self.anchors.add(value)
            elif (tag, name) == ("a", "href") or (tag, name) in LOADS:
                self.links.append((tag, value or ""))


def wrong(folder):
    """What is wrong, as sentences; and how many links were followed."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}
    found, count = [], 0
    for path, page in pages.items():
        # Its links are as if it were in the root of a server, at any address.
        if path.name == "404.html":
            continue
        for tag, link in page.links:
            count += 1
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                if tag != "a":
                    found.append(f"{path.name} loads {link}")
                continue
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                found.append(f"{path.name} links to {link}: no such file")
            elif parts.fragment and target in pages and urllib.parse.unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{path.name} links to {link}: no such heading")
    return found, count


def notices():
    """Whether it notices each kind of dead link."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name).resolve()
        (folder / "a.html").write_text('<h1 id="x">x</h1><a href="a.html#x">1</a><a href="#y">2</a><a href="b.html">3</a>'
                                       '<img src="https://example.org/x.png"><a href="https://example.org/">4</a>')
        return sorted(sentence.split(": ")[-1] for sentence in wrong(folder)[0])


def main(folder):
    expected = ["a.html loads https://example.org/x.png".split(": ")[-1], "no such file", "no such heading"]
    if notices() != expected:
        print(f"it does not notice dead links: {notices()}")
        return 1
    found, count = wrong(pathlib.Path(folder).resolve())
    print("\n".join(found))
    failed = 1 if found or count < 500 else 0
    print(f"{count} links followed")
    print(f"{1 - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
