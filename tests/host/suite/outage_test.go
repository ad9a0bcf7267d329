package suite

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"flinkwatch/tests/host/internal/rules"
)

// outages are what makes AWS unreadable; without faults it is killed.
var outages = map[string]faults{
	"throttled":         {"throttle": "always"},
	"out of order":      {"internal_error": "always"},
	"not there":         {"unavailable": "always"},
	"denied":            {"deny": []string{"cloudwatch:GetMetricData"}},
	"only partly there": {"partial_data": "always"},
	"a black hole":      {"latency_ms": 60_000},
	"unreachable":       nil,
}

// evaluations is how many fail in a row: more than after which Grafana takes a missing series for resolved.
const evaluations = 4

func TestAnOutageResolvesNoAlertAndIsAnAlertOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, what := range outages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aws := startAWS(t, "--incidents")
			watch := watcher{startPlugin(t), sourceWith(map[string]any{"endpoint": aws.endpoint, "requestTimeoutSeconds": 10})}
			alerts := begin(t, watch)
			trouble{faults: what}.begin(t, aws)
			failures := watch.failures(t, alerts)
			for _, alert := range alerts {
				alert.suffer(t, failures[alert.rule.UID])
			}
			trouble{faults: what}.end(t, aws)
			for _, alert := range alerts {
				alert.recover(t, watch)
			}
		})
	}
}

// alertOverTime is a rule with the states of its alerts.
type alertOverTime struct {
	rule    rules.Rule
	every   time.Duration
	machine *rules.Machine
	at      time.Time
	// firing is how many alerts fired before the outage.
	firing int
}

// begin evaluates each rule until it fires for its story.
func begin(t *testing.T, watch watcher) []*alertOverTime {
	t.Helper()
	// Four evaluations of half an hour each have to lie in the past, and before what leaks is deployed anew.
	now := time.Now().Truncate(time.Minute).Add(-4 * time.Hour)
	var all []*alertOverTime
	for _, group := range groups(t) {
		for _, rule := range group.Rules {
			alert := &alertOverTime{rule: rule, every: group.Every(), machine: rules.NewMachine(group, rule)}
			alert.at = moment(rule, now).Add(-rule.Lasting() - alert.every)
			if slices.Contains(fires[rule.UID[len(prefix):]], "leaking") {
				alert.at = alert.at.Add(-3 * time.Hour)
			}
			for since := time.Duration(0); since <= rule.Lasting(); since += alert.every {
				if err := alert.next(t, watch); err != nil {
					t.Fatalf("%s fails before the outage: %v", rule.UID, err)
				}
			}
			alert.firing = alert.machine.In(rules.Alerting)
			if isFiring := alert.firing > 0; isFiring == watchesForErrors(rule) {
				t.Fatalf("%s: %d alerts fire before the outage", rule.UID, alert.firing)
			}
			all = append(all, alert)
		}
	}
	return all
}

func (a *alertOverTime) next(t *testing.T, watch watcher) error {
	t.Helper()
	a.at = a.at.Add(a.every)
	numbers, err := watch.numbers(t, a.rule, a.at)
	a.machine.Evaluate(a.at, numbers, err)
	return err
}

// failures are the errors of all rules at their next evaluation, asked in one request: an outage takes its time.
func (w watcher) failures(t *testing.T, alerts []*alertOverTime) map[string]error {
	t.Helper()
	request := &backend.QueryDataRequest{PluginContext: contextOf(w.source), Headers: alertHeaders}
	for _, alert := range alerts {
		step := alert.rule.Data[0]
		step.RefID = alert.rule.UID
		request.Queries = append(request.Queries, w.query(t, alert.at.Add(alert.every), step))
	}
	errors := map[string]error{}
	hourly := map[string]bool{}
	for _, alert := range alerts {
		hourly[alert.rule.UID] = number(alert.rule.Data[0].Model["period"]) == 3600
	}
	for refID, answer := range ask(t, w.plugin, request) {
		if hourly[refID] && answer.Error == nil {
			// The hours that it compares are kept: there is nothing to ask.
			continue
		}
		if answer.Error == nil || answer.ErrorSource != backend.ErrorSourceDownstream || len(answer.Frames) > 0 {
			t.Errorf("%s: no error in an outage, but %d frames", refID, len(answer.Frames))
			continue
		}
		errors[refID] = fmt.Errorf("%d: %w", answer.Status, answer.Error)
	}
	return errors
}

// suffer goes through the outage: nothing is resolved, and what watches for errors fires.
func (a *alertOverTime) suffer(t *testing.T, failure error) {
	t.Helper()
	for range max(evaluations, int(a.rule.Lasting()/a.every)+1) {
		a.at = a.at.Add(a.every)
		a.machine.Evaluate(a.at, nil, failure)
		if found := a.machine.In(rules.Alerting); found < a.firing || !watchesForErrors(a.rule) && found != a.firing {
			t.Errorf("%s: %d alerts fired, and %d do in the outage", a.rule.UID, a.firing, found)
		}
	}
	if watchesForErrors(a.rule) && a.machine.In(rules.Alerting) != 1 {
		t.Errorf("%s: %d alerts in an outage", a.rule.UID, a.machine.In(rules.Alerting))
	}
}

// recover is the first evaluation after the outage: what fired fires, and the outage is over.
func (a *alertOverTime) recover(t *testing.T, watch watcher) {
	t.Helper()
	numbers, err := watch.numbers(t, a.rule, a.at)
	for tries := 0; err != nil && tries < 50; tries++ {
		// What failed a moment ago is not asked again at once.
		time.Sleep(200 * time.Millisecond)
		numbers, err = watch.numbers(t, a.rule, a.at)
	}
	a.machine.Evaluate(a.at, numbers, err)
	if err != nil || a.machine.In(rules.Alerting) != a.firing {
		t.Errorf("%s: %d alerts fired before the outage, %d do after it, %v", a.rule.UID, a.firing, a.machine.In(rules.Alerting), err)
	}
}

// The rules that watch for errors ask what their neighbours ask, and Grafana evaluates a group's rules at one moment. In two
// groups it has a range of its own, so that at some moments a call more is made.
func TestWatchingForErrorsCostsOneCallAtMost(t *testing.T) {
	t.Parallel()
	aws := startAWS(t, "--incidents")
	for _, group := range groups(t) {
		calls := func(isAsked func(rules.Rule) bool) int {
			watch := startWatcher(t, aws.endpoint)
			var steps []rules.Step
			for _, rule := range group.Rules {
				if isAsked(rule) {
					step := rule.Data[0]
					step.RefID = rule.UID
					steps = append(steps, step)
				}
			}
			aws.reset(t)
			for refID, answer := range watch.ask(t, time.Now(), steps...) {
				if answer.Error != nil {
					t.Fatalf("%s: %v", refID, answer.Error)
				}
			}
			// Descriptions that no number needs come one after the other in the background.
			counted := aws.counters(t)
			return counted.calls() - counted.Operations["DescribeApplication"].Calls
		}
		without := calls(func(rule rules.Rule) bool { return !watchesForErrors(rule) })
		more := 0
		if slices.Contains([]string{"flinkwatch-checkpoints", "flinkwatch-progress"}, group.Name) {
			more = 1
		}
		if all := calls(func(rules.Rule) bool { return true }); all < without-more || all > without+more || without == 0 {
			t.Errorf("%s: %d calls, and %d without the rule that watches for errors", group.Name, all, without)
		}
	}
}
