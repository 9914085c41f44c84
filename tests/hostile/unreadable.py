"""What a reader raises: a file that its format's real reader does not take."""


class Unreadable(Exception):
    pass
