//! The form of an upload, read as it arrives (RFC 7578). Released clients do not say what its boundary is, so the first line
//! does (protocol §7.3.6).

/// The head of a part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// The field's name.
    pub(crate) field: String,
    /// As the sender wrote it.
    pub(crate) file_name: String,
    /// As the sender wrote it.
    pub(crate) mime: String,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A part begins.
    Part(Part),
    /// Some of its contents.
    Data(Vec<u8>),
    /// The form is complete.
    End,
}

/// Not a form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// A form that is arriving.
#[derive(Default)]
pub(crate) struct Form {
    /// Line end and boundary, once the first line is known.
    delimiter: Vec<u8>,
    state: State,
    buffer: Vec<u8>,
}

#[derive(Default, PartialEq, Eq)]
enum State {
    #[default]
    FirstLine,
    Head,
    Contents,
    AfterContents,
    Ended,
}

/// Longest boundary, with its two dashes (RFC 2046 §5.1.1).
const MAX_BOUNDARY: usize = 72;
/// Longest head of a part.
const MAX_HEAD: usize = 4 << 10;

impl Form {
    /// Reads some more.
    ///
    /// # Errors
    /// [`Malformed`] when it is no form; then nothing more can be read.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Event>, Malformed> {
        self.buffer.extend_from_slice(bytes);
        let mut events = Vec::new();
        while self.step(&mut events)? {}
        Ok(events)
    }

    /// Takes one thing out of the buffer. Returns whether there may be another.
    fn step(&mut self, events: &mut Vec<Event>) -> Result<bool, Malformed> {
        match self.state {
            State::FirstLine => {
                let Some(line) = self.take_until(b"\r\n", MAX_BOUNDARY)? else { return Ok(false) };
                if line.len() <= 2 || !line.starts_with(b"--") {
                    return Err(Malformed);
                }
                self.delimiter = [b"\r\n", &*line].concat();
                self.state = State::Head;
            }
            State::Head => {
                let Some(head) = self.take_until(b"\r\n\r\n", MAX_HEAD)? else { return Ok(false) };
                events.push(Event::Part(part(&String::from_utf8_lossy(&head))));
                self.state = State::Contents;
            }
            State::Contents => {
                let end = find(&self.buffer, &self.delimiter);
                // The beginning of a delimiter may be at the end of what is there.
                let ready = end.unwrap_or_else(|| (self.buffer.len() + 1).saturating_sub(self.delimiter.len()));
                let data: Vec<u8> = self.buffer.drain(..ready).collect();
                if !data.is_empty() {
                    events.push(Event::Data(data));
                }
                if end.is_none() {
                    return Ok(false);
                }
                self.buffer.drain(..self.delimiter.len());
                self.state = State::AfterContents;
            }
            State::AfterContents => {
                if self.buffer.len() < 2 {
                    return Ok(false);
                }
                let next: Vec<u8> = self.buffer.drain(..2).collect();
                self.state = match &*next {
                    b"--" => State::Ended,
                    b"\r\n" => State::Head,
                    _ => return Err(Malformed),
                };
                if self.state == State::Ended {
                    events.push(Event::End);
                }
            }
            State::Ended => {
                self.buffer.clear();
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What is before `mark`, if that is there; both are taken.
    fn take_until(&mut self, mark: &[u8], most: usize) -> Result<Option<Vec<u8>>, Malformed> {
        match find(&self.buffer, mark) {
            Some(at) if at <= most => {
                let taken = self.buffer.drain(..at).collect();
                self.buffer.drain(..mark.len());
                Ok(Some(taken))
            }
            None if self.buffer.len() <= most => Ok(None),
            _ => Err(Malformed),
        }
    }
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

fn part(head: &str) -> Part {
    let mut part = Part::default();
    for line in head.split("\r\n") {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-type") {
            part.mime = value.trim().to_owned();
        } else if name.eq_ignore_ascii_case("content-disposition") {
            part.field = parameter(value, "name").unwrap_or_default();
            part.file_name = parameter(value, "filename").unwrap_or_default();
        }
    }
    part
}

/// A quoted parameter. Browsers write the three characters that it cannot hold in the form of URLs (HTML, §4.10.21.8).
fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once(';') {
        let (key, quoted) = after.split_once("=\"")?;
        let (text, behind) = quoted.split_once('"')?;
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(text.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
        }
        rest = behind;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"raw\"; filename=\"a;%22é%0D%0A.txt\"\r\n\
        Content-Type: text/plain\r\n\r\nline\r\n--line\r\n--\r\n--b\r\n\
        content-disposition: form-data; name=\"token\"\r\n\r\n\r\n--b--\r\nafterwards";

    fn read(form: &[u8], size: usize) -> Result<Vec<Event>, Malformed> {
        let mut reader = Form::default();
        let mut events = Vec::new();
        for chunk in form.chunks(size) {
            for event in reader.feed(chunk)? {
                match (events.last_mut(), event) {
                    (Some(Event::Data(before)), Event::Data(data)) => before.extend(data),
                    (_, event) => events.push(event),
                }
            }
        }
        Ok(events)
    }

    #[test]
    fn a_form_is_the_same_in_pieces_of_any_size() {
        let file = Part { field: "raw".into(), file_name: "a;\"é\r\n.txt".into(), mime: "text/plain".into() };
        let token = Part { field: "token".into(), ..Part::default() };
        let wanted =
            vec![Event::Part(file), Event::Data(b"line\r\n--line\r\n--".to_vec()), Event::Part(token), Event::End];
        for size in 1..=FORM.len() {
            assert_eq!(read(FORM.as_bytes(), size).as_ref(), Ok(&wanted), "{size}");
        }
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let long_line = format!("--{}\r\n", "b".repeat(MAX_BOUNDARY));
        let long_head = format!("--b\r\nx: {}\r\n\r\n", "x".repeat(MAX_HEAD));
        for text in ["plain\r\ntext", "--\r\n", "\r\n--b\r\n", "--b\r\nx: y\r\n\r\n\r\n--bxy", &long_line, &long_head] {
            assert_eq!(read(text.as_bytes(), 7), Err(Malformed), "{text}");
        }
        let broken = read(&FORM.as_bytes()[..100], 9).unwrap();
        assert!(!broken.contains(&Event::End), "half of one does not end");
    }
}
