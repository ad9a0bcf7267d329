package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flinkwatch/tests/host/internal/sampleplugin"
)

func TestMain(m *testing.M) {
	sampleplugin.ServeIfStarted()
	os.Exit(m.Run())
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// command runs the host with the sample plugin and one data source.
func command(t *testing.T, ctx context.Context, arguments ...string) (string, error) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	sources := write(t, "sources.json", `[{"uid":"one","name":"One","type":"sample-datasource"}]`)
	var head []string
	if len(arguments) > 0 && !strings.HasPrefix(arguments[0], "-") {
		head, arguments = arguments[:1], arguments[1:]
	}
	all := append(head, "--plugin", executable, "--datasources", sources, "--log-level", "error", "--width", "0")
	var out strings.Builder
	err = Run(ctx, append(all, arguments...), &out)
	return out.String(), err
}

func TestAQueryFileIsAnsweredAsJSON(t *testing.T) {
	out, err := command(t, t.Context(), "query", "--file", write(t, "query.json", `{"refId":"Q"}`))
	if err != nil || !strings.Contains(out, `"Q": {`) || !strings.Contains(out, `"schema": {`) {
		t.Fatalf("error %v, output\n%s", err, out)
	}
}

func TestAFailedQueryIsPrintedAndFails(t *testing.T) {
	out, err := command(t, t.Context(), "query", "--file", write(t, "query.json", `{"refId":"Q","queryType":"fail"}`))
	if err == nil || !strings.Contains(err.Error(), "query Q: failed as asked") || !strings.Contains(out, "failed as asked") {
		t.Fatalf("error %v, output\n%s", err, out)
	}
}

func TestTheTableCommandPrintsATable(t *testing.T) {
	out, err := command(t, t.Context(), "table")
	if err != nil || !strings.HasPrefix(out, "sample\nuid  json") {
		t.Fatalf("error %v, output\n%s", err, out)
	}
}

func TestServingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := command(t, ctx, "--listen", "127.0.0.1:0"); err == nil {
		t.Fatal("a cancelled start must not serve")
	}
}

func TestWrongArgumentsAreExplained(t *testing.T) {
	for expected, arguments := range map[string][]string{
		"only loopback":    {"--listen", "0.0.0.0:3000"},
		"unknown command":  {"dance"},
		"needs --file":     {"query"},
		"is not key=value": {"--grafana-config", "x"},
		"unknown argument": {"--fleet", "more"},
		"no such file":     {"query", "--file", "/does/not/exist"},
		"missing port":     {"--listen", "127.0.0.1"},
	} {
		if _, err := command(t, t.Context(), arguments...); err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%v: error %v", arguments, err)
		}
	}
}
