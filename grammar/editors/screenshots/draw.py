"""Draws a screen of a terminal, as `tmux capture-pane -e` prints it, as a PNG file. Usage: draw.py FILE.ansi FILE.png"""

import sys

import pyte
from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono%s.ttf"
SIZE, MARGIN = 16, 14
BACK, FORE = "#14161b", "#e0e2ea"  # Neovim's own dark colours
NAMES = {
    "black": "#07080d", "red": "#ffc0b9", "green": "#b3f6c0", "brown": "#fce094", "blue": "#a6dbff",
    "magenta": "#ffcaff", "cyan": "#8cf8f7", "white": "#eef1f8",
}


def colour(name, default):
    """The colour of a cell: pyte has names for the first eight, and six digits for the rest."""
    name = name.removeprefix("bright")
    if name == "default":
        return default
    return NAMES.get(name) or f"#{name}"


def main(source, target):
    with open(source, encoding="utf-8") as file:
        lines = file.read().split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    columns = 110
    screen = pyte.Screen(columns, len(lines))
    pyte.Stream(screen).feed("\r\n".join(lines))
    regular, bold = ImageFont.truetype(FONT % "", SIZE), ImageFont.truetype(FONT % "-Bold", SIZE)
    width = round(regular.getlength("M"))
    height = SIZE + 5
    image = Image.new("RGB", (columns * width + 2 * MARGIN, len(lines) * height + 2 * MARGIN), BACK)
    draw = ImageDraw.Draw(image)
    for row in range(len(lines)):
        for column in range(columns):
            cell = screen.buffer[row][column]
            fore, back = colour(cell.fg, FORE), colour(cell.bg, BACK)
            if cell.reverse:
                fore, back = back, fore
            x, y = MARGIN + column * width, MARGIN + row * height
            draw.rectangle((x, y, x + width - 1, y + height - 1), fill=back)
            draw.text((x, y + 1), cell.data, font=bold if cell.bold else regular, fill=fore)
            if cell.underscore:
                draw.line((x, y + height - 2, x + width - 1, y + height - 2), fill=fore)
    image.save(target, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
