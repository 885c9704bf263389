//! Short pieces of text that lie ready, copied without asking for their length first.

/// Bytes of a [`Slot`]: most values with all that stands before them, in three copies of 16 bytes.
const SLOT_BYTES: usize = 48;

/// A piece of text that does not change.
///
/// A copy whose size the compiler knows is a few moves; one of any length is a call. So a piece that fits is copied
/// with all that the slot has, and what is too much is cut off again.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    bytes: [u8; SLOT_BYTES],
    /// At most [`SLOT_BYTES`]; more where the piece is in `long`.
    length: usize,
    long: Box<[u8]>,
}

impl Slot {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut bytes = [0; SLOT_BYTES];
        if text.len() <= SLOT_BYTES {
            bytes[..text.len()].copy_from_slice(text);
            return Self { bytes, length: text.len(), long: Box::default() };
        }
        Self { bytes, length: text.len(), long: text.into() }
    }

    /// Appends the piece.
    #[inline]
    pub(super) fn append_to(&self, out: &mut Vec<u8>) {
        if self.length <= SLOT_BYTES {
            append_cut(&self.bytes, self.length, out);
        } else {
            out.extend_from_slice(&self.long);
        }
    }
}

/// Appends the first `length` bytes of an array, which is as short as the copy is cheap.
#[inline]
pub(super) fn append_cut<const N: usize>(bytes: &[u8; N], length: usize, out: &mut Vec<u8>) {
    let end = out.len() + length;
    out.extend_from_slice(bytes);
    out.truncate(end);
}

/// Appends `text[start..end]`. Short pieces are copied like a [`Slot`], when as many bytes follow in `text`.
#[inline]
pub(super) fn append_part(text: &[u8], start: usize, end: usize, out: &mut Vec<u8>) {
    match text.get(start..).and_then(<[u8]>::first_chunk::<SLOT_BYTES>) {
        Some(window) if end - start <= SLOT_BYTES => append_cut(window, end - start, out),
        _ => out.extend_from_slice(&text[start..end]),
    }
}
