package suite

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"flinkwatch/tests/host/internal/process"
)

const (
	shippedDashboards  = "../../../frontend/dashboards/json"
	fallbackDashboards = "../../../provisioning/cloudwatch"
)

// stories are applications that between them have every signal: Kinesis and Kafka, Flink 1.20 and 2.2, all metrics
// levels, a lag that falls.
var stories = []string{"orders", "sessions", "recommendations", "payments", "fraud-scoring", "catalog-cdc"}

type dashboard struct {
	file        string
	Title       string            `json:"title"`
	Time        map[string]string `json:"time"`
	Refresh     string            `json:"refresh"`
	Annotations struct {
		List []struct {
			BuiltIn int             `json:"builtIn"`
			Enable  bool            `json:"enable"`
			Target  json.RawMessage `json:"target"`
		} `json:"list"`
	} `json:"annotations"`
	Panels []dashboardPanel `json:"panels"`
	// TimePicker may end the time range before now.
	TimePicker struct {
		NowDelay string `json:"nowDelay"`
	} `json:"timepicker"`
}

type dashboardPanel struct {
	Title string `json:"title"`
	// MaxDataPoints is how many points it wants; those that its width has, if it is 0.
	MaxDataPoints int64             `json:"maxDataPoints"`
	Targets       []json.RawMessage `json:"targets"`
	FieldConfig   fieldConfig       `json:"fieldConfig"`
	Panels        []dashboardPanel  `json:"panels"`
	// Transformations turn the answer into something else than its signals.
	Transformations []json.RawMessage `json:"transformations"`
}

// target is as much of a saved query as the test needs to know what must come back.
type target struct {
	RefID   string   `json:"refId"`
	As      string   `json:"as"`
	Signals []string `json:"signals"`
}

// readDashboards reads all dashboards of a folder.
func readDashboards(t *testing.T, folder string) []dashboard {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboard in %s: %v", folder, err)
	}
	var read []dashboard
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := dashboard{file: filepath.Base(file)}
		if err := json.Unmarshal(text, &found); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		read = append(read, found)
	}
	return read
}

// asking are the panels with queries, those in closed rows too, without those that read another panel's answer.
func (d dashboard) asking() []dashboardPanel {
	var asking []dashboardPanel
	for _, panel := range d.Panels {
		for _, candidate := range append([]dashboardPanel{panel}, panel.Panels...) {
			if len(candidate.Targets) > 0 && !strings.Contains(string(candidate.Targets[0]), `"-- Dashboard --"`) {
				asking = append(asking, candidate)
			}
		}
	}
	return asking
}

// window is the time range at which the dashboard opens.
func (d dashboard) window(t *testing.T) backend.TimeRange {
	t.Helper()
	length, err := time.ParseDuration(strings.TrimPrefix(d.Time["from"], "now-"))
	if err != nil || d.Time["to"] != "now" {
		t.Fatalf("%s opens with %v", d.file, d.Time)
	}
	var delay time.Duration
	if d.TimePicker.NowDelay != "" {
		if delay, err = time.ParseDuration(d.TimePicker.NowDelay); err != nil {
			t.Fatalf("%s ends %q before now", d.file, d.TimePicker.NowDelay)
		}
	}
	now := time.Now()
	return backend.TimeRange{From: now.Add(-length), To: now.Add(-delay)}
}

// withVariables replaces the variables of a dashboard, as the front end does before it sends a query.
func withVariables(text, application string) string {
	values := strings.NewReplacer(
		"$applications", "*", "$application", application, "$region", region, "$task", "*", "$top", "5",
		"${datasource}", "msf", "$kpu_price", "0.11",
	)
	return values.Replace(text)
}

// TestEveryPanelOfTheShippedDashboardsHasItsNumbers asks each query as its dashboard does when it opens.
func TestEveryPanelOfTheShippedDashboardsHasItsNumbers(t *testing.T) {
	t.Parallel()
	aws, plugin := startAWS(t), startPlugin(t)
	for _, dashboard := range readDashboards(t, shippedDashboards) {
		for _, panel := range dashboard.asking() {
			t.Run(dashboard.file+"/"+panel.Title, func(t *testing.T) {
				for _, text := range panel.Targets {
					checkTarget(t, plugin, aws, dashboard.window(t), text)
				}
			})
		}
	}
}

func checkTarget(t *testing.T, plugin *process.Plugin, aws *localAWS, window backend.TimeRange, text json.RawMessage) {
	t.Helper()
	var asked target
	if err := json.Unmarshal(text, &asked); err != nil {
		t.Fatal(err)
	}
	if asked.As != "series" {
		checkTables(t, func(application string) *data.Frame {
			return askTarget(t, plugin, aws, window, text, application)[0]
		})
		return
	}
	missing := map[string]bool{}
	for _, signal := range asked.Signals {
		missing[signal] = true
	}
	if len(missing) == 0 {
		t.Fatal("a panel of lines must say what it shows")
	}
	for _, application := range stories {
		for _, frame := range askTarget(t, plugin, aws, window, text, application) {
			if checkDrawn(t, frame) {
				signal, isLabel := frame.Fields[1].Labels["signal"]
				if !isLabel {
					signal = asked.Signals[0]
				}
				delete(missing, signal)
			}
		}
		if len(missing) == 0 {
			return
		}
	}
	t.Errorf("no application has %v", slices.Sorted(maps.Keys(missing)))
}

func askTarget(
	t *testing.T, plugin *process.Plugin, aws *localAWS, window backend.TimeRange, text json.RawMessage, application string,
) data.Frames {
	t.Helper()
	request := requestOf(source(aws.endpoint), withVariables(string(text), application))
	request.Queries[0].TimeRange = window
	return answered(t, ask(t, plugin, request), request.Queries[0].RefID)
}

// checkDrawn says whether a frame draws something.
func checkDrawn(t *testing.T, frame *data.Frame) bool {
	t.Helper()
	if len(frame.Fields) == 0 {
		return false
	}
	values := frame.Fields[1]
	for row := range values.Len() {
		if _, has := values.ConcreteAt(row); has {
			if values.Config == nil || values.Config.Unit == "" {
				t.Errorf("%v has no unit", values.Labels)
			}
			return true
		}
	}
	return false
}

// checkTables wants a value in each column, of one application or another: none has Kinesis and Kafka.
func checkTables(t *testing.T, tableOf func(application string) *data.Frame) {
	t.Helper()
	empty := emptyColumns(t, tableOf(stories[0]))
	for _, application := range stories[1:] {
		if len(empty) == 0 {
			return
		}
		others := emptyColumns(t, tableOf(application))
		empty = slices.DeleteFunc(empty, func(name string) bool { return !slices.Contains(others, name) })
	}
	if len(empty) > 0 {
		t.Errorf("%q have no value in any row", empty)
	}
}

// emptyColumns are those without a value; the reason for health may be one.
func emptyColumns(t *testing.T, frame *data.Frame) []string {
	t.Helper()
	if rows, err := frame.RowLen(); err != nil || rows == 0 {
		t.Fatalf("%d rows, error %v", rows, err)
	}
	var empty []string
	for _, field := range frame.Fields {
		if field.Type().Numeric() && (field.Config == nil || field.Config.Unit == "") {
			t.Errorf("%q has no unit", field.Name)
		}
		if isEmpty(field) && field.Name != "why" {
			empty = append(empty, field.Name)
		}
	}
	return empty
}

func isEmpty(field *data.Field) bool {
	for row := range field.Len() {
		if _, has := field.ConcreteAt(row); has {
			return false
		}
	}
	return true
}

// TestDashboardsUseTheVariablesThatTheyHave finds a variable that nobody chooses, and one that nobody needs.
func TestDashboardsUseTheVariablesThatTheyHave(t *testing.T) {
	for _, folder := range []string{shippedDashboards, fallbackDashboards} {
		files, err := filepath.Glob(filepath.Join(folder, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checkVariables(t, file, text)
		}
	}
}

var variable = regexp.MustCompile(`\$\{?(\w+)`)

func checkVariables(t *testing.T, file string, text []byte) {
	t.Helper()
	var read struct {
		Templating struct {
			List []struct {
				Name string `json:"name"`
			} `json:"list"`
		} `json:"templating"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, found := range variable.FindAllSubmatch(text, -1) {
		used[string(found[1])] = true
	}
	for _, listed := range read.Templating.List {
		if !used[listed.Name] {
			t.Errorf("%s: nothing uses %s", file, listed.Name)
		}
		delete(used, listed.Name)
	}
	for _, grafanas := range []string{"__all", "__data", "__value", "__field", "__url_time_range", "__period_auto", "PROP"} {
		delete(used, grafanas)
	}
	if len(used) > 0 {
		t.Errorf("%s uses %v, which nobody can choose", file, slices.Sorted(maps.Keys(used)))
	}
}
