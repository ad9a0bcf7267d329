package httpapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/hashicorp/go-hclog"

	"flinkwatch/tests/host/internal/dsquery"
	"flinkwatch/tests/host/internal/instances"
	"flinkwatch/tests/host/internal/process"
	"flinkwatch/tests/host/internal/sampleplugin"
)

func TestMain(m *testing.M) {
	sampleplugin.ServeIfStarted()
	os.Exit(m.Run())
}

// api serves the sample plugin with the data sources "one" and "sick".
func api(t *testing.T) *httptest.Server {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plugin, err := process.Start(t.Context(), process.Settings{Executable: executable, Env: []string{"SAMPLE=fine"}})
	if err != nil {
		t.Fatal(err)
	}
	store, err := instances.New([]instances.Source{
		{UID: "one", Name: "One", Type: "sample-datasource", JSONData: json.RawMessage(`{"region":"a"}`)},
		{UID: "sick", Name: "Sick", Type: "sample-datasource"},
	}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	says := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, text+" "+r.URL.Path) })
	}
	server := httptest.NewServer((&API{
		Plugin: plugin, Store: store, Logger: hclog.NewNullLogger(), Version: "12.2.0",
		Viewer: dsquery.Viewer{User: &backend.User{Role: "Admin"}}, Page: says("page"), FrontEnd: says("front end"),
	}).Handler())
	t.Cleanup(func() {
		server.Close()
		plugin.Stop()
	})
	return server
}

func call(t *testing.T, method, url, body string, headers map[string]string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(text)
}

func TestALoadIsAnsweredInOrderAndTimed(t *testing.T) {
	url := api(t).URL + "/host/load"
	one := func(refID, queryType string) string {
		return fmt.Sprintf(`{"from":"now-1h","to":"now","headers":{"X-Panel-Id":"%[1]s"},
			"queries":[{"refId":"%[1]s","queryType":"%[2]s","datasource":{"uid":"one"}}]}`, refID, queryType)
	}
	code, _, text := call(t, http.MethodPost, url, `{"atATime":2,"requests":[`+one("A", "")+","+one("B", "fail")+","+one("C", "")+`]}`, nil)
	var answer struct {
		Milliseconds float64
		Answers      []struct {
			Results map[string]struct{ Error string }
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || code != http.StatusOK {
		t.Fatalf("status %d, error %v: %s", code, err, text)
	}
	if len(answer.Answers) != 3 || answer.Milliseconds <= 0 || answer.Answers[1].Results["B"].Error == "" {
		t.Errorf("answer %s", text)
	}
	if _, third := answer.Answers[2].Results["C"]; !third || !strings.Contains(text, `\"http_X-Panel-Id\":\"C\"`) {
		t.Errorf("answer %s", text)
	}
	for _, bad := range []string{`{"atATime":0,"requests":[]}`, `{`, `{"atATime":1,"requests":[{"queries":[]}]}`} {
		if code, _, text := call(t, http.MethodPost, url, bad, nil); code != http.StatusBadRequest {
			t.Errorf("%s: status %d: %s", bad, code, text)
		}
	}
	if code, _, _ := call(t, http.MethodPost, url, `{"atATime":1,"requests":[`+one("A", "crash")+`]}`, nil); code != http.StatusInternalServerError {
		t.Errorf("a crash is answered with status %d", code)
	}
}

func TestStatusesAreGrafanas(t *testing.T) {
	server := api(t)
	query := func(queries string) string { return `{"from":"now-1h","to":"now","queries":[` + queries + `]}` }
	good := `{"refId":"A","datasource":{"uid":"one"}}`
	for _, example := range []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"POST", "/api/ds/query", query(good), 200, `"results":{"A":{"status":200,"frames":[{"schema":`},
		{"POST", "/api/ds/query", query(good + `,{"refId":"B","datasource":{"uid":"one"},"queryType":"fail"}`), 400,
			`"B":{"error":"failed as asked","errorSource":"plugin","status":429`},
		{"POST", "/api/ds/query", query(`{"refId":"A","datasource":{"uid":"one"},"queryType":"crash"}`), 500, "crashed as asked"},
		{"POST", "/api/ds/query", query(""), 400, "no queries found"},
		{"POST", "/api/ds/query", "{", 400, "bad request data"},
		{"POST", "/api/ds/query", query(`{"refId":"A","datasource":{"uid":"none"}}`), 404, "Data source not found"},
		{"GET", "/api/datasources/uid/one/health", "", 200, `"status":"OK"`},
		{"GET", "/api/datasources/uid/sick/health", "", 400, `"message":"sick as asked"`},
		{"GET", "/api/datasources/uid/none/health", "", 404, "Data source not found"},
		{"GET", "/api/datasources/uid/one/resources/a/b?x=1%2F2", "", 200, "GET a/b?x=1%2F2 0\nGET a/b?x=1%2F2 1\n"},
		{"POST", "/api/datasources/uid/one/resources/a", "{}", 200, "POST a 2\n"},
		{"GET", "/api/health", "", 200, `"database":"ok"`},
		{"GET", "/metrics", "", 200, "go_goroutines"},
		{"GET", "/metrics/plugins/sample-datasource", "", 200, "go_goroutines"},
		{"GET", "/metrics/plugins/other", "", 404, "Plugin not found"},
		{"GET", "/api/plugins/sample-datasource/settings", "", 200, `"enabled":true`},
		{"GET", "/api/datasources", "", 200, `"uid":"sick"`},
	} {
		status, _, text := call(t, example.method, server.URL+example.path, example.body, nil)
		if status != example.status || !strings.Contains(text, example.contains) {
			t.Errorf("%s %s: %d %s", example.method, example.path, status, text)
		}
	}
}

func TestCookiesOfAPluginDoNotPass(t *testing.T) {
	server := api(t)
	_, headers, _ := call(t, "GET", server.URL+"/api/datasources/uid/one/resources/a", "", nil)
	if headers.Get("Set-Cookie") != "" || headers.Get("Content-Type") != "text/plain" {
		t.Fatalf("headers: %v", headers)
	}
}

func TestSettingsAndHeadersReachThePlugin(t *testing.T) {
	server := api(t)
	status, _, text := call(t, "PUT", server.URL+"/api/datasources/uid/one",
		`{"name":"One","jsonData":{"region":"b"},"secureJsonData":{"secretKey":"canary"}}`, nil)
	if status != http.StatusOK || strings.Contains(text, "canary") {
		t.Fatalf("update: %d %s", status, text)
	}
	_, _, text = call(t, "POST", server.URL+"/api/ds/query",
		`{"from":"now-1h","to":"now","queries":[{"refId":"A","datasource":{"uid":"one"}}]}`,
		map[string]string{"X-Panel-Id": "7", "FromAlert": "true", "Cookie": "session"})
	for _, expected := range []string{`{\"region\":\"b\"}`, `\"http_X-Panel-Id\":\"7\"`, `\"FromAlert\":\"true\"`} {
		if !strings.Contains(text, expected) {
			t.Errorf("%s is missing in %s", expected, text)
		}
	}
	if strings.Contains(text, "session") {
		t.Errorf("the cookie of the browser reached the plugin: %s", text)
	}
}

func TestFilesStandBesideTheAPI(t *testing.T) {
	server := api(t)
	for path, want := range map[string]string{
		"/":         "page /",
		"/d/fleet":  "page /d/fleet",
		"/public/a": "page /public/a",
		"/public/plugins/sample-datasource/module.js":    "front end /module.js",
		"/public/plugins/sample-datasource/img/logo.svg": "front end /img/logo.svg",
		"/public/plugins/other-datasource/module.js":     "404 page not found\n",
		"/api/no-such-path":                              "404 page not found\n",
	} {
		if _, _, text := call(t, http.MethodGet, server.URL+path, "", nil); text != want {
			t.Errorf("%s: %q, want %q", path, text, want)
		}
	}
}
