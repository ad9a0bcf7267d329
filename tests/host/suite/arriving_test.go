package suite

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"flinkwatch/tests/host/internal/process"
)

const (
	// A panel that is refreshed often, for a whole minute and a little more.
	refreshEvery = 5 * time.Second
	refreshes    = 14
	// From the start of a minute: itself, three minutes in which a lost sample may still come, and the half a minute that a panel's values are
	// kept.
	newestAfter = 270 * time.Second
)

var refreshed = []string{
	`{"refId":"A","queryType":"application","applications":["orders"],
	  "signals":["sourceRate","consumerLagTime","cpu","watermarkLag","watermarkSkew"]}`,
	`{"refId":"B","queryType":"operator","applications":["recommendations"],"level":"task",
	  "signals":["busy","idle","skew","recordsInRate","recordsOutRate"]}`,
	`{"refId":"C","queryType":"metric","applications":["sessions"],"metric":"records_lag_max","statistic":"Maximum"}`,
}

// What is drawn of a minute is what it will always be, also while the newest ones arrive.
func TestNoValueMovesWhileItsMinuteArrives(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string]map[string]string{"a panel": {"X-Panel-Id": "1"}, "an alert rule": alert} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aws := startAWS(t, "--late")
			drawn := drawing{plugin: startPlugin(t), endpoint: aws.endpoint, headers: headers, values: map[string]float64{}}
			for range refreshes {
				drawn.refresh(t)
				time.Sleep(refreshEvery)
			}
			if drawn.newMinutes == 0 {
				t.Error("no new minute was drawn")
			}
		})
	}
}

// drawing is what was seen of each line, by its labels and minute.
type drawing struct {
	plugin     *process.Plugin
	endpoint   string
	headers    map[string]string
	values     map[string]float64
	newMinutes int
}

func (d *drawing) refresh(t *testing.T) {
	t.Helper()
	request := requestOf(source(d.endpoint), refreshed...)
	request.Headers = d.headers
	now := time.Now()
	for index := range request.Queries {
		request.Queries[index].TimeRange.From, request.Queries[index].TimeRange.To = now.Add(-15*time.Minute), now
	}
	isFirst := len(d.values) == 0
	answers := ask(t, d.plugin, request)
	for _, asked := range request.Queries {
		for _, frame := range good(t, answers, asked.RefID) {
			d.look(t, frame, now, isFirst)
		}
	}
}

func (d *drawing) look(t *testing.T, frame *data.Frame, now time.Time, isFirst bool) {
	t.Helper()
	times, values := frame.Fields[0], frame.Fields[1]
	var newest time.Time
	for row := range values.Len() {
		value, ok := values.ConcreteAt(row)
		number, isNumber := value.(float64)
		if !ok || !isNumber {
			continue
		}
		at, _ := times.ConcreteAt(row)
		newest = at.(time.Time)
		key := fmt.Sprint(frame.Name, values.Labels, newest.Unix())
		before, isKnown := d.values[key]
		if isKnown && math.Abs(before-number) > 1e-9*math.Abs(before) {
			t.Errorf("%s %v: %v in the minute %v, which was %v", frame.Name, values.Labels, number, newest, before)
		}
		if !isKnown && !isFirst {
			d.newMinutes++
		}
		d.values[key] = number
	}
	if now.Sub(newest) > newestAfter {
		t.Errorf("%s %v: the newest value is %v old", frame.Name, values.Labels, now.Sub(newest))
	}
}
