//! The header before each page, in Thrift's compact form.
//!
//! Source: Apache Parquet format, `parquet.thrift`, struct `PageHeader`; Apache Thrift, `thrift-compact-protocol.md`.
//! A field is one byte (how much its number exceeds the one before it, then its type) and its value; a struct
//! ends with a zero byte.

use parquet::basic::Encoding;

use super::bitpack::write_varint;

/// A field of a 32-bit number whose field number is the previous one's successor.
const NEXT_I32: u8 = 0x15;
/// A field that is false, two after none: number 1 and 2 went before it.
const NEXT_FALSE: u8 = 0x12;
/// `data_page_header`: field 5, a struct, after field 3.
const DATA_PAGE_HEADER: u8 = 0x2c;
/// `dictionary_page_header`: field 7, a struct, after field 3.
const DICTIONARY_PAGE_HEADER: u8 = 0x4c;
/// The end of a struct.
const STOP: u8 = 0;

/// The sizes of a page, in bytes and without its header.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageSize {
    /// Before compression.
    pub uncompressed: usize,
    /// In the file.
    pub compressed: usize,
}

/// Appends the header of a version 1 data page.
pub(super) fn write_data_page_header(
    size: PageSize,
    value_count: usize,
    encoding: Encoding,
    out: &mut Vec<u8>,
) {
    write_sizes(0, size, out);
    out.push(DATA_PAGE_HEADER);
    for number in [value_count, encoding as usize, Encoding::RLE as usize, Encoding::RLE as usize] {
        write_number(number, out);
    }
    out.extend([STOP, STOP]);
}

/// Appends the header of a dictionary page.
pub(super) fn write_dictionary_page_header(size: PageSize, entries: usize, out: &mut Vec<u8>) {
    write_sizes(2, size, out);
    out.push(DICTIONARY_PAGE_HEADER);
    write_number(entries, out);
    write_number(Encoding::PLAIN as usize, out);
    out.extend([NEXT_FALSE, STOP, STOP]);
}

fn write_sizes(page_type: usize, size: PageSize, out: &mut Vec<u8>) {
    for number in [page_type, size.uncompressed, size.compressed] {
        write_number(number, out);
    }
}

/// Numbers are in zigzag form: none here is negative.
fn write_number(number: usize, out: &mut Vec<u8>) {
    out.push(NEXT_I32);
    write_varint((number as u64) << 1, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use parquet::column::page::{CompressedPage, Page, PageWriter};
    use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
    use proptest::prelude::*;

    /// What the parquet crate writes before the page.
    fn reference(page: Page, uncompressed: usize) -> Vec<u8> {
        let mut out = TrackedWrite::new(Vec::new());
        SerializedPageWriter::new(&mut out).write_page(CompressedPage::new(page, uncompressed)).unwrap();
        out.into_inner().unwrap()
    }

    proptest! {
        #[test]
        fn headers_are_those_of_the_parquet_crate(
            compressed in 0usize..70_000,
            more in 0usize..5_000_000,
            values in any::<u32>().prop_map(|values| values >> 1),
            encoding in prop::sample::select(vec![
                Encoding::PLAIN,
                Encoding::RLE_DICTIONARY,
                Encoding::DELTA_BINARY_PACKED,
                Encoding::DELTA_LENGTH_BYTE_ARRAY,
                Encoding::DELTA_BYTE_ARRAY,
            ]),
        ) {
            let (size, buf) = (PageSize { uncompressed: compressed + more, compressed }, vec![7; compressed]);
            let mut ours = Vec::new();
            write_data_page_header(size, values as usize, encoding, &mut ours);
            ours.extend_from_slice(&buf);
            let page = Page::DataPage {
                buf: Bytes::from(buf.clone()),
                num_values: values,
                encoding,
                def_level_encoding: Encoding::RLE,
                rep_level_encoding: Encoding::RLE,
                statistics: None,
            };
            prop_assert!(ours == reference(page, size.uncompressed));

            let mut ours = Vec::new();
            write_dictionary_page_header(size, values as usize, &mut ours);
            ours.extend_from_slice(&buf);
            let buf = Bytes::from(buf);
            let page =
                Page::DictionaryPage { buf, num_values: values, encoding: Encoding::PLAIN, is_sorted: false };
            prop_assert!(ours == reference(page, size.uncompressed));
        }
    }
}
