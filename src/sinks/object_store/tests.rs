//! Buckets over a store in memory; `tests/object_store.rs` speaks to a real server.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use object_store::memory::InMemory;
use proptest::prelude::*;

use super::*;

static NEVER: AtomicBool = AtomicBool::new(false);

fn bucket() -> Bucket {
    let Destination::Objects(address) = Destination::parse("s3://bucket/some/prefix").unwrap() else {
        panic!("an address of an object store")
    };
    Bucket::over(&address, Arc::new(InMemory::new()), &NEVER).unwrap()
}

#[test]
fn nothing_is_there_until_an_upload_is_published() {
    let bucket = bucket();
    let mut upload = bucket.begin("a/b.csv").unwrap();
    upload.write_all(b"hello").unwrap();
    let finished = upload.finish().unwrap();
    assert_eq!((bucket.list().unwrap(), finished.bytes), (vec![], 5));
    bucket.publish(&finished).unwrap();
    let listed = bucket.list().unwrap();
    assert_eq!((listed.len(), listed[0].name.as_str(), listed[0].bytes), (1, "a/b.csv", 5));
    assert_eq!(bucket.read("a/b.csv").unwrap().unwrap(), b"hello");
    assert!(bucket.verify(&finished).unwrap());
    bucket.put("a/b.csv", b"hallo".to_vec(), None).unwrap();
    assert!(!bucket.verify(&finished).unwrap());
    bucket.remove("a/b.csv").unwrap();
    bucket.remove("a/b.csv").unwrap();
    assert!(!bucket.verify(&finished).unwrap());
}

#[test]
fn an_upload_replaces_what_is_there_only_when_it_is_published() {
    let bucket = bucket();
    bucket.put("x", b"old".to_vec(), None).unwrap();
    let mut upload = bucket.begin("x").unwrap();
    upload.write_all(b"new").unwrap();
    let finished = upload.finish().unwrap();
    assert_eq!(bucket.read("x").unwrap().unwrap(), b"old");
    bucket.publish(&finished).unwrap();
    assert_eq!(bucket.read("x").unwrap().unwrap(), b"new");
}

#[test]
fn an_abandoned_upload_leaves_nothing() {
    let bucket = bucket();
    let mut upload = bucket.begin("x").unwrap();
    upload.write_all(&vec![7; 20 << 20]).unwrap();
    upload.abandon();
    assert_eq!(bucket.list().unwrap(), []);
}

#[test]
fn an_object_may_be_empty() {
    let bucket = bucket();
    let finished = bucket.begin("x").unwrap().finish().unwrap();
    bucket.publish(&finished).unwrap();
    assert_eq!(bucket.read("x").unwrap().unwrap(), b"");
    assert!(bucket.verify(&finished).unwrap());
}

#[test]
fn a_range_may_be_empty() {
    let bucket = bucket();
    bucket.put("x", b"hello".to_vec(), None).unwrap();
    assert_eq!(bucket.read_range("x", 1..3).unwrap(), "el");
    for place in [0, 3, 5] {
        assert_eq!(bucket.read_range("x", place..place).unwrap(), "");
    }
}

#[test]
fn only_one_of_two_creates() {
    let bucket = bucket();
    let tag = bucket.put("claim", b"1".to_vec(), Some(None)).unwrap();
    assert_eq!(
        bucket.put("claim", b"2".to_vec(), Some(None)).unwrap_err().exit_code(),
        crate::ExitCode::BadInput
    );
    let next = bucket.put("claim", b"3".to_vec(), Some(tag.clone())).unwrap();
    assert_ne!(next, tag);
    assert!(bucket.put("claim", b"4".to_vec(), Some(tag)).is_err());
    assert_eq!(bucket.read("claim").unwrap().unwrap(), b"3");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Parts are cut at sizes of their own, whatever the sizes of the writes.
    #[test]
    fn bytes_arrive_in_order(sizes in proptest::collection::vec(0usize..5_000_000, 0..12)) {
        let bucket = bucket();
        let mut upload = bucket.begin("x").unwrap();
        let mut expected = Vec::new();
        for (number, size) in sizes.into_iter().enumerate() {
            let piece: Vec<u8> = (0..size).map(|index| (index * 31 + number * 7 + index / 251) as u8).collect();
            upload.write_all(&piece).unwrap();
            expected.extend(piece);
        }
        let finished = upload.finish().unwrap();
        bucket.publish(&finished).unwrap();
        prop_assert!(bucket.read("x").unwrap().unwrap() == expected);
        prop_assert_eq!(&finished.digest, &format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&expected)));
        prop_assert_eq!(bucket.digest("x").unwrap(), finished.digest);
        prop_assert_eq!(finished.parts.len(), expected.len().div_ceil(8 << 20).max(1));
    }
}
