// Package suite checks the built plugin from outside, as Grafana sees it: through go-plugin and Grafana's SDK.
//
// FLINKWATCH_PLUGIN is the path of the plugin's executable, FLINKWATCH_LOCAL_AWS that of the simulated AWS. Without
// them the tests fail: a suite that skips itself proves nothing.
package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/hashicorp/go-hclog"

	"flinkwatch/tests/host/internal/process"
	"flinkwatch/tests/host/internal/rules"
)

const (
	pluginID = "flinkwatch-msf-datasource"
	region   = "eu-west-1"
	// patience bounds every single call: far above what any call may take, below go test's own limit.
	patience = 90 * time.Second
)

// pluginPath is the plugin under test.
func pluginPath(t *testing.T) string {
	t.Helper()
	return fromEnvironment(t, "FLINKWATCH_PLUGIN", "the plugin's executable")
}

func fromEnvironment(t *testing.T, name, meaning string) string {
	t.Helper()
	path := os.Getenv(name)
	if path == "" {
		t.Fatalf("set %s to the path of %s", name, meaning)
	}
	return path
}

// startPlugin starts the plugin and stops it at the end of the test.
func startPlugin(t *testing.T, env ...string) *process.Plugin {
	t.Helper()
	return startLogging(t, &logged{}, env...)
}

func startLogging(t *testing.T, log *logged, env ...string) *process.Plugin {
	t.Helper()
	plugin, err := process.Start(t.Context(), process.Settings{
		Executable: pluginPath(t),
		Env:        append(cleanEnvironment(), env...),
		Logger:     hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: log}),
	})
	if err != nil {
		t.Fatalf("the plugin does not start: %v", err)
	}
	t.Cleanup(func() {
		plugin.Stop()
		if t.Failed() {
			t.Logf("the plugin's log:\n%s", log.tail())
		}
	})
	return plugin
}

// cleanEnvironment keeps credentials and proxies of the machine out of the tests.
func cleanEnvironment() []string {
	return []string{
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"HTTP_PROXY=", "HTTPS_PROXY=", "http_proxy=", "https_proxy=", "NO_PROXY=127.0.0.1", "GF_VERSION=12.2.0",
	}
}

// logged collects what a plugin logs.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logged) tail() string {
	lines := strings.Split(strings.TrimSpace(l.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}

// source is a data source as Grafana would hand it over.
func source(endpoint string) *backend.DataSourceInstanceSettings {
	return sourceWith(map[string]any{"endpoint": endpoint})
}

// sourceWith is the usual data source with some settings changed.
func sourceWith(changes map[string]any) *backend.DataSourceInstanceSettings {
	settings := map[string]any{"authType": "keys", "defaultRegion": region}
	for name, value := range changes {
		settings[name] = value
	}
	text, err := json.Marshal(settings)
	if err != nil {
		panic(err) // maps of strings are always JSON
	}
	return &backend.DataSourceInstanceSettings{
		ID: 1, UID: "msf", Name: "Flinkwatch", Type: pluginID, JSONData: text,
		DecryptedSecureJSONData: map[string]string{"accessKey": "AKIDLOCALTEST", "secretKey": "local-test-secret"},
		Updated:                 time.UnixMilli(1_700_000_000_000),
	}
}

func contextOf(settings *backend.DataSourceInstanceSettings) backend.PluginContext {
	return backend.PluginContext{
		OrgID: 1, PluginID: pluginID, PluginVersion: "0.1.0",
		User:                       &backend.User{Login: "admin", Name: "Admin", Email: "admin@localhost", Role: "Admin"},
		DataSourceInstanceSettings: settings,
		GrafanaConfig:              backend.NewGrafanaCfg(map[string]string{"GF_APP_URL": "http://localhost:3000/"}),
	}
}

// query is the last hour of a query given as JSON, as a dashboard would send it. Its refId and queryType are read
// from the JSON, which need not be valid.
func query(text string) backend.DataQuery {
	var head struct {
		RefID     string `json:"refId"`
		QueryType string `json:"queryType"`
	}
	if err := json.Unmarshal([]byte(text), &head); err != nil {
		head.RefID, head.QueryType = "A", "application"
	}
	to := time.Now().Truncate(time.Minute)
	return backend.DataQuery{
		RefID: head.RefID, QueryType: head.QueryType, JSON: []byte(text), MaxDataPoints: 1000, Interval: time.Minute,
		TimeRange: backend.TimeRange{From: to.Add(-time.Hour), To: to},
	}
}

func requestOf(settings *backend.DataSourceInstanceSettings, queries ...string) *backend.QueryDataRequest {
	request := &backend.QueryDataRequest{PluginContext: contextOf(settings), Headers: map[string]string{}}
	for _, text := range queries {
		request.Queries = append(request.Queries, query(text))
	}
	return request
}

// ask sends a request that the protocol must carry, whatever becomes of its queries. Each answer is read with Grafana's own
// reader of frames.
func ask(t *testing.T, plugin *process.Plugin, request *backend.QueryDataRequest) backend.Responses {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	answer, err := plugin.QueryData(ctx, request)
	if err != nil {
		t.Fatalf("QueryData: %v", err)
	}
	for _, asked := range request.Queries {
		if _, ok := answer.Responses[asked.RefID]; !ok {
			t.Errorf("refId %s got no answer", asked.RefID)
		}
	}
	for refID, one := range answer.Responses {
		if err := rules.CheckFrames(one.Frames); one.Error == nil && err != nil {
			t.Errorf("Grafana's own reader does not take the answer to %s: %v", refID, err)
		}
	}
	if len(answer.Responses) > len(request.Queries) {
		t.Errorf("%d answers to %d queries", len(answer.Responses), len(request.Queries))
	}
	return answer.Responses
}

// good is the frames of a query that must succeed with data.
func good(t *testing.T, answers backend.Responses, refID string) data.Frames {
	t.Helper()
	frames := answered(t, answers, refID)
	if len(frames[0].Fields) == 0 {
		t.Fatalf("query %s has no data: %q", refID, notices(frames))
	}
	return frames
}

// answered is the frames of a query that must succeed, with data or without.
func answered(t *testing.T, answers backend.Responses, refID string) data.Frames {
	t.Helper()
	answer := answers[refID]
	if answer.Error != nil {
		t.Fatalf("query %s failed with %d (%s): %v", refID, answer.Status, answer.ErrorSource, answer.Error)
	}
	if answer.Status != backend.StatusOK {
		t.Errorf("query %s has status %d", refID, answer.Status)
	}
	if len(answer.Frames) == 0 {
		t.Fatalf("query %s has no frame", refID)
	}
	for _, frame := range answer.Frames {
		if frame.RefID != refID {
			t.Errorf("a frame of query %s says refId %q", refID, frame.RefID)
		}
	}
	return answer.Frames
}

// failed checks the error of a query: status, blame and what its text must name.
func failed(t *testing.T, answers backend.Responses, refID string, statuses []backend.Status, names ...string) {
	t.Helper()
	answer := answers[refID]
	if answer.Error == nil {
		t.Fatalf("query %s did not fail: %d frames, notices %q", refID, len(answer.Frames), notices(answer.Frames))
	}
	if !slices.Contains(statuses, answer.Status) {
		t.Errorf("query %s: status %d, expected one of %v: %v", refID, answer.Status, statuses, answer.Error)
	}
	if answer.ErrorSource != backend.ErrorSourceDownstream {
		t.Errorf("query %s blames %q, expected downstream: %v", refID, answer.ErrorSource, answer.Error)
	}
	for _, name := range names {
		if !strings.Contains(strings.ToLower(answer.Error.Error()), strings.ToLower(name)) {
			t.Errorf("query %s: the error does not name %q: %v", refID, name, answer.Error)
		}
	}
}

func notices(frames data.Frames) []string {
	var texts []string
	for _, frame := range frames {
		if frame.Meta == nil {
			continue
		}
		for _, notice := range frame.Meta.Notices {
			texts = append(texts, notice.Text)
		}
	}
	return texts
}

// explanation is all that an answer says in words: its error and the notices of its frames.
func explanation(answer backend.DataResponse) string {
	texts := notices(answer.Frames)
	if answer.Error != nil {
		texts = append(texts, answer.Error.Error())
	}
	return strings.Join(texts, "\n")
}

// eventually waits for a condition, for as long as limit.
func eventually(t *testing.T, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", limit, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// isAlive tells whether a process runs. One that has ended and waits for its parent to notice does not.
func isAlive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(status), ") Z ")
}

func goroutines() int {
	runtime.Gosched()
	return runtime.NumGoroutine()
}
