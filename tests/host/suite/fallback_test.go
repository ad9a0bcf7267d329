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
	t.Parallel()
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
						if strings.Contains(result.Label, "${") {
							t.Errorf("the legend says %s", result.Label)
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

// TestTheFallbackShowsThePluginsNumbers compares what both say of applications, tasks and operators: values, units and
// lines.
func TestTheFallbackShowsThePluginsNumbers(t *testing.T) {
	t.Parallel()
	aws, plugin := startAWS(t), startPlugin(t)
	to := time.Now().Add(-10 * time.Minute).Truncate(fallbackPeriod * time.Second)
	both := &bothSources{aws: aws, plugin: plugin, window: backend.TimeRange{From: to.Add(-6 * time.Hour), To: to}}
	for _, dashboard := range readDashboards(t, fallbackDashboards) {
		for _, panel := range dashboard.asking() {
			t.Run(dashboard.file+"/"+panel.Title, func(t *testing.T) {
				var compared int
				for _, application := range []string{"orders", "sessions", "payments"} {
					targets := readTargets(t, panel, application)
					if !isOfOneApplication(targets) {
						application = "*"
					}
					compared += both.compare(t, panel, targets, application)
					if application == "*" {
						break
					}
				}
				if compared == 0 {
					t.Error("nothing was compared")
				}
			})
		}
	}
}

// isOfOneApplication says whether the queries name an application.
func isOfOneApplication(targets []cloudWatchTarget) bool {
	return slices.ContainsFunc(targets, func(target cloudWatchTarget) bool {
		return target.Dimensions["Application"] != "" || strings.Contains(target.Expression, `Application="`)
	})
}

// bothSources can say the same: the simulated AWS in metric math, and the plugin.
type bothSources struct {
	aws    *localAWS
	plugin *process.Plugin
	window backend.TimeRange
}

// compare holds the results of a panel to the plugin's frames, and counts the series that both have.
func (b *bothSources) compare(t *testing.T, panel dashboardPanel, targets []cloudWatchTarget, application string) int {
	t.Helper()
	var compared int
	results := metricData(t, b.aws, b.window, targets)
	for _, target := range targets {
		if target.Hide {
			continue
		}
		twins := b.twins(t, target, application)
		for _, result := range results {
			twin, has := twins[target.twinOf(result)]
			if result.ID != target.ID || !has || isTwice(results, result) {
				continue
			}
			if compareValues(t, result, twin) == 0 {
				continue
			}
			compared++
			// One number of many may have colours of its own.
			if len(panel.Transformations) == 0 {
				compareConfig(t, result.ID, panel, twin.config)
			}
		}
	}
	return compared
}

// isTwice says whether a label does not tell results apart: streams of an application, or operators of two tasks.
func isTwice(results []metricDataResult, of metricDataResult) bool {
	var same int
	for _, result := range results {
		if result.ID == of.ID && result.Label == of.Label {
			same++
		}
	}
	return same > 1
}

// level is that of the series of a list, out of the label that names them; empty for one number.
func (c cloudWatchTarget) level() string {
	for dimension, level := range map[string]string{"Application": "application", "Task": "task", "TaskOperator": "operator"} {
		if c.Label == "${PROP('Dim."+dimension+"')}" {
			return level
		}
	}
	return ""
}

func (c cloudWatchTarget) twinOf(result metricDataResult) string {
	if c.level() == "" {
		return ""
	}
	return result.Label
}

// twin is what the plugin says in place of a result.
type twin struct {
	values map[int64]float64
	config *data.FieldConfig
}

// notFlink are applications of the simulated AWS that run a Studio notebook or SQL.
var notFlink = []string{"notebook", "old-sql"}

// twins are the plugin's series of the same signal by what names them; one number is the sum of all.
func (b *bothSources) twins(t *testing.T, target cloudWatchTarget, application string) map[string]twin {
	t.Helper()
	twins := map[string]twin{}
	level := target.level()
	for _, frame := range b.frames(t, target, application) {
		if len(frame.Fields) < 2 {
			continue
		}
		name := frame.Fields[1].Labels[level]
		if _, has := twins[name]; !has {
			twins[name] = twin{values: map[int64]float64{}, config: frame.Fields[1].Config}
		}
		for at, value := range valuesByTime(frame) {
			twins[name].values[at] += value
		}
	}
	return twins
}

// frames are what the plugin answers in the place of a target.
func (b *bothSources) frames(t *testing.T, target cloudWatchTarget, application string) data.Frames {
	t.Helper()
	query := map[string]any{
		"refId": "A", "queryType": "application", "signals": []string{target.ID}, "period": fallbackPeriod,
	}
	if target.Period != "" {
		query["period"] = target.Period
	}
	if level := target.level(); level == "task" || level == "operator" {
		query["queryType"], query["level"] = "operator", level
	}
	asked := [][]string{{application}}
	if application == "*" && (target.ID == "kpus" || target.ID == "kpuCost") {
		// A search finds all that publish KPUs; to the plugin "*" is Flink.
		asked = append(asked, notFlink)
	}
	var frames data.Frames
	for _, applications := range asked {
		query["applications"] = applications
		text, err := json.Marshal(query)
		if err != nil {
			t.Fatal(err)
		}
		request := requestOf(source(b.aws.endpoint), string(text))
		request.Queries[0].TimeRange = b.window
		frames = append(frames, answered(t, ask(t, b.plugin, request), "A")...)
	}
	return frames
}

// compareValues holds a result to the plugin's values, and counts those that both have. Some may differ: those of a
// restart or beside a lost sample, where the plugin makes up for what metric math cannot.
func compareValues(t *testing.T, result metricDataResult, twin twin) int {
	t.Helper()
	var compared, different int
	for index, at := range result.Timestamps {
		theirs, ours := result.Values[index], math.NaN()
		if theirs < 0 {
			continue // lists show -1 for no value, and the fall of a counter; the axis begins at 0
		}
		if value, has := twin.values[int64(at)]; has {
			ours = value
			compared++
		}
		if isFar(theirs, ours) {
			different++
			t.Logf("%s of %s at %s: %v in metric math, %v by the plugin",
				result.ID, result.Label, time.Unix(int64(at), 0).UTC(), theirs, ours)
		}
	}
	// Their label says what metric math shows in place of the total.
	isOther := result.ID == "lateRecords"
	if different*10 > compared && !isOther {
		t.Errorf("%s of %s differs at %d of %d points", result.ID, result.Label, different, compared)
	}
	return compared
}

// TestTheFallbackHasNoDipAtTheNewestMinute asks an AWS that publishes late, at the range at which the dashboard opens.
func TestTheFallbackHasNoDipAtTheNewestMinute(t *testing.T) {
	aws := startAWS(t, "--late")
	var compared int
	for _, dashboard := range readDashboards(t, fallbackDashboards) {
		for _, panel := range dashboard.asking() {
			if panel.FieldConfig.Defaults.Unit != "recps" {
				continue
			}
			for _, result := range metricData(t, aws, dashboard.window(t), at(60, readTargets(t, panel, "orders"))) {
				if len(result.Values) < 20 {
					continue
				}
				recent := slices.Clone(result.Values[len(result.Values)-20:])
				newest := recent[len(recent)-1]
				slices.Sort(recent)
				compared++
				if newest < 0.8*recent[10] {
					t.Errorf("%s/%s: %s of %s falls from about %v to %v",
						dashboard.file, panel.Title, result.ID, result.Label, recent[10], newest)
				}
			}
		}
	}
	if compared < 5 {
		t.Errorf("only %d lines were compared", compared)
	}
}

// at gives the targets a period, as Grafana would for a short range.
func at(period int, targets []cloudWatchTarget) []cloudWatchTarget {
	for index := range targets {
		if targets[index].Period == "" {
			targets[index].Period = strconv.Itoa(period)
		}
	}
	return targets
}
