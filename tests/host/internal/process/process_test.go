package process

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"flinkwatch/tests/host/internal/sampleplugin"
)

func TestMain(m *testing.M) {
	sampleplugin.ServeIfStarted()
	os.Exit(m.Run())
}

var sampleContext = backend.PluginContext{
	DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{UID: "one"},
}

func startSample(t *testing.T) *Plugin {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plugin, err := Start(t.Context(), Settings{Executable: executable, Env: []string{"SAMPLE=from the host"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { plugin.Stop() })
	return plugin
}

func TestASamplePluginAnswersEveryCall(t *testing.T) {
	plugin := startSample(t)
	if err := plugin.Ping(); err != nil {
		t.Fatal(err)
	}
	answer, err := plugin.QueryData(t.Context(), &backend.QueryDataRequest{
		PluginContext: sampleContext,
		Queries:       []backend.DataQuery{{RefID: "A"}, {RefID: "B"}},
	})
	if err != nil || len(answer.Responses) != 2 || answer.Responses["B"].Frames[0].Rows() != 1 {
		t.Fatalf("answer %v, error %v", answer, err)
	}
	health, err := plugin.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: sampleContext})
	if err != nil || health.Message != "from the host" {
		t.Fatalf("health %v, error %v", health, err)
	}
	var parts []string
	err = plugin.CallResource(t.Context(), &backend.CallResourceRequest{
		PluginContext: sampleContext, Path: "p", URL: "p", Method: http.MethodGet,
	},
		func(part *backend.CallResourceResponse) error {
			parts = append(parts, string(part.Body))
			return nil
		})
	if err != nil || strings.Join(parts, "") != "GET p 0\nGET p 1\nGET p 2\n" {
		t.Fatalf("parts %q, error %v", parts, err)
	}
	if _, err := plugin.CollectMetrics(t.Context(), &backend.CollectMetricsRequest{}); err != nil {
		t.Fatal(err)
	}
}

func TestAStoppedPluginExitsByItself(t *testing.T) {
	plugin := startSample(t)
	report := plugin.Stop()
	if !report.Graceful {
		t.Fatalf("stopped with %s after %s", report.State, report.Took)
	}
	if err := plugin.Ping(); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("a stopped plugin answers %v", err)
	}
}

func TestAKilledPluginComesBack(t *testing.T) {
	plugin := startSample(t)
	if err := syscall.Kill(plugin.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for plugin.Starts() < 2 {
		if time.Now().After(deadline) {
			t.Fatal("the process did not come back")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := plugin.Ping(); err != nil {
		t.Fatal(err)
	}
}

func TestAFileThatIsNoPluginIsAnError(t *testing.T) {
	if _, err := Start(t.Context(), Settings{Executable: "/bin/true"}); err == nil {
		t.Fatal("/bin/true was accepted as a plugin")
	}
}
