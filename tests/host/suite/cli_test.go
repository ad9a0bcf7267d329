package suite

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"flinkwatch/tests/host/internal/cli"
	"flinkwatch/tests/host/internal/instances"
)

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// command runs a command of the host with the plugin and one data source.
func command(t *testing.T, endpoint, name string, arguments ...string) (string, error) {
	t.Helper()
	settings := source(endpoint)
	sources, err := json.Marshal([]instances.Source{{
		UID: settings.UID, Name: settings.Name, Type: settings.Type, JSONData: settings.JSONData,
		SecureJSONData: settings.DecryptedSecureJSONData,
	}})
	if err != nil {
		t.Fatal(err)
	}
	all := []string{name, "--plugin", pluginPath(t), "--datasources", writeFile(t, "sources.json", string(sources)),
		"--log-level", "error", "--width", "0"}
	var out strings.Builder
	err = cli.Run(t.Context(), append(all, arguments...), &out)
	return out.String(), err
}

func TestTheFleetTableGoesThroughTheWholeChain(t *testing.T) {
	aws := startAWS(t)
	out, err := command(t, aws.endpoint, "table")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", out)
	for _, name := range running {
		if !strings.Contains(out, "\n"+name) {
			t.Errorf("%s has no row", name)
		}
	}
	_, rows, _ := strings.Cut(out, "\n") // below the table's name
	head, _, _ := strings.Cut(rows, "\n")
	for _, title := range []string{"application", "health", "why", "Source rate", "Consumer lag", "Busy"} {
		if !strings.Contains(head, title) {
			t.Errorf("%q is no column of %q", title, head)
		}
	}
	for _, line := range strings.Split(out, "\n") {
		isNotice := strings.HasPrefix(line, "warning: ") || strings.HasPrefix(line, "info: ")
		if width := utf8.RuneCountInString(line); width > 120 && !isNotice {
			t.Errorf("a row has %d letters: %s", width, line)
		}
	}
}

func TestAQueryFileGivesFramesAsJSON(t *testing.T) {
	aws := startAWS(t)
	out, err := command(t, aws.endpoint, "query", "--file", writeFile(t, "query.json", series))
	if err != nil || !strings.Contains(out, `"type": "timeseries-multi"`) {
		t.Fatalf("error %v, output\n%s", err, out)
	}
}

func TestAFailedQueryFailsTheCommand(t *testing.T) {
	_, err := command(t, nowhere, "query", "--file", writeFile(t, "query.json", `{"refId":"A","queryType":"no-such-kind"}`))
	if err == nil || !strings.Contains(err.Error(), "query A") {
		t.Fatalf("error %v", err)
	}
}
