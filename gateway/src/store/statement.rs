//! What is written, as data: statements and audit entries that belong together. Owns no execution.

use crate::clock::Timestamp;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Int(i64),
    Text(String),
    Null,
}

impl From<u64> for Value {
    /// Ids and milliseconds are below 2^53.
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Int(yes.into())
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        at.0.into()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[derive(Clone, Debug)]
pub struct Statement {
    pub sql: &'static str,
    pub values: Vec<Value>,
    /// The whole change is refused unless exactly one row was changed: the way to do something once.
    pub exactly_one: bool,
}

impl Statement {
    #[must_use]
    pub fn new(sql: &'static str, values: Vec<Value>) -> Self {
        Self {
            sql,
            values,
            exactly_one: false,
        }
    }

    #[must_use]
    pub fn exactly_one(sql: &'static str, values: Vec<Value>) -> Self {
        Self {
            sql,
            values,
            exactly_one: true,
        }
    }
}

/// Who did what to which session. Its place in the chain is given when it is written.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    pub at: Timestamp,
    /// `technician:ID`, `end_user`, `gateway` or `machine` (the local command line).
    pub actor: String,
    /// A stable word.
    pub action: &'static str,
    pub session: Option<u64>,
    pub detail: String,
}

/// All of it is written, or nothing.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub statements: Vec<Statement>,
    pub audit: Vec<AuditEntry>,
}

impl Change {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn run(mut self, sql: &'static str, values: Vec<Value>) -> Self {
        self.statements.push(Statement::new(sql, values));
        self
    }

    #[must_use]
    pub fn run_once(mut self, sql: &'static str, values: Vec<Value>) -> Self {
        self.statements.push(Statement::exactly_one(sql, values));
        self
    }

    #[must_use]
    pub fn and(mut self, statement: Statement) -> Self {
        self.statements.push(statement);
        self
    }

    #[must_use]
    pub fn audit(mut self, entry: AuditEntry) -> Self {
        self.audit.push(entry);
        self
    }
}

/// `vec![a.into(), b.into()]` without the noise.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::Value::from($value)),*] };
}
