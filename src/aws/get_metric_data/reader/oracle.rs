//! Whatever the SDK can read, we read alike: its own decoding is the judge of ours.

use aws_sdk_cloudwatch::types::StatusCode;
use aws_smithy_types::body::SdkBody;
use minicbor::Encoder;
use minicbor::data::Tag;
use proptest::prelude::*;

use super::tests::call;
use super::*;
use crate::answers::{Column, Completeness};
use crate::plan::call::Period;

const SERIES: usize = 3;

/// Decisions of a writer, one after the other; the first of each when there are no more.
struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
    fn below(&mut self, count: u8) -> u8 {
        self.0.next().map_or(0, |byte| byte % count)
    }

    fn is(&mut self) -> bool {
        self.below(2) == 1
    }
}

/// Writes an answer in one of the many ways in which CBOR can say it.
struct Writer<'a> {
    choices: Choices<'a>,
    cbor: Encoder<Vec<u8>>,
}

type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

impl Writer<'_> {
    fn answer(&mut self) -> Written {
        let mut members = vec!["MetricDataResults", "NextToken", "Messages", "New"];
        if self.choices.is() {
            members.reverse();
        }
        self.map(&members, |writer, member| match member {
            "MetricDataResults" => {
                let count = writer.choices.below(5).into();
                writer.list(count, Self::result)
            }
            "NextToken" => writer.text("more"),
            "Messages" => writer.list(0, Self::value),
            _ => writer.anything(3),
        })
    }

    fn result(&mut self) -> Written {
        let mut members = vec!["Id", "Label", "Timestamps", "New", "Values", "StatusCode", "Messages"];
        let turn = usize::from(self.choices.below(7));
        members.rotate_left(turn);
        let points = usize::from(self.choices.below(8));
        self.map(&members, |writer, member| match member {
            "Id" => {
                let id = ["m0", "m1", "m2", "m3", "m", "x0"][usize::from(writer.choices.below(6))];
                writer.text(id)
            }
            "Label" => writer.text("label"),
            "Timestamps" => writer.list(points, Self::timestamp),
            "Values" => {
                let more = usize::from(writer.choices.below(2));
                writer.list(points + more, Self::value)
            }
            "StatusCode" => {
                let codes = ["Complete", "PartialData", "InternalError", "Forbidden", "Other"];
                let code = codes[usize::from(writer.choices.below(5))];
                writer.text(code)
            }
            "Messages" => writer.list(0, Self::value),
            _ => writer.anything(3),
        })
    }

    fn timestamp(&mut self) -> Written {
        let second = 3540 + 60 * i64::from(self.choices.below(7)) + i64::from(self.choices.below(2));
        self.cbor.tag(Tag::new(1))?;
        match self.choices.below(7) {
            0 => self.cbor.f64(second as f64)?,
            1 => self.cbor.u32(second as u32)?,
            2 => self.cbor.f32(second as f32)?,
            3 => self.cbor.f16(second as f32)?,
            4 => self.cbor.f64(second as f64 + 0.75)?,
            5 => self.cbor.i64(-second)?,
            _ => {
                let strange = [f64::NAN, f64::INFINITY, f64::MIN, -0.5, 1e18][usize::from(self.choices.below(5))];
                self.cbor.f64(strange)?
            }
        };
        Ok(())
    }

    fn value(&mut self) -> Written {
        let number = f32::from(self.choices.below(200)) / 8.0;
        match self.choices.below(4) {
            0 => self.cbor.f64(f64::from(number) / 3.0)?,
            1 => self.cbor.f32(number)?,
            2 => self.cbor.f16(number)?,
            _ => self.cbor.f64([f64::INFINITY, f64::MIN_POSITIVE, -0.0][usize::from(self.choices.below(3))])?,
        };
        Ok(())
    }

    /// A value of a member that nobody knows.
    fn anything(&mut self, depth: u8) -> Written {
        match self.choices.below(if depth == 0 { 4 } else { 6 }) {
            0 => self.cbor.null()?.ok(),
            1 => self.text("anything"),
            2 => self.cbor.bytes(&[1, 2, 3])?.ok(),
            3 => self.cbor.tag(Tag::new(9))?.i64(-70_000)?.ok(),
            4 => self.list(2, |writer| writer.anything(depth - 1)),
            _ => self.map(&["a", "b"], |writer, _| writer.anything(depth - 1)),
        }
    }

    /// Some members are null, and some are not there.
    fn map(&mut self, members: &[&str], mut write: impl FnMut(&mut Self, &str) -> Written) -> Written {
        let members: Vec<_> = members.iter().filter(|_| self.choices.below(8) != 7).collect();
        let is_open = self.choices.is();
        let _ = if is_open { self.cbor.begin_map()? } else { self.cbor.map(members.len() as u64)? };
        for member in members {
            self.text(member)?;
            match self.choices.below(16) {
                15 => self.cbor.null()?.ok()?,
                _ => write(self, member)?,
            }
        }
        if is_open { self.cbor.end()?.ok() } else { Ok(()) }
    }

    fn list(&mut self, count: usize, mut write: impl FnMut(&mut Self) -> Written) -> Written {
        let is_open = self.choices.is();
        let _ = if is_open { self.cbor.begin_array()? } else { self.cbor.array(count as u64)? };
        for _ in 0..count {
            write(self)?;
        }
        if is_open { self.cbor.end()?.ok() } else { Ok(()) }
    }

    /// In one piece or in two.
    fn text(&mut self, text: &str) -> Written {
        if self.choices.below(4) < 3 {
            return self.cbor.str(text)?.ok();
        }
        let (head, tail) = text.split_at(text.len() / 2);
        self.cbor.begin_str()?.str(head)?.str(tail)?.end()?.ok()
    }
}

fn written(choices: &[u8]) -> Vec<u8> {
    let mut writer = Writer { choices: Choices(choices.iter()), cbor: Encoder::new(Vec::new()) };
    writer.answer().unwrap();
    writer.cbor.into_writer()
}

/// What a reader made of an answer.
type Read = (Option<String>, Vec<Column>);

fn read_by_us(body: &[u8]) -> Option<Read> {
    let reader = Reader::new(Columns::new(&call(&[Period::MINUTE; SERIES])));
    let output = reader.read(body).ok()?;
    Some((output.next_token, reader.take().finish()))
}

/// The SDK's objects, sorted into columns in the plainest way. None where a list has more members than the other: the
/// SDK takes it.
fn read_by_the_sdk(body: &[u8]) -> Option<Read> {
    let response = HttpResponse::new(200.try_into().unwrap(), SdkBody::from(body));
    let output =
        by_sdk::<GetMetricData>(&response, &ConfigBag::base()).ok()?.downcast::<GetMetricDataOutput>().unwrap();
    let mut columns =
        vec![Column { values: vec![f64::NAN; 5].into(), completeness: Completeness::Failed, message: None }; SERIES];
    let mut is_final = [false; SERIES];
    for result in output.metric_data_results() {
        if result.timestamps().len() != result.values().len() {
            return None;
        }
        let Some(index) = ["m0", "m1", "m2"].iter().position(|id| result.id() == Some(id)) else { continue };
        for (time, value) in result.timestamps().iter().zip(result.values()) {
            if (3600..3900).contains(&time.secs()) {
                Arc::make_mut(&mut columns[index].values)[((time.secs() - 3600) / 60) as usize] = *value;
            }
        }
        if !is_final[index] {
            columns[index].completeness = match result.status_code() {
                Some(StatusCode::Complete) | None => Completeness::Complete,
                Some(StatusCode::PartialData) => Completeness::Partial,
                Some(StatusCode::Forbidden) => Completeness::Forbidden,
                Some(_) => Completeness::Failed,
            };
            is_final[index] = columns[index].completeness >= Completeness::Failed;
        }
    }
    Some((output.next_token, columns))
}

/// As text, in which NaN equals itself and every bit counts.
fn bits(read: &Read) -> String {
    let column = |column: &Column| {
        let values: Vec<_> = column.values.iter().map(|value| value.to_bits()).collect();
        format!("{values:x?} {:?}", column.completeness)
    };
    format!("{:?} {:?}", read.0, read.1.iter().map(column).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_way_to_write_an_answer_is_read_as_the_sdk_reads_it(choices in prop::collection::vec(any::<u8>(), 0..400)) {
        let body = written(&choices);
        let (us, sdk) = (read_by_us(&body), read_by_the_sdk(&body));
        prop_assert_eq!(us.as_ref().map(bits), sdk.as_ref().map(bits));
    }

    #[test]
    fn a_spoilt_answer_is_refused_or_read_as_the_sdk_reads_it(
        choices in prop::collection::vec(any::<u8>(), 0..200),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut body = written(&choices);
        if is_cut {
            body.truncate(cut.index(body.len()));
        }
        for (place, byte) in changes {
            if let Some(slot) = place.index(body.len() + 1).checked_sub(1).and_then(|place| body.get_mut(place)) {
                *slot = byte;
            }
        }
        let us = read_by_us(&body);
        if let Some(sdk) = read_by_the_sdk(&body) {
            prop_assert_eq!(us.as_ref().map(bits), Some(bits(&sdk)));
        }
    }

    #[test]
    fn bytes_at_random_never_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        read_by_us(&body);
    }
}
