//! Markdown, written the same way everywhere: headings, paragraphs, tables, blocks of JSON.

use serde_json::Value;

/// A page as it grows.
pub(super) struct Page(String);

impl Page {
    /// A page with its title and the note that it is generated.
    pub(super) fn new(title: &str) -> Page {
        let note = "<!-- Generated from the dialects' tables by `BLESS=1 cargo test -p dialects pages`. -->";
        Page(format!("{note}\n# {title}\n"))
    }

    /// A heading of the second level.
    pub(super) fn section(&mut self, title: &str) {
        self.0.push_str(&format!("\n## {title}\n"));
    }

    /// A heading of the third level.
    pub(super) fn part(&mut self, title: &str) {
        self.0.push_str(&format!("\n### {title}\n"));
    }

    /// A paragraph, with an empty line before it.
    pub(super) fn text(&mut self, text: &str) {
        self.0.push_str(&format!("\n{text}\n"));
    }

    /// A list with bullets.
    pub(super) fn bullets<T: AsRef<str>>(&mut self, items: impl IntoIterator<Item = T>) {
        self.0.push('\n');
        for item in items {
            self.0.push_str(&format!("- {}\n", item.as_ref()));
        }
    }

    /// A list with numbers.
    pub(super) fn numbered<'a>(&mut self, items: impl IntoIterator<Item = &'a str>) {
        self.0.push('\n');
        for (n, item) in items.into_iter().enumerate() {
            self.0.push_str(&format!("{}. {item}\n", n + 1));
        }
    }

    /// A table; a bar in a cell is escaped.
    pub(super) fn table<const N: usize>(&mut self, head: [&str; N], rows: &[[String; N]]) {
        self.0.push('\n');
        self.0.push_str(&line(&head.map(str::to_owned)));
        self.0.push_str(&format!("|{}\n", "---|".repeat(N)));
        for row in rows {
            self.0.push_str(&line(row));
        }
    }

    /// A value as a block of JSON.
    pub(super) fn json(&mut self, value: &Value) {
        let text = serde_json::to_string_pretty(value).expect("JSON can be written");
        self.0.push_str(&format!("\n```json\n{text}\n```\n"));
    }

    /// The page.
    pub(super) fn done(self) -> String {
        self.0
    }
}

/// A text as code; nothing where it is empty.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("`{text}`")
}

/// Bytes in the largest unit that divides them.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0 => "–".to_owned(),
        bytes if bytes % (1 << 20) == 0 => format!("{} MiB", bytes >> 20),
        bytes => format!("{} KiB", bytes >> 10),
    }
}

fn line<const N: usize>(cells: &[String; N]) -> String {
    let cells = cells.iter().map(|cell| cell.replace('|', "\\|"));
    let cells: Vec<String> = cells.map(|cell| format!(" {cell} ")).collect();
    format!("|{}|\n", cells.join("|"))
}
