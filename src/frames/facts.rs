//! Answers that are made of facts alone: what is there is shown, and what is not is told.

use super::few;
use super::frame::{Field, Frame, Meta, Values, Visualisation};
use crate::compute::{AnswerError, explain};
use crate::notice::Notice;
use crate::plan::QueryPlan;
use crate::plan::fact_table::FactTable;

/// The table of a query. What part of the facts could not be had is told beside the others. No alert rule gets here:
/// there are no numbers.
pub(super) fn frame_facts(query: &QueryPlan, table: &FactTable) -> Result<Vec<Frame>, AnswerError> {
    let failed = explain::failed_facts(query);
    if table.is_empty()
        && let Some((error, applications)) = failed.first().cloned()
    {
        return Err(AnswerError::Call { error, applications });
    }
    let mut notices = query.notices.clone();
    notices.extend(failed.iter().map(explain::describe_failure));
    notices.extend(query.missing.iter().map(Notice::warning));
    let columns = table.columns.iter().map(|column| Field::new(&column.title, Values::Text(column.values.clone())));
    let meta = Meta { notices: few(notices), preferred: Some(Visualisation::Table), ..Meta::default() };
    Ok(vec![Frame { name: table.name.to_owned(), meta, fields: columns.collect() }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{CallError, CallErrorKind};
    use crate::place::{ApplicationName, Region};
    use crate::plan::Show;
    use crate::plan::fact_table::FactColumn;

    fn answer(values: &[&str], failed: &[&str]) -> Result<Vec<Frame>, AnswerError> {
        let region = Region::from("eu-west-1");
        let error = CallError::new(CallErrorKind::AccessDenied, "kinesisanalytics:Any", &region, "no");
        let values = values.iter().map(|value| Some((*value).to_owned())).collect();
        let table = FactTable { name: "any", columns: vec![FactColumn { title: "application".to_owned(), values }] };
        let failures = failed.iter().map(|name| (Some(ApplicationName::from(*name)), error.clone())).collect();
        let query = QueryPlan { failures, ..QueryPlan::of_panel(Show::Facts(table.clone())) };
        frame_facts(&query, &table)
    }

    #[test]
    fn what_is_unknown_is_told_beside_the_rest_and_an_error_where_there_is_no_rest() {
        let frame = answer(&["orders"], &["payments", "returns"]).unwrap().remove(0);
        assert_eq!(frame.fields.len(), 1);
        assert_eq!(frame.meta.notices.len(), 1, "{:?}", frame.meta.notices);
        assert!(frame.meta.notices[0].text.contains(r#""payments", "returns""#), "{:?}", frame.meta.notices);
        assert!(
            matches!(answer(&[], &["payments"]), Err(AnswerError::Call { applications, .. }) if applications.len() == 1)
        );
        assert!(answer(&[], &[]).unwrap()[0].meta.notices.is_empty());
    }
}
