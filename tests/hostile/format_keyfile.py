"""NetworkManager's keyfiles, read by GLib itself, as NetworkManager does (nm-keyfile)."""

import ctypes
import ctypes.util
import functools
import re

from unreadable import Unreadable


@functools.cache
def glib():
    name = ctypes.util.find_library("glib-2.0") or "libglib-2.0.so.0"
    try:
        library = ctypes.CDLL(name)
    except OSError as problem:
        raise SystemExit(f"GLib cannot be loaded ({problem}): apt-get install libglib2.0-0") from problem
    handle, texts = ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p)
    for function, result, given in [
        ("g_key_file_new", handle, []),
        ("g_key_file_load_from_data", ctypes.c_int, [handle, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int, handle]),
        ("g_key_file_get_groups", texts, [handle, handle]),
        ("g_key_file_get_keys", texts, [handle, ctypes.c_char_p, handle, handle]),
        ("g_key_file_get_string", ctypes.c_void_p, [handle, ctypes.c_char_p, ctypes.c_char_p, handle]),
        ("g_key_file_free", None, [handle]),
        ("g_strfreev", None, [texts]),
        ("g_free", None, [handle]),
    ]:
        getattr(library, function).restype = result
        getattr(library, function).argtypes = given
    return library


def names(list_of_texts):
    found = []
    while list_of_texts[len(found)] is not None:
        found.append(list_of_texts[len(found)])
    glib().g_strfreev(list_of_texts)
    return found


def value(file, group, key):
    text = glib().g_key_file_get_string(file, group, key, None)
    if not text:
        raise Unreadable(f"GLib cannot read the value of {key.decode()!r}")
    found = ctypes.string_at(text).decode("utf-8", "surrogateescape")
    glib().g_free(text)
    # NetworkManager takes a whole value of numbers with `;` after each for bytes, and anything else for text.
    if key == b"ssid" and re.fullmatch(r"(\d{1,3};)+", found) and all(int(byte) < 256 for byte in found[:-1].split(";")):
        return bytes(int(byte) for byte in found[:-1].split(";")).decode("utf-8", "surrogateescape")
    return found


def keys(file, group):
    """Without the connection's id, which pikc works out from the names."""
    return [key for key in names(glib().g_key_file_get_keys(file, group, None, None)) if key != b"uuid"]


def keyfile(path, text):
    """[[group, [[key, value]]]]: what is read, with GLib's escapes resolved."""
    data = text.encode("utf-8", "surrogateescape")
    file = glib().g_key_file_new()
    try:
        if not glib().g_key_file_load_from_data(file, data, len(data), 0, None):
            raise Unreadable("GLib cannot read the keyfile")
        groups = names(glib().g_key_file_get_groups(file, None))
        return [
            [group.decode(), [[key.decode(), value(file, group, key)] for key in keys(file, group)]]
            for group in groups
        ]
    finally:
        glib().g_key_file_free(file)
