//! Comma-separated values (RFC 4180) that a spreadsheet opens without running anything in them.

/// A file of lines, built cell by cell.
#[derive(Default)]
pub struct Csv {
    text: String,
}

impl Csv {
    pub fn line<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        for (at, cell) in cells.into_iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            self.text.push_str(&quoted(cell));
        }
        self.text.push_str("\r\n");
    }

    /// With a byte order mark: without it spreadsheets take UTF-8 for something older.
    #[must_use]
    pub fn finish(self) -> String {
        format!("\u{feff}{}", self.text)
    }
}

/// A cell that begins as a formula does gets an apostrophe before it: spreadsheets show what follows as text. Plain numbers stay.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let number = cell.parse::<f64>().is_ok_and(f64::is_finite);
    let safe = if formula && !number {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if safe.contains([',', '"', '\r', '\n', ';']) || safe.starts_with('\'') {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[&str]) -> String {
        let mut csv = Csv::default();
        csv.line(cells.iter().copied());
        csv.text
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let made = line(&["a", "b,c", "say \"hi\"", "two\nlines", ""]);
        assert_eq!(made, "a,\"b,c\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n");
    }

    #[test]
    fn nothing_in_a_cell_is_a_formula() {
        for cell in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(A1)",
            "\tx",
            "\r=1",
        ] {
            assert!(line(&[cell]).starts_with("\"'"), "{cell}");
        }
        assert_eq!(line(&["-2.5", "4"]), "-2.5,4\r\n");
    }
}
