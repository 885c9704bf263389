//! The kinds of object store, and how to connect to each.

use std::env;
use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::{GcpCredential, GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::multipart::MultipartStore;
use object_store::{ObjectStore, RetryConfig, StaticCredentialProvider};

/// What a store has to be able to do.
pub trait Store: ObjectStore + MultipartStore {}

impl<T: ObjectStore + MultipartStore> Store for T {}

/// A kind of object store.
#[derive(Debug)]
pub struct Scheme {
    /// What its addresses begin with, without `://`.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Variables of the environment that bring credentials: all of one of the groups have to be set.
    credentials: &'static [&'static [&'static str]],
    connect: fn(&str, RetryConfig) -> object_store::Result<Arc<dyn Store>>,
}

/// Every kind of object store.
pub static SCHEMES: &[Scheme] = &[
    Scheme {
        name: "s3",
        about: "Amazon S3 and what speaks its protocol (AWS_ENDPOINT names another server)",
        credentials: &[
            &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
            &["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"],
            &["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
            &["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
            &["AWS_METADATA_ENDPOINT"],
            &["AWS_SKIP_SIGNATURE"],
        ],
        connect: |bucket, retries| {
            let builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retries);
            Ok(Arc::new(builder.build()?))
        },
    },
    Scheme {
        name: "gs",
        about: "Google Cloud Storage (GOOGLE_BASE_URL names another server)",
        credentials: &[
            &["GOOGLE_SERVICE_ACCOUNT"],
            &["GOOGLE_SERVICE_ACCOUNT_PATH"],
            &["GOOGLE_SERVICE_ACCOUNT_KEY"],
            &["GOOGLE_APPLICATION_CREDENTIALS"],
            &["GOOGLE_SKIP_SIGNATURE"],
        ],
        connect: |bucket, retries| {
            let builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket).with_retry(retries);
            Ok(Arc::new(unsigned(builder).build()?))
        },
    },
    Scheme {
        name: "az",
        about: "Azure Blob Storage (AZURE_STORAGE_ACCOUNT_NAME names the account, AZURE_STORAGE_ENDPOINT another server)",
        credentials: &[
            &["AZURE_STORAGE_ACCOUNT_KEY"],
            &["AZURE_STORAGE_ACCESS_KEY"],
            &["AZURE_STORAGE_SAS_KEY"],
            &["AZURE_STORAGE_SAS_TOKEN"],
            &["AZURE_STORAGE_TOKEN"],
            &["AZURE_STORAGE_CLIENT_ID", "AZURE_STORAGE_CLIENT_SECRET", "AZURE_STORAGE_TENANT_ID"],
            &["AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"],
            &["AZURE_FEDERATED_TOKEN_FILE"],
            &["AZURE_MSI_ENDPOINT"],
            &["AZURE_STORAGE_USE_EMULATOR"],
            &["AZURE_SKIP_SIGNATURE"],
        ],
        connect: |container, retries| {
            let builder =
                MicrosoftAzureBuilder::from_env().with_container_name(container).with_retry(retries);
            Ok(Arc::new(builder.build()?))
        },
    },
];

/// Without signatures nobody is asked for a token either. The client of object_store 0.13.2 asks the provider's metadata
/// service all the same, for every request that writes.
fn unsigned(builder: GoogleCloudStorageBuilder) -> GoogleCloudStorageBuilder {
    let skips = builder.get_config_value(&GoogleConfigKey::SkipSignature);
    if skips.is_none_or(|skips| skips != "true") {
        return builder;
    }
    let nobody = GcpCredential { bearer: String::new() };
    builder.with_credentials(Arc::new(StaticCredentialProvider::new(nobody)))
}

impl Scheme {
    /// The scheme with this name.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        SCHEMES.iter().find(|scheme| scheme.name == name)
    }

    /// Connects to a bucket. Nothing is sent yet.
    ///
    /// # Errors
    /// What is missing in the environment, or wrong there.
    pub(super) fn connect(&self, bucket: &str, retries: RetryConfig) -> Result<Arc<dyn Store>, String> {
        if !self.has_credentials(|name| env::var_os(name).is_some_and(|value| !value.is_empty())) {
            return Err(self.lacks_credentials());
        }
        // A builder's error names keys of the configuration, never their values.
        (self.connect)(bucket, retries).map_err(|error| format!("the environment's settings: {error}"))
    }

    /// Without this look, the store's client would ask a metadata service that only exists inside the
    /// provider's machines, and anybody else would wait for minutes.
    fn has_credentials(&self, is_set: impl Fn(&str) -> bool) -> bool {
        self.credentials.iter().any(|group| group.iter().all(|name| is_set(name)))
    }

    fn lacks_credentials(&self) -> String {
        let groups: Vec<String> = self.credentials.iter().map(|group| group.join(" and ")).collect();
        format!("no credentials in the environment: set {}", groups.join(", or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_whole_group_of_credentials_is_enough() {
        let scheme = Scheme::find("s3").unwrap();
        assert!(!scheme.has_credentials(|_| false));
        assert!(!scheme.has_credentials(|name| name == "AWS_ACCESS_KEY_ID"));
        assert!(scheme.has_credentials(|name| name.contains("ACCESS_KEY")));
        assert!(scheme.lacks_credentials().contains("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "));
    }

    #[test]
    fn schemes_have_names_of_their_own() {
        for (index, scheme) in SCHEMES.iter().enumerate() {
            assert_eq!(SCHEMES.iter().position(|other| other.name == scheme.name), Some(index));
        }
        assert!(Scheme::find("ftp").is_none());
    }
}
