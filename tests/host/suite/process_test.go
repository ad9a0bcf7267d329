package suite

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// bare starts the executable without go-plugin, to see its raw output.
type bare struct {
	cmd    *exec.Cmd
	first  string
	rest   chan string
	stderr bytes.Buffer
}

func startBare(t *testing.T, env ...string) *bare {
	t.Helper()
	started := &bare{cmd: exec.Command(pluginPath(t)), rest: make(chan string, 1)}
	started.cmd.Env = append(cleanEnvironment(), env...)
	started.cmd.Stderr = &started.stderr
	stdout, err := started.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := started.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = started.cmd.Process.Kill() })
	reader := bufio.NewReader(stdout)
	started.first, err = reader.ReadString('\n')
	if err != nil {
		started.first = ""
	}
	go func() {
		var more bytes.Buffer
		_, _ = more.ReadFrom(reader) // ends with the process
		started.rest <- more.String()
	}()
	return started
}

// end waits for the process and gives what it wrote to stdout after the first line.
func (b *bare) end() (string, error) {
	more := <-b.rest
	return more, b.cmd.Wait()
}

const cookie = grpcplugin.MagicCookieKey + "=" + grpcplugin.MagicCookieValue

func TestTheHandshakeIsTheFirstLineAndTheOnlyOne(t *testing.T) {
	started := startBare(t, cookie, "GF_PLUGIN_LOG_LEVEL=trace")
	if !regexp.MustCompile(`^1\|2\|unix\|/[^|]+\.sock\|grpc\n$`).MatchString(started.first) {
		t.Fatalf("handshake %q", started.first)
	}
	if err := started.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	more, err := started.end()
	if err != nil || more != "" {
		t.Fatalf("after SIGTERM: %v, more stdout %q", err, more)
	}
	for line := range strings.Lines(started.stderr.String()) {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) != nil || entry["@level"] == nil || entry["@message"] == nil {
			t.Errorf("stderr line is no hclog JSON: %s", line)
		}
	}
}

func TestAUnixSocketIsUsedWhenTheHostNamesADirectory(t *testing.T) {
	directory := t.TempDir()
	started := startBare(t, cookie, "PLUGIN_UNIX_SOCKET_DIR="+directory)
	parts := strings.Split(strings.TrimSpace(started.first), "|")
	if len(parts) != 5 || parts[2] != "unix" || !strings.HasPrefix(parts[3], directory) || parts[4] != "grpc" {
		t.Fatalf("handshake %q", started.first)
	}
	conn, err := net.Dial("unix", parts[3])
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWithoutTheCookieItSaysWhatItIs(t *testing.T) {
	started := startBare(t)
	_, err := started.end()
	text := strings.TrimSpace(started.stderr.String())
	if err == nil || started.first != "" || !strings.Contains(text, "Grafana") || strings.Contains(text, "\n") {
		t.Fatalf("exit %v, stdout %q, stderr %q", err, started.first, text)
	}
}

func TestAnInterruptIsLeftToTheHost(t *testing.T) {
	plugin := startPlugin(t)
	if err := syscall.Kill(plugin.PID(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond) // an exit would come at once
	if err := plugin.Ping(); err != nil || plugin.Starts() != 1 {
		t.Fatalf("ping after SIGINT: %v, starts %d", err, plugin.Starts())
	}
}

func TestStartPingAndStop(t *testing.T) {
	plugin := startPlugin(t)
	address, err := plugin.Address()
	if err != nil || address.Network() != "unix" {
		t.Fatalf("address %v, error %v", address, err)
	}
	if err := plugin.Ping(); err != nil {
		t.Fatalf("health service: %v", err)
	}
	pid := plugin.PID()
	folder := filepath.Dir(address.String())
	info, err := os.Stat(folder)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("others can enter the socket's folder: %v, %v", info, err)
	}
	// go-plugin kills what has not ended by itself two seconds after it was asked.
	if report := plugin.Stop(); !report.Graceful {
		t.Fatalf("stop took %s and ended with %s", report.Took, report.State)
	}
	if isAlive(pid) {
		t.Fatalf("process %d is still there", pid)
	}
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the socket's folder is still there: %v", err)
	}
}

func TestTheHealthServiceKnowsThePluginAlone(t *testing.T) {
	plugin := startPlugin(t)
	conn, err := plugin.Conn()
	if err != nil {
		t.Fatal(err)
	}
	client := grpc_health_v1.NewHealthClient(conn)
	answer, err := client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: "plugin"})
	if err != nil || answer.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Fatalf("%v, error %v", answer, err)
	}
	if _, err := client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: "other"}); err == nil {
		t.Fatal("an unknown service is said to be healthy")
	}
}

func TestAKilledProcessIsReplaced(t *testing.T) {
	t.Parallel()
	plugin := startPlugin(t)
	first := plugin.PID()
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "a new process answers", func() bool {
		return plugin.Starts() == 2 && plugin.Ping() == nil
	})
	if plugin.PID() == first {
		t.Fatal("the process id did not change")
	}
	answers := ask(t, plugin, requestOf(source("http://127.0.0.1:1"), `{"refId":"A","queryType":"application","applications":["*"]}`))
	if len(answers) != 1 {
		t.Fatalf("answers after the restart: %v", answers)
	}
}

func TestStoppingLeavesNothingBehind(t *testing.T) {
	before := goroutines()
	var pids []int
	for range 5 {
		plugin := startPlugin(t)
		pids = append(pids, plugin.PID())
		if err := plugin.Ping(); err != nil {
			t.Fatal(err)
		}
		if report := plugin.Stop(); !report.Graceful {
			t.Fatalf("stop ended with %s", report.State)
		}
	}
	for _, pid := range pids {
		if isAlive(pid) {
			t.Errorf("process %d is still there", pid)
		}
	}
	eventually(t, 5*time.Second, "the goroutines of five plugins end", func() bool { return goroutines() <= before+2 })
}

func TestAStopAfterACancelledRequestIsGraceful(t *testing.T) {
	plugin := startPlugin(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := plugin.QueryData(ctx, requestOf(source("http://127.0.0.1:1"), `{"refId":"A","queryType":"application","applications":["*"]}`))
		ended <- err
	}()
	cancel()
	<-ended // answered or cancelled: both are fine
	if report := plugin.Stop(); !report.Graceful {
		t.Fatalf("stop took %s and ended with %s", report.Took, report.State)
	}
	if _, err := plugin.QueryData(t.Context(), &backend.QueryDataRequest{}); err == nil {
		t.Fatal("a stopped plugin answers")
	}
}
