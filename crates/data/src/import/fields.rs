//! One line of text → fields.

use std::ops::Range;

/// Finds the fields of a line, blanks around them and quotes cut off. `false` if a quoted field has no end, or text behind it.
pub(super) fn split(line: &[u8], separator: u8, fields: &mut Vec<Range<usize>>) -> bool {
    fields.clear();
    if !line.contains(&b'"') {
        let mut start = 0;
        for (place, &byte) in line.iter().enumerate() {
            if byte == separator {
                fields.push(trimmed(line, start..place));
                start = place + 1;
            }
        }
        fields.push(trimmed(line, start..line.len()));
        return true;
    }
    let mut start = 0;
    loop {
        let rest = line.get(start..).unwrap_or_default();
        let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
        let end = if rest.get(blanks) == Some(&b'"') {
            let open = start + blanks + 1;
            let Some(close) = closing_quote(line, open) else { return false };
            let behind = line.get(close + 1..).unwrap_or_default();
            let end = behind.iter().position(|&byte| byte == separator).map(|offset| close + 1 + offset);
            let between = line.get(close + 1..end.unwrap_or(line.len())).unwrap_or_default();
            if !between.trim_ascii().is_empty() {
                return false;
            }
            fields.push(trimmed(line, open..close));
            end
        } else {
            let end = rest.iter().position(|&byte| byte == separator).map(|offset| start + offset);
            fields.push(trimmed(line, start..end.unwrap_or(line.len())));
            end
        };
        match end {
            Some(end) => start = end + 1,
            None => return true,
        }
    }
}

/// The quote that ends a field which begins at `open`; two quotes in a row stand for one of the text.
fn closing_quote(line: &[u8], open: usize) -> Option<usize> {
    let mut place = open;
    loop {
        let offset = line.get(place..)?.iter().position(|&byte| byte == b'"')?;
        if line.get(place + offset + 1) != Some(&b'"') {
            return Some(place + offset);
        }
        place += offset + 2;
    }
}

fn trimmed(line: &[u8], range: Range<usize>) -> Range<usize> {
    let field = line.get(range.clone()).unwrap_or_default();
    let leading = field.len() - field.trim_ascii_start().len();
    let length = field.trim_ascii().len();
    range.start + leading..range.start + leading + length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(line: &str, separator: u8) -> Option<Vec<&str>> {
        let mut ranges = Vec::new();
        split(line.as_bytes(), separator, &mut ranges)
            .then(|| ranges.iter().map(|range| &line[range.clone()]).collect())
    }

    #[test]
    fn a_line_is_cut_at_its_separators() {
        assert_eq!(fields("a,b,,c ", b','), Some(vec!["a", "b", "", "c"]));
        assert_eq!(fields("a\tb\t", b'\t'), Some(vec!["a", "b", ""]));
        assert_eq!(fields("", b','), Some(vec![""]));
        assert_eq!(fields("1;5,0; 2", b';'), Some(vec!["1", "5,0", "2"]));
    }

    #[test]
    fn quotes_are_cut_off_and_may_hold_the_separator() {
        assert_eq!(fields(r#""a","1,5" , b,"""#, b','), Some(vec!["a", "1,5", "b", ""]));
        assert_eq!(fields(r#""say ""x""",2"#, b','), Some(vec![r#"say ""x"""#, "2"]));
        assert_eq!(fields(r#"5" pipe,2"#, b','), Some(vec![r#"5" pipe"#, "2"]));
        for broken in [r#""a,b"#, r#"a,"b"x,c"#, r#"""""#] {
            assert_eq!(fields(broken, b','), None, "{broken}");
        }
    }
}
