package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"flinkwatch/tests/host/internal/cli"
	"flinkwatch/tests/host/internal/instances"
)

// hostArguments makes the test binary a host, so that a test can kill one.
const hostArguments = "TEST_HOST_ARGUMENTS"

func TestMain(m *testing.M) {
	if arguments := os.Getenv(hostArguments); arguments != "" {
		if err := cli.Run(context.Background(), strings.Split(arguments, "\n"), os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestThePluginEndsWhenItsHostDies(t *testing.T) {
	sources, err := json.Marshal([]instances.Source{{UID: "msf", Type: pluginID}})
	if err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var log logged
	cmd := exec.Command(executable)
	cmd.Env = append(os.Environ(), hostArguments+"="+strings.Join([]string{
		"--plugin", pluginPath(t), "--datasources", writeFile(t, "sources.json", string(sources)), "--listen", "127.0.0.1:0",
	}, "\n"))
	cmd.Stderr = &log
	// The plugin keeps the host's stderr open as long as it lives: do not wait for its end.
	cmd.WaitDelay = 10 * time.Millisecond
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	started := regexp.MustCompile(`plugin started: pid=([0-9]+)`)
	eventually(t, 20*time.Second, "the host serves", func() bool { return strings.Contains(log.String(), "serving") })
	found := started.FindStringSubmatch(log.String())
	if found == nil {
		t.Fatalf("no process id in\n%s", log.String())
	}
	pid, err := strconv.Atoi(found[1])
	if err != nil || !isAlive(pid) {
		t.Fatalf("process %d: %v", pid, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	eventually(t, 5*time.Second, "the plugin ends", func() bool { return !isAlive(pid) })
}
