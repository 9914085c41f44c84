//! The outline, folds, selections, tokens, remarks and lenses of the first example, as a page to read.

use std::fmt::Write as _;
use std::path::Path;

use pikc::editor::{
    Entry, LensCommand, LinkTarget, Project, folds, hints, lenses, links, outline, search,
    selections, tokens,
};
use pikc::source::Span;

use super::world::World;
use crate::support::bless::same;

fn line(project: &Project, span: Span) -> usize {
    project.analysis.sources.start(span).line
}

fn entries(project: &Project, all: &[Entry], depth: usize, out: &mut String) {
    for entry in all {
        let kind = format!("{:?}", entry.kind).to_lowercase();
        let detail = match entry.detail.as_str() {
            "" => String::new(),
            detail => format!(" ({detail})"),
        };
        let at = line(project, entry.head);
        let _ = writeln!(
            out,
            "{}{at} {kind} {}{detail}",
            "  ".repeat(depth),
            entry.name
        );
        entries(project, &entry.children, depth + 1, out);
    }
}

fn page(world: &World) -> String {
    let project = world.project();
    let view = project.view(&world.0[0].0).expect("a view");
    let mut out = String::from("# Outline\n\n");
    entries(&project, &outline(&view), 0, &mut out);
    out.push_str("\n# Found for `nd`\n\n");
    for found in search(&project, "nd") {
        let _ = writeln!(out, "{} {}", line(&project, found.head), found.name);
    }
    out.push_str("\n# Folds\n\n");
    for fold in folds(&view) {
        let end = project.analysis.sources.end(fold.span).line;
        let _ = writeln!(out, "{}-{end} {:?}", line(&project, fold.span), fold.kind);
    }
    out.push_str("\n# Tokens\n");
    let mut last = 0;
    for token in tokens(&view) {
        let at = line(&project, token.span);
        if at != last {
            let _ = write!(out, "\n{at}");
            last = at;
        }
        let more = token.modifiers;
        let marks = [
            (more.definition, " definition"),
            (more.readonly, " readonly"),
            (more.library, " library"),
            (more.deprecated, " deprecated"),
        ];
        let marks: String = marks
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, mark)| *mark)
            .collect();
        let kind = format!("{:?}", token.kind).to_lowercase();
        let _ = write!(out, " `{}`:{kind}{marks}", project.text(token.span));
    }
    out.push_str("\n\n# Hints\n\n");
    for hint in hints(&view) {
        let _ = writeln!(
            out,
            "{} {} {:?}",
            line(&project, hint.place),
            hint.text,
            hint.details
        );
    }
    out.push_str("\n# Lenses\n\n");
    for lens in lenses(&view) {
        let does = match lens.command {
            LensCommand::Compile => "compiles",
            LensCommand::Why(_) => "shows lines",
            LensCommand::None => "says",
        };
        let _ = writeln!(out, "{} {does}: {}", line(&project, lens.head), lens.title);
    }
    out.push_str("\n# Links\n\n");
    for link in links(&view) {
        let to = match link.to {
            LinkTarget::File(path) => path,
            LinkTarget::Code(code) => format!("the explanation of {}", code.code),
            LinkTarget::Web(address) => address,
        };
        let _ = writeln!(out, "{} {to}", line(&project, link.span));
    }
    out.push_str("\n# Selections at `pi-3b` and `ntp.nict`\n\n");
    for here in ["pi-3b", "ntp.ni"] {
        let at = view.text().find(here).expect(here) + 1;
        for span in selections(&view, at) {
            let text: Vec<&str> = project.text(span).split_whitespace().collect();
            let text = text.join(" ");
            let short: String = text.chars().take(60).collect();
            let _ = writeln!(out, "{:>5} bytes {short}", span.len());
        }
    }
    out
}

#[test]
fn the_first_example_looks_like_this_in_an_editor() {
    let world = World::disk(Path::new("examples/home-pi/cluster.pik"));
    same("tests/navigate/home-pi.txt", &page(&world));
}

#[test]
fn constants_strings_and_what_is_made_from_ranges_look_like_this() {
    let text = r#"# https://example.org/a, see it.
use = ["more.pik"]
let { lan = 192.168.11.0/24, on = on, why = "a ${lan} b" }
cluster home {
  kubernetes = 1.36.1
  network { lan = $lan, gateway = 192.168.11.1, dns = [192.168.11.1], pods = 10.244.0.0/16, services = 10.96.0.0/12 }
  runtime crio {}
  cni auto {}
}
node r[1-6] {
  role = worker
  os = raspios-trixie
  board = pi-4b-4g
  address = 192.168.11.11..192.168.11.16
  user pi { ssh-keys = [] }
  interface wlan0 { wifi { ssid = "ntp.nict pi-3b ${lan}", passphrase = secret:wifi } }
  labels { note = """
    slot ${index}
      of ${name}
    """ }
}
"#;
    let world = World::new(&[("cluster.pik", text), ("more.pik", "")]);
    same("tests/navigate/values.txt", &page(&world));
}
