use md5::{Digest, Md5};

use super::nodes::write_object;
use super::text::Json;
use crate::archive::Text;
use crate::frame::Frame;
use crate::object::Object;

/// A frame as JSON. `is_wanted` says which of its objects are shown.
pub fn frame_to_json(frame: &Frame, is_wanted: impl Fn(&Text) -> bool) -> String {
    let mut out = Json::default();
    let offset = frame.place().map_or(0, |place| place.offset);
    out.object(|out| {
        out.name("offset").plain(offset);
        if let Some(bytes) = frame.bytes() {
            out.name("length").plain(bytes.len());
        }
        out.name("version").plain(1);
        out.name("type").plain(frame.kind().0);
        if let Some(checksum) = frame.stored_checksum() {
            out.name("crc_stored").plain(checksum);
            // Frames with another one are not read.
            out.name("crc_ok").plain(true);
        }
        out.name("type_char").text(&frame.kind().to_string());
        out.name("objects").object(|out| {
            for (name, object) in frame.iter().filter(|(name, _)| is_wanted(name)) {
                out.name(&name.to_str())
                    .object(|out| entry(frame, object, offset, out));
            }
        });
        out.name("order")
            .list(|out| frame.names().for_each(|name| out.text(&name.to_str())));
    });
    out.finish()
}

fn entry(frame: &Frame, object: &Object, offset: u64, out: &mut Json) {
    if let Some(blob) = object.stored() {
        // A part of the frame's memory.
        let start = frame
            .bytes()
            .and_then(|bytes| blob.as_ptr().addr().checked_sub(bytes.as_ptr().addr()));
        if let Some(start) = start.filter(|_| !blob.is_empty()) {
            out.name("blob_offset").plain(offset + start as u64);
        }
        out.name("blob_len").plain(blob.len());
        let digest = Md5::digest(blob);
        out.name("blob_md5").text(&hexadecimal(&digest));
    }
    if let Ok(class) = object.class() {
        out.name("class").text(&class);
    }
    write_object(object, out);
}

fn hexadecimal(digest: &[u8]) -> String {
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let letters = digits.map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]));
    letters.collect()
}
