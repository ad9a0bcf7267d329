//! Facts as a table: what a query shows that needs no value.

/// Columns of equal length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FactTable {
    /// The name of the frame.
    pub name: &'static str,
    pub columns: Vec<FactColumn>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FactColumn {
    pub title: String,
    pub values: Vec<Option<String>>,
}

impl FactTable {
    pub fn is_empty(&self) -> bool {
        self.columns.iter().all(|column| column.values.is_empty())
    }
}
