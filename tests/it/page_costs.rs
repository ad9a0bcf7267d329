//! What the shipped dashboards are billed for while they are open. `cargo xtask bench --only pages` writes it to
//! `docs/limits-and-cost.md`. A fleet of twenty stands for larger ones: all applications are alike.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use local_aws::fleet::Fleet;
use serde_json::Value;

use crate::support::world::Chain;

/// Wednesday, 2026-11-25, 12:00:00 UTC.
const NOON: i64 = 1_795_608_000;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Applications of the fleets that the page tells of, all alike, with four tasks each.
const SIZES: [usize; 3] = [1, 100, 500];

/// So many are really asked. "Top" leaves some of them out.
const SOME: usize = 20;

/// What the fleet's page was billed for in an hour at 500 applications as it once was: each application in every one of
/// fourteen graphs, other periods than the table's, no verdict, and a refresh each minute.
const FLEET_BEFORE: u64 = 60 * 14_000;

/// Points of a panel of a third of the page at 1500 pixels.
const USUAL_POINTS: i64 = 360;

/// A shipped dashboard.
struct Page {
    name: String,
    /// Seconds; 0 where it asks when it is opened only.
    refresh: i64,
    /// Seconds of its time range, and by how many it ends before now.
    range: i64,
    delay: i64,
    targets: Vec<Target>,
}

/// A query of a panel that is open at first, or of an annotation that is switched on.
struct Target {
    query: Value,
    points: i64,
    /// Seconds, where a panel has a range of its own.
    range: Option<i64>,
}

/// "5m" as seconds, 0 of nothing.
fn seconds(text: &str) -> i64 {
    let Some(unit) = text.chars().last() else { return 0 };
    let number: i64 = text.trim_end_matches(unit).parse().unwrap();
    number
        * match unit {
            's' => 1,
            'm' => 60,
            'h' => HOUR,
            'd' => DAY,
            _ => panic!("{text}"),
        }
}

fn read_pages() -> Vec<Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("frontend/dashboards/json");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| read_page(&fs::read_to_string(path).unwrap())).collect()
}

fn read_page(text: &str) -> Page {
    let variables = [
        ("$applications", "*"),
        ("$application", "bench-000"),
        ("$region", "eu-west-1"),
        ("$task", "*"),
        ("$top", "5"),
    ];
    let text = variables.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
    let page: Value = serde_json::from_str(&text).unwrap();
    let text_of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let panels = page["panels"].as_array().unwrap().iter().flat_map(|panel| {
        let asks = |query: &&Value| query["queryType"].is_string();
        let queries = panel["targets"].as_array().into_iter().flatten().filter(asks);
        queries.map(|query| Target {
            query: query.clone(),
            points: panel["maxDataPoints"].as_i64().unwrap_or(USUAL_POINTS),
            range: panel["timeFrom"].as_str().map(seconds),
        })
    });
    let annotations = page["annotations"]["list"].as_array().unwrap().iter();
    let marks = annotations.filter(|mark| mark["enable"] == true && mark["target"]["queryType"].is_string());
    let marks = marks.map(|mark| Target { query: mark["target"].clone(), points: USUAL_POINTS, range: None });
    Page {
        name: text_of(&page["title"]).replace("Flinkwatch: ", ""),
        refresh: seconds(&text_of(&page["refresh"])),
        range: seconds(text_of(&page["time"]["from"]).trim_start_matches("now-")),
        delay: seconds(&text_of(&page["timepicker"]["nowDelay"])),
        targets: panels.chain(marks).collect(),
    }
}

impl Page {
    /// All that an open page asks at a moment.
    async fn ask(&self, chain: &mut Chain, now: i64) {
        chain.move_to(now);
        let end = now - self.delay;
        let asked = self.targets.iter().map(|target| {
            let from = end - target.range.unwrap_or(self.range);
            chain.ask_points(target.query.clone(), from..end, target.points)
        });
        for answer in join_all(asked).await {
            assert_eq!(answer.error(), "", "{}", self.name);
        }
    }

    /// Metrics on the bill of an hour in which it is open, or of being opened.
    async fn billed(&self, chain: &mut Chain, from: i64) -> u64 {
        if self.refresh > 0 {
            self.ask(chain, from - self.refresh).await;
        }
        let before = chain.billed();
        let every = if self.refresh > 0 { self.refresh } else { HOUR };
        for now in (from..from + HOUR).step_by(usize::try_from(every).unwrap()) {
            self.ask(chain, now).await;
        }
        chain.billed() - before
    }

    fn is_about_one(&self) -> bool {
        self.targets.iter().all(|target| !target.query["applications"].to_string().contains('*'))
    }
}

/// By page. Each is asked about days of its own, so that it pays for all that it shows.
async fn costs(pages: &[Page], applications: usize) -> BTreeMap<String, u64> {
    let mut chain = Chain::start_fast(Arc::new(Fleet::bench(applications, 4)), NOON).await;
    let all =
        serde_json::json!({ "queryType": "application", "applications": ["*"], "signals": ["cpu"], "as": "table" });
    while chain.calls("DescribeApplication") < applications as u64 {
        chain.ask(all.clone(), NOON - HOUR..NOON).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut billed = BTreeMap::new();
    for (page, from) in pages.iter().zip((NOON..).step_by(2 * 86_400)) {
        billed.insert(page.name.clone(), page.billed(&mut chain, from + 7).await);
    }
    billed
}

#[tokio::test]
async fn open_dashboards_cost_what_the_page_says() {
    let pages = read_pages();
    let (one, some) = (costs(&pages, 1).await, costs(&pages, SOME).await);
    let times = |page: &Page, size: usize| match some[&page.name] {
        billed if size == 1 || billed == one[&page.name] => one[&page.name],
        billed => billed * size as u64 / SOME as u64,
    };
    let of_size = |size: usize| pages.iter().map(|page| (page.name.clone(), times(page, size))).collect();
    let by_size: Vec<BTreeMap<String, u64>> = SIZES.iter().map(|size| of_size(*size)).collect();
    for page in &pages {
        let billed: Vec<u64> = by_size.iter().map(|costs| costs[&page.name]).collect();
        assert!(!page.is_about_one() || billed.iter().all(|cost| *cost == billed[0]), "{}: {billed:?}", page.name);
        if page.name == "Fleet" {
            assert!(billed[2] * 10 <= FLEET_BEFORE, "{billed:?} is more than a tenth of {FLEET_BEFORE}");
        }
    }
    crate::alerts::replace_part("docs/limits-and-cost.md", (START, END), &table(&pages, &by_size));
}

fn table(pages: &[Page], by_size: &[BTreeMap<String, u64>]) -> String {
    let mut text =
        "\n| dashboard | asks | 1 application | 100 applications | 500 applications | dollars, 500 |\n".to_owned();
    text.push_str("|---|---|---|---|---|---|\n");
    for page in pages {
        let asks = match page.refresh {
            0 => "when it is opened".to_owned(),
            seconds => format!("every {} minutes", seconds / 60),
        };
        let billed: Vec<u64> = by_size.iter().map(|costs| costs[&page.name]).collect();
        // $0.01 for 1,000 metrics.
        let dollars = billed[2] as f64 / 100_000.0;
        text.push_str(&format!(
            "| {} | {asks} | {} | {} | {} | {dollars:.2} |\n",
            page.name, billed[0], billed[1], billed[2]
        ));
    }
    text.push('\n');
    text
}

const START: &str = "<!-- What open dashboards cost begins here; a test keeps it true. -->\n";
const END: &str = "<!-- What open dashboards cost ends here. -->";
