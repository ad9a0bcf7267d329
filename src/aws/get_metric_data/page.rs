//! One page of an answer in CBOR (RFC 8949), read where it lies.
//!
//! The whole page is checked before the first point is taken, so a cut or spoilt one leaves nothing behind. What is kept of a result
//! are places in the page: a length that the page merely claims makes nobody allocate.

use std::borrow::Cow;

use minicbor::data::{IanaTag, Tag, Type};
use minicbor::decode::{Decode, Decoder, Error};

/// A list without members.
const EMPTY: &[u8] = &[0x80];

/// What a page says.
#[derive(Debug, Default)]
pub(super) struct Page<'b> {
    pub(super) results: Vec<SeriesResult<'b>>,
    pub(super) next_token: Option<String>,
}

/// What a page says about one series.
#[derive(Debug)]
pub(super) struct SeriesResult<'b> {
    pub(super) id: Option<Cow<'b, str>>,
    pub(super) status: Option<Cow<'b, str>>,
    timestamps: &'b [u8],
    values: &'b [u8],
}

impl<'b> Page<'b> {
    pub(super) fn parse(body: &'b [u8]) -> Result<Self, Error> {
        let mut page = Self::default();
        let mut decoder = Decoder::new(body);
        each_entry(&mut decoder, |decoder, key| {
            match key {
                "MetricDataResults" => page.results = results(decoder)?,
                "NextToken" => page.next_token = Some(text(decoder)?.into_owned()),
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

/// Without an id, a result belongs to nobody.
fn results<'b>(decoder: &mut Decoder<'b>) -> Result<Vec<SeriesResult<'b>>, Error> {
    let mut results = Vec::new();
    for result in decoder.array_iter::<SeriesResult<'b>>()? {
        results.extend(Some(result?).filter(|result| result.id.is_some()));
    }
    Ok(results)
}

impl SeriesResult<'_> {
    /// Gives each point's epoch second and value, in the page's order. A time without a value is no point, nor the reverse.
    pub(super) fn each_point(&self, mut take: impl FnMut(i64, f64)) -> Result<(), Error> {
        let (mut timestamps, mut values) = (Decoder::new(self.timestamps), Decoder::new(self.values));
        for (second, value) in timestamps.array_iter::<Second>()?.zip(values.array_iter::<Value>()?) {
            take(second?.0, value?.0);
        }
        Ok(())
    }
}

impl<'b> Decode<'b, ()> for SeriesResult<'b> {
    fn decode(decoder: &mut Decoder<'b>, (): &mut ()) -> Result<Self, Error> {
        let mut result = Self { id: None, status: None, timestamps: EMPTY, values: EMPTY };
        each_entry(decoder, |decoder, key| {
            match key {
                "Id" => result.id = Some(text(decoder)?),
                "StatusCode" => result.status = Some(text(decoder)?),
                "Timestamps" => result.timestamps = list::<Second>(decoder)?,
                "Values" => result.values = list::<Value>(decoder)?,
                _ => decoder.skip()?,
            }
            Ok(())
        })?;
        Ok(result)
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

/// Where a list lies all of whose members are `T`.
fn list<'b, T: Decode<'b, ()>>(decoder: &mut Decoder<'b>) -> Result<&'b [u8], Error> {
    let start = decoder.position();
    for member in decoder.array_iter::<T>()? {
        member?;
    }
    Ok(decoder.input().get(start..decoder.position()).unwrap_or(EMPTY))
}

/// A timestamp's whole seconds: CloudWatch's buckets begin at whole seconds.
struct Second(i64);

impl<'b> Decode<'b, ()> for Second {
    #[inline]
    fn decode(decoder: &mut Decoder<'b>, (): &mut ()) -> Result<Self, Error> {
        // The usual forms, a double and a 32-bit integer, are told by their first bytes.
        if let Some(double) = bytes_after(&[0xc1, 0xfb], decoder) {
            return Ok(Self(f64::from_be_bytes(double).floor() as i64));
        }
        if let Some(integer) = bytes_after(&[0xc1, 0x1a], decoder) {
            return Ok(Self(u32::from_be_bytes(integer).into()));
        }
        if decoder.tag()? != Tag::from(IanaTag::Timestamp) {
            return Err(Error::message("a time without the tag of times").at(decoder.position()));
        }
        let seconds = if is_float(decoder)? { decoder.f64()?.floor() as i64 } else { decoder.i64()? };
        Ok(Self(seconds))
    }
}

/// A data point's number.
struct Value(f64);

impl<'b> Decode<'b, ()> for Value {
    #[inline]
    fn decode(decoder: &mut Decoder<'b>, (): &mut ()) -> Result<Self, Error> {
        if let Some(double) = bytes_after(&[0xfb], decoder) {
            return Ok(Self(f64::from_be_bytes(double)));
        }
        let number = if is_float(decoder)? { decoder.f64()? } else { i128::from(decoder.int()?) as f64 };
        Ok(Self(number))
    }
}

fn is_float(decoder: &Decoder<'_>) -> Result<bool, Error> {
    Ok(matches!(decoder.datatype()?, Type::F16 | Type::F32 | Type::F64))
}

/// Takes `head` and the bytes after it, if that is what comes next.
#[inline]
fn bytes_after<const N: usize>(head: &[u8], decoder: &mut Decoder<'_>) -> Option<[u8; N]> {
    let rest = decoder.input().get(decoder.position()..)?.strip_prefix(head)?;
    let bytes = *rest.first_chunk()?;
    decoder.set_position(decoder.position() + head.len() + N);
    Some(bytes)
}
