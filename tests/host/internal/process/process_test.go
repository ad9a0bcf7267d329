package process

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// TestMain turns the test binary into a plugin of Grafana's SDK when it is started as one, so that the host is
// checked against an implementation that is known to be right.
func TestMain(m *testing.M) {
	if os.Getenv(grpcplugin.MagicCookieKey) != "" {
		if err := backend.Manage("test-datasource", backend.ServeOpts{
			QueryDataHandler:    samplePlugin{},
			CallResourceHandler: samplePlugin{},
			CheckHealthHandler:  samplePlugin{},
		}); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

type samplePlugin struct{}

func (samplePlugin) QueryData(_ context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	answer := backend.NewQueryDataResponse()
	for _, query := range req.Queries {
		frame := data.NewFrame("sample", data.NewField("value", nil, []float64{1, 2}))
		answer.Responses[query.RefID] = backend.DataResponse{Frames: data.Frames{frame}}
	}
	return answer, nil
}

func (samplePlugin) CallResource(
	_ context.Context, req *backend.CallResourceRequest, sender backend.CallResourceResponseSender,
) error {
	for part := range 3 {
		body := fmt.Appendf(nil, "%s %d\n", req.Path, part)
		if err := sender.Send(&backend.CallResourceResponse{Status: http.StatusOK, Body: body}); err != nil {
			return err
		}
	}
	return nil
}

func (samplePlugin) CheckHealth(context.Context, *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: os.Getenv("SAMPLE")}, nil
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
		Queries: []backend.DataQuery{{RefID: "A"}, {RefID: "B"}},
	})
	if err != nil || len(answer.Responses) != 2 || answer.Responses["B"].Frames[0].Rows() != 2 {
		t.Fatalf("answer %v, error %v", answer, err)
	}
	health, err := plugin.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
	if err != nil || health.Message != "from the host" {
		t.Fatalf("health %v, error %v", health, err)
	}
	var parts []string
	err = plugin.CallResource(t.Context(), &backend.CallResourceRequest{Path: "p", Method: http.MethodGet},
		func(part *backend.CallResourceResponse) error {
			parts = append(parts, string(part.Body))
			return nil
		})
	if err != nil || strings.Join(parts, "") != "p 0\np 1\np 2\n" {
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
