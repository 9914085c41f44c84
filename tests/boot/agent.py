#!/usr/bin/python3
"""Runs in the machine: reads commands from the tests over a serial line, one per line in base64, and answers with status and output."""

import base64
import subprocess
import sys
import termios
import tty

line = open(sys.argv[1], "r+b", buffering=0)
tty.setraw(line.fileno(), termios.TCSANOW)
line.write(b"\nready\n")
while True:
    text = b""
    while not text.endswith(b"\n"):
        text += line.read(1)
    word = text.strip()
    if not word:
        continue
    try:
        command = base64.b64decode(word, validate=True).decode()
    except ValueError:
        continue
    done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    line.write(b"answer %d " % done.returncode + base64.b64encode(done.stdout) + b"\n")
