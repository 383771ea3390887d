//! Solutions as a CSV (RFC 4180): a row each, the fields and the text as columns. A spreadsheet runs cells that begin with `=` and the
//! like: those get an apostrophe before them, which is taken off again when they are read.

use std::collections::BTreeSet;

use super::record::{KEYS, Problem, Reading, Record, Value};

const BODY: &str = "body";
/// Cells that begin with one of these are run by a spreadsheet, or lose it.
const RUN: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The CSV of solutions. A mark of the byte order stands before it: Excel takes it for something else than UTF-8 without.
pub fn write(records: &[Record]) -> csv::Result<Vec<u8>> {
    let mut out =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record(KEYS.iter().chain([&BODY]))?;
    for record in records {
        let fields = record.fields();
        let cell = |key: &str| match fields.iter().find(|(known, _)| *known == key) {
            Some((_, Value::Text(text))) => text.clone(),
            Some((_, Value::List(list))) => list_cell(list),
            _ => String::new(),
        };
        let cells = KEYS.iter().map(|key| cell(key)).chain([record.body.clone()]);
        out.write_record(cells.map(|cell| guard(&cell)))?;
    }
    out.into_inner().map_err(|error| error.into_error().into())
}

/// Reads a CSV; nothing can be read of one whose columns are not understood. The separator may be a semicolon or a tab as well.
pub fn read(text: &str) -> Result<Vec<Reading>, Vec<Problem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes())
        .into_records();
    let first = rows.next().and_then(Result::ok).unwrap_or_default();
    let columns: Vec<String> = first.iter().map(|name| name.trim().to_lowercase()).collect();
    check_columns(&columns)?;
    let mut readings = Vec::new();
    for row in rows {
        let mut reading = Reading::begin(0);
        match row {
            Ok(row) if row.iter().all(str::is_empty) => continue,
            Ok(row) => {
                reading.line = row.position().and_then(|at| at.line().try_into().ok()).unwrap_or_default();
                take_row(&mut reading, &columns, &row);
            }
            Err(error) => reading.problems.push(Problem::new(0, error.to_string())),
        }
        readings.push(reading);
    }
    if let Some(first) = readings.first_mut() {
        let unknown = columns.into_iter().filter(|name| name != BODY && !KEYS.contains(&name.as_str()));
        first.unknown = unknown.map(|name| (name, 1)).collect();
    }
    Ok(readings)
}

/// What separates the names of the columns.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |separator: u8| first.bytes().filter(|byte| *byte == separator).count();
    // The last of several that are as frequent wins.
    [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

fn check_columns(columns: &[String]) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    for needed in ["title", BODY] {
        if !columns.iter().any(|name| name == needed) {
            problems.push(Problem::new(1, format!("There is no column `{needed}`: the first line names the columns.")));
        }
    }
    let mut seen = BTreeSet::new();
    for name in columns {
        if !name.is_empty() && !seen.insert(name) {
            problems.push(Problem::new(1, format!("There are two columns `{name}`; leave one of them.")));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn take_row(reading: &mut Reading, columns: &[String], row: &csv::StringRecord) {
    let line = reading.line;
    if row.len() != columns.len() {
        let words = format!("This row has {} cells, the first line has {}.", row.len(), columns.len());
        return reading.problems.push(Problem::new(line, words));
    }
    for (name, cell) in columns.iter().zip(row) {
        let cell = unguard(cell);
        match name.as_str() {
            BODY => reading.record.body = cell.to_owned(),
            "related" => reading.take(name, read_list(cell), line),
            name if KEYS.contains(&name) => reading.take(name, Value::Text(cell.to_owned()), line),
            _ => {}
        }
    }
}

/// Whether a cell is guarded already, or needs to be.
fn is_run(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(RUN)
}

fn guard(cell: &str) -> String {
    if is_run(cell) { format!("'{cell}") } else { cell.to_owned() }
}

fn unguard(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_run(rest)).unwrap_or(cell)
}

/// Several words in a cell: between semicolons, or as JSON where that would be read as others.
fn list_cell(list: &[String]) -> String {
    let joined = list.join("; ");
    if read_list(&joined) == Value::List(list.to_vec()) { joined } else { serde_json::Value::from(list).to_string() }
}

fn read_list(cell: &str) -> Value {
    if cell.trim_start().starts_with('[') {
        return serde_json::from_str(cell).map_or(Value::Other, Value::List);
    }
    Value::List(cell.split(';').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::record::{State, tests::records},
        *,
    };

    fn text_of(records: &[Record]) -> String {
        String::from_utf8(write(records).unwrap()).unwrap()
    }

    #[test]
    fn no_cell_is_run_by_a_spreadsheet() {
        let body = "=HYPERLINK(\"https://x.example\")";
        let record = Record { title: "'-1 is \"cold\"".into(), body: body.into(), ..Record::default() };
        let text = text_of(std::slice::from_ref(&record));
        assert_eq!(
            text,
            "\u{feff}id,title,category,language,audience,product_version,related,state,author,body\r\n\
             ,\"''-1 is \"\"cold\"\"\",,,,,,,,\"'=HYPERLINK(\"\"https://x.example\"\")\"\r\n"
        );
        let read = read(&text).unwrap();
        assert_eq!((read[0].record.title.as_str(), read[0].record.body.as_str()), ("'-1 is \"cold\"", body));
    }

    #[test]
    fn a_csv_from_elsewhere_is_read() {
        let text = "Body;Notes; Title \n\"a\n;b\";x;'twas\n;;\nc;y;d\ne;f\n";
        let read = read(text).unwrap();
        assert_eq!(read[0].unknown, [("notes".into(), 1)]);
        let told = |at: usize| (read[at].line, read[at].record.title.as_str(), read[at].record.body.as_str());
        assert_eq!([told(0), told(1)], [(2, "'twas", "a\n;b"), (5, "d", "c")]);
        assert_eq!(read[2].problems, [Problem::new(6, "This row has 2 cells, the first line has 3.")]);
    }

    #[test]
    fn columns_that_are_not_understood_are_told() {
        for (text, words) in
            [("", "no column `title`"), ("title,text\n", "no column `body`"), ("title,body,Title", "two columns")]
        {
            let problems = read(text).unwrap_err();
            assert!(problems[0].line == 1 && problems[0].message.contains(words), "{problems:?}");
        }
    }

    proptest! {
        #[test]
        fn run_04_what_is_written_is_read_again(records in proptest::collection::vec(records(), 0..4)) {
            // A table has a cell for all, and no row is empty.
            let records: Vec<Record> = records
                .into_iter()
                .map(|record| Record {
                    product_version: Some(record.product_version.unwrap_or_default()),
                    related: Some(record.related.unwrap_or_default()),
                    state: Some(record.state.unwrap_or(State::Retired)),
                    ..record
                })
                .collect();
            let text = text_of(&records);
            for row in csv::Reader::from_reader(text.as_bytes()).records() {
                prop_assert!(row.unwrap().iter().all(|cell| !cell.starts_with(RUN)), "{text}");
            }
            let read = read(&text).unwrap();
            prop_assert!(read.iter().all(|row| row.problems.is_empty() && row.unknown.is_empty()));
            prop_assert_eq!(read.into_iter().map(|row| row.record).collect::<Vec<_>>(), records);
        }
    }
}
