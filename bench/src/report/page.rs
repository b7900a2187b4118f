//! The report as a page of Markdown: a table of results against targets, and a section of figures for each
//! measurement.

use std::fmt::Write as _;

/// Which side of a target is good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
}

/// One row of the table.
#[derive(Debug, Clone)]
struct Row {
    what: String,
    measured: f64,
    unit: &'static str,
    divided_by: String,
    target: Target,
}

/// A report in the making.
#[derive(Debug, Default)]
pub(crate) struct Page {
    machine: Vec<String>,
    rows: Vec<Row>,
    sections: Vec<(String, Vec<String>)>,
}

impl Page {
    /// Adds a line about the machine.
    pub(crate) fn machine(&mut self, line: impl Into<String>) {
        self.machine.push(line.into());
    }

    /// Adds a result. A ratio has the unit `%` and says what it was divided by.
    pub(crate) fn result(
        &mut self,
        what: impl Into<String>,
        (measured, unit): (f64, &'static str),
        divided_by: impl Into<String>,
        target: Target,
    ) {
        self.rows.push(Row {
            what: what.into(),
            measured,
            unit,
            divided_by: divided_by.into(),
            target,
        });
    }

    /// Begins a section of figures.
    pub(crate) fn section(&mut self, title: impl Into<String>) {
        self.sections.push((title.into(), Vec::new()));
    }

    /// Adds a line to the section that was begun last.
    pub(crate) fn line(&mut self, line: impl Into<String>) {
        if let Some((_, lines)) = self.sections.last_mut() {
            lines.push(line.into());
        }
    }

    /// The page.
    #[must_use]
    pub(crate) fn markdown(&self) -> String {
        let mut text = "# Measurements\n\n".to_owned();
        list(&mut text, &self.machine);
        text.push_str("\n| what | measured | divided by | target | |\n|---|---|---|---|---|\n");
        for row in &self.rows {
            let (sign, bound) = match row.target {
                Target::AtLeast(bound) => ("≥", bound),
                Target::AtMost(bound) => ("≤", bound),
            };
            line(
                &mut text,
                &format!(
                    "| {} | {} | {} | {sign} {} | {} |",
                    row.what,
                    amount(row.measured, row.unit),
                    row.divided_by,
                    amount(bound, row.unit),
                    verdict(row.measured, row.target)
                ),
            );
        }
        for (title, lines) in &self.sections {
            line(&mut text, &format!("\n## {title}"));
            list(&mut text, lines);
        }
        text
    }
}

/// A figure that could not be had is never met.
fn verdict(measured: f64, target: Target) -> &'static str {
    let met = match target {
        Target::AtLeast(bound) => measured >= bound,
        Target::AtMost(bound) => measured <= bound,
    };
    if met { "met" } else { "**missed**" }
}

fn amount(value: f64, unit: &str) -> String {
    let digits = match value.abs() {
        value if value >= 100.0 => 0,
        value if value >= 10.0 || unit == "%" => 1,
        _ => 2,
    };
    format!("{value:.digits$} {unit}")
}

fn list(text: &mut String, lines: &[String]) {
    for entry in lines {
        line(text, &format!("- {entry}"));
    }
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes all that is written");
}

#[cfg(test)]
mod tests {
    use super::{Page, Target};

    #[test]
    fn a_page_says_what_was_met_and_what_was_missed() {
        let mut page = Page::default();
        page.machine("2 cores");
        page.result("reads", (71.0, "%"), "a bare handler", Target::AtLeast(70.0));
        page.result("memory", (40.1, "MB"), "–", Target::AtMost(40.0));
        page.result("start", (f64::NAN, "ms"), "–", Target::AtMost(150.0));
        page.section("Reads");
        page.line("one figure");
        let text = page.markdown();
        assert!(
            text.contains("| reads | 71.0 % | a bare handler | ≥ 70.0 % | met |"),
            "{text}"
        );
        assert!(
            text.contains("| memory | 40.1 MB | – | ≤ 40.0 MB | **missed** |"),
            "{text}"
        );
        assert!(
            text.contains("| start | NaN ms | – | ≤ 150 ms | **missed** |"),
            "{text}"
        );
        assert!(text.contains("\n## Reads\n- one figure\n"), "{text}");
    }
}
