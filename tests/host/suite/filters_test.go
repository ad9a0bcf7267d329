package suite

import (
	"maps"
	"slices"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// labelsOf are the different values of a label.
func labelsOf(frames data.Frames, label string) []string {
	values := map[string]bool{}
	for _, frame := range frames {
		if len(frame.Fields) > 1 {
			values[frame.Fields[1].Labels[label]] = true
		}
	}
	return slices.Sorted(maps.Keys(values))
}

// TestAdHocFiltersOfADashboardNarrowItsQueries asks as the browser does: what a viewer chooses stands in "only" and "exclude".
func TestAdHocFiltersOfADashboardNarrowItsQueries(t *testing.T) {
	t.Parallel()
	aws, plugin := startAWS(t), startPlugin(t)
	application := `{"refId":"A","queryType":"application","signals":["cpu"],"applications":`
	task := `{"refId":"A","queryType":"operator","signals":["busy"],"applications":["orders"],`
	metric := `{"refId":"A","queryType":"metric","applications":["orders"],"metric":"busyTimeMsPerSecond","dimensions":{"Task":"*"},`
	for query, expected := range map[string][]string{
		application + `["*"],"only":{"applications":["orders"]}}`:                                           {"orders"},
		application + `["/^(orders|payments)$/"],"only":{"applications":["/^(?i)PAY/"]}}`:                   {"payments"},
		application + `["orders","payments"],"only":[{"applications":["/s$/"]},{"applications":["/^p/"]}]}`: {"payments"},
		application + `["orders","payments"],"exclude":{"applications":["/^pay/"]}}`:                        {"orders"},
		application + `["/^\\p{L}rders$/"]}`:                                                                {"orders"},
		task + `"only":{"tasks":["Sink: order lines: Writer"]}}`:                                            {"Sink:_order_lines:_Writer"},
		task + `"tasks":["/^Sink/"],"only":[{"tasks":["/lines/"]}]}`:                                        {"Sink:_order_lines:_Writer"},
		metric + `"only":{"tasks":["/lines:/"]}}`:                                                           {"Sink:_order_lines:_Writer"},
	} {
		label := "task"
		if expected[0] == "orders" || expected[0] == "payments" {
			label = "application"
		}
		for _, headers := range []map[string]string{{}, alertHeaders} {
			request := requestOf(source(aws.endpoint), query)
			request.Headers = headers
			if found := labelsOf(good(t, ask(t, plugin, request), "A"), label); !slices.Equal(found, expected) {
				t.Errorf("%s: %q", query, found)
			}
		}
	}
	request := requestOf(source(aws.endpoint), application+`["orders"],"only":{"applications":["payments"]}}`)
	if said := explanation(ask(t, plugin, request)["A"]); said != `The query asks for "orders", and "only" lets none of that through.` {
		t.Errorf("a panel of which nothing is left says %q", said)
	}
	request.Headers = alertHeaders
	failed(t, ask(t, plugin, request), "A", badRequest, `"orders"`, `"only"`)
}
