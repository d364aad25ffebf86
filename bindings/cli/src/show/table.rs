//! Text in columns.

use crate::screen::{Ink, Pen};

/// Cells, and lines that stand below them.
struct Row {
    cells: Vec<String>,
    notes: Vec<String>,
}

/// Rows of cells under a head; columns without any content are left out.
pub(crate) struct Table {
    head: Vec<&'static str>,
    rows: Vec<Row>,
}

impl Table {
    pub(crate) fn new(head: &[&'static str]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(Row { cells, notes: Vec::new() });
    }

    /// A line below the last row.
    pub(crate) fn note(&mut self, note: String) {
        if let Some(row) = self.rows.last_mut() {
            row.notes.push(note);
        }
    }

    /// The lines, each indented by two.
    pub(crate) fn lines(&self, pen: Pen) -> String {
        let cell = |row: &[String], i: usize| row.get(i).cloned().unwrap_or_default();
        let widths: Vec<usize> = (0..self.head.len())
            .map(|i| {
                let widest = self.rows.iter().map(|r| cell(&r.cells, i).chars().count()).max().unwrap_or(0);
                if widest == 0 { 0 } else { widest.max(self.head[i].chars().count()) }
            })
            .collect();
        let join = |cells: &[String]| {
            let kept = widths.iter().enumerate().filter(|(_, w)| **w > 0);
            let padded: Vec<String> = kept.map(|(i, w)| format!("{:<w$}", cell(cells, i))).collect();
            format!("  {}", padded.join("  ")).trim_end().to_owned()
        };
        let head: Vec<String> = self.head.iter().map(|h| (*h).to_owned()).collect();
        let mut out = format!("{}\n", pen.write(Ink::Dim, &join(&head)));
        for row in &self.rows {
            out.push_str(&format!("{}\n", join(&row.cells)));
            for note in &row.notes {
                out.push_str(&format!("    {}\n", pen.write(Ink::Dim, note)));
            }
        }
        out
    }
}
