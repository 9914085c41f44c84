//! The picture as SVG: one file that loads nothing, in light and dark, with a title and a description for screen readers.

use textwrap::core::display_width;

use super::boxes::{api, heading, lan, lines, overlay, router, said, versions};
use super::data::{Machines, Picture};
use crate::file_format::html::Html;

/// The width of the picture, and the space around and between boxes.
const WIDE: usize = 720;
const GAP: usize = 16;
/// How many boxes are in a row.
const IN_ROW: usize = 2;
/// The height of a line, and the width of a character: monospace fonts have 0.6 of their size (13), some a little more.
const LINE: usize = 19;
const LETTER: usize = 8;
/// A value takes up two lines at most.
const MOST: usize = 2;

/// The styles are those of this picture only, also on a page that has others.
const STYLE: &str = "<style>\n\
.pikc-picture{--ink:#1b1f24;--soft:#57606a;--back:#ffffff;--lan:#f6f8fa;--edge:#8c959f;--first:#ddf4ff;--firstedge:#0550ae;--over:#dafbe1;--overedge:#1a7f37}\n\
@media(prefers-color-scheme:dark){.pikc-picture{--ink:#e6edf3;--soft:#a3acb6;--back:#0d1117;--lan:#161b22;--edge:#6e7681;--first:#0c2d4d;--firstedge:#79b8ff;--over:#12361f;--overedge:#56d364}}\n\
.pikc-picture text{fill:var(--ink);font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace}\n\
.pikc-picture .head{font-weight:bold}\n\
.pikc-picture .soft{fill:var(--soft)}\n\
.pikc-picture .back{fill:var(--back)}\n\
.pikc-picture .lan{fill:var(--lan);stroke:var(--edge)}\n\
.pikc-picture .node{fill:var(--back);stroke:var(--edge)}\n\
.pikc-picture .first{fill:var(--first);stroke:var(--firstedge)}\n\
.pikc-picture .over{fill:var(--over);stroke:var(--overedge)}\n\
.pikc-picture .wire{stroke:var(--edge);stroke-width:2}\n\
.pikc-picture .dash{stroke-dasharray:5 4}\n\
</style>\n";

/// A rectangle.
#[derive(Clone, Copy)]
struct Area {
    x: usize,
    y: usize,
    wide: usize,
    high: usize,
}

/// The picture. It can be a file, and a piece of a page.
pub fn svg(picture: &Picture) -> Html {
    let mut body = Html::default();
    let above = top(&mut body, picture);
    let (rows, high) = rows(picture);
    let ground = Area {
        x: 1,
        y: above,
        wide: WIDE - 2,
        high,
    };
    rect(&mut body, "lan", ground, 10);
    for line in wrap(&lan(picture), WIDE - 2 * GAP).iter().take(1) {
        write(&mut body, "head", GAP, above + 25, line);
    }
    let first = picture
        .machines
        .iter()
        .position(|one| one.role == "control-plane");
    for (index, (machines, area)) in picture.machines.iter().zip(&rows).enumerate() {
        let area = Area {
            y: above + area.y,
            ..*area
        };
        let api = api(picture).filter(|_| first == Some(index));
        group(&mut body, machines, area, api.as_deref());
    }
    let below = above + high;
    let height = bottom(&mut body, picture, below);
    let mut svg = Html::default();
    svg.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pikc-picture\" viewBox=\"0 0 ")
        .number(WIDE)
        .raw(" ")
        .number(height)
        .raw("\" role=\"img\" aria-labelledby=\"pikc-picture-title\" aria-describedby=\"pikc-picture-said\">\n<title id=\"pikc-picture-title\">Cluster ")
        .value(&picture.cluster)
        .raw("</title>\n<desc id=\"pikc-picture-said\">")
        .value(&said(picture))
        .raw("</desc>\n")
        .raw(STYLE);
    let all = Area {
        x: 0,
        y: 0,
        wide: WIDE,
        high: height,
    };
    rect(&mut svg, "back", all, 0);
    svg.piece(&body).raw("</svg>\n");
    svg
}

/// The cluster's name and the router; returns where the LAN begins.
fn top(out: &mut Html, picture: &Picture) -> usize {
    let half = (WIDE - 3 * GAP) / 2;
    let title = format!("cluster {}", picture.cluster);
    let mut left = wrap(&title, half);
    left.extend(wrap(&versions(picture), half));
    let right: Vec<String> = router(picture)
        .iter()
        .flat_map(|line| wrap(line, half - 2 * GAP))
        .collect();
    let lines = left.len().max(right.len());
    for (index, line) in left.iter().enumerate() {
        let class = if index == 0 { "head" } else { "soft" };
        write(out, class, GAP, 30 + index * LINE, line);
    }
    let high = lines * LINE + 20;
    if !right.is_empty() {
        let area = Area {
            x: WIDE - GAP - half,
            y: 8,
            wide: half,
            high,
        };
        let middle = area.x + area.wide / 2;
        wire(out, "wire", middle, 8 + high, 8 + high + GAP);
        rect(out, "node", area, 6);
        for (index, line) in right.iter().enumerate() {
            write(out, "", area.x + GAP, 30 + index * LINE, line);
        }
    }
    8 + high + GAP
}

/// Where the boxes are, below the top of the LAN, and how high the LAN is.
fn rows(picture: &Picture) -> (Vec<Area>, usize) {
    let wide = (WIDE - 2 - (IN_ROW + 1) * GAP) / IN_ROW;
    let first = picture
        .machines
        .iter()
        .position(|one| one.role == "control-plane");
    let mut areas = Vec::new();
    let mut y = 40;
    for (row, group) in picture.machines.chunks(IN_ROW).enumerate() {
        let lines = group.iter().enumerate().map(|(column, machines)| {
            let extra = match first == Some(row * IN_ROW + column) {
                true => {
                    api(picture).map_or(0, |api| wrap(&format!("API {api}"), wide - 2 * GAP).len())
                }
                false => 0,
            };
            content(machines, wide).len() + extra
        });
        let high = lines.max().unwrap_or(0) * LINE + LINE + 20;
        for column in 0..group.len() {
            areas.push(Area {
                x: 1 + GAP + column * (wide + GAP),
                y,
                wide,
                high,
            });
        }
        y += high + GAP;
    }
    (areas, y)
}

/// The lines of a box below its heading, each as wide as the box at most.
fn content(machines: &Machines, wide: usize) -> Vec<String> {
    let lines = lines(machines);
    lines
        .iter()
        .flat_map(|line| wrap(line, wide - 2 * GAP))
        .collect()
}

fn group(out: &mut Html, machines: &Machines, area: Area, api: Option<&str>) {
    let class = match machines.role {
        "control-plane" => "first",
        _ => "node",
    };
    rect(out, class, area, 6);
    let x = area.x + GAP;
    let mut y = area.y + 25;
    write(out, "head", x, y, &heading(machines));
    for line in content(machines, area.wide) {
        y += LINE;
        write(out, "", x, y, &line);
    }
    for line in api.map_or_else(Vec::new, |api| {
        wrap(&format!("API {api}"), area.wide - 2 * GAP)
    }) {
        y += LINE;
        write(out, "head", x, y, &line);
    }
}

/// The pod network; returns the height of the picture.
fn bottom(out: &mut Html, picture: &Picture, below: usize) -> usize {
    let wide = WIDE - 2;
    let lines: Vec<String> = overlay(picture)
        .iter()
        .flat_map(|line| wrap(line, wide - 2 * GAP))
        .collect();
    let area = Area {
        x: 1,
        y: below + GAP,
        wide,
        high: lines.len() * LINE + 20,
    };
    wire(out, "wire dash", WIDE / 2, below, below + GAP);
    rect(out, "over", area, 10);
    for (index, line) in lines.iter().enumerate() {
        let class = if index == 0 { "head" } else { "" };
        write(out, class, GAP, area.y + 25 + index * LINE, line);
    }
    area.y + area.high + 2
}

fn rect(out: &mut Html, class: &'static str, area: Area, round: usize) {
    out.raw("<rect class=\"")
        .raw(class)
        .raw("\" x=\"")
        .number(area.x)
        .raw("\" y=\"")
        .number(area.y)
        .raw("\" width=\"")
        .number(area.wide)
        .raw("\" height=\"")
        .number(area.high)
        .raw("\" rx=\"")
        .number(round)
        .raw("\"/>\n");
}

fn wire(out: &mut Html, class: &'static str, x: usize, from: usize, to: usize) {
    out.raw("<line class=\"")
        .raw(class)
        .raw("\" x1=\"")
        .number(x)
        .raw("\" y1=\"")
        .number(from)
        .raw("\" x2=\"")
        .number(x)
        .raw("\" y2=\"")
        .number(to)
        .raw("\"/>\n");
}

fn write(out: &mut Html, class: &'static str, x: usize, y: usize, text: &str) {
    out.raw("<text class=\"")
        .raw(class)
        .raw("\" x=\"")
        .number(x)
        .raw("\" y=\"")
        .number(y)
        .raw("\">")
        .value(text)
        .raw("</text>\n");
}

/// The text in lines that fit: broken between words, or else within one; what is too long ends with a mark.
fn wrap(text: &str, pixels: usize) -> Vec<String> {
    let most = (pixels / LETTER).max(2);
    let text = crate::file_format::diagram::plain(text);
    let options = textwrap::Options::new(most)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    let all = textwrap::wrap(text.trim(), options);
    let mut lines: Vec<String> = all.iter().take(MOST).map(ToString::to_string).collect();
    if all.len() > MOST
        && let Some(last) = lines.last_mut()
    {
        while display_width(last) + 1 > most {
            last.pop();
        }
        last.push('…');
    }
    lines.retain(|line| !line.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_never_wider_than_its_box() {
        for text in [
            "r1-[01-40], r2-[01-40], r3-[01-40], r4-[01-40]",
            "averyveryverylongnamewithoutasinglespaceinitthatmustbebrokensomewhere",
            "寒い冬の夜に雪が降る寒い冬の夜に雪が降る",
            "",
        ] {
            let lines = wrap(text, 80);
            assert!(lines.len() <= MOST, "{lines:?}");
            for line in lines {
                assert!(display_width(&line) <= 10, "{line}");
            }
        }
        assert_eq!(wrap("one two three", 56), ["one two", "three"]);
        assert_eq!(wrap("one two three four five", 56), ["one two", "three…"]);
    }
}
