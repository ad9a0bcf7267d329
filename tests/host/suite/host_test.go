package suite

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/hashicorp/go-hclog"

	"flinkwatch/tests/host/internal/dsquery"
	"flinkwatch/tests/host/internal/httpapi"
	"flinkwatch/tests/host/internal/instances"
	"flinkwatch/tests/host/internal/process"
)

// host is the plugin behind Grafana's HTTP paths, with one data source of the uid "msf".
type host struct {
	plugin *process.Plugin
	url    string
}

func startHost(t *testing.T, endpoint string) *host {
	t.Helper()
	plugin := startPlugin(t)
	settings := source(endpoint)
	store, err := instances.New([]instances.Source{{
		UID: settings.UID, Name: settings.Name, Type: settings.Type, JSONData: settings.JSONData,
		SecureJSONData: settings.DecryptedSecureJSONData,
	}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	api := &httpapi.API{
		Plugin: plugin, Store: store, Logger: hclog.NewNullLogger(), Version: "12.2.0",
		Viewer: dsquery.Viewer{User: &backend.User{Login: "admin", Role: "Admin"}},
	}
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)
	return &host{plugin: plugin, url: server.URL}
}

// reply is an HTTP answer, read to its end.
type reply struct {
	status  int
	headers http.Header
	text    string
}

func (h *host) call(t *testing.T, method, path, body string, headers map[string]string) reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, h.url+path, strings.NewReader(body))
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
	return reply{status: response.StatusCode, headers: response.Header, text: string(text)}
}

func (h *host) get(t *testing.T, path string) reply {
	t.Helper()
	return h.call(t, http.MethodGet, path, "", nil)
}

// results is the answer of /api/ds/query as a browser reads it.
type results struct {
	Results map[string]struct {
		Status      int          `json:"status"`
		Error       string       `json:"error"`
		ErrorSource string       `json:"errorSource"`
		Frames      []shownFrame `json:"frames"`
	} `json:"results"`
}

type shownFrame struct {
	Schema struct {
		RefID  string `json:"refId"`
		Fields []struct {
			Name   string            `json:"name"`
			Type   string            `json:"type"`
			Labels map[string]string `json:"labels"`
		} `json:"fields"`
	} `json:"schema"`
	Data struct {
		Values [][]any `json:"values"`
	} `json:"data"`
}

// withSource names the data source in a query, as a dashboard does.
func withSource(query string) string {
	return strings.Replace(query, "{", `{"datasource":{"uid":"msf","type":"`+pluginID+`"},`, 1)
}

// query posts queries of the last hour; each gets the data source.
func (h *host) query(t *testing.T, headers map[string]string, queries ...string) (int, results) {
	t.Helper()
	for i, query := range queries {
		queries[i] = withSource(query)
	}
	answer := h.call(t, http.MethodPost, "/api/ds/query",
		`{"from":"now-1h","to":"now","queries":[`+strings.Join(queries, ",")+`]}`, headers)
	var read results
	if err := json.Unmarshal([]byte(answer.text), &read); err != nil {
		t.Fatalf("%d %s: %v", answer.status, answer.text, err)
	}
	return answer.status, read
}

// configure changes the settings of the data source, as the config editor's "Save" does.
func (h *host) configure(t *testing.T, settings *backend.DataSourceInstanceSettings) {
	t.Helper()
	body, err := json.Marshal(instances.Source{
		Name: settings.Name, Type: settings.Type, JSONData: settings.JSONData,
		SecureJSONData: settings.DecryptedSecureJSONData,
	})
	if err != nil {
		t.Fatal(err)
	}
	if answer := h.call(t, http.MethodPut, "/api/datasources/uid/msf", string(body), nil); answer.status != http.StatusOK {
		t.Fatalf("settings were not taken: %d %s", answer.status, answer.text)
	}
}
