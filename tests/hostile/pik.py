"""A small reader of valid pik files: blocks, settings and values with the place of each, so that one can be changed."""

import dataclasses
import re

BARE = re.compile(r"[^\s,{}\[\]=\"#]+")
GAP = re.compile(r"(?:[\s,]+|#[^\n]*)*")


@dataclasses.dataclass
class Word:
    text: str  # what it means: without quotes and escapes
    begin: int
    end: int
    quoted: bool = False
    suffix: str = ""  # a label's ranges, brackets included


@dataclasses.dataclass
class Setting:
    key: Word
    values: list
    listed: bool = False


@dataclasses.dataclass
class Block:
    kind: str
    label: Word | None
    items: list
    begin: int = 0

    def blocks(self, kind=None):
        return [i for i in self.items if isinstance(i, Block) and kind in (None, i.kind)]

    def settings(self):
        return [i for i in self.items if isinstance(i, Setting)]

    def value(self, key, default=None):
        """The first word of a setting."""
        return next((s.values[0].text for s in self.settings() if s.key.text == key and s.values), default)


ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def unescape(text):
    text = re.sub(r"\\(?:u\{([0-9a-fA-F]+)\}|(.))", lambda m: chr(int(m[1], 16)) if m[1] else ESCAPES[m[2]], text)
    return text.replace("$${", "${")


class Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    def gap(self):
        self.at = GAP.match(self.text, self.at).end()

    def blanks(self):
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1

    def peek(self):
        return self.text[self.at : self.at + 1]

    def take(self, mark):
        if self.peek() != mark:
            line = self.text.count("\n", 0, self.at) + 1
            raise ValueError(f"line {line}: {mark} expected, not {self.text[self.at:self.at + 20]!r}")
        self.at += 1

    def word(self):
        begin = self.at
        if self.text.startswith('"""', begin):
            self.at = self.text.index('"""', begin + 3) + 3
            return Word(self.text[begin + 3 : self.at - 3], begin, self.at, True)
        if self.peek() == '"':
            found = re.compile(r'"((?:[^"\\]|\\.)*)"').match(self.text, begin)
            self.at = found.end()
            return Word(unescape(found[1]), begin, self.at, True)
        found = BARE.match(self.text, begin)
        if not found:
            self.take("a word")
        self.at = found.end()
        return Word(found[0], begin, self.at)

    def items(self, closing):
        found = []
        while True:
            self.gap()
            if self.peek() == closing:
                return found
            found.append(self.item())

    def item(self):
        begin, key = self.at, self.word()
        self.blanks()
        if self.peek() == "=":
            self.at += 1
            self.blanks()
            return self.setting(key)
        label = None
        if self.peek() != "{":
            label = self.word()
            if self.peek() == "[":
                end = self.text.index("]", self.at) + 1
                label.suffix, self.at = self.text[self.at : end], end
            self.blanks()
        self.take("{")
        items = self.items("}")
        self.take("}")
        return Block(key.text, label, items, begin)

    def setting(self, key):
        if self.peek() != "[":
            return Setting(key, [self.word()])
        self.at += 1
        values = []
        while True:
            self.gap()
            if self.peek() == "]":
                self.at += 1
                return Setting(key, values, True)
            values.append(self.word())


def parse(text):
    """The top level, as a block of the kind `top`."""
    return Block("top", None, Reader(text).items(""))


def quoted(text):
    """`text` as a string of the language. What cannot be escaped is written as it is: it must be refused."""
    out = []
    for place, char in enumerate(text):
        if char in '"\\':
            out.append("\\" + char)
        elif char == "\n":
            out.append("\\n")
        elif char == "\t":
            out.append("\\t")
        elif char == "$" and text[place + 1 : place + 2] == "{":
            out.append("$$")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def escaped(text):
    """`text` as a string in which every character except ASCII letters and digits is an escape."""
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\u{{{ord(c):x}}}" for c in text) + '"'
