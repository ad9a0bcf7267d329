package suite

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// TestFailuresAreLinesWithTheirCause reads lines as Grafana's logs panel does; every answer is held to its contract.
func TestFailuresAreLinesWithTheirCause(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	answers := ask(t, plugin, requestOf(source(aws.endpoint), `{"refId":"A","queryType":"logs","applications":["clickstream"]}`))
	frame := good(t, answers, "A")[0]
	if frame.Meta.Type != data.FrameTypeLogLines || frame.Meta.PreferredVisualization != data.VisTypeLogs {
		t.Errorf("the frame is %s, shown as %s", frame.Meta.Type, frame.Meta.PreferredVisualization)
	}
	if !strings.Contains(frame.Meta.ExecutedQueryString, "FilterLogEvents") {
		t.Errorf("the query inspector shows %q", frame.Meta.ExecutedQueryString)
	}
	if rows, _ := frame.RowLen(); rows < 20 {
		t.Fatalf("an hour of failures every two minutes has %d rows", rows)
	}
	labels, _ := frame.FieldByName("labels")
	value, _ := labels.ConcreteAt(0)
	text, isJSON := value.(json.RawMessage)
	var read map[string]string
	if err := json.Unmarshal(text, &read); !isJSON || err != nil {
		t.Fatalf("labels are %v: %v", value, err)
	}
	for _, name := range []string{"application", "cause", "thread"} {
		if read[name] == "" {
			t.Errorf("a failure has no label %s: %v", name, read)
		}
	}
}

// TestFailuresAreCountedForAlertRules reads counts as Grafana's alert rules do.
func TestFailuresAreCountedForAlertRules(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	answers := ask(t, plugin, requestOf(source(aws.endpoint),
		`{"refId":"A","queryType":"logs","applications":["clickstream","payments"],"as":"series","period":300}`))
	frames := good(t, answers, "A")
	if len(frames) != 2 {
		t.Fatalf("%d series", len(frames))
	}
	for _, frame := range frames {
		checkSeries(t, frame)
	}
}
