//! `config.txt` of a Raspberry Pi's boot partition: pikc's block in it.
//!
//! In: the settings of a `firmware` block. Out: lines for between two marker lines, at the end of the file.
//!
//! The firmware reads `name=value` on each line, 98 characters of it and no more, `#` at the start of a line as a comment, and `[...]` as
//! a filter for the lines that follow (raspberrypi/documentation config_txt/what_is_config_txt.adoc, conditional.adoc). So the block
//! begins with `[all]`: the file may end in a section for another board. It is in config.txt itself, and not in a file that
//! config.txt includes, because what runs before the firmware (bootcode.bin, the EEPROM's boot loader) does not follow an `include`, and
//! sets the memory of the graphics processor (raspberrypi/firmware#1810, #1332).

use super::{Format, Unfit, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct ConfigTxt;

impl Format for ConfigTxt {
    const NAME: &'static str = "the settings of a Raspberry Pi's firmware (config.txt)";
}

/// The file on the boot partition.
pub const FILE: &str = "config.txt";

/// The first line of pikc's block, as `block` of `lib.sh` writes it.
const BEGIN: &str = "# BEGIN pikc firmware (what is between these two lines is overwritten)";

/// Its last line.
const END: &str = "# END pikc firmware";

/// The most characters of a line that the firmware reads.
const LONGEST: usize = 98;

impl Writer<ConfigTxt> {
    /// `kernel=kernel8.img`: a file on the boot partition.
    pub fn kernel(&mut self, file: &str, origins: impl IntoIterator<Item = Origin>) {
        let line = word::module(file).and_then(|file| whole(format!("kernel={file}")));
        self.put(line, origins);
    }

    /// `gpu_mem=16`: MiB of memory for graphics.
    pub fn gpu_mem(&mut self, mebibytes: i64, origins: impl IntoIterator<Item = Origin>) {
        self.put(whole(format!("gpu_mem={mebibytes}")), origins);
    }

    /// `dtoverlay=NAME,PARAMETER=VALUE`.
    pub fn overlay(&mut self, overlay: &str, origins: impl IntoIterator<Item = Origin>) {
        let line = word::word(
            overlay,
            "an overlay with its parameters",
            "letters, digits and `-_,=.:/+`",
            |c| c.is_ascii_alphanumeric() || "-_,=.:/+".contains(c),
        )
        .and_then(|overlay| match overlay.starts_with([',', '=']) {
            true => Err(Unfit::new("has no name in front of its parameters")),
            false => whole(format!("dtoverlay={overlay}")),
        });
        self.put(line, origins);
    }
}

/// A line that the firmware reads to its end.
fn whole(line: String) -> Result<String, Unfit> {
    match line.len() {
        0..=LONGEST => Ok(line),
        more => Err(Unfit::new(format!(
            "makes a line of {more} characters, and the firmware reads {LONGEST}"
        ))),
    }
}

/// Why a config.txt cannot be changed: pikc's block in it has a first line and no last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn;

/// The text of a config.txt with these lines as pikc's block at its end, or without the block if there are none: what
/// `block` and `unblock` of `lib.sh` do on the machine.
pub fn with_block(before: &str, lines: Option<&str>) -> Result<String, Torn> {
    let mut text = String::with_capacity(before.len() + lines.map_or(0, str::len) + 160);
    let (mut inside, mut found) = (false, false);
    for line in before.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        if inside {
            inside = bare != END;
        } else if bare == BEGIN {
            (inside, found) = (true, true);
        } else {
            text.push_str(line);
        }
    }
    if inside {
        return Err(Torn);
    }
    let Some(lines) = lines else {
        return Ok(match found {
            true => text,
            false => before.to_owned(),
        });
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for line in [BEGIN, lines.trim_end_matches('\n'), END] {
        text.push_str(line);
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_replaces_itself_and_leaves_without_a_trace() {
        let image = "[cm4]\notg_mode=1\n\n[all]\n# END pikc firmware\n";
        let once = with_block(image, Some("[all]\nkernel=kernel8.img\n")).expect("whole");
        assert_eq!(
            once,
            format!("{image}{BEGIN}\n[all]\nkernel=kernel8.img\n{END}\n")
        );
        let again = with_block(&once, Some("[all]\nkernel=kernel8.img"));
        assert_eq!(again.as_ref(), Ok(&once));
        let other = with_block(&once, Some("[all]\ngpu_mem=16\n")).expect("whole");
        assert_eq!(other.matches(BEGIN).count(), 1);
        assert!(other.contains("gpu_mem=16") && !other.contains("kernel="));
        assert_eq!(with_block(&once, None).as_deref(), Ok(image));
        assert_eq!(with_block(image, None).as_deref(), Ok(image));
        let torn = once.replace(&format!("gpu\n{END}"), "");
        assert_eq!(
            with_block(torn.trim_end_matches(&format!("{END}\n")), None),
            Err(Torn)
        );
    }

    #[test]
    fn a_file_without_a_last_newline_keeps_its_last_line() {
        let text = with_block("arm_64bit=1", Some("[all]\ngpu_mem=16\n")).expect("whole");
        assert!(text.starts_with("arm_64bit=1\n# BEGIN"));
    }
}
