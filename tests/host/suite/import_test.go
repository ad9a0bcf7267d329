package suite

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// importPages are the pages with the block that imports the dashboards.
var importPages = []string{"../../../docs/amazon-managed-grafana.md", fallbackDashboards + "/README.md"}

// importLoop is the block of a page that imports the dashboards.
func importLoop(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(text), "```sh\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		if strings.HasPrefix(block, "for file in") {
			return block
		}
	}
	t.Fatalf("%s has no loop", page)
	return ""
}

// importRequest is what Grafana's HTTP API documents for POST /api/dashboards/db.
type importRequest struct {
	Dashboard map[string]json.RawMessage `json:"dashboard"`
	Overwrite bool                       `json:"overwrite"`
	Message   string                     `json:"message"`
	FolderUID string                     `json:"folderUid"`
}

// importInto runs the block in the folder of the dashboards, and gives what was asked and what was printed.
func importInto(t *testing.T, block string, status int, answer string) ([]importRequest, string) {
	t.Helper()
	var asked []importRequest
	grafana := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var read importRequest
		decoder := json.NewDecoder(strings.NewReader(string(body)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&read); err != nil {
			t.Errorf("%v in %.200s", err, body)
		}
		if r.Method != http.MethodPost || r.URL.Path != "/api/dashboards/db" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer glsa_token" {
			t.Errorf("authorization %q", got)
		}
		if got := r.Header.Get("Content-Type"); got != "application/json" {
			t.Errorf("content type %q", got)
		}
		asked = append(asked, read)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer) // a client that is gone has its own error
	}))
	defer grafana.Close()
	shell := exec.Command("sh", "-c", block)
	shell.Dir = fallbackDashboards
	shell.Env = append(os.Environ(), "GRAFANA="+grafana.URL, "TOKEN=glsa_token")
	output, err := shell.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, output)
	}
	return asked, string(output)
}

// TestTheDashboardsAreImportedAsGrafanasAPITakesThem runs the block of the pages against a Grafana that checks.
func TestTheDashboardsAreImportedAsGrafanasAPITakesThem(t *testing.T) {
	wanted := map[string]bool{}
	for _, dashboard := range readDashboards(t, fallbackDashboards) {
		wanted[dashboard.Title] = true
	}
	for _, page := range importPages {
		asked, output := importInto(t, importLoop(t, page), http.StatusOK, `{"status":"success","uid":"x"}`)
		if strings.Count(output, `"status":"success"`) != len(wanted) {
			t.Errorf("%s prints %s", page, output)
		}
		imported := map[string]bool{}
		for _, request := range asked {
			var title string
			if err := json.Unmarshal(request.Dashboard["title"], &title); err != nil {
				t.Fatal(err)
			}
			imported[title] = true
			if id, has := request.Dashboard["id"]; has && string(id) != "null" {
				t.Errorf("%q has the id %s of another Grafana", title, id)
			}
			if uid := string(request.Dashboard["uid"]); !strings.HasPrefix(uid, `"flinkwatch-cloudwatch-`) {
				t.Errorf("%q has the uid %s", title, uid)
			}
			if !request.Overwrite || request.Message == "" {
				t.Errorf("%q: overwrite %v, message %q", title, request.Overwrite, request.Message)
			}
		}
		if len(asked) != len(wanted) || len(imported) != len(wanted) {
			t.Errorf("%s imports %v, the folder has %v", page, imported, wanted)
		}
	}
}

// TestAnImportThatIsRefusedStopsAndSaysWhy: a wrong token is not sent five times.
func TestAnImportThatIsRefusedStopsAndSaysWhy(t *testing.T) {
	for _, page := range importPages {
		asked, output := importInto(t, importLoop(t, page), http.StatusUnauthorized, `{"message":"Invalid API key"}`)
		if len(asked) != 1 || !strings.Contains(output, "Invalid API key") || !strings.Contains(output, "401") {
			t.Errorf("%s: %d requests, %s", page, len(asked), output)
		}
	}
}
