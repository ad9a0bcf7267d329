package suite

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// running are the applications of the simulated account that run all the time.
var running = []string{
	"audit-log", "catalog-cdc", "clickstream", "fraud-scoring", "iot-telemetry", "orders", "payments", "recommendations",
	"sessions",
}

// checkSeries checks what Grafana's contract for multi-frame time series asks of one frame.
func checkSeries(t *testing.T, frame *data.Frame) {
	t.Helper()
	if frame.Meta == nil {
		t.Fatalf("frame %q has no meta", frame.Name)
	}
	if frame.Meta.Type != data.FrameTypeTimeSeriesMulti || frame.Meta.TypeVersion != (data.FrameTypeVersion{0, 1}) {
		t.Errorf("frame %q is %s %v", frame.Name, frame.Meta.Type, frame.Meta.TypeVersion)
	}
	if len(frame.Fields) != 2 {
		t.Fatalf("frame %q has %d fields", frame.Name, len(frame.Fields))
	}
	times, values := frame.Fields[0], frame.Fields[1]
	if times.Type() != data.FieldTypeTime {
		t.Errorf("the first field of %q is %s", frame.Name, times.Type())
	}
	if len(times.Labels) != 0 || times.Config == nil || times.Config.Interval < 1000 {
		t.Errorf("the time field of %q: labels %v, config %+v", frame.Name, times.Labels, times.Config)
	}
	if values.Type() != data.FieldTypeNullableFloat64 {
		t.Errorf("the values of %q are %s", frame.Name, values.Type())
	}
	if values.Config == nil || values.Config.Unit == "" || values.Config.DisplayNameFromDS == "" {
		t.Errorf("the value field of %q has the config %+v", frame.Name, values.Config)
	}
	for _, label := range []string{"application", "region"} {
		if values.Labels[label] == "" {
			t.Errorf("a series has no label %s: %v", label, values.Labels)
		}
	}
	checkTimes(t, times)
}

func checkTimes(t *testing.T, times *data.Field) {
	t.Helper()
	var last time.Time
	for row := range times.Len() {
		value, has := times.ConcreteAt(row)
		at, isTime := value.(time.Time)
		if !has || !isTime || !at.After(last) {
			t.Fatalf("row %d: %v after %s", row, value, last)
		}
		last = at
	}
}

func TestSeriesFollowGrafanasContract(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	answers := ask(t, plugin, requestOf(source(aws.endpoint),
		`{"refId":"A","queryType":"application","applications":["orders"],"signals":["sourceRate","restarts"],"as":"series"}`,
		`{"refId":"B","queryType":"operator","applications":["orders"],"level":"task","tasks":["*"],"signals":["busy"],"as":"series"}`,
		`{"refId":"C","queryType":"checkpoint","applications":["fraud-scoring"],"as":"series"}`,
		`{"refId":"D","queryType":"metric","applications":["orders"],"metric":"cpuUtilization","statistic":"p95","period":300}`,
	))
	for _, refID := range []string{"A", "B", "C", "D"} {
		for _, frame := range good(t, answers, refID) {
			checkSeries(t, frame)
		}
	}
	first := answers["A"].Frames[0]
	if first.Meta.ExecutedQueryString == "" || !strings.Contains(first.Meta.ExecutedQueryString, "GetMetricData") {
		t.Errorf("the query inspector shows %q", first.Meta.ExecutedQueryString)
	}
	if rows := first.Fields[1].Len(); rows < 50 || rows > 61 {
		t.Errorf("an hour at one minute has %d rows", rows)
	}
	if signal := first.Fields[1].Labels["signal"]; signal != "sourceRate" {
		t.Errorf("the first series is %q", signal)
	}
}

func TestTasksAreSeriesOfTheirOwnAndRatiosAreRatios(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	frames := good(t, ask(t, plugin, requestOf(source(aws.endpoint), `{"refId":"A","queryType":"operator",
		"applications":["payments"],"level":"task","tasks":["*"],"signals":["busy"],"as":"series"}`)), "A")
	tasks := map[string]bool{}
	for _, frame := range frames {
		field := frame.Fields[1]
		tasks[field.Labels["task"]] = true
		if field.Config.Unit != "percentunit" {
			t.Errorf("unit %q", field.Config.Unit)
		}
		for row := range field.Len() {
			if value, err := field.NullableFloatAt(row); err != nil || value != nil && (*value < 0 || *value > 1.001) {
				t.Fatalf("busy is %v, error %v", value, err)
			}
		}
	}
	if len(tasks) != len(frames) || len(tasks) < 2 || tasks[""] {
		t.Errorf("%d frames of the tasks %v", len(frames), tasks)
	}
}

func TestTheFleetIsOneTableWithARowPerRunningApplication(t *testing.T) {
	t.Parallel()
	aws, plugin := startAWS(t), startPlugin(t)
	frames := good(t, ask(t, plugin, requestOf(source(aws.endpoint),
		`{"refId":"A","queryType":"application","applications":["*"],"as":"table"}`)), "A")
	if len(frames) != 1 {
		t.Fatalf("%d frames", len(frames))
	}
	names := map[string]bool{}
	for _, field := range frames[0].Fields {
		if len(field.Labels) != 0 {
			t.Errorf("field %q has labels: %v", field.Name, field.Labels)
		}
		if names[field.Name] {
			t.Errorf("two fields are called %q", field.Name)
		}
		names[field.Name] = true
	}
	shown := column(t, frames[0], 0)
	for _, name := range running {
		if !slices.Contains(shown, name) {
			t.Errorf("%s is missing in %v", name, shown)
		}
	}
	if slices.Contains(shown, "legacy-reports") {
		t.Error("a stopped application is among the running ones")
	}
}

func column(t *testing.T, frame *data.Frame, index int) []string {
	t.Helper()
	field := frame.Fields[index]
	var values []string
	for row := range field.Len() {
		value, has := field.ConcreteAt(row)
		text, isText := value.(string)
		if !has || !isText {
			t.Fatalf("row %d of %q is %v", row, field.Name, value)
		}
		values = append(values, text)
	}
	return values
}

func TestTablesHaveNoLabels(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	answers := ask(t, plugin, requestOf(source(aws.endpoint),
		`{"refId":"A","queryType":"operator","applications":["orders"],"level":"operator","signals":["busy"],"as":"table"}`,
		`{"refId":"B","queryType":"checkpoint","applications":["orders"],"as":"summary"}`,
	))
	for _, refID := range []string{"A", "B"} {
		frames := good(t, answers, refID)
		if len(frames) != 1 || frames[0].Rows() == 0 {
			t.Fatalf("query %s: %d frames", refID, len(frames))
		}
		for _, field := range frames[0].Fields {
			if len(field.Labels) != 0 {
				t.Errorf("query %s: field %q has labels", refID, field.Name)
			}
		}
	}
}

func TestTheTopIsTheBusiest(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	all := `{"refId":"A","queryType":"operator","applications":["payments"],"level":"task","signals":["busy"],"as":"series"}`
	top := strings.Replace(all, `"A"`, `"B","top":{"count":1,"by":"busy"}`, 1)
	answers := ask(t, plugin, requestOf(source(aws.endpoint), all, top))
	busiest, highest := "", -1.0
	for _, frame := range good(t, answers, "A") {
		if value := mean(t, frame.Fields[1]); value > highest {
			busiest, highest = frame.Fields[1].Labels["task"], value
		}
	}
	found := good(t, answers, "B")
	if len(found) != 1 || found[0].Fields[1].Labels["task"] != busiest {
		t.Fatalf("the top 1 has %d series, the first of %v; the busiest is %q", len(found), found[0].Fields[1].Labels, busiest)
	}
}

// mean leaves out what is missing.
func mean(t *testing.T, field *data.Field) float64 {
	t.Helper()
	sum, count := 0.0, 0.0
	for row := range field.Len() {
		value, err := field.NullableFloatAt(row)
		if err != nil {
			t.Fatal(err)
		}
		if value != nil {
			sum, count = sum+*value, count+1
		}
	}
	return sum / max(count, 1)
}

func TestEveryMetricsLevelIsAnswered(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	for _, application := range running {
		query := `{"refId":"A","queryType":"application","applications":["` + application +
			`"],"signals":["cpu","checkpointDuration"],"as":"series"}`
		for _, frame := range good(t, ask(t, plugin, requestOf(source(aws.endpoint), query)), "A") {
			checkSeries(t, frame)
		}
	}
}

func TestAMissingMetricsLevelIsExplained(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	query := `{"refId":"A","queryType":"operator","applications":["audit-log"],"level":"operator","signals":["busy"],"as":"series"}`
	said := explanation(ask(t, plugin, requestOf(source(aws.endpoint), query))["A"])
	if !strings.Contains(said, "audit-log") || !strings.Contains(strings.ToLower(said), "level") {
		t.Errorf("the explanation: %q", said)
	}
}

func TestCustomMetricsHaveTheirOwnDimensions(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	frames := good(t, ask(t, plugin, requestOf(source(aws.endpoint), `{"refId":"A","queryType":"metric",
		"applications":["iot-telemetry"],"metric":"readingsByDevice","statistic":"Sum","dimensions":{"DeviceType":"*"}}`)), "A")
	if len(frames) < 2 {
		t.Errorf("%d series of a metric with several device types", len(frames))
	}
}

func TestTheSameNameInAnotherRegionIsAnotherApplication(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	elsewhere := strings.Replace(series, `"applications"`, `"region":"us-east-1","applications"`, 1)
	answers := ask(t, plugin, requestOf(source(aws.endpoint), series, strings.Replace(elsewhere, `"A"`, `"B"`, 1)))
	for refID, expected := range map[string]string{"A": region, "B": "us-east-1"} {
		if found := good(t, answers, refID)[0].Fields[1].Labels["region"]; found != expected {
			t.Errorf("query %s is of region %q, expected %q", refID, found, expected)
		}
	}
}

func TestARoleDoesNotChangeTheAnswer(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	for _, role := range []string{"Viewer", "None", ""} {
		request := requestOf(source(aws.endpoint), series)
		request.PluginContext.User.Role = role
		good(t, ask(t, plugin, request), "A")
	}
}

func TestEqualQueriesShareTheirCalls(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	good(t, ask(t, plugin, requestOf(source(aws.endpoint),
		series, strings.Replace(series, `"A"`, `"B"`, 1), strings.Replace(series, `"A"`, `"C"`, 1),
	)), "C")
	if calls := aws.counters(t).Operations["GetMetricData"].Calls; calls != 1 {
		t.Errorf("three equal queries made %d calls of GetMetricData", calls)
	}
}

func TestFiftyViewersAtOnceAreAnswered(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	request := requestOf(source(aws.endpoint), series)
	failures := make(chan error, 50)
	for range 50 {
		go func() {
			answer, err := plugin.QueryData(t.Context(), request)
			if err == nil {
				err = answer.Responses["A"].Error
			}
			failures <- err
		}()
	}
	for range 50 {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
}
