//! The rules of the tree, as tests. Each rule is a function from a text to the complaints about it, and is shown
//! to complain about a bad sample; then every file of the tree is held against it.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file that grows beyond this has two subjects.
const LONGEST_FILE_LINES: usize = 450;
/// A `main` parses, calls and returns an exit code.
const LONGEST_MAIN_LINES: usize = 40;
/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] =
    ["util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"];
/// Documents whose backticked paths and links must exist.
const DOCUMENTS: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "benches/peers/README.md"];
/// File endings that make a bare name in backticks a file of this tree. Data files (`.json`, `.parquet`) are left
/// out, since documents also name what the tools write.
const TREE_ENDINGS: [&str; 6] = [".rs", ".toml", ".md", ".sh", ".py", ".sql"];
/// Endings that make a name with a slash a path of this tree.
const PATH_ENDINGS: [&str; 8] = [".rs", ".toml", ".md", ".sh", ".py", ".sql", ".json", ".txt"];
/// Folders at the root that are written by the tools and never part of the tree.
const WRITTEN_FOLDERS: [&str; 3] = ["target", "data", ".git"];

// --- the tree ------------------------------------------------------------------------------------------------------

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` with one of the `endings`, as paths relative to the root, sorted.
fn files(folder: impl AsRef<Path>, endings: &[&str]) -> Vec<String> {
    let mut pending = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() {
                if !WRITTEN_FOLDERS.contains(&relative(&path).as_str()) {
                    pending.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(relative(&path));
            }
        }
    }
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Holds every file against a rule and fails with all complaints at once.
fn hold(paths: &[String], rule: impl Fn(&str, &str) -> Vec<String>) {
    assert!(!paths.is_empty(), "the rule looks at no file: its folder or ending is wrong");
    let complaints: Vec<String> = paths
        .iter()
        .flat_map(|path| {
            rule(path, &read(path)).into_iter().map(move |complaint| format!("{path}: {complaint}"))
        })
        .collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

fn rust_sources() -> Vec<String> {
    ["src", "generators/src"].iter().flat_map(|folder| files(folder, &[".rs"])).collect()
}

fn documents() -> Vec<String> {
    DOCUMENTS.iter().map(|&path| path.to_owned()).collect()
}

// --- rules on text ---------------------------------------------------------------------------------------------------

fn too_long(_: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    if lines <= LONGEST_FILE_LINES {
        return Vec::new();
    }
    vec![format!(
        "{lines} lines, {LONGEST_FILE_LINES} are allowed: move a type or the tests into a file of its own"
    )]
}

fn says_nothing(path: &str, _: &str) -> Vec<String> {
    let empty = |part: &&str| EMPTY_NAMES.contains(&part.split('.').next().unwrap_or(part));
    path.split('/')
        .filter(empty)
        .map(|part| format!("the name `{part}` does not say what is inside"))
        .collect()
}

fn lacks_introduction(path: &str, text: &str) -> Vec<String> {
    if path.ends_with("/tests.rs") || text.starts_with("//! ") {
        return Vec::new();
    }
    vec!["the file does not start by saying what it is (`//! ...`)".to_owned()]
}

/// Tabs, spaces at a line's end, and a missing or doubled newline at the end of the file.
fn untidy_space(_: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for (number, line) in (1..).zip(text.split('\n')) {
        if line.contains('\t') {
            complaints.push(format!("line {number} has a tab"));
        }
        if line.ends_with([' ', '\r']) {
            complaints.push(format!("line {number} ends with a space"));
        }
    }
    if !text.ends_with('\n') || text.ends_with("\n\n") {
        complaints.push("the file must end with exactly one newline".to_owned());
    }
    complaints
}

/// Unfinished work, and what the house does not do. Written in pieces, so that this file passes itself.
fn forbidden(_: &str, text: &str) -> Vec<String> {
    let patterns = [
        (concat!("to", "do!("), "unfinished"),
        (concat!("unimpl", "emented!("), "unfinished"),
        (concat!("db", "g!("), "left over from debugging"),
        (concat!("#[ign", "ore"), "a test that does not run proves nothing"),
        (concat!("Dr", "op for "), "work in Drop can neither fail nor be seen"),
        (concat!("From<io::", "Error>"), "it loses the path: use Error::io"),
        (concat!("From<std::io::", "Error>"), "it loses the path: use Error::io"),
        (concat!("#[from] io::", "Error"), "it loses the path: use Error::io"),
    ];
    let lines = (1..).zip(text.lines());
    lines
        .flat_map(|(number, line)| {
            patterns
                .iter()
                .filter(move |(pattern, _)| line.contains(pattern))
                .map(move |(pattern, why)| format!("line {number} has `{pattern}`: {why}"))
        })
        .collect()
}

fn main_too_long(_: &str, text: &str) -> Vec<String> {
    let Some(start) = text.lines().position(|line| line.starts_with("fn main(")) else {
        return vec!["no `fn main(` at the start of a line".to_owned()];
    };
    let lines = 1 + text.lines().skip(start).take_while(|line| *line != "}").count();
    if lines <= LONGEST_MAIN_LINES {
        return Vec::new();
    }
    vec![format!("main has {lines} lines, {LONGEST_MAIN_LINES} are allowed")]
}

// --- rules on documents ----------------------------------------------------------------------------------------------

/// A document's lines outside fenced code blocks.
fn prose(text: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push(line);
        }
    }
    lines
}

fn not_one_title(_: &str, text: &str) -> Vec<String> {
    let titles = prose(text).into_iter().filter(|line| line.starts_with("# ")).count();
    if titles == 1 && text.starts_with("# ") {
        return Vec::new();
    }
    vec![format!("{titles} titles (`# ...`): exactly one, on the first line")]
}

/// What a document names in backticks or links to, if it is a path of this tree.
fn named_paths(text: &str) -> Vec<String> {
    let prose = prose(text).join("\n");
    let spans = prose.split('`').skip(1).step_by(2).filter(|span| is_tree_path(span));
    let links = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let links = links.map(|target| target.split('#').next().unwrap_or(target));
    let links = links.filter(|target| !target.is_empty() && !target.contains("://"));
    spans.chain(links).map(str::to_owned).collect()
}

fn is_tree_path(span: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./*".contains(c);
    let name = span.strip_prefix("./").unwrap_or(span);
    if name.is_empty() || !name.chars().all(plain) || name.starts_with(['/', '*']) {
        return false;
    }
    match name.split_once('/') {
        Some((first, _)) if WRITTEN_FOLDERS.contains(&first) => false,
        Some((first, _)) => {
            name.ends_with('/')
                || PATH_ENDINGS.iter().any(|ending| name.ends_with(ending))
                || root().join(first).exists()
        }
        None => TREE_ENDINGS.iter().any(|ending| name.ends_with(ending) && name.len() > ending.len()),
    }
}

/// Whether a named path exists: from the root, from a crate or its sources, or, for a bare name, anywhere.
/// A `*` stands for one file or more.
fn exists(name: &str) -> bool {
    let bases = ["", "src", "generators", "generators/src"];
    if let Some((folder, pattern)) = name.rsplit_once('/').filter(|(_, pattern)| pattern.contains('*')) {
        let ending = pattern.rsplit('*').next().unwrap_or("");
        return bases.iter().any(|base| !files(Path::new(base).join(folder), &[ending]).is_empty());
    }
    let found = |base: &&str| root().join(base).join(name).exists();
    let has_the_name = |path: &String| Path::new(path).file_name().is_some_and(|last| last == name);
    bases.iter().any(found) || files("", &[name]).iter().any(has_the_name)
}

fn stale_paths(path: &str, text: &str) -> Vec<String> {
    let beside = root().join(path).parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let missing = |name: &String| !exists(name) && !beside.join(name).exists();
    named_paths(text).into_iter().filter(missing).map(|name| format!("`{name}` does not exist")).collect()
}

/// The part of a document under the first heading that contains `word`, down to the next heading of that rank.
fn part<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let rank = |line: &str| line.chars().take_while(|&c| c == '#').count();
    let mut lines = prose(text).into_iter();
    let Some(heading) = lines.find(|line| rank(line) > 1 && line.to_lowercase().contains(word)) else {
        return Vec::new();
    };
    lines.take_while(|line| rank(line) == 0 || rank(line) > rank(heading)).collect()
}

/// The names that are not in backticks in the part of the document about `word`.
fn unmentioned(text: &str, word: &str, names: &[String]) -> Vec<String> {
    let part = part(text, word).join("\n");
    names.iter().filter(|name| !part.contains(&format!("`{name}`"))).cloned().collect()
}

fn stems(folder: &str, ending: &str) -> Vec<String> {
    let name = |path: String| path.rsplit('/').next().map(|name| name.trim_end_matches(ending).to_owned());
    files(folder, &[ending]).into_iter().filter_map(name).collect()
}

// --- the tree, held against the rules --------------------------------------------------------------------------------

#[test]
fn sources_are_short_introduced_and_finished() {
    let sources = rust_sources();
    hold(&sources, too_long);
    hold(&sources, lacks_introduction);
    hold(&files("", &[".rs"]), forbidden);
}

#[test]
fn names_say_what_is_inside() {
    hold(&files("", &[".rs", ".py", ".sh", ".md", ".toml"]), says_nothing);
}

#[test]
fn text_has_no_stray_space() {
    hold(&files("", &[".rs", ".md", ".toml", ".py", ".sh"]), untidy_space);
}

#[test]
fn mains_are_short() {
    hold(&files("src/bin", &[".rs"]), main_too_long);
}

#[test]
fn documents_have_one_title_and_name_only_what_exists() {
    hold(&files("", &[".md"]), not_one_title);
    hold(&documents(), stale_paths);
}

#[test]
fn the_readme_names_every_dataset_and_every_tool() {
    let readme = read("README.md");
    let (datasets, tools) = (stems("schemas/datasets", ".toml"), stems("src/bin", ".rs"));
    assert!(!datasets.is_empty() && !tools.is_empty());
    assert_eq!(
        unmentioned(&readme, "datasets", &datasets),
        Vec::<String>::new(),
        "datasets not in the README"
    );
    assert_eq!(unmentioned(&readme, "tools", &tools), Vec::<String>::new(), "tools not in the README");
}

// --- the rules, held against bad samples -----------------------------------------------------------------------------

#[test]
fn long_files_and_long_mains_are_refused() {
    let file = |lines| "x\n".repeat(lines);
    assert_eq!(too_long("", &file(LONGEST_FILE_LINES)).len(), 0);
    assert_eq!(too_long("", &file(LONGEST_FILE_LINES + 1)).len(), 1);
    let main =
        |lines: usize| format!("fn main() {{\n{}}}\nfn other() {{}}\n", "    x();\n".repeat(lines - 2));
    assert_eq!(main_too_long("", &main(LONGEST_MAIN_LINES)).len(), 0);
    assert_eq!(main_too_long("", &main(LONGEST_MAIN_LINES + 1)).len(), 1);
    assert_eq!(main_too_long("", "fn other() {}\n").len(), 1);
}

#[test]
fn empty_names_and_missing_introductions_are_refused() {
    assert_eq!(says_nothing("src/utils/dates.rs", "").len(), 1);
    assert_eq!(says_nothing("src/helpers.rs", "").len(), 1);
    assert_eq!(says_nothing("src/common_prefix.rs", "").len(), 0);
    assert_eq!(lacks_introduction("src/a.rs", "use std::fs;\n").len(), 1);
    assert_eq!(lacks_introduction("src/a.rs", "//! A.\n").len(), 0);
}

#[test]
fn stray_space_is_refused() {
    assert_eq!(untidy_space("", "a\nb\n").len(), 0);
    for bad in ["a\tb\n", "a \n", "a\r\n", "a", "a\n\n"] {
        assert_eq!(untidy_space("", bad).len(), 1, "{bad:?}");
    }
}

#[test]
fn unfinished_work_is_refused() {
    let bad = [
        concat!("    to", "do!()"),
        concat!("    unimpl", "emented!(\"later\")"),
        concat!("    db", "g!(x);"),
        concat!("#[ign", "ore = \"slow\"]"),
        concat!("impl Dr", "op for Bar {"),
        concat!("impl From<io::", "Error> for Error {"),
    ];
    assert!(bad.iter().all(|line| forbidden("", line).len() == 1));
    assert_eq!(forbidden("", "let the_drop = 1; // nothing left to do!").len(), 0);
}

#[test]
fn second_titles_are_refused() {
    assert_eq!(not_one_title("", "# A\n\n```\n# a comment\n```\n").len(), 0);
    assert_eq!(not_one_title("", "# A\n# B\n").len(), 1);
    assert_eq!(not_one_title("", "A\n").len(), 1);
    assert_eq!(not_one_title("", "Late\n# A\n").len(), 1);
}

#[test]
fn stale_paths_are_refused() {
    let stale = [
        "`src/gone.rs`",
        "`gone.rs`",
        "`src/gone/`",
        "`gone/mod.rs`",
        "[a](gone.md)",
        "`ib.rs`",
        "`src/gone/*.rs`",
    ];
    for text in stale {
        assert_eq!(stale_paths("README.md", text).len(), 1, "{text}");
    }
    let fine =
        ["`src/lib.rs`", "`lib.rs`", "`src/bin/`", "`sinks/mod.rs`", "[a](Cargo.toml)", "`src/bin/*.rs`"];
    let no_path = [
        "`a.b()`",
        "`data/claims.parquet`",
        "`claims.truth.json`",
        "`1/2`",
        "`a b.rs`",
        "`a`gone.rs`b`",
        "https://x.rs",
    ];
    for text in fine.into_iter().chain(no_path) {
        assert_eq!(stale_paths("README.md", text).len(), 0, "{text}");
    }
}

#[test]
fn unmentioned_names_are_found() {
    let text = "# A\n`beyond`\n## Datasets\n`one`, two\n### More\n`three`\n## Next\n`four`\n";
    let names = ["one", "two", "three", "four", "beyond"].map(str::to_owned);
    assert_eq!(unmentioned(text, "datasets", &names), ["two", "four", "beyond"]);
}
