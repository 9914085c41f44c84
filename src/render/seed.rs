//! Seed images: cloud-init's three files of a node on a small FAT volume of the name that cloud-init
//! looks for (`CIDATA`), for machines that get them as a second disk.
//!
//! Always the same bytes from the same files: no clock, and a volume id computed from the content.

use std::io::{self, Cursor, Write as _};

use camino::Utf8PathBuf;
use fatfs::{FileSystem, FormatVolumeOptions, FsOptions, format_volume};
use sha2::{Digest as _, Sha256};

use super::{Content, Entries, Entry, File};
use crate::plan::Seed;

/// FAT's directories and tables, and room for the ends of clusters.
const OVERHEAD: usize = 64 * 1024;

/// The images that are asked for.
pub(super) fn seeds(seeds: &[Seed], entries: &Entries) -> Vec<(Utf8PathBuf, File)> {
    let image_of = |seed: &Seed| {
        let mut files = Vec::new();
        let mut mode = 0o644;
        for name in ["user-data", "meta-data", "network-config"] {
            if let Some(Entry::File(file)) = entries.get(seed.folder.join(name).as_str()) {
                files.push((name, file.content.clone()));
                mode = mode.min(file.mode);
            }
        }
        let image = move || {
            image(&files).expect("memory accepts all bytes, and the volume has room for them")
        };
        let file = File {
            content: Content::later(image),
            mode,
            lines: Vec::new(),
        };
        (seed.folder.join("seed.img"), file)
    };
    seeds.iter().map(image_of).collect()
}

fn image(files: &[(&str, Content)]) -> io::Result<Vec<u8>> {
    let mut sum = Sha256::new();
    let mut size = OVERHEAD;
    for (name, content) in files {
        sum.update(name);
        sum.update(content.sha256());
        size += content.len();
    }
    let id: [u8; 32] = sum.finalize().into();
    let mut disk = Cursor::new(vec![0; size.next_multiple_of(OVERHEAD)]);
    format_volume(
        &mut disk,
        FormatVolumeOptions::new()
            .bytes_per_cluster(512)
            .volume_id(u32::from_be_bytes([id[0], id[1], id[2], id[3]]))
            .volume_label(*b"CIDATA     "),
    )?;
    {
        // Without a feature for clocks, the library dates everything 1980-01-01.
        let volume = FileSystem::new(&mut disk, FsOptions::new())?;
        for (name, content) in files {
            let mut file = volume.root_dir().create_file(name)?;
            for piece in content.pieces() {
                file.write_all(piece)?;
            }
            file.flush()?;
        }
        volume.unmount()?;
    }
    Ok(disk.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_volume_has_its_label_and_its_files_and_no_clock() {
        let (user, meta) = (
            Content::from("#cloud-config\n".repeat(9000)),
            Content::from("instance-id: i\n"),
        );
        let files = [("user-data", user), ("meta-data", meta)];
        let bytes = image(&files).expect("an image");
        assert_eq!(image(&files).expect("an image"), bytes);
        let volume = FileSystem::new(Cursor::new(bytes), FsOptions::new()).expect("FAT");
        assert_eq!(
            volume
                .read_volume_label_from_root_dir()
                .expect("readable")
                .as_deref(),
            Some("CIDATA")
        );
        for (name, content) in files {
            let mut found = Vec::new();
            let mut file = volume.root_dir().open_file(name).expect(name);
            file.read_to_end(&mut found).expect("readable");
            assert_eq!(found, content.pieces().concat());
        }
    }
}
