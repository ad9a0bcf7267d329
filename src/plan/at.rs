//! What a line of an answer is about.

use std::sync::Arc;

use crate::catalog::level::Scope;
use crate::catalog::names::display;
use crate::place::ApplicationName;

/// Which series of the application are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    Application,
    Task(Arc<str>),
    Operator { task: Option<Arc<str>>, operator: Arc<str> },
    Subtask { task: Arc<str>, operator: Option<Arc<str>>, subtask: Arc<str> },
}

impl At {
    pub fn scope(&self) -> Scope {
        match self {
            Self::Application => Scope::Application,
            Self::Task(_) => Scope::Task,
            Self::Operator { .. } => Scope::Operator,
            Self::Subtask { .. } => Scope::Subtask,
        }
    }
}

impl At {
    /// As people read it.
    pub fn describe(&self, application: &ApplicationName) -> String {
        match self {
            Self::Application => application.to_string(),
            Self::Task(task) => display(task),
            Self::Operator { operator, .. } => display(operator),
            Self::Subtask { task, operator, subtask } => {
                format!("{} ({subtask})", display(operator.as_ref().unwrap_or(task)))
            }
        }
    }
}
