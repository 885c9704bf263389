//! What a store's errors mean, in one line without addresses or credentials.

use std::error::Error as StdError;
use std::io;

use object_store::Error as StoreError;

/// Translates a store's error. The kind decides on the exit code: what another bucket or other credentials
/// would have helped is the user's, the rest is the machine's.
pub(super) fn translate(error: &StoreError) -> io::Error {
    let detail = detail(error);
    let (kind, text) = match error {
        StoreError::NotFound { .. } => (io::ErrorKind::NotFound, "not found"),
        StoreError::AlreadyExists { .. } => (io::ErrorKind::AlreadyExists, "already there"),
        StoreError::Precondition { .. } => (io::ErrorKind::AlreadyExists, "changed by another program"),
        StoreError::PermissionDenied { .. } => (io::ErrorKind::PermissionDenied, "permission denied"),
        StoreError::Unauthenticated { .. } => (io::ErrorKind::PermissionDenied, "credentials refused"),
        _ => kind_of(error),
    };
    let detail = detail.as_deref().unwrap_or_default();
    let message = match detail {
        "" => text.to_owned(),
        _ if detail.contains("NoSuchBucket") => "there is no such bucket".to_owned(),
        _ if detail.contains("URL scheme is not allowed") => {
            let hint = "the server has no TLS, which AWS_ALLOW_HTTP=true allows";
            return io::Error::new(io::ErrorKind::InvalidInput, hint);
        }
        _ => format!("{text}: {detail}"),
    };
    io::Error::new(kind, message)
}

/// Every cause, the outermost first.
fn causes(error: &StoreError) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    std::iter::successors(Some(first), |&error| error.source())
}

/// What an error without a kind of its own is: the status of the server's answer, or the operating system's
/// word.
fn kind_of(error: &StoreError) -> (io::ErrorKind, &'static str) {
    match answer(error).as_deref().and_then(status) {
        Some(404) => (io::ErrorKind::NotFound, "not found"),
        Some(401 | 403) => (io::ErrorKind::PermissionDenied, "permission denied"),
        Some(_) => (io::ErrorKind::Other, "the store failed"),
        None => {
            let found = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last();
            found.map_or((io::ErrorKind::Other, "the store failed"), |found| {
                (found.kind(), "the store does not answer")
            })
        }
    }
}

/// The server's answer, where there was one.
fn answer(error: &StoreError) -> Option<String> {
    causes(error).map(ToString::to_string).find(|text| text.starts_with("Server returned"))
}

/// The status code in an answer as the client tells it.
fn status(answer: &str) -> Option<u16> {
    let (_, rest) = answer.split_once("status code: ")?;
    rest.split_whitespace().next()?.parse().ok()
}

/// What the server or the system said: the code and message of an XML answer, or the innermost cause. The outer
/// causes are left out because they repeat the request's address, which may be signed.
fn detail(error: &StoreError) -> Option<String> {
    if let Some(answer) = answer(error) {
        let code = element(&answer, "Code");
        let message = element(&answer, "Message");
        let told = match (code, message) {
            (Some(code), Some(message)) => format!("{message} ({code})"),
            (Some(code), None) => code.to_owned(),
            // The status, without the page that some servers send with it.
            _ => answer.split(": ").take(2).collect::<Vec<_>>().join(": "),
        };
        return Some(one_line(&told));
    }
    let innermost = causes(error).skip(1).last()?.to_string();
    // reqwest and hyper begin some texts with the address.
    (!innermost.contains("://")).then(|| one_line(&innermost))
}

/// The text of the first XML element of this name.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>"))
        .map(|(inside, _)| inside.trim())
        .filter(|inside| !inside.is_empty())
}

/// A server's text may hold anything.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 300;
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Answer(&'static str);

    fn generic(source: impl StdError + Send + Sync + 'static) -> StoreError {
        StoreError::Generic { store: "S3", source: Box::new(source) }
    }

    #[test]
    fn a_server_s_answer_is_told_by_its_code_and_message() {
        let xml = "Server returned non-2xx status code: 404 Not Found: <Error><Code>NoSuchBucket</Code>\
                   <Message>The specified bucket does not exist</Message></Error>";
        let error = StoreError::NotFound { path: "a".to_owned(), source: Box::new(Answer(xml)) };
        let told = translate(&error);
        assert_eq!(
            (told.kind(), told.to_string().as_str()),
            (io::ErrorKind::NotFound, "there is no such bucket")
        );
        let xml =
            "Server returned non-2xx status code: 503 Slow: <Code>SlowDown</Code>\n<Message>Reduce</Message>";
        assert_eq!(translate(&generic(Answer(xml))).to_string(), "the store failed: Reduce (SlowDown)");
    }

    #[test]
    fn addresses_are_not_repeated() {
        let told = translate(&generic(Answer("GET https://host/x?sig=SECRET failed"))).to_string();
        assert_eq!(told, "the store failed");
    }

    #[test]
    fn the_operating_system_s_word_decides_on_the_kind() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(translate(&generic(refused)).kind(), io::ErrorKind::ConnectionRefused);
    }
}
