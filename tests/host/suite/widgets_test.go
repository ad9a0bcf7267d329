package suite

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// awsWidget is one graph of a dashboard for CloudWatch that AWS publishes, and where ours show the same.
type awsWidget struct {
	board string
	title string
	// metrics are those that it reads, under CloudWatch's names.
	metrics []string
	// page and panels are ours.
	page   string
	panels []string
	// fallback are the panels for the data source CloudWatch where they are not called as ours.
	fallback []string
}

const (
	// github.com/aws-samples/kda-metrics-dashboard, kda-cw-dashboard-cfn-template.yaml
	kdaBoard = "kda-metrics-dashboard"
	// github.com/aws-samples/amazon-managed-service-for-apache-flink-examples, infrastructure/monitoring/monitoring-dashboard.yml
	msfBoard = "monitoring-dashboard.yml"
	// github.com/cdklabs/cdk-monitoring-constructs, lib/monitoring/aws-kinesisanalytics
	cdkBoard = "cdk-monitoring-constructs"
)

var awsWidgets = []awsWidget{
	{kdaBoard, "Uptime", []string{"uptime"}, "application", []string{"Uptime"}, nil},
	{kdaBoard, "Last Checkpoint Size", []string{"lastCheckpointSize"}, "application", []string{"Checkpoint size"}, nil},
	{kdaBoard, "Flink Job Restarts", []string{"fullRestarts"}, "application", []string{"Restarts by period"}, nil},
	{kdaBoard, "Number of Failed Checkpoints", []string{"numberOfFailedCheckpoints"}, "application",
		[]string{"Failed checkpoints by period"}, nil},
	{kdaBoard, "Downtime", []string{"downtime"}, "application", []string{"Downtime"}, nil},
	{kdaBoard, "Last Checkpoint Duration", []string{"lastCheckpointDuration"}, "application",
		[]string{"Checkpoint duration"}, nil},
	{kdaBoard, "CPU Utilization", []string{"cpuUtilization"}, "application", []string{"CPU"}, nil},
	{kdaBoard, "Heap Memory Utilization", []string{"heapMemoryUtilization"}, "application",
		[]string{"Heap, container and managed memory"}, nil},
	{kdaBoard, "Old Generation GC Count Rate", []string{"oldGenerationGCCount"}, "application",
		[]string{"Old-generation GC collections"}, nil},
	{kdaBoard, "Old Generation GC Percent (Over 1 Min)", []string{"oldGenerationGCTime"}, "application",
		[]string{"Old-generation GC time"}, nil},
	{kdaBoard, "Thread Count", []string{"threadsCount"}, "application", []string{"Threads"}, nil},
	{kdaBoard, "Incoming Records (Per Second)", []string{"numRecordsInPerSecond"}, "application",
		[]string{"Records in and out"}, nil},
	{kdaBoard, "Outgoing Records (Per Second)", []string{"numRecordsOutPerSecond"}, "application",
		[]string{"Records in and out"}, nil},
	{kdaBoard, "Input Watermark", []string{"currentInputWatermark"}, "application", []string{"Watermarks"}, nil},
	{kdaBoard, "Output Watermark", []string{"currentOutputWatermark"}, "application", []string{"Watermarks"}, nil},
	{kdaBoard, "Event Time Latency", []string{"currentOutputWatermark", "currentInputWatermark"}, "application",
		[]string{"Watermark skew"}, nil},
	{kdaBoard, "Late Records Dropped", []string{"numLateRecordsDropped"}, "application", []string{"Late records"}, nil},
	{kdaBoard, "Kinesis MillisBehindLatest", []string{"millisBehindLatest"}, "application", []string{"Consumer lag"},
		[]string{"Consumer lag, time"}},
	{kdaBoard, "Kafka RecordsLagMax", []string{"records_lag_max"}, "application", []string{"Consumer lag"},
		[]string{"Consumer lag, records"}},
	{msfBoard, "Full Restarts and Uptime of Application", []string{"fullRestarts", "uptime"}, "application",
		[]string{"Restarts by period", "Uptime"}, nil},
	{msfBoard, "CPU and Memory (Container)", []string{"containerCPUUtilization", "containerMemoryUtilization"},
		"application", []string{"CPU", "Heap, container and managed memory"}, nil},
	{msfBoard, "Backpressure and Busy Time", []string{"backPressuredTimeMsPerSecond", "busyTimeMsPerSecond"},
		"application", []string{"Back pressure, busy and idle"}, nil},
	{msfBoard, "Last Checkpoint Duration", []string{"lastCheckpointDuration", "lastCheckpointSize"}, "application",
		[]string{"Checkpoint duration", "Checkpoint size"}, nil},
	{msfBoard, "Watermarks (Event Time only)", []string{"currentInputWatermark", "currentOutputWatermark"},
		"application", []string{"Watermarks"}, nil},
	{msfBoard, "Record Lag (Kinesis or Kafka)", []string{"records_lag_max", "millisBehindLatest"}, "application",
		[]string{"Consumer lag"}, []string{"Consumer lag, time", "Consumer lag, records"}},
	{msfBoard, "Records In & Out", []string{"numRecordsOut", "numRecordsIn"}, "application",
		[]string{"Records in and out"}, nil},
	{cdkBoard, "KPU Usage", []string{"KPUs"}, "application", []string{"KPUs"}, nil},
	{cdkBoard, "Resource Utilization", []string{"cpuUtilization", "heapMemoryUtilization"}, "application",
		[]string{"CPU", "Heap, container and managed memory"}, nil},
	{cdkBoard, "Down Time", []string{"downtime"}, "application", []string{"Downtime"}, nil},
	{cdkBoard, "Full Restarts", []string{"fullRestarts"}, "application", []string{"Restarts by period"}, nil},
	{cdkBoard, "Back Pressured Time", []string{"backPressuredTimeMsPerSecond"}, "application",
		[]string{"Back pressure, busy and idle"}, nil},
	{cdkBoard, "Checkpoint Failures", []string{"numberOfFailedCheckpoints"}, "application",
		[]string{"Failed checkpoints by period"}, nil},
	{cdkBoard, "Checkpoint Duration", []string{"lastCheckpointDuration"}, "application",
		[]string{"Checkpoint duration"}, nil},
	{cdkBoard, "Checkpoint Size", []string{"lastCheckpointSize"}, "application", []string{"Checkpoint size"}, nil},
	{cdkBoard, "Garbage Collection", []string{"oldGenerationGCTime", "oldGenerationGCCount"}, "application",
		[]string{"Old-generation GC time", "Old-generation GC collections"}, nil},
}

// sameQuantity are metrics that ours read in place of others. The counters grow until a job starts anew; Flink makes the
// rates of the very same counters.
var sameQuantity = map[string]string{
	"numRecordsIn":  "numRecordsInPerSecond",
	"numRecordsOut": "numRecordsOutPerSecond",
}

// TestEveryWidgetOfAWSsDashboardsIsAnswered finds for each the panels that ask AWS for its metrics.
func TestEveryWidgetOfAWSsDashboardsIsAnswered(t *testing.T) {
	t.Parallel()
	aws, plugin := startAWS(t), startPlugin(t)
	now := time.Now()
	window := backend.TimeRange{From: now.Add(-3 * time.Hour), To: now}
	asked := map[string]string{}
	own := func(panel dashboardPanel) string {
		if _, is := asked[panel.Title]; !is {
			var texts []string
			for _, text := range panel.Targets {
				for _, application := range stories {
					for _, frame := range askTarget(t, plugin, aws, window, text, application) {
						texts = append(texts, frame.Meta.ExecutedQueryString)
					}
				}
			}
			asked[panel.Title] = strings.Join(texts, "\n")
		}
		return asked[panel.Title]
	}
	fallback := func(panel dashboardPanel) string {
		var texts []string
		for _, text := range panel.Targets {
			texts = append(texts, string(text))
		}
		return strings.Join(texts, "\n")
	}
	for _, widget := range awsWidgets {
		t.Run(widget.board+"/"+widget.title, func(t *testing.T) {
			widget.check(t, shippedDashboards, widget.panels, own)
			widget.check(t, fallbackDashboards, widget.inFallback(), fallback)
		})
	}
}

func (w awsWidget) inFallback() []string {
	if w.fallback == nil {
		return w.panels
	}
	return w.fallback
}

// check finds the panels, and each metric in what at least one of them asks.
func (w awsWidget) check(t *testing.T, folder string, titles []string, askedBy func(dashboardPanel) string) {
	t.Helper()
	missing := slices.Clone(w.metrics)
	for _, title := range titles {
		text := askedBy(panelCalled(t, folder, w.page, title))
		before := len(missing)
		missing = slices.DeleteFunc(missing, func(metric string) bool { return asksFor(text, metric) })
		if len(missing) == before {
			t.Errorf("%s/%s: %q does not ask for %v", folder, w.page, title, w.metrics)
		}
	}
	if len(missing) > 0 {
		t.Errorf("%s/%s: none of %q asks for %v", folder, w.page, titles, missing)
	}
}

func asksFor(text, metric string) bool {
	if same, is := sameQuantity[metric]; is {
		metric = same
	}
	return regexp.MustCompile(`\b` + metric + `\b`).MatchString(text)
}

func panelCalled(t *testing.T, folder, page, title string) dashboardPanel {
	t.Helper()
	for _, dashboard := range readDashboards(t, folder) {
		if dashboard.file != page+".json" {
			continue
		}
		for _, panel := range dashboard.asking() {
			if panel.Title == title {
				return panel
			}
		}
	}
	t.Fatalf("%s/%s.json has no panel %q", folder, page, title)
	return dashboardPanel{}
}

const fromCloudWatch = "../../../docs/from-cloudwatch.md"

// TestThePageOnCloudWatchDashboardsHasEveryWidget holds the table of the docs to the one above; with UPDATE_DOCS=1 it
// writes it.
func TestThePageOnCloudWatchDashboardsHasEveryWidget(t *testing.T) {
	read, err := os.ReadFile(fromCloudWatch)
	if err != nil {
		t.Fatal(err)
	}
	const start, end = "<!-- widgets: written by the tests of tests/host -->\n", "<!-- end of widgets -->\n"
	before, rest, hasStart := strings.Cut(string(read), start)
	_, after, hasEnd := strings.Cut(rest, end)
	if !hasStart || !hasEnd {
		t.Fatalf("%s has no place for the widgets", fromCloudWatch)
	}
	wanted := before + start + widgetTable() + end + after
	if wanted == string(read) {
		return
	}
	if os.Getenv("UPDATE_DOCS") == "" {
		t.Fatalf("%s does not say what the tests know of AWS's widgets: run this test with UPDATE_DOCS=1", fromCloudWatch)
	}
	if err := os.WriteFile(fromCloudWatch, []byte(wanted), 0o644); err != nil {
		t.Fatal(err)
	}
}

func widgetTable() string {
	var table strings.Builder
	table.WriteString("\n| AWS's dashboard | widget | metrics | dashboard | panel |\n|---|---|---|---|---|\n")
	for _, widget := range awsWidgets {
		metrics := "`" + strings.Join(widget.metrics, "`, `") + "`"
		page := strings.ToUpper(widget.page[:1]) + widget.page[1:]
		panels := strings.Join(widget.panels, "; ")
		if widget.fallback != nil {
			panels += " (for CloudWatch: " + strings.Join(widget.fallback, "; ") + ")"
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", widget.board, widget.title, metrics, page, panels)
	}
	return table.String() + "\n"
}

// TestAWidgetWithoutItsMetricIsFound: the check can fail.
func TestAWidgetWithoutItsMetricIsFound(t *testing.T) {
	for _, target := range []map[string]string{
		{"expression": `SEARCH('MetricName=("numRestarts" OR "fullRestarts")')`},
		{"metricName": "fullRestarts"},
	} {
		text, err := json.Marshal(target)
		if err != nil {
			t.Fatal(err)
		}
		if !asksFor(string(text), "fullRestarts") || asksFor(string(text), "Restarts") || asksFor(string(text), "numRecordsIn") {
			t.Errorf("%s", text)
		}
	}
	if !asksFor("s0 60s numRecordsInPerSecond Sum", "numRecordsIn") || asksFor("s0 60s numRecordsInPerSecond Sum", "numRecordsOut") {
		t.Error("the rate of a counter answers the counter, and no other")
	}
}
