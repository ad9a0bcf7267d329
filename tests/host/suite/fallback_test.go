package suite

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"flinkwatch/tests/host/internal/process"
)

// fallbackPeriod is that of all requests here, in seconds.
const fallbackPeriod = 300

// cloudWatchTarget is a saved query of Grafana's CloudWatch data source.
type cloudWatchTarget struct {
	ID         string            `json:"id"`
	RefID      string            `json:"refId"`
	Hide       bool              `json:"hide"`
	Label      string            `json:"label"`
	Namespace  string            `json:"namespace"`
	MetricName string            `json:"metricName"`
	Dimensions map[string]string `json:"dimensions"`
	Statistic  string            `json:"statistic"`
	Expression string            `json:"expression"`
	Period     string            `json:"period"`
	EditorMode int               `json:"metricEditorMode"`
}

// signal is what the query answers: the front part of its id.
func (c cloudWatchTarget) signal() string {
	return strings.TrimSuffix(c.ID, "Older")
}

// request is the query as the CloudWatch data source sends it to AWS.
func (c cloudWatchTarget) request() map[string]any {
	period := fallbackPeriod
	if c.Period != "" {
		period, _ = strconv.Atoi(c.Period) // nothing else stands in a period
	}
	query := map[string]any{"Id": c.ID, "ReturnData": !c.Hide}
	if c.Label != "" {
		query["Label"] = c.Label
	}
	if c.Expression != "" {
		query["Expression"] = strings.ReplaceAll(c.Expression, "$__period_auto", strconv.Itoa(period))
		query["Period"] = period
		return query
	}
	dimensions := []map[string]string{}
	for name, value := range c.Dimensions {
		dimensions = append(dimensions, map[string]string{"Name": name, "Value": value})
	}
	query["MetricStat"] = map[string]any{
		"Metric": map[string]any{"Namespace": c.Namespace, "MetricName": c.MetricName, "Dimensions": dimensions},
		"Period": period,
		"Stat":   c.Statistic,
	}
	return query
}

type metricDataResult struct {
	ID         string    `json:"Id"`
	Label      string    `json:"Label"`
	Timestamps []float64 `json:"Timestamps"`
	Values     []float64 `json:"Values"`
}

// metricData asks the simulated AWS for the queries of a panel, in one call as the CloudWatch data source does.
func metricData(t *testing.T, aws *localAWS, window backend.TimeRange, targets []cloudWatchTarget) []metricDataResult {
	t.Helper()
	queries := []map[string]any{}
	for _, target := range targets {
		queries = append(queries, target.request())
	}
	body, err := json.Marshal(map[string]any{
		"StartTime": window.From.Unix(), "EndTime": window.To.Unix(), "MetricDataQueries": queries,
		"ScanBy": "TimestampAscending",
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, aws.endpoint, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "GraniteServiceVersion20100801.GetMetricData")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDLOCALTEST/20260101/"+region+
		"/monitoring/aws4_request, SignedHeaders=host, Signature=none")
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s, error %v, for %s", response.Status, text, err, body)
	}
	var answer struct {
		MetricDataResults []metricDataResult
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return answer.MetricDataResults
}

func readTargets(t *testing.T, panel dashboardPanel, application string) []cloudWatchTarget {
	t.Helper()
	var targets []cloudWatchTarget
	for _, text := range panel.Targets {
		var read cloudWatchTarget
		if err := json.Unmarshal([]byte(withVariables(string(text), application)), &read); err != nil {
			t.Fatal(err)
		}
		targets = append(targets, read)
	}
	return targets
}

// TestEveryPanelOfTheFallbackDashboardsHasItsNumbers asks AWS what the CloudWatch data source would ask.
func TestEveryPanelOfTheFallbackDashboardsHasItsNumbers(t *testing.T) {
	aws := startAWS(t)
	for _, dashboard := range readDashboards(t, fallbackDashboards) {
		for _, panel := range dashboard.asking() {
			t.Run(dashboard.file+"/"+panel.Title, func(t *testing.T) {
				missing := map[string]bool{}
				for _, target := range readTargets(t, panel, "") {
					if !target.Hide {
						missing[target.ID] = true
					}
				}
				for _, application := range stories {
					targets := readTargets(t, panel, application)
					for _, result := range metricData(t, aws, dashboard.window(t), targets) {
						if len(result.Values) > 0 {
							delete(missing, result.ID)
						}
					}
				}
				if len(missing) > 0 {
					t.Errorf("no application has %v", slices.Sorted(maps.Keys(missing)))
				}
			})
		}
	}
}

// TestTheFallbackShowsThePluginsNumbers compares what both say of one application: values, units and lines.
func TestTheFallbackShowsThePluginsNumbers(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	to := time.Now().Add(-10 * time.Minute).Truncate(fallbackPeriod * time.Second)
	window := backend.TimeRange{From: to.Add(-6 * time.Hour), To: to}
	for _, dashboard := range readDashboards(t, fallbackDashboards) {
		for _, panel := range dashboard.asking() {
			if len(panel.Transformations) > 0 {
				continue
			}
			t.Run(dashboard.file+"/"+panel.Title, func(t *testing.T) {
				for _, application := range []string{"orders", "sessions", "payments"} {
					targets := readTargets(t, panel, application)
					if !isOfOneApplication(targets) {
						return
					}
					for _, result := range metricData(t, aws, window, targets) {
						compare(t, result, panel, twin(t, plugin, aws, window, application, result))
					}
				}
			})
		}
	}
}

// isOfOneApplication tells the panels with one line per signal from those that list tasks or applications.
func isOfOneApplication(targets []cloudWatchTarget) bool {
	return !slices.ContainsFunc(targets, func(target cloudWatchTarget) bool {
		return strings.Contains(target.Label, "PROP(") || target.MetricName == "" && target.Expression == ""
	})
}

// twin is the plugin's frame of the same signal, if it has one.
func twin(
	t *testing.T, plugin *process.Plugin, aws *localAWS, window backend.TimeRange, application string, result metricDataResult,
) *data.Frame {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"refId": "A", "queryType": "application", "applications": []string{application},
		"signals": []string{cloudWatchTarget{ID: result.ID}.signal()}, "period": fallbackPeriod,
	})
	if err != nil {
		t.Fatal(err)
	}
	request := requestOf(source(aws.endpoint), string(text))
	request.Queries[0].TimeRange = window
	return answered(t, ask(t, plugin, request), "A")[0]
}

// compare holds a result to the plugin's frame. Some points may differ: those of a restart or beside a lost sample, where
// the plugin makes up for what metric math cannot.
func compare(t *testing.T, result metricDataResult, panel dashboardPanel, frame *data.Frame) {
	t.Helper()
	values := valuesByTime(frame)
	var compared, different int
	for index, at := range result.Timestamps {
		theirs, ours := result.Values[index], math.NaN()
		if value, has := values[int64(at)]; has {
			ours = value
			compared++
		}
		if isFar(theirs, ours) {
			different++
			t.Logf("%s at %s: %v in metric math, %v by the plugin", result.ID, time.Unix(int64(at), 0).UTC(), theirs, ours)
		}
	}
	// Their label says what metric math shows in place of the total.
	isOther := result.ID == "lateRecords"
	if different*10 > compared && !isOther {
		t.Errorf("%s differs at %d of %d points", result.ID, different, compared)
	}
	if compared > 0 {
		compareConfig(t, result.ID, panel.FieldConfig, frame.Fields[1].Config)
	}
}

// valuesByTime is empty for a frame without columns, which is "no data".
func valuesByTime(frame *data.Frame) map[int64]float64 {
	values := map[int64]float64{}
	if len(frame.Fields) == 0 {
		return values
	}
	for row := range frame.Fields[1].Len() {
		at, hasTime := frame.Fields[0].ConcreteAt(row)
		value, hasValue := frame.Fields[1].ConcreteAt(row)
		if hasTime && hasValue {
			values[at.(time.Time).Unix()] = value.(float64)
		}
	}
	return values
}

func isFar(theirs, ours float64) bool {
	return math.IsNaN(ours) || math.Abs(theirs-ours) > 0.03*math.Max(math.Abs(ours), 0.01)
}

// fieldConfig is what a panel says about its fields, for all and for those of one query.
type fieldConfig struct {
	Defaults  fieldDefaults `json:"defaults"`
	Overrides []struct {
		Matcher struct {
			ID      string          `json:"id"`
			Options json.RawMessage `json:"options"`
		} `json:"matcher"`
		Properties []struct {
			ID    string          `json:"id"`
			Value json.RawMessage `json:"value"`
		} `json:"properties"`
	} `json:"overrides"`
}

type fieldDefaults struct {
	Unit       string     `json:"unit"`
	Thresholds thresholds `json:"thresholds"`
}

type thresholds struct {
	Steps []step `json:"steps"`
}

type step struct {
	Value *float64 `json:"value"`
	Color string   `json:"color"`
}

func (f fieldConfig) of(t *testing.T, refID string) fieldDefaults {
	t.Helper()
	config := f.Defaults
	for _, override := range f.Overrides {
		if override.Matcher.ID != "byFrameRefID" || string(override.Matcher.Options) != strconv.Quote(refID) {
			continue
		}
		for _, property := range override.Properties {
			var err error
			switch property.ID {
			case "unit":
				err = json.Unmarshal(property.Value, &config.Unit)
			case "thresholds":
				config.Thresholds = thresholds{}
				err = json.Unmarshal(property.Value, &config.Thresholds)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return config
}

func compareConfig(t *testing.T, refID string, panel fieldConfig, ours *data.FieldConfig) {
	t.Helper()
	theirs := panel.of(t, refID)
	if theirs.Unit != ours.Unit {
		t.Errorf("%s: unit %q, the plugin says %q", refID, theirs.Unit, ours.Unit)
	}
	lines, expected := describe(theirs.Thresholds.Steps), "text"
	if ours.Thresholds != nil {
		var steps []step
		for _, line := range ours.Thresholds.Steps {
			value := float64(line.Value)
			steps = append(steps, step{Value: &value, Color: line.Color})
		}
		expected = describe(steps)
	}
	if lines != expected {
		t.Errorf("%s: lines %s, the plugin says %s", refID, lines, expected)
	}
}

// describe writes thresholds as "green 0.1 orange 0.5 red".
func describe(steps []step) string {
	var words []string
	for index, step := range steps {
		if index > 0 && step.Value != nil {
			words = append(words, strconv.FormatFloat(*step.Value, 'g', -1, 64))
		}
		words = append(words, step.Color)
	}
	return strings.Join(words, " ")
}
