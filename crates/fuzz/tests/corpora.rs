//! The corpora of the fuzzer, without it: what was once worth keeping goes through every door again.

#![cfg(test)]

use std::path::Path;

use kandy_fuzz::TARGETS;

/// Files of a corpus that is worth its name, and most that are kept of it; bytes of the longest.
const FILES: std::ops::RangeInclusive<usize> = 10..=60;
const LONGEST: usize = 8 << 10;

#[test]
fn every_input_of_the_corpora_passes() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    for (name, target) in TARGETS {
        let files = std::fs::read_dir(corpora.join(name)).unwrap().map(|file| file.unwrap().path());
        let files: Vec<_> = files.collect();
        assert!(FILES.contains(&files.len()), "{name} has {} files", files.len());
        for file in files {
            let data = std::fs::read(&file).unwrap();
            assert!(data.len() <= LONGEST, "{} is too long", file.display());
            // Shown if the target panics.
            println!("{}", file.display());
            target(&data);
        }
    }
}

#[test]
fn text_that_is_none_passes_too() {
    let every_byte: Vec<u8> = (0..=255).collect();
    for (_, target) in TARGETS {
        for data in [&[][..], b"\n\n\n", b"\xff\xfe", &every_byte, &b"\n".repeat(100_000), &b"[".repeat(100_000)] {
            target(data);
        }
    }
}
