package suite

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"flinkwatch/tests/host/internal/rules"
)

// TestGrafanasReaderTakesTheAnswerToEverySavedQuery asks each as a panel and as an alert rule; `ask` reads the answers with
// Grafana's own reader, as it does in every other test of this suite.
func TestGrafanasReaderTakesTheAnswerToEverySavedQuery(t *testing.T) {
	t.Parallel()
	aws, plugin := startAWS(t), startPlugin(t)
	paths, err := filepath.Glob("../../fixtures/queries/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no saved query: %v", err)
	}
	answers := 0
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			for _, headers := range []map[string]string{{}, alertHeaders} {
				request := requestOf(source(aws.endpoint), savedQuery(t, path))
				request.Headers = headers
				if answer := ask(t, plugin, request)[request.Queries[0].RefID]; answer.Error == nil {
					answers++
				}
			}
		})
	}
	if answers < len(paths) {
		t.Errorf("%d saved queries have %d answers", len(paths), answers)
	}
}

func savedQuery(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var saved struct {
		Query json.RawMessage `json:"query"`
	}
	if err := json.Unmarshal(text, &saved); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return string(saved.Query)
}

// An alert reduces an empty answer to no number at all. An empty series would be the number 0 of a rule that counts.
func TestAnEmptyAnswerIsNoDataForGrafana(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	for _, headers := range []map[string]string{{}, alertHeaders} {
		request := requestOf(source(aws.endpoint),
			`{"refId":"A","region":"ap-south-1","queryType":"application","applications":["*"],"signals":["uptime"],"as":"series"}`)
		request.Headers = headers
		series, err := rules.ReadSeries(answered(t, ask(t, plugin, request), "A"))
		if err != nil || len(series) != 0 {
			t.Errorf("%+v %v", series, err)
		}
	}
}

// TestAnAlertMayAskWhatAPanelAsks asks the queries of all panels again as an alert rule would that is made from the panel.
func TestAnAlertMayAskWhatAPanelAsks(t *testing.T) {
	t.Parallel()
	aws, plugin := startAWS(t), startPlugin(t)
	for _, dashboard := range readDashboards(t, shippedDashboards) {
		for _, panel := range dashboard.asking() {
			t.Run(dashboard.file+"/"+panel.Title, func(t *testing.T) {
				request := &backend.QueryDataRequest{PluginContext: contextOf(source(aws.endpoint)), Headers: alertHeaders}
				for _, text := range panel.Targets {
					asked := query(withVariables(string(text), stories[0]))
					asked.TimeRange = dashboard.window(t)
					request.Queries = append(request.Queries, asked)
				}
				ask(t, plugin, request)
			})
		}
	}
}
