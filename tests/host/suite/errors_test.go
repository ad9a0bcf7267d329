package suite

import (
	"context"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// series is a query that reads metrics and must work.
const series = `{"refId":"A","queryType":"application","applications":["orders"],"signals":["cpu"],"as":"series"}`

var (
	badRequest  = []backend.Status{400}
	denied      = []backend.Status{401, 403}
	notFound    = []backend.Status{400, 404}
	throttled   = []backend.Status{429}
	awsIsBroken = []backend.Status{500, 502, 503, 504}
)

func TestEachFailureOfAWSHasItsStatusAndWords(t *testing.T) {
	t.Parallel()
	for name, example := range map[string]struct {
		faults   faults
		statuses []backend.Status
		names    []string
	}{
		"a denied action": {
			faults{"deny": []string{"cloudwatch:GetMetricData"}}, []backend.Status{403},
			[]string{"cloudwatch:GetMetricData", "policy", region},
		},
		"everything denied": {faults{"deny": []string{"*"}}, []backend.Status{403}, []string{"policy"}},
		"throttling":        {faults{"throttle": "always"}, throttled, []string{"CloudWatch"}},
		"throttled metrics": {
			faults{"operations": []string{"GetMetricData"}, "throttle": "always"}, throttled, []string{"GetMetricData"},
		},
		"an internal error": {
			faults{"operations": []string{"GetMetricData"}, "internal_error": "always"}, awsIsBroken, []string{"GetMetricData"},
		},
		"an unavailable service": {
			faults{"operations": []string{"GetMetricData"}, "unavailable": "always"}, awsIsBroken, []string{"GetMetricData"},
		},
		"a cut connection": {
			faults{"operations": []string{"GetMetricData"}, "cut_body": "always"}, awsIsBroken, []string{"CloudWatch", region},
		},
		"an expired token": {faults{"expired_token": "always"}, denied, []string{"expired"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aws, plugin := startAWS(t), startPlugin(t)
			aws.breakWith(t, example.faults)
			failed(t, ask(t, plugin, requestOf(source(aws.endpoint), series)), "A", example.statuses, example.names...)
		})
	}
}

// A client may believe the body or the content type, but may not draw nothing without a word.
func TestAMislabelledAnswerIsReadOrAnError(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	aws.breakWith(t, faults{"operations": []string{"GetMetricData"}, "wrong_content_type": "always"})
	answers := ask(t, plugin, requestOf(source(aws.endpoint), series))
	if answers["A"].Error == nil {
		good(t, answers, "A")
		return
	}
	failed(t, answers, "A", awsIsBroken, "GetMetricData")
}

func TestASingleFailureIsRetried(t *testing.T) {
	for _, fault := range []string{"throttle", "internal_error", "unavailable", "cut_body"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			aws, plugin := startAWS(t), startPlugin(t)
			aws.breakWith(t, faults{"operations": []string{"GetMetricData"}, fault: map[string]int{"next": 1}})
			good(t, ask(t, plugin, requestOf(source(aws.endpoint), series)), "A")
		})
	}
}

func TestAnUnreachableServiceIsNamed(t *testing.T) {
	plugin := startPlugin(t)
	failed(t, ask(t, plugin, requestOf(source(nowhere), series)), "A", awsIsBroken, region)
}

func TestAnotherRegionIsExplained(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	elsewhere := sourceWith(map[string]any{"endpoint": aws.endpoint, "defaultRegion": "ap-southeast-2"})
	said := explanation(ask(t, plugin, requestOf(elsewhere, series))["A"])
	for _, name := range []string{"orders", "ap-southeast-2"} {
		if !strings.Contains(said, name) {
			t.Errorf("the explanation does not name %q: %q", name, said)
		}
	}
}

func TestARegionThatCannotExistIsTheUsersMistake(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	query := `{"refId":"A","queryType":"application","region":"eu west/1","applications":["orders"],"signals":["cpu"]}`
	failed(t, ask(t, plugin, requestOf(source(aws.endpoint), query)), "A", badRequest, "region", "eu west/1")
}

func TestAnUnknownApplicationIsExplained(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	query := `{"refId":"A","queryType":"application","applications":["no-such-app"],"signals":["cpu"],"as":"series"}`
	answer := ask(t, plugin, requestOf(source(aws.endpoint), query))["A"]
	if said := explanation(answer); !strings.Contains(said, "no-such-app") {
		t.Errorf("the explanation does not name the application: %q", said)
	}
	if answer.Error != nil {
		failed(t, backend.Responses{"A": answer}, "A", notFound, "no-such-app")
	}
}

func TestAStoppedApplicationIsExplained(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	query := `{"refId":"A","queryType":"application","applications":["legacy-reports"],"signals":["cpu"],"as":"series"}`
	said := explanation(ask(t, plugin, requestOf(source(aws.endpoint), query))["A"])
	if !strings.Contains(said, "legacy-reports") || !strings.Contains(strings.ToLower(said), "stopped") {
		t.Errorf("the explanation: %q", said)
	}
}

func TestWrongQueriesNameTheFieldAndWhatIsAllowed(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	for name, example := range map[string]struct {
		query string
		names []string
	}{
		"unknown kind":      {`{"refId":"A","queryType":"logz"}`, []string{"queryType", "logz", "application"}},
		"broken JSON":       {`{"refId":"A","queryType":"application",`, []string{"JSON"}},
		"no object":         {`[1,2,3]`, []string{"object"}},
		"wrong type":        {`{"refId":"A","queryType":"application","applications":7}`, []string{"applications", "7"}},
		"unknown shape":     {`{"refId":"A","queryType":"application","applications":["orders"],"as":"pie"}`, []string{"as", "pie", "series"}},
		"unknown signal":    {`{"refId":"A","queryType":"application","applications":["orders"],"signals":["speed"]}`, []string{"signals", "speed"}},
		"bad period":        {`{"refId":"A","queryType":"application","applications":["orders"],"signals":["cpu"],"period":"soon"}`, []string{"period", "soon"}},
		"bad regex":         {`{"refId":"A","queryType":"application","applications":["/(/"],"signals":["cpu"]}`, []string{"applications", "/(/"}},
		"unknown level":     {`{"refId":"A","queryType":"operator","applications":["orders"],"level":"cpu","signals":["busy"]}`, []string{"level", "cpu", "task"}},
		"unknown statistic": {`{"refId":"A","queryType":"metric","applications":["orders"],"metric":"cpuUtilization","statistic":"mean"}`, []string{"statistic", "mean", "Average"}},
	} {
		t.Run(name, func(t *testing.T) {
			answers := ask(t, plugin, requestOf(source(aws.endpoint), example.query))
			failed(t, answers, "A", badRequest, example.names...)
		})
	}
	if calls := aws.counters(t).calls(); calls != 0 {
		t.Errorf("wrong queries made %d AWS calls", calls)
	}
}

func TestOneBadQueryLeavesItsNeighboursAlone(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	answers := ask(t, plugin, requestOf(source(aws.endpoint),
		series,
		`{"refId":"B","queryType":"application","applications":7}`,
		`{"refId":"C","queryType":"operator","applications":["orders"],"level":"task","signals":["busy"],"as":"series"}`,
		`{"refId":"D","queryType":"no-such-kind"}`,
		`{"refId":"E","queryType":"metric","applications":["orders"],"metric":"cpuUtilization","statistic":"p95","period":300}`,
	))
	for _, refID := range []string{"A", "C", "E"} {
		good(t, answers, refID)
	}
	for _, refID := range []string{"B", "D"} {
		failed(t, answers, refID, badRequest)
	}
}

func TestOneForbiddenMetricLeavesItsNeighboursAlone(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	aws.breakWith(t, faults{"metric_status": map[string]string{"cpuUtilization": "Forbidden"}})
	answers := ask(t, plugin, requestOf(source(aws.endpoint), series,
		`{"refId":"B","queryType":"application","applications":["orders"],"signals":["restarts"],"as":"series"}`))
	good(t, answers, "B")
	if said := explanation(answers["A"]); said == "" {
		t.Error("nobody says why the forbidden metric is missing")
	}
}

func TestACancelledRequestStopsItsCalls(t *testing.T) {
	aws, plugin := startAWS(t, "--latency", "25000"), startPlugin(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := plugin.QueryData(ctx, requestOf(source(aws.endpoint), series))
		ended <- err
	}()
	eventually(t, 10*time.Second, "a call is in flight", func() bool { return aws.counters(t).inFlight() > 0 })
	before := settledCalls(t, aws)
	cancel()
	select {
	case err := <-ended:
		if err == nil {
			t.Fatal("a cancelled request was answered")
		}
	case <-time.After(10 * time.Second): // AWS hangs for longer
		t.Fatal("a cancelled request goes on")
	}
	eventually(t, 10*time.Second, "no call is in flight", func() bool { return aws.counters(t).inFlight() == 0 })
	time.Sleep(500 * time.Millisecond) // a retry or a next step would come within this time
	after := aws.counters(t)
	if after.calls() != before || after.inFlight() != 0 {
		t.Fatalf("%d calls before the cancellation, %d after", before, after.calls())
	}
	cancelled := 0
	for _, operation := range after.Operations {
		cancelled += operation.Cancelled
	}
	if cancelled == 0 {
		t.Fatal("no call was cancelled at AWS")
	}
}

// settledCalls is the number of calls once no more are started. Calls of one step start side by side, and all of
// them hang in the latency of the simulated AWS.
func settledCalls(t *testing.T, aws *localAWS) int {
	t.Helper()
	count, since := aws.counters(t).calls(), time.Now()
	for time.Since(since) < 300*time.Millisecond {
		time.Sleep(20 * time.Millisecond)
		if now := aws.counters(t).calls(); now != count {
			count, since = now, time.Now()
		}
	}
	return count
}

func TestClosingThePageStopsItsCalls(t *testing.T) {
	aws := startAWS(t, "--latency", "25000")
	host := startHost(t, aws.endpoint)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	body := `{"from":"now-1h","to":"now","queries":[` + withSource(series) + `]}`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, host.url+"/api/ds/query", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(req)
		if err == nil {
			err = response.Body.Close()
		}
		ended <- err
	}()
	eventually(t, 10*time.Second, "a call is in flight", func() bool { return aws.counters(t).inFlight() > 0 })
	cancel()
	if err := <-ended; err == nil {
		t.Fatal("a cancelled request was answered")
	}
	eventually(t, 10*time.Second, "no call is in flight", func() bool { return aws.counters(t).inFlight() == 0 })
}

func TestAProcessThatDiesFailsItsRequestsAndAnswersTheNext(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	aws.breakWith(t, faults{"latency_ms": 25000})
	ended := make(chan error, 1)
	go func() {
		_, err := plugin.QueryData(t.Context(), requestOf(source(aws.endpoint), series))
		ended <- err
	}()
	eventually(t, 10*time.Second, "a call is in flight", func() bool { return aws.counters(t).inFlight() > 0 })
	if err := syscall.Kill(plugin.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Fatal("a dead process has answered")
		}
	case <-time.After(10 * time.Second): // AWS hangs for longer
		t.Fatal("a request to a dead process hangs")
	}
	aws.breakWith(t, faults{})
	eventually(t, 10*time.Second, "a new process answers", func() bool { return plugin.Starts() == 2 && plugin.Ping() == nil })
	good(t, ask(t, plugin, requestOf(source(aws.endpoint), series)), "A")
}
