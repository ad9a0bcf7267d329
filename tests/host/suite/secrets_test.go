package suite

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"flinkwatch/tests/host/internal/process"
)

// canary is in every secret; it must never come out again.
const canary = "canary-7d1f"

func secretSource(endpoint string) *backend.DataSourceInstanceSettings {
	settings := sourceWith(map[string]any{"endpoint": endpoint, "externalId": canary + "-external"})
	settings.DecryptedSecureJSONData = map[string]string{
		"accessKey": canary + "-access", "secretKey": canary + "-secret", "sessionToken": canary + "-session",
	}
	return settings
}

// exercise makes each kind of call and gives everything that the plugin said.
func exercise(t *testing.T, plugin *process.Plugin, endpoint string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request := requestOf(secretSource(endpoint), bad,
		`{"refId":"B","queryType":"application","applications":["orders"],"signals":["cpu"]}`, `{"refId":"C"`)
	request.Queries[2].RefID = "C"
	request.Headers["http_X-Grafana-Id"] = canary + "-token"
	request.Headers["Authorization"] = "Bearer " + canary + "-bearer"
	answer, err := plugin.QueryData(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	said := []string{string(text)}
	health, err := plugin.CheckHealth(ctx, &backend.CheckHealthRequest{
		PluginContext: request.PluginContext, Headers: request.Headers,
	})
	if err != nil {
		t.Fatal(err)
	}
	said = append(said, health.Message, string(health.JSONDetails))
	resource := &backend.CallResourceRequest{
		PluginContext: request.PluginContext, Path: "applications", URL: "applications", Method: "GET",
		Headers: map[string][]string{"X-Grafana-Id": {canary + "-token"}},
	}
	err = plugin.CallResource(ctx, resource, func(part *backend.CallResourceResponse) error {
		said = append(said, string(part.Body))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := plugin.CollectMetrics(ctx, &backend.CollectMetricsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return append(said, string(metrics))
}

func checkNoSecret(t *testing.T, endpoint string) {
	t.Helper()
	log := &logged{}
	plugin := startLogging(t, log, "GF_PLUGIN_LOG_LEVEL=trace")
	said := exercise(t, plugin, endpoint)
	plugin.Stop()
	for _, method := range []string{"QueryData", "CheckHealth", "CallResource"} {
		if !strings.Contains(log.String(), method) {
			t.Errorf("the log at trace says nothing of %s:\n%s", method, log.tail())
		}
	}
	for _, text := range append(said, log.String()) {
		if at := strings.Index(text, canary); at >= 0 {
			t.Errorf("a secret got out: …%s…", text[max(0, at-80):min(len(text), at+40)])
		}
	}
}

func TestNoSecretComesOutWhenNothingWorks(t *testing.T) {
	checkNoSecret(t, nowhere)
}

func TestNoSecretComesOutWhenEverythingWorks(t *testing.T) {
	aws := startAWS(t)
	checkNoSecret(t, aws.endpoint)
	if called := aws.counters(t).AccessKeys[canary+"-access"]; called["GetMetricData"] == 0 {
		t.Errorf("the secrets were not even used: %v", called)
	}
}
