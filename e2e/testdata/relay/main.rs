//! What Relay makes of sessions. relay-server is too large to be built for a test, so its
//! files for sessions are compiled here, as they are, with Relay's own schema, release
//! parser and metrics. Only what carries the items through Relay is ours: the modules
//! below, under the names that those files import.
//!
//! Standard input: an item in each line,
//!
//!     {"type":"session","payload":"{…}","received":"2026-11-21T12:00:00Z","sent":null}
//!
//! Standard output: the version of Relay and its bounds,
//!
//!     {"version":"26.9.0","past":432000,"future":60}
//!
//! and for each item what Relay keeps of it, null if it drops it, and what it counts:
//!
//!     {"kept":{…},"counted":[{"name":"c:sessions/session@none","value":1,"tags":{…},…}]}

#![allow(unused)] // what Relay does with the parts that are not here

use std::io::{BufRead, stdin};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json, to_value};

use crate::envelope::Item;
use crate::managed::Managed;
use crate::process::Expansion;
use crate::processing::sessions::{Headers, SerializedSessions};
use crate::processing::{Config, Context, ProjectConfig, ProjectInfo, SessionMetrics};

// The files name these crates: some of their names are of this one.
extern crate self as relay_event_normalization;
extern crate self as relay_log;
extern crate self as relay_quotas;
extern crate self as relay_statsd;

#[path = "rustsrc/relay-event-normalization/src/clock_drift.rs"]
#[allow(dead_code)]
mod clock_drift;
#[path = "rustsrc/relay-server/src/metrics_extraction/sessions/mod.rs"]
pub mod metrics;
#[path = "rustsrc/relay-server/src/processing/sessions/process.rs"]
mod process;

pub use clock_drift::ClockDriftProcessor;
pub use relay_base_schema::data_category::DataCategory;
pub use sentry_release_parser::{validate_environment, validate_release};

mod metrics_extraction {
    use relay_common::time::UnixTimestamp;
    use relay_metrics::Bucket;

    pub use crate::metrics as sessions;

    pub trait IntoMetric {
        fn into_metric(self, timestamp: UnixTimestamp) -> Bucket;
    }

    pub struct ExtractedMetrics(pub Vec<Bucket>);
}

/// Relay's log and its own measurements, which nobody reads here.
#[macro_export]
macro_rules! silent {
    ($($any:tt)*) => {{}};
}
pub use silent as error;
pub use silent as metric;
pub use silent as trace;

mod statsd {
    pub struct RelayTimers;
}

mod envelope {
    pub struct Item(pub String);

    impl Item {
        pub fn payload(&self) -> Vec<u8> {
            self.0.clone().into_bytes()
        }
    }
}

mod managed {
    use std::ops::Deref;

    use chrono::{DateTime, Utc};
    use relay_base_schema::data_category::DataCategory;

    /// What is on its way through Relay.
    pub struct Managed<T> {
        pub inner: T,
        pub received_at: DateTime<Utc>,
    }

    impl<T> Deref for Managed<T> {
        type Target = T;

        fn deref(&self) -> &T {
            &self.inner
        }
    }

    impl<T> Managed<T> {
        pub fn received_at(&self) -> DateTime<Utc> {
            self.received_at
        }

        pub fn map<S>(self, f: impl FnOnce(T, &mut RecordKeeper<'_>) -> S) -> Managed<S> {
            Managed { inner: f(self.inner, &mut RecordKeeper(&())), received_at: self.received_at }
        }

        pub fn retain<I, E>(
            &mut self,
            select: impl FnOnce(&mut T) -> &mut Vec<I>,
            mut retain: impl FnMut(&mut I, &mut RecordKeeper<'_>) -> Result<(), E>,
        ) {
            select(&mut self.inner).retain_mut(|item| retain(item, &mut RecordKeeper(&())).is_ok());
        }
    }

    /// Where Relay notes what it drops.
    pub struct RecordKeeper<'a>(&'a ());

    impl RecordKeeper<'_> {
        pub fn reject_err<E, Q>(&mut self, err: E, _: Q) -> E {
            err
        }

        pub fn modify_by(&mut self, _: DataCategory, _: isize) {}
    }
}

mod processing {
    pub mod sessions {
        use std::net::IpAddr;

        use chrono::{DateTime, Utc};
        use relay_event_schema::protocol::{SessionAggregates, SessionUpdate};

        use crate::envelope::Item;

        pub type Result<T, E = Error> = std::result::Result<T, E>;

        pub enum Error {
            Invalid,
        }

        /// The header of an envelope.
        pub struct Headers(pub Option<DateTime<Utc>>);

        impl Headers {
            pub fn sent_at(&self) -> Option<DateTime<Utc>> {
                self.0
            }

            pub fn meta(&self) -> Meta {
                Meta
            }
        }

        /// What is known of a request.
        pub struct Meta;

        impl Meta {
            pub fn client_addr(&self) -> Option<IpAddr> {
                Some(IpAddr::from([198, 51, 100, 9]))
            }

            pub fn client(&self) -> Option<&str> {
                None
            }
        }

        pub struct SerializedSessions {
            pub headers: Headers,
            pub updates: Vec<Item>,
            pub aggregates: Vec<Item>,
        }

        pub struct ExpandedSessions {
            pub headers: Headers,
            pub updates: Vec<SessionUpdate>,
            pub aggregates: Vec<SessionAggregates>,
        }
    }

    #[derive(Clone, Copy)]
    pub struct Context<'a> {
        pub config: &'a Config,
        pub project_info: &'a ProjectInfo,
    }

    impl Context<'_> {
        pub fn is_processing(&self) -> bool {
            true
        }
    }

    pub struct ProjectInfo {
        pub config: ProjectConfig,
    }

    pub struct ProjectConfig {
        pub session_metrics: SessionMetrics,
    }

    /// As Sentry has it for every project.
    pub struct SessionMetrics;

    impl SessionMetrics {
        pub fn is_enabled(&self) -> bool {
            true
        }

        pub fn should_extract_abnormal_mechanism(&self) -> bool {
            true
        }
    }

    /// The defaults of Relay's configuration.
    pub struct Config {
        pub past: i64,
        pub future: i64,
    }

    impl Config {
        /// Reads them from the source, as relay-config is large, too.
        pub fn of_relay() -> Self {
            let source = include_str!("rustsrc/relay-config/src/config.rs");
            let after = |text: &'static str, name| text.split_once(name).expect(name).1;
            let defaults = after(source, "impl Default for Processing {");
            let seconds = |name| {
                let product = after(defaults, name).split(',').next().expect(name);
                product.split('*').map(|n| n.trim().parse::<i64>().expect(name)).product()
            };
            Config { past: seconds("max_session_secs_in_past:"), future: seconds("max_secs_in_future:") }
        }

        pub fn max_session_secs_in_past(&self) -> i64 {
            self.past
        }

        pub fn max_secs_in_future(&self) -> i64 {
            self.future
        }
    }
}

mod services {
    pub mod processor {
        use std::time::Duration;

        pub const MINIMUM_CLOCK_DRIFT: Duration = Duration::from_secs(55 * 60);
    }
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    ty: String,
    payload: String,
    received: DateTime<Utc>,
    sent: Option<DateTime<Utc>>,
}

fn main() {
    let drift = "MINIMUM_CLOCK_DRIFT: Duration = Duration::from_secs(55 * 60);";
    assert!(include_str!("rustsrc/relay-server/src/services/processor.rs").contains(drift));
    let version = include_str!("rustsrc/relay-server/Cargo.toml").split("version = \"").nth(1);
    let version = version.and_then(|v| v.split('"').next());
    let config = Config::of_relay();
    println!("{}", json!({"version": version, "past": config.past, "future": config.future}));

    let project_info = ProjectInfo { config: ProjectConfig { session_metrics: SessionMetrics } };
    let ctx = Context { config: &config, project_info: &project_info };
    for line in stdin().lock().lines() {
        let line: Line = serde_json::from_str(&line.expect("a line")).expect("an item");
        println!("{}", treat(line, ctx));
    }
}

/// Does what process() of relay-server/src/processing/sessions/mod.rs does, without
/// filters and quotas.
fn treat(line: Line, ctx: Context<'_>) -> Value {
    let (mut updates, mut aggregates) = (vec![], vec![]);
    match line.ty.as_str() {
        "session" => updates.push(Item(line.payload)),
        "sessions" => aggregates.push(Item(line.payload)),
        other => panic!("an item of type {other}"),
    }
    let inner = SerializedSessions { headers: Headers(line.sent), updates, aggregates };
    let Expansion::Continue(mut sessions) = process::expand(Managed { inner, received_at: line.received }, ctx) else {
        panic!("it goes on unread");
    };
    process::normalize(&mut sessions, ctx);
    let kept = match (sessions.updates.first(), sessions.aggregates.first()) {
        (Some(update), _) => to_value(update),
        (_, Some(aggregates)) => to_value(aggregates),
        _ => Ok(Value::Null),
    };
    let counted = process::extract_metrics(sessions, ctx).inner.0;
    json!({"kept": kept.expect("JSON"), "counted": counted})
}
