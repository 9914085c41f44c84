"""Raised by a reader: a file that its format's real reader does not accept."""


class Unreadable(Exception):
    pass
