use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Compiled images of earlier runs. What goes wrong here costs a compilation and nothing else, so
/// no error is told.
#[derive(Debug)]
pub(super) struct Cache(PathBuf);

/// The bytes of a digest, before those of an image.
const DIGEST: usize = 32;

impl Cache {
    /// The most images that are kept.
    const MOST: usize = 512;

    /// In the user's cache directory, if there is one.
    pub(super) fn of_user() -> Option<Cache> {
        let absolute = |name| std::env::var_os(name).map(PathBuf::from);
        let absolute = |name| absolute(name).filter(|path: &PathBuf| path.is_absolute());
        let base = absolute("XDG_CACHE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
        Some(Cache(base.join("jobwise/cuda")))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.cubin"))
    }

    /// The image of this name, if it is there and whole.
    pub(super) fn get(&self, name: &str) -> Option<Vec<u8>> {
        Self::read(&self.path(name))
    }

    /// The images whose names begin so, the newest compiler's first.
    pub(super) fn all(&self, digest: &str) -> Vec<Vec<u8>> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.retain(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy());
            name.is_some_and(|name| name.starts_with(digest) && name.ends_with(".cubin"))
        });
        paths.sort();
        paths
            .iter()
            .rev()
            .filter_map(|path| Self::read(path))
            .collect()
    }

    fn read(path: &Path) -> Option<Vec<u8>> {
        let mut stored = fs::read(path).ok()?;
        let image = stored.get(DIGEST..)?;
        if stored[..DIGEST] != Sha256::digest(image)[..] {
            return None;
        }
        stored.drain(..DIGEST);
        Some(stored)
    }

    /// Keeps an image; in the place of the oldest, where there are many.
    pub(super) fn put(&self, name: &str, image: &[u8]) {
        let _ = self.write(name, image);
    }

    fn write(&self, name: &str, image: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        // A name of this process, as others may compile the same.
        let temporary = self.0.join(format!("{name}.{}.part", std::process::id()));
        let stored = [&Sha256::digest(image)[..], image].concat();
        let written = fs::write(&temporary, stored);
        if let Err(error) = written.and_then(|()| fs::rename(&temporary, self.path(name))) {
            let _ = fs::remove_file(&temporary);
            return Err(error);
        }
        self.forget_oldest()
    }

    fn forget_oldest(&self) -> io::Result<()> {
        let mut kept = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            kept.push((entry.metadata()?.modified()?, entry.path()));
        }
        if kept.len() > Self::MOST {
            kept.sort();
            let many = kept.len() - Self::MOST;
            kept.iter()
                .take(many)
                .try_for_each(|(_, path)| forget(path))?;
        }
        Ok(())
    }
}

fn forget(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        // Another process was quicker.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_image_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache(directory.path().join("made/anew"));
        assert_eq!(cache.get("a"), None);
        cache.put("a", b"image");
        assert_eq!(cache.get("a").as_deref(), Some(&b"image"[..]));
        let path = cache.path("a");
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(cache.get("a"), None, "{length} bytes");
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 16;
            fs::write(&path, damaged).unwrap();
            assert_eq!(cache.get("a"), None, "byte {at}");
        }
    }

    #[test]
    fn images_of_all_compilers_are_found() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache(directory.path().to_owned());
        for (name, image) in [("a-12.9", b"old"), ("a-13.0", b"new"), ("b-13.1", b"not")] {
            cache.put(name, image);
        }
        fs::write(directory.path().join("a-13.1.cubin"), b"damaged").unwrap();
        assert_eq!(cache.all("a-"), [b"new", b"old"]);
    }

    #[test]
    fn the_oldest_images_make_room() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache(directory.path().to_owned());
        for number in 0..Cache::MOST + 3 {
            fs::write(cache.path(&format!("{number:04}")), [0; DIGEST]).unwrap();
        }
        cache.put("new", b"image");
        assert!(cache.get("new").is_some());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), Cache::MOST);
    }
}
