//! One page of an answer in CBOR (RFC 8949), read where it lies.
//!
//! The whole page is checked before the first point is taken, so a cut or spoilt one leaves nothing behind. What is
//! kept of a result are places in the page: a length that the page merely claims makes nobody allocate.

use std::borrow::Cow;

use minicbor::data::{IanaTag, Tag, Type};
use minicbor::decode::{Decode, Decoder, Error};

/// What a page says.
#[derive(Debug, Default)]
pub(super) struct Page<'b> {
    pub(super) results: Vec<SeriesResult<'b>>,
    pub(super) next_token: Option<String>,
    /// About the call as a whole. Then less was done than was asked.
    pub(super) message: Option<String>,
}

/// What a page says about one series.
#[derive(Debug)]
pub(super) struct SeriesResult<'b> {
    pub(super) id: Option<Cow<'b, str>>,
    pub(super) status: Option<Cow<'b, str>>,
    pub(super) message: Option<String>,
    timestamps: Timestamps<'b>,
    values: Values<'b>,
}

/// Where timestamps lie. The usual lists, with all members in one form, are read without a look at each member's form.
#[derive(Debug)]
enum Timestamps<'b> {
    Doubles(&'b [[u8; 10]]),
    Integers(&'b [[u8; 6]]),
    /// With the number of its members.
    Any(&'b [u8], usize),
}

/// Where values lie, as with timestamps.
#[derive(Debug)]
enum Values<'b> {
    Doubles(&'b [[u8; 9]]),
    Any(&'b [u8], usize),
}

const TAGGED_DOUBLE: [u8; 2] = [0xc1, 0xfb];
const TAGGED_INTEGER: [u8; 2] = [0xc1, 0x1a];
const DOUBLE: [u8; 1] = [0xfb];

impl<'b> Page<'b> {
    pub(super) fn parse(body: &'b [u8]) -> Result<Self, Error> {
        let mut page = Self::default();
        let mut decoder = Decoder::new(body);
        each_entry(&mut decoder, |decoder, key| {
            match key {
                "MetricDataResults" => page.results = results(decoder)?,
                "NextToken" => page.next_token = Some(text(decoder)?.into_owned()),
                "Messages" => page.message = messages(decoder)?,
                _ => decoder.skip()?,
            }
            Ok(())
        })?;
        if decoder.position() == body.len() {
            Ok(page)
        } else {
            Err(Error::message("more bytes than one answer").at(decoder.position()))
        }
    }
}

/// `code: text` of the first of a list of messages; None of an empty one.
fn messages(decoder: &mut Decoder<'_>) -> Result<Option<String>, Error> {
    let mut first = None;
    for message in decoder.array_iter::<Message>()? {
        let Message(text) = message?;
        first = first.or(Some(text).filter(|text| !text.is_empty()));
    }
    Ok(first)
}

struct Message(String);

impl<'b> Decode<'b, ()> for Message {
    fn decode(decoder: &mut Decoder<'b>, (): &mut ()) -> Result<Self, Error> {
        let (mut code, mut value) = (String::new(), String::new());
        each_entry(decoder, |decoder, key| {
            match key {
                "Code" => code = text(decoder)?.into_owned(),
                "Value" => value = text(decoder)?.into_owned(),
                _ => decoder.skip()?,
            }
            Ok(())
        })?;
        Ok(Self([code, value].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")))
    }
}

/// Without an id, a result belongs to nobody.
fn results<'b>(decoder: &mut Decoder<'b>) -> Result<Vec<SeriesResult<'b>>, Error> {
    let mut results = Vec::new();
    for result in decoder.array_iter::<SeriesResult<'b>>()? {
        results.extend(Some(result?).filter(|result| result.id.is_some()));
    }
    Ok(results)
}

impl SeriesResult<'_> {
    /// Gives each point's epoch second and value, in the page's order.
    pub(super) fn each_point(&self, take: impl FnMut(i64, f64)) -> Result<(), Error> {
        match self.timestamps {
            Timestamps::Doubles(members) => {
                let second = |[_, _, double @ ..]: &[u8; 10]| Ok(whole_seconds(f64::from_be_bytes(*double)));
                self.each_value(members.iter().map(second), take)
            }
            Timestamps::Integers(members) => {
                let second = |[_, _, integer @ ..]: &[u8; 6]| Ok(u32::from_be_bytes(*integer).into());
                self.each_value(members.iter().map(second), take)
            }
            Timestamps::Any(list, _) => {
                let mut decoder = Decoder::new(list);
                let seconds = decoder.array_iter::<Second>()?.map(|second| Ok(second?.0));
                self.each_value(seconds, take)
            }
        }
    }

    fn each_value(
        &self,
        seconds: impl Iterator<Item = Result<i64, Error>>,
        mut take: impl FnMut(i64, f64),
    ) -> Result<(), Error> {
        match self.values {
            Values::Doubles(members) => {
                for (second, [_, double @ ..]) in seconds.zip(members) {
                    take(second?, f64::from_be_bytes(*double));
                }
            }
            Values::Any(list, _) => {
                for (second, value) in seconds.zip(Decoder::new(list).array_iter::<Value>()?) {
                    take(second?, value?.0);
                }
            }
        }
        Ok(())
    }
}

impl<'b> Decode<'b, ()> for SeriesResult<'b> {
    fn decode(decoder: &mut Decoder<'b>, (): &mut ()) -> Result<Self, Error> {
        let mut result = Self {
            id: None,
            status: None,
            message: None,
            timestamps: Timestamps::Doubles(&[]),
            values: Values::Doubles(&[]),
        };
        each_entry(decoder, |decoder, key| {
            match key {
                "Id" => result.id = Some(text(decoder)?),
                "StatusCode" => result.status = Some(text(decoder)?),
                "Messages" => result.message = messages(decoder)?,
                "Timestamps" => result.timestamps = Timestamps::find(decoder)?,
                "Values" => result.values = Values::find(decoder)?,
                _ => decoder.skip()?,
            }
            Ok(())
        })?;
        if result.timestamps.len() == result.values.len() {
            Ok(result)
        } else {
            // Which of the points are lost nobody knows.
            Err(Error::message("not as many Values as Timestamps").at(decoder.position()))
        }
    }
}

/// Reads a map whose keys are texts. Null is as if the entry were not there.
fn each_entry<'b>(
    decoder: &mut Decoder<'b>,
    mut read: impl FnMut(&mut Decoder<'b>, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut left = decoder.map()?;
    loop {
        match &mut left {
            Some(0) => return Ok(()),
            Some(left) => *left -= 1,
            None if decoder.datatype()? == Type::Break => return decoder.skip(),
            None => {}
        }
        let key = text(decoder)?;
        if decoder.datatype()? == Type::Null {
            decoder.skip()?;
        } else {
            read(decoder, &key)?;
        }
    }
}

/// A text, in one piece or in several.
fn text<'b>(decoder: &mut Decoder<'b>) -> Result<Cow<'b, str>, Error> {
    if decoder.datatype()? == Type::StringIndef {
        decoder.str_iter()?.collect::<Result<String, _>>().map(Cow::Owned)
    } else {
        decoder.str().map(Cow::Borrowed)
    }
}

impl<'b> Timestamps<'b> {
    fn find(decoder: &mut Decoder<'b>) -> Result<Self, Error> {
        if let Some(members) = alike(TAGGED_DOUBLE, decoder) {
            return Ok(Self::Doubles(members));
        }
        match alike(TAGGED_INTEGER, decoder) {
            Some(members) => Ok(Self::Integers(members)),
            None => list::<Second>(decoder).map(|(members, count)| Self::Any(members, count)),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Doubles(members) => members.len(),
            Self::Integers(members) => members.len(),
            Self::Any(_, count) => *count,
        }
    }
}

impl<'b> Values<'b> {
    fn find(decoder: &mut Decoder<'b>) -> Result<Self, Error> {
        match alike(DOUBLE, decoder) {
            Some(members) => Ok(Self::Doubles(members)),
            None => list::<Value>(decoder).map(|(members, count)| Self::Any(members, count)),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Doubles(members) => members.len(),
            Self::Any(_, count) => *count,
        }
    }
}

/// Takes a list all of whose members have that head and, with it, `SIZE` bytes; takes nothing if the next item is
/// another.
fn alike<'b, const HEAD: usize, const SIZE: usize>(
    head: [u8; HEAD],
    decoder: &mut Decoder<'b>,
) -> Option<&'b [[u8; SIZE]]> {
    let mut ahead = decoder.clone();
    let count = ahead.array().ok()?;
    let start = ahead.position();
    let (members, _) = ahead.input().get(start..)?.as_chunks::<SIZE>();
    let is_alike = |member: &&[u8; SIZE]| member.first_chunk() == Some(&head);
    let members = match count {
        Some(count) => {
            members.get(..usize::try_from(count).ok()?).filter(|members| members.iter().all(|m| is_alike(&m)))?
        }
        None => &members[..members.iter().take_while(is_alike).count()],
    };
    ahead.set_position(start + members.len() * SIZE);
    if count.is_none() {
        // Another member would stand where the end is.
        (ahead.datatype().ok()? == Type::Break).then_some(())?;
        ahead.skip().ok()?;
    }
    *decoder = ahead;
    Some(members)
}

/// Takes a list all of whose members are `T`, and counts them.
fn list<'b, T: Decode<'b, ()>>(decoder: &mut Decoder<'b>) -> Result<(&'b [u8], usize), Error> {
    let start = decoder.position();
    let mut count = 0;
    for member in decoder.array_iter::<T>()? {
        member?;
        count += 1;
    }
    Ok((&decoder.input()[start..decoder.position()], count))
}

/// A timestamp, as whole seconds.
struct Second(i64);

impl<'b> Decode<'b, ()> for Second {
    fn decode(decoder: &mut Decoder<'b>, (): &mut ()) -> Result<Self, Error> {
        if decoder.tag()? != Tag::from(IanaTag::Timestamp) {
            return Err(Error::message("a time without the tag of times").at(decoder.position()));
        }
        let seconds = if is_float(decoder)? { whole_seconds(decoder.f64()?) } else { decoder.i64()? };
        Ok(Self(seconds))
    }
}

/// Rounds down. (Without `f64::floor`, which is a call on processors of the oldest kind that the program runs on.)
fn whole_seconds(seconds: f64) -> i64 {
    let whole = seconds as i64;
    if whole as f64 > seconds { whole.saturating_sub(1) } else { whole }
}

/// A data point's number.
struct Value(f64);

impl<'b> Decode<'b, ()> for Value {
    fn decode(decoder: &mut Decoder<'b>, (): &mut ()) -> Result<Self, Error> {
        let number = if is_float(decoder)? { decoder.f64()? } else { i128::from(decoder.int()?) as f64 };
        Ok(Self(number))
    }
}

fn is_float(decoder: &Decoder<'_>) -> Result<bool, Error> {
    Ok(matches!(decoder.datatype()?, Type::F16 | Type::F32 | Type::F64))
}
