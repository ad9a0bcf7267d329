//! Worlds made of others: with a part of the samples, or a part of the series.

use std::sync::Arc;

use local_aws::world::{Application, Minute, Series, SeriesEntry, World};

/// A world in which a part of one minute's samples never arrived.
pub struct Thinned {
    pub inner: Arc<dyn World>,
    pub minute: i64,
    /// The part that arrived: 0.75 where each subtask lost one of its four samples.
    pub kept: f64,
}

impl World for Thinned {
    fn series(&self, region: &str, now: i64) -> Arc<Vec<SeriesEntry>> {
        self.inner.series(region, now)
    }

    fn minute(&self, region: &str, series: &Series, minute: i64, now: i64) -> Option<Minute> {
        let mut whole = self.inner.minute(region, series, minute, now)?;
        if minute == self.minute {
            whole.sample_count = (whole.sample_count * self.kept).round();
            whole.sum *= self.kept;
        }
        (whole.sample_count > 0.0).then_some(whole)
    }

    fn samples(&self, region: &str, series: &Series, minute: i64, now: i64) -> Vec<f64> {
        self.inner.samples(region, series, minute, now)
    }

    fn applications(&self, region: &str, now: i64) -> Vec<Application> {
        self.inner.applications(region, now)
    }
}

/// A world that publishes only some series.
pub struct Masked {
    pub inner: Arc<dyn World>,
    pub shows: fn(&Series) -> bool,
}

impl World for Masked {
    fn series(&self, region: &str, now: i64) -> Arc<Vec<SeriesEntry>> {
        let all = self.inner.series(region, now);
        Arc::new(all.iter().filter(|entry| (self.shows)(&entry.series)).cloned().collect())
    }

    fn minute(&self, region: &str, series: &Series, minute: i64, now: i64) -> Option<Minute> {
        (self.shows)(series).then(|| self.inner.minute(region, series, minute, now)).flatten()
    }

    fn samples(&self, region: &str, series: &Series, minute: i64, now: i64) -> Vec<f64> {
        self.inner.samples(region, series, minute, now)
    }

    fn applications(&self, region: &str, now: i64) -> Vec<Application> {
        self.inner.applications(region, now)
    }
}

/// Whether a series has a dimension of this name.
pub fn has_dimension(series: &Series, name: &str) -> bool {
    series.dimensions.iter().any(|(found, _)| &**found == name)
}

/// What a world has no more of one application.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    Series,
    Application,
}

/// A world in which a part of one application is gone.
pub struct Without {
    pub inner: Arc<dyn World>,
    pub name: &'static str,
    pub what: What,
}

impl Without {
    fn shows(&self, series: &Series) -> bool {
        let is_its_own =
            series.dimensions.iter().any(|(name, value)| &**name == "Application" && &**value == self.name);
        self.what != What::Series || !is_its_own
    }
}

impl World for Without {
    fn series(&self, region: &str, now: i64) -> Arc<Vec<SeriesEntry>> {
        let all = self.inner.series(region, now);
        Arc::new(all.iter().filter(|entry| self.shows(&entry.series)).cloned().collect())
    }

    fn minute(&self, region: &str, series: &Series, minute: i64, now: i64) -> Option<Minute> {
        self.shows(series).then(|| self.inner.minute(region, series, minute, now)).flatten()
    }

    fn samples(&self, region: &str, series: &Series, minute: i64, now: i64) -> Vec<f64> {
        self.inner.samples(region, series, minute, now)
    }

    fn applications(&self, region: &str, now: i64) -> Vec<Application> {
        let mut all = self.inner.applications(region, now);
        all.retain(|application| self.what != What::Application || application.name != self.name);
        all
    }
}

/// A world in which every application has this status, whatever its job does.
pub struct Restated {
    pub inner: Arc<dyn World>,
    pub status: &'static str,
    /// When it was updated last, in epoch seconds, where that is another time.
    pub updated: Option<i64>,
}

impl World for Restated {
    fn series(&self, region: &str, now: i64) -> Arc<Vec<SeriesEntry>> {
        self.inner.series(region, now)
    }

    fn minute(&self, region: &str, series: &Series, minute: i64, now: i64) -> Option<Minute> {
        self.inner.minute(region, series, minute, now)
    }

    fn samples(&self, region: &str, series: &Series, minute: i64, now: i64) -> Vec<f64> {
        self.inner.samples(region, series, minute, now)
    }

    fn applications(&self, region: &str, now: i64) -> Vec<Application> {
        let mut all = self.inner.applications(region, now);
        for application in &mut all {
            application.status = self.status.to_owned();
            application.detail["ApplicationStatus"] = self.status.into();
            if let Some(updated) = self.updated {
                application.detail["LastUpdateTimestamp"] = updated.into();
            }
        }
        all
    }
}
