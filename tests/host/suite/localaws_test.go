package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// localAWS is a simulated AWS of one test alone.
type localAWS struct {
	endpoint  string
	arguments []string
	kill      func()
}

// counters are what the simulated AWS was asked.
type counters struct {
	Operations map[string]struct {
		Calls     int            `json:"calls"`
		InFlight  int            `json:"in_flight"`
		Cancelled int            `json:"cancelled"`
		Throttles int            `json:"throttles"`
		Errors    map[string]int `json:"errors"`
		Usage     struct {
			BilledMetrics int `json:"billed_metrics"`
		} `json:"usage"`
	} `json:"operations"`
	// AccessKeys is access key to operation to calls.
	AccessKeys map[string]map[string]int `json:"access_keys"`
}

func (c counters) calls() (all int) {
	for _, operation := range c.Operations {
		all += operation.Calls
	}
	return all
}

func (c counters) inFlight() (all int) {
	for _, operation := range c.Operations {
		all += operation.InFlight
	}
	return all
}

// faults is what shall go wrong, as the control path takes it.
type faults map[string]any

// startAWS starts a simulated AWS on a free port and stops it at the end of the test.
func startAWS(t *testing.T, arguments ...string) *localAWS {
	t.Helper()
	port := freePort(t)
	aws := &localAWS{
		endpoint:  fmt.Sprintf("http://127.0.0.1:%d", port),
		arguments: append([]string{"--port", strconv.Itoa(port)}, arguments...),
	}
	aws.start(t)
	t.Cleanup(func() { aws.kill() })
	return aws
}

// start starts the server, or starts it again at the same address after it was killed. Its values are computed, so they
// are the same in every life.
func (a *localAWS) start(t *testing.T) {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(fromEnvironment(t, "FLINKWATCH_LOCAL_AWS", "the executable local-aws"), a.arguments...)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatalf("local-aws does not start: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ends does not matter: the tests see whether it answers
		close(ended)
	}()
	a.kill = func() {
		_ = cmd.Process.Kill() // fails when it has ended by itself
		<-ended
	}
	if !a.comesUp(ended) {
		a.kill()
		t.Fatalf("local-aws does not answer on %s:\n%s", a.endpoint, output.String())
	}
}

// comesUp waits until the server answers; it is false when the process ends or takes too long.
func (a *localAWS) comesUp(ended <-chan struct{}) bool {
	limit := time.After(20 * time.Second)
	for {
		if a.isUp() {
			return true
		}
		select {
		case <-ended:
			return false
		case <-limit:
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

func (a *localAWS) isUp() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err := a.control(ctx, http.MethodGet, "counters", nil)
	return err == nil
}

func (a *localAWS) control(ctx context.Context, method, path string, body any) ([]byte, error) {
	var text io.Reader = http.NoBody
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.endpoint+"/_local/"+path, text)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s %s: %s %s", method, path, response.Status, answer)
	}
	return answer, nil
}

func (a *localAWS) counters(t *testing.T) counters {
	t.Helper()
	text, err := a.control(t.Context(), http.MethodGet, "counters", nil)
	if err != nil {
		t.Fatal(err)
	}
	var read counters
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatalf("counters %s: %v", text, err)
	}
	return read
}

func (a *localAWS) reset(t *testing.T) {
	t.Helper()
	if _, err := a.control(t.Context(), http.MethodPost, "counters/reset", nil); err != nil {
		t.Fatal(err)
	}
}

func (a *localAWS) breakWith(t *testing.T, what faults) {
	t.Helper()
	if _, err := a.control(t.Context(), http.MethodPost, "faults", what); err != nil {
		t.Fatal(err)
	}
}
