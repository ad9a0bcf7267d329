//! Whole answers as CloudWatch writes them, and as nobody should.

use std::sync::Arc;

use aws_smithy_types::body::SdkBody;
use minicbor::Encoder;

use super::*;
use crate::answers::{Column, Completeness};
use crate::catalog::statistic::Statistic;
use crate::model::series::Dimensions;
use crate::place::Region;
use crate::plan::call::{GetMetricDataCall, Period, SeriesKey};

/// Five minutes from 3600 on.
pub(super) fn call(periods: &[Period]) -> GetMetricDataCall {
    let key = |period: &Period| SeriesKey {
        metric: Arc::from("uptime"),
        dimensions: Dimensions::new(Vec::new()),
        account: None,
        period: *period,
        statistic: Statistic::Maximum,
    };
    GetMetricDataCall {
        region: Region::from("eu-west-1"),
        start: 3600,
        end: 3900,
        series: periods.iter().map(key).collect(),
    }
}

/// Id, points and status.
type Told<'a> = (&'a str, &'a [(i64, f64)], &'a str);

/// A page with these results.
fn page(results: &[Told<'_>]) -> Vec<u8> {
    let mut page = Encoder::new(Vec::new());
    page.map(1).unwrap().str("MetricDataResults").unwrap().array(results.len() as u64).unwrap();
    for (id, points, status) in results {
        page.map(4).unwrap().str("Id").unwrap().str(id).unwrap().str("StatusCode").unwrap().str(status).unwrap();
        page.str("Timestamps").unwrap().array(points.len() as u64).unwrap();
        for (second, _) in *points {
            page.tag(minicbor::data::Tag::new(1)).unwrap().i64(*second).unwrap();
        }
        page.str("Values").unwrap().array(points.len() as u64).unwrap();
        for (_, value) in *points {
            page.f64(*value).unwrap();
        }
    }
    page.into_writer()
}

fn columns(periods: &[Period], pages: &[Vec<u8>]) -> Vec<Column> {
    let reader = Reader::new(Columns::new(&call(periods)));
    for page in pages {
        reader.read(page).unwrap();
    }
    reader.take().finish()
}

/// NaN is shown as `-`.
fn shown(column: &Column) -> String {
    let text = |value: &f64| if value.is_nan() { "-".to_owned() } else { value.to_string() };
    column.values.iter().map(text).collect::<Vec<_>>().join(" ")
}

#[test]
fn values_land_in_their_buckets_and_gaps_stay_empty() {
    let minutes = &[(3600, 1.0), (3660, 2.0), (3780, 4.0), (3840, 5.0)];
    let page = page(&[("m0", minutes, "Complete"), ("m1", &[(3600, 9.0)], "Complete")]);
    let columns = columns(&[Period::MINUTE, Period::HOUR], &[page]);
    assert_eq!((shown(&columns[0]), shown(&columns[1])), ("1 2 - 4 5".to_owned(), "9".to_owned()));
}

#[test]
fn newest_first_is_read_as_well() {
    let page = page(&[("m0", &[(3840, 5.0), (3780, 4.0), (3600, 1.0)], "Complete")]);
    assert_eq!(shown(&columns(&[Period::MINUTE], &[page])[0]), "1 - - 4 5");
}

#[test]
fn pages_of_one_series_are_joined_and_the_last_status_counts() {
    let first = page(&[("m0", &[(3600, 1.0), (3660, 2.0)], "PartialData")]);
    let second = page(&[("m0", &[(3720, 3.0)], "Complete")]);
    let columns = columns(&[Period::MINUTE], &[first, second]);
    assert_eq!(shown(&columns[0]), "1 2 3 - -");
    assert_eq!(columns[0].completeness, Completeness::Complete);
}

#[test]
fn a_failure_on_one_page_is_not_forgotten() {
    let first = page(&[("m0", &[], "InternalError"), ("m1", &[], "Forbidden")]);
    let second = page(&[("m0", &[(3720, 3.0)], "Complete")]);
    let columns = columns(&[Period::MINUTE, Period::MINUTE], &[first, second]);
    assert_eq!(columns[0].completeness, Completeness::Failed);
    assert_eq!(columns[1].completeness, Completeness::Forbidden);
}

#[test]
fn points_outside_the_range_and_unknown_ids_are_ignored() {
    let outside = [(0, 7.0), (i64::MIN, 7.0), (3660, 2.0), (90_000, 8.0), (i64::MAX, 8.0), (3720, 3.0)];
    let foreign = ["m1", "m", "x0", "m99999999999999999999", ""].map(|id| (id, &[(3600, 6.0)][..], "Complete"));
    let page = page(&[&[("m0", &outside[..], "Complete")][..], &foreign].concat());
    assert_eq!(shown(&columns(&[Period::MINUTE], &[page])[0]), "- 2 3 - -");
}

#[test]
fn a_series_that_the_answer_never_mentions_has_failed() {
    assert_eq!(columns(&[Period::MINUTE], &[page(&[])])[0].completeness, Completeness::Failed);
}

#[test]
fn whole_numbers_are_values_too() {
    // {"MetricDataResults": [{"Id": "m0", "Timestamps": [1(3600), 1(3660)], "Values": [7, -3]}]}
    let body = b"\xa1\x71MetricDataResults\x81\xa3\x62Id\x62m0\
        \x6aTimestamps\x82\xc1\x19\x0e\x10\xc1\x19\x0e\x4c\x66Values\x82\x07\x22";
    assert_eq!(shown(&columns(&[Period::MINUTE], &[body.to_vec()])[0]), "7 -3 - - -");
}

fn deserialized(status: u16, content_type: &'static str, body: &[u8]) -> Result<GetMetricDataOutput, String> {
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
    response.headers_mut().insert("content-type", content_type);
    let reader = Reader::new(Columns::new(&call(&[Period::MINUTE])));
    let output = reader.deserialize_nonstreaming_with_config(&response, &ConfigBag::base());
    output.map(|output| output.downcast().unwrap()).map_err(|error| format!("{error:?}"))
}

#[test]
fn the_token_comes_with_the_output() {
    let output = deserialized(200, "application/cbor", b"\xbf\x69NextToken\x7f\x62mo\x62re\xff\xff").unwrap();
    assert_eq!(output.next_token(), Some("more"));
}

#[test]
fn what_cannot_be_read_is_an_error_of_the_response() {
    let whole = page(&[("m0", &[(3600, 1.0)], "Complete")]);
    let longer = [&whole[..], b"\x00"].concat();
    let results = |members: &[u8]| [b"\xa1\x71MetricDataResults", members].concat();
    let values = |list: &[u8]| results(&[b"\x81\xa1\x66Values", list].concat());
    let huge = b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff";
    let spoilt = [
        Vec::new(),
        b"\x80".to_vec(),
        b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        b"\xa1\x69NextToken\x7b\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        results(huge),
        results(b"\x81\xa1\x6aTimestamps\x81\x19\x0e\x10"),
        values(huge),
        values(b"\x81\xf6"),
        values(b"\x81\x611"),
        values(b"\x82\xfb\x00"),
        // A value without its time, a time without its value, and one of two without.
        values(b"\x81\x07"),
        results(b"\x81\xa1\x6aTimestamps\x81\xc1\x19\x0e\x10"),
        results(b"\x81\xa2\x6aTimestamps\x82\xc1\x19\x0e\x10\xc1\x19\x0e\x4c\x66Values\x81\x07"),
        longer,
    ];
    for body in spoilt {
        let error = deserialized(200, "application/cbor", &body).unwrap_err();
        assert!(error.contains("kind: Response"), "{body:02x?}: {error}");
    }
    let error = deserialized(200, "text/html", b"<html>").unwrap_err();
    assert!(error.contains("it is text/html, not application/cbor"), "{error}");
}

#[test]
fn a_cut_page_leaves_nothing_behind() {
    let whole = page(&[("m0", &[(3600, 1.0)], "InternalError"), ("m0", &[(3660, 2.0)], "Complete")]);
    let reader = Reader::new(Columns::new(&call(&[Period::MINUTE])));
    for length in 0..whole.len() {
        assert!(reader.read(&whole[..length]).is_err(), "{length}");
    }
    reader.read(&page(&[("m0", &[(3720, 3.0)], "Complete")])).unwrap();
    let column = &reader.take().finish()[0];
    assert_eq!((shown(column).as_str(), column.completeness), ("- - 3 - -", Completeness::Complete));
}

#[test]
fn refusals_are_read_by_the_sdk() {
    // {"__type": "Throttling", "message": "slow"}
    let error = deserialized(400, "application/cbor", b"\xa2\x66__type\x6aThrottling\x67message\x64slow").unwrap_err();
    assert!(error.contains("Throttling") && error.contains("slow"), "{error}");
}

/// {"MetricDataResults": [m0 with `code` and, if any, a message], "Messages": …}
fn page_that_says(status: &str, message: Option<(&str, &str)>, of_call: Option<(&str, &str)>) -> Vec<u8> {
    let mut page = Encoder::new(Vec::new());
    let messages = |page: &mut Encoder<Vec<u8>>, messages: Option<(&str, &str)>| {
        page.str("Messages").unwrap().array(u64::from(messages.is_some())).unwrap();
        if let Some((code, value)) = messages {
            page.map(2).unwrap().str("Code").unwrap().str(code).unwrap().str("Value").unwrap().str(value).unwrap();
        }
    };
    page.map(2).unwrap().str("MetricDataResults").unwrap().array(1).unwrap();
    page.map(3).unwrap().str("Id").unwrap().str("m0").unwrap().str("StatusCode").unwrap().str(status).unwrap();
    messages(&mut page, message);
    messages(&mut page, of_call);
    page.into_writer()
}

#[test]
fn what_cloudwatch_says_of_a_series_and_of_the_call_is_kept() {
    let said = |pages: &[Vec<u8>]| {
        let column = columns(&[Period::MINUTE], pages).remove(0);
        (column.completeness, column.message.as_deref().unwrap_or_default().to_owned())
    };
    let (one, two) = (Some(("Code", "some text")), Some(("Other", "of the call")));
    let partial = page_that_says("PartialData", one, None);
    let complete = page_that_says("Complete", None, None);
    assert_eq!(said(std::slice::from_ref(&partial)), (Completeness::Partial, "Code: some text".to_owned()));
    // The last page completes it.
    assert_eq!(said(&[partial, complete.clone()]), (Completeness::Complete, String::new()));
    let failed = page_that_says("InternalError", None, None);
    assert_eq!(said(&[failed, complete]), (Completeness::Failed, "InternalError".to_owned()));
    let unknown = page_that_says("Strange", one, two);
    assert_eq!(said(&[unknown]), (Completeness::Failed, "Code: some text".to_owned()));
    // Less was done than was asked, and nobody knows of which series.
    let of_call = page_that_says("Complete", None, two);
    assert_eq!(said(&[of_call]), (Completeness::Partial, "Other: of the call".to_owned()));
}
