package suite

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// nowhere is an endpoint at which nobody listens: enough where only the protocol counts.
const nowhere = "http://127.0.0.1:1"

// bad is a query that is answered with an error and needs no AWS.
const bad = `{"refId":"A","queryType":"no-such-kind"}`

func TestNoRoleIsRefused(t *testing.T) {
	t.Parallel()
	plugin := startPlugin(t)
	for _, role := range []string{"Admin", "Editor", "Viewer", "None", "", "Grafana Admin"} {
		request := requestOf(source(nowhere), bad)
		request.PluginContext.User.Role = role
		ask(t, plugin, request)
		if _, err := plugin.CheckHealth(t.Context(), &backend.CheckHealthRequest{
			PluginContext: request.PluginContext,
		}); err != nil {
			t.Errorf("role %q: CheckHealth: %v", role, err)
		}
	}
	request := requestOf(source(nowhere), bad)
	request.PluginContext.User = nil
	ask(t, plugin, request)
}

func TestAnEmptyQueryListIsAnEmptyAnswer(t *testing.T) {
	plugin := startPlugin(t)
	if answers := ask(t, plugin, requestOf(source(nowhere))); len(answers) != 0 {
		t.Fatalf("answers: %v", answers)
	}
}

func TestEveryRefIDIsAnswered(t *testing.T) {
	plugin := startPlugin(t)
	var queries []string
	for i := range 100 {
		queries = append(queries, fmt.Sprintf(`{"refId":"Q%d ö","queryType":"no-such-kind"}`, i))
	}
	if answers := ask(t, plugin, requestOf(source(nowhere), queries...)); len(answers) != 100 {
		t.Fatalf("%d answers", len(answers))
	}
}

func TestFiftyRequestsAtOnce(t *testing.T) {
	plugin := startPlugin(t)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			request := requestOf(source(nowhere), fmt.Sprintf(`{"refId":"R%d","queryType":"no-such-kind"}`, i))
			answer, err := plugin.QueryData(t.Context(), request)
			if err != nil {
				t.Errorf("request %d: %v", i, err)
				return
			}
			if _, ok := answer.Responses[fmt.Sprintf("R%d", i)]; !ok || len(answer.Responses) != 1 {
				t.Errorf("request %d got the answers %v", i, answer.Responses)
			}
		})
	}
	all.Wait()
	if plugin.Starts() != 1 {
		t.Fatal("the process died")
	}
}

// padded is a query of a given size; unknown fields are ignored.
func padded(size int) string {
	return `{"refId":"A","queryType":"no-such-kind","padding":"` + strings.Repeat("x", size) + `"}`
}

func TestTenMegabytesAreRead(t *testing.T) {
	plugin := startPlugin(t)
	answers := ask(t, plugin, requestOf(source(nowhere), padded(10<<20)))
	if answers["A"].Error == nil || len(answers["A"].Error.Error()) > 10_000 {
		t.Fatalf("the error of a large query: %d bytes", len(fmt.Sprint(answers["A"].Error)))
	}
}

func TestMoreThanSixteenMebibytesAreRefused(t *testing.T) {
	plugin := startPlugin(t)
	_, err := plugin.QueryData(t.Context(), requestOf(source(nowhere), padded(17<<20)))
	if code := status.Code(err); code != codes.ResourceExhausted && code != codes.OutOfRange {
		t.Fatalf("error %v", err)
	}
	ask(t, plugin, requestOf(source(nowhere), bad))
	if plugin.Starts() != 1 {
		t.Fatal("the process died")
	}
}

func TestARequestWithoutADataSourceIsAnError(t *testing.T) {
	plugin := startPlugin(t)
	request := requestOf(nil, bad)
	if _, err := plugin.QueryData(t.Context(), request); status.Code(err) != codes.InvalidArgument {
		t.Fatalf("error %v", err)
	}
	ask(t, plugin, requestOf(source(nowhere), bad))
}

func TestACancelledCallEndsAtOnce(t *testing.T) {
	plugin := startPlugin(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := plugin.QueryData(ctx, requestOf(source(nowhere), bad)); status.Code(err) != codes.Canceled {
		t.Fatalf("error %v", err)
	}
	ask(t, plugin, requestOf(source(nowhere), bad))
}

func TestTheTraceOfACallIsInTheLog(t *testing.T) {
	log := &logged{}
	plugin := startLogging(t, log, "GF_PLUGIN_LOG_LEVEL=debug")
	const trace = "0af7651916cd43dd8448eb211c80319c"
	ctx := metadata.AppendToOutgoingContext(t.Context(), "traceparent", "00-"+trace+"-b7ad6b7169203331-01")
	if _, err := plugin.QueryData(ctx, requestOf(source(nowhere), bad)); err != nil {
		t.Fatal(err)
	}
	plugin.Stop()
	if !strings.Contains(log.String(), trace) {
		t.Fatalf("log:\n%s", log.tail())
	}
}

func TestTheDeadlineOfACallIsKept(t *testing.T) {
	plugin := startPlugin(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	// The endpoint takes the connection and never answers: nothing but the deadline ends the call before the test's own limit.
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	settings := source("http://" + silent.Addr().String())
	_, err = plugin.QueryData(ctx, requestOf(settings, `{"refId":"A","queryType":"application","applications":["*"]}`))
	if status.Code(err) != codes.DeadlineExceeded {
		t.Fatalf("error %v", err)
	}
}
