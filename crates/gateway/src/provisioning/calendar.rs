//! Times as this API writes them: RFC 3339 in UTC, months as `2026-11`.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, format_description::well_known::Rfc3339};

/// Milliseconds since the epoch.
pub(crate) type Millis = i64;

const SECOND: Millis = 1_000;
const DAY: Millis = 86_400 * SECOND;

/// `2026-11-21T09:14:03Z`; what is less than a second is left out.
pub(crate) fn text(at: Millis) -> String {
    // Only times that no clock shows have no text.
    utc(at).format(&Rfc3339).unwrap_or_default()
}

/// The time that an RFC 3339 text means, whatever its offset.
pub(crate) fn read(text: &str) -> Option<Millis> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Millis::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

/// The month of a time in UTC (provisioning §5.1): `2026-11`.
pub(crate) fn month(at: Millis) -> String {
    let date = utc(at).date();
    format!("{:04}-{:02}", date.year(), u8::from(date.month()))
}

/// When a month begins; `None` for a text that is no month.
pub(crate) fn month_start(month: &str) -> Option<Millis> {
    let (year, number) = month.split_once('-')?;
    if month.len() != 7 || !month.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return None;
    }
    first_of(year.parse().ok()?, number.parse().ok()?)
}

/// The time unit of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
}

impl Unit {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Minute, "minute"),
        (Self::Hour, "hour"),
        (Self::Day, "day"),
        (Self::Week, "week"),
        (Self::Month, "month"),
    ];

    /// By its word.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, name)| *name == word).map(|(unit, _)| unit)
    }

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(unit, _)| *unit == self).map_or("", |(_, name)| name)
    }

    /// Beginning and end of the window of `interval` units in which a time lies. Windows begin at the unit's border in UTC
    /// (provisioning §6.4); weeks begin on Monday (ISO 8601).
    pub(crate) fn window(self, interval: u32, at: Millis) -> (Millis, Millis) {
        let interval = Millis::from(interval.max(1));
        let fixed = |length: Millis, offset: Millis| {
            let length = length * interval;
            let start = (at - offset).div_euclid(length) * length + offset;
            (start, start + length)
        };
        match self {
            Self::Minute => fixed(60 * SECOND, 0),
            Self::Hour => fixed(3_600 * SECOND, 0),
            Self::Day => fixed(DAY, 0),
            // The epoch was a Thursday.
            Self::Week => fixed(7 * DAY, 4 * DAY),
            Self::Month => {
                let date = utc(at).date();
                let months = Millis::from(date.year()) * 12 + Millis::from(u8::from(date.month())) - 1;
                let first = months.div_euclid(interval) * interval;
                let start = |months: Millis| {
                    let year = i32::try_from(months.div_euclid(12)).ok();
                    let month = u8::try_from(months.rem_euclid(12) + 1).ok();
                    year.zip(month).and_then(|(year, month)| first_of(year, month)).unwrap_or(at)
                };
                (start(first), start(first + interval))
            }
        }
    }
}

fn utc(at: Millis) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.div_euclid(SECOND)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn first_of(year: i32, month: u8) -> Option<Millis> {
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, 1).ok()?;
    Some(PrimitiveDateTime::new(date, Time::MIDNIGHT).assume_utc().unix_timestamp() * SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21T09:14:03.500Z, a Saturday.
    const NOW: Millis = 1_795_252_443_500;

    #[test]
    fn times_are_written_and_read() {
        assert_eq!(text(NOW), "2026-11-21T09:14:03Z");
        let rows = [
            ("2026-11-21T09:14:03Z", Some(NOW - 500)),
            ("2026-11-21T09:14:03.5Z", Some(NOW)),
            ("2026-11-21T10:14:03+01:00", Some(NOW - 500)),
            ("2026-11-21", None),
            ("2026-13-21T09:14:03Z", None),
            ("", None),
        ];
        for (written, wanted) in rows {
            assert_eq!(read(written), wanted, "{written}");
        }
    }

    #[test]
    fn months_are_those_of_utc() {
        assert_eq!(month(NOW), "2026-11");
        assert_eq!(month_start("2026-11").map(text).as_deref(), Some("2026-11-01T00:00:00Z"));
        assert_eq!(month(month_start("2026-12").unwrap() - 1), "2026-11");
        for wrong in ["2026-13", "2026-00", "2026-1", "2026", "26-11-1", "+026-11", ""] {
            assert_eq!(month_start(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn windows_begin_at_the_border_of_their_unit() {
        let rows = [
            (Unit::Minute, 1, "2026-11-21T09:14:00Z", "2026-11-21T09:15:00Z"),
            (Unit::Minute, 15, "2026-11-21T09:00:00Z", "2026-11-21T09:15:00Z"),
            (Unit::Hour, 1, "2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z"),
            (Unit::Day, 1, "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
            (Unit::Week, 1, "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"),
            (Unit::Month, 1, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
            (Unit::Month, 3, "2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ];
        for (unit, interval, start, end) in rows {
            let (from, until) = unit.window(interval, NOW);
            assert_eq!((text(from).as_str(), text(until).as_str()), (start, end), "{interval} {}", unit.word());
            assert_eq!(unit.window(interval, from), (from, until), "the beginning is in it");
            assert_eq!(unit.window(interval, until).0, until, "the end is not");
            assert_eq!(Unit::named(unit.word()), Some(unit));
        }
        assert_eq!(Unit::named("year"), None);
    }
}
