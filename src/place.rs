//! Where things are: region, account, application. Names as types, so that they cannot be mixed up.

use std::fmt;
use std::sync::Arc;

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

name_type! {
    /// A region's name, such as `eu-west-1`.
    Region
}
name_type! {
    /// An application's name, as CloudWatch's dimension `Application` has it: never the ARN.
    ApplicationName
}
impl ApplicationName {
    /// Whether an application can have this name (Kinesis Analytics API reference, CreateApplication:
    /// `[a-zA-Z0-9_.-]+`, 1 to 128).
    pub fn is_valid(text: &str) -> bool {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        (1..=128).contains(&text.len()) && text.bytes().all(is_plain)
    }

    /// The name in the ARN of an application.
    pub fn in_arn(text: &str) -> Option<&str> {
        let (_, name) = text.strip_prefix("arn:")?.split_once(":application/")?;
        Self::is_valid(name).then_some(name)
    }
}

name_type! {
    /// The ARN of an application, as Kinesis Analytics names it.
    ApplicationArn
}
name_type! {
    /// The twelve digits of an AWS account.
    AccountId
}

/// Whose metrics are asked, as seen from the data source's own account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Account {
    /// The account of the data source's identity.
    #[default]
    Own,
    /// One linked account of this monitoring account.
    Linked(AccountId),
    /// This account and every linked one.
    All,
}

/// A region and an account: what one series of AWS calls is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub region: Region,
    pub account: Account,
}

impl Place {
    /// The same region of every account.
    pub fn of_all_accounts(&self) -> Self {
        Self { region: self.region.clone(), account: Account::All }
    }

    /// As a sentence has it after "in".
    pub fn describe(&self) -> String {
        match &self.account {
            Account::Own => self.region.to_string(),
            Account::Linked(id) => format!("{} of account {id}", self.region),
            Account::All => format!("{} of all accounts", self.region),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.account {
            Account::Own => write!(f, "{}", self.region),
            Account::Linked(id) => write!(f, "{} account {id}", self.region),
            Account::All => write!(f, "{} all accounts", self.region),
        }
    }
}
