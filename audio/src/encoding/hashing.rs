//! The digests that music libraries know files by.

use std::io::{self, Read};

use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::Xxh3Default;

/// What a file's bytes come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// SHA-256, 64 hexadecimal digits.
    pub sha256: String,
    /// XXH3 with 128 bits, 32 hexadecimal digits.
    pub xxh128: String,
    /// Bytes read.
    pub bytes: u64,
}

/// Reads a file once for both digests.
#[derive(Debug)]
pub struct Hashing;

impl Hashing {
    /// The digests of all that `input` has.
    ///
    /// # Errors
    /// Those of `input`.
    pub fn of(input: &mut impl Read) -> io::Result<Digests> {
        let (mut sha256, mut xxh128) = (Sha256::new(), Xxh3Default::new());
        let mut buffer = vec![0; 1 << 16];
        let mut bytes = 0;
        loop {
            let read = input.read(&mut buffer)?;
            if read == 0 {
                let sha256 = sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
                return Ok(Digests { sha256, xxh128: format!("{:032x}", xxh128.digest128()), bytes });
            }
            sha256.update(&buffer[..read]);
            xxh128.update(&buffer[..read]);
            bytes += read as u64;
        }
    }
}
