package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"flinkwatch/tests/host/internal/sampleplugin"
)

// asHost makes the test binary run main instead of the tests.
const asHost = "TEST_AS_HOST"

func TestMain(m *testing.M) {
	sampleplugin.ServeIfStarted()
	if os.Getenv(asHost) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func isServing(address string) bool {
	response, err := http.Get(fmt.Sprintf("http://%s/api/health", address))
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

func TestASignalStopsThePluginAndSaysHowLongItTook(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			executable, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			sources := filepath.Join(t.TempDir(), "sources.json")
			if err := os.WriteFile(sources, []byte(`[{"uid":"one","type":"sample-datasource"}]`), 0o600); err != nil {
				t.Fatal(err)
			}
			address := freeAddress(t)
			var log bytes.Buffer
			cmd := exec.Command(executable, "--plugin", executable, "--datasources", sources, "--listen", address)
			cmd.Env = append(os.Environ(), asHost+"=1")
			cmd.Stderr = &log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = cmd.Process.Kill() })
			for begin := time.Now(); !isServing(address); time.Sleep(10 * time.Millisecond) {
				if time.Since(begin) > 20*time.Second {
					t.Fatal("the host does not serve")
				}
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Fatalf("%v\n%s", err, log.String())
			}
			if text := log.String(); !strings.Contains(text, "plugin stopped: took=") || !strings.Contains(text, "graceful=true") {
				t.Fatalf("log:\n%s", text)
			}
		})
	}
}
