package suite

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"flinkwatch/tests/host/internal/process"
	"flinkwatch/tests/host/internal/rules"
)

// fires is all that a rule may fire for. Those of the incident fleet that stand in no row
// are healthy, and nothing may fire for them. Rules that stand in no row watch for errors and never fire here.
var fires = map[string][]string{
	"restart-loop":         {"crash-loop", "runs-a-third", "waits-for-slots"},
	"not-running":          {"runs-a-third", "waits-for-slots"},
	"silent":               {"silent"},
	"no-output":            {"crash-loop", "drops-everything", "runs-a-third", "waits-for-slots"},
	"consumer-lag-time":    {"behind-in-time", "crash-loop", "falls-behind-slowly", "late-by-20-minutes", "late-by-25-hours"},
	"consumer-lag-records": {"behind-in-records", "falls-behind-slowly-in-records", "late-by-1500000-records"},
	"watermark-lag":        {"behind-in-time", "falls-behind-slowly", "late-by-20-minutes", "late-by-25-hours", "stalled-subtask"},
	"watermark-skew":       {"slow-subtask", "stalled-subtask"},
	"lag-near-retention":   {"behind-in-time", "crash-loop", "falls-behind-slowly", "late-by-25-hours"},
	"lag-growing":          {"behind-in-time", "crash-loop", "falls-behind-slowly"},
	"lag-records-growing":  {"behind-in-records", "falls-behind-slowly-in-records"},
	"autoscaling-limit":    {"hot"},
	"kpu-quota":            {"at-its-quota"},
	"back-pressure":        {"back-pressured"},
	"checkpoints-failed":   {"crash-loop", "waits-for-slots"},
	"no-checkpoint":        {"crash-loop"},
	"slow-checkpoints":     {"back-to-back-checkpoints", "slow-checkpoints"},
	"state-growth":         {"leaking"},
	"cpu":                  {"hot"},
	"heap":                 {"out-of-memory"},
	"container-memory":     {"out-of-memory"},
	"gc-pressure":          {"out-of-memory"},
	"thread-growth":        {"leaking"},
}

// healthy applications of the incident fleet.
var healthy = []string{
	"steady", "steady-kafka", "steady-coarse", "restarts-now-and-then", "often-deployed", "often-scaled", "stopped",
}

const (
	prefix = "flinkwatch-"
	// leakCycle is how often the leaking application is deployed anew.
	leakCycle = 48 * time.Hour
)

// watchesForErrors tells the rules that fire where the others cannot be evaluated.
func watchesForErrors(rule rules.Rule) bool { return rule.ExecErrState == "Alerting" }

// moment is a time at which a rule fires for its story.
func moment(rule rules.Rule, now time.Time) time.Time {
	if slices.Contains(fires[rule.UID[len(prefix):]], "leaking") {
		// What it leaks shows on its second day: an hour before it is deployed anew.
		return now.Truncate(leakCycle).Add(-time.Hour)
	}
	return now
}

// groups are all rules that ship.
func groups(t *testing.T) []rules.Group {
	t.Helper()
	paths, err := filepath.Glob("../../../provisioning/alerting/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	var all []rules.Group
	for _, path := range paths {
		file, err := rules.Read(path)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, file.Groups...)
	}
	return all
}

// watcher evaluates rules against one plugin as Grafana's scheduler does.
type watcher struct {
	plugin *process.Plugin
	source *backend.DataSourceInstanceSettings
}

func startWatcher(t *testing.T, endpoint string) watcher {
	t.Helper()
	return watcher{startPlugin(t), source(endpoint)}
}

// alertHeaders are those of Grafana's alert engine, which calls the plugin without the detour through HTTP.
var alertHeaders = map[string]string{
	"FromAlert": "true", "X-Cache-Skip": "true", "http_X-Rule-Uid": "rule", "http_X-Rule-Name": "Rule", "http_X-Rule-Type": "alerting",
}

// answers asks the queries of a rule at a time, each in a request of its own as Grafana does, and reads them with Grafana's
// own reader.
func (w watcher) answers(t *testing.T, rule rules.Rule, at time.Time) (map[string][]rules.Series, error) {
	t.Helper()
	all := map[string][]rules.Series{}
	for _, step := range rule.Data {
		if step.IsExpression() {
			continue
		}
		answer := w.ask(t, at, step)[step.RefID]
		if answer.Error != nil {
			return nil, fmt.Errorf("%s: %d %w", rule.UID, answer.Status, answer.Error)
		}
		series, err := rules.ReadSeries(answer.Frames)
		if err != nil {
			t.Fatalf("%s: %v", rule.UID, err)
		}
		all[step.RefID] = series
	}
	return all, nil
}

// ask asks queries of rules at a time in one request.
func (w watcher) ask(t *testing.T, at time.Time, steps ...rules.Step) backend.Responses {
	t.Helper()
	request := &backend.QueryDataRequest{PluginContext: contextOf(w.source), Headers: alertHeaders}
	for _, step := range steps {
		request.Queries = append(request.Queries, w.query(t, at, step))
	}
	return ask(t, w.plugin, request)
}

func (w watcher) query(t *testing.T, at time.Time, step rules.Step) backend.DataQuery {
	t.Helper()
	text, err := json.Marshal(step.Model)
	if err != nil {
		t.Fatal(err)
	}
	return backend.DataQuery{
		RefID: step.RefID, QueryType: step.QueryType, JSON: text, TimeRange: step.Range.At(at),
		MaxDataPoints: int64(number(step.Model["maxDataPoints"])),
		Interval:      time.Duration(number(step.Model["intervalMs"])) * time.Millisecond,
	}
}

// number of a model that was read from YAML.
func number(value any) int {
	whole, _ := value.(int)
	return whole
}

// numbers is an evaluation: what the condition gives for each alert, or the error of a query.
func (w watcher) numbers(t *testing.T, rule rules.Rule, at time.Time) ([]rules.Number, error) {
	t.Helper()
	answers, err := w.answers(t, rule, at)
	if err != nil {
		return nil, err
	}
	numbers, err := rule.Evaluate(answers)
	if err != nil {
		t.Fatalf("%s: %v", rule.UID, err)
	}
	return numbers, nil
}

// concerned are the applications for which the condition holds at a time.
func (w watcher) concerned(t *testing.T, rule rules.Rule, at time.Time) []string {
	t.Helper()
	numbers, err := w.numbers(t, rule, at)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, number := range numbers {
		if number.Value != nil && *number.Value != 0 {
			names = append(names, number.Labels["application"])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// firing are the applications that the rule fires for at a time: the condition has held at each evaluation for as long as
// the rule says.
func (w watcher) firing(t *testing.T, group rules.Group, rule rules.Rule, at time.Time) []string {
	t.Helper()
	names := w.concerned(t, rule, at)
	for since := group.Every(); since <= rule.Lasting() && len(names) > 0; since += group.Every() {
		before := w.concerned(t, rule, at.Add(-since))
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(before, name) })
	}
	return names
}

func TestEachRuleFiresForWhatItIsForAndForNothingElse(t *testing.T) {
	t.Parallel()
	aws := startAWS(t, "--incidents")
	watch := startWatcher(t, aws.endpoint)
	now := time.Now().Truncate(time.Second)
	tested := 0
	for _, group := range groups(t) {
		for _, rule := range group.Rules {
			id := rule.UID[len(prefix):]
			expected, isKnown := fires[id]
			if !isKnown && !watchesForErrors(rule) {
				t.Errorf("no story for %s", id)
				continue
			}
			if isKnown {
				tested++
			}
			at := moment(rule, now)
			if found := watch.firing(t, group, rule, at); !slices.Equal(found, expected) {
				t.Errorf("%s fires for %v, expected %v", id, found, expected)
			}
		}
	}
	if tested != len(fires) {
		t.Errorf("%d rules were tested, there are stories for %d", tested, len(fires))
	}
}

// A deployment or a scaling takes the job away for a minute and a half: no reason to wake anybody.
func TestNothingFiresWhileAnApplicationIsDeployed(t *testing.T) {
	t.Parallel()
	aws := startAWS(t, "--incidents")
	watch := startWatcher(t, aws.endpoint)
	// Deployed at even hours, scaled at odd ones.
	deployed := time.Now().Add(-25 * time.Minute).Truncate(time.Hour)
	for _, group := range groups(t) {
		for at := deployed; at.Before(deployed.Add(25 * time.Minute)); at = at.Add(group.Every()) {
			for _, rule := range group.Rules {
				for _, name := range watch.firing(t, group, rule, at) {
					if slices.Contains(healthy, name) {
						t.Errorf("%s fires for %s %s after a deployment", rule.UID, name, at.Sub(deployed))
					}
				}
			}
		}
	}
}

// quiet applications of the shop: by day and by night, while they are scaled, at each metrics level, on Flink 1.20 and 2.2.
var quiet = []string{
	"orders", "sessions", "inventory-sync", "audit-log", "catalog-cdc", "recommendations", "iot-telemetry", "legacy-reports",
}

func TestTheShopIsQuietWhereItIsHealthy(t *testing.T) {
	t.Parallel()
	aws := startAWS(t)
	watch := startWatcher(t, aws.endpoint)
	now := time.Now().Truncate(time.Minute)
	fired := map[string][]string{}
	for _, group := range groups(t) {
		for _, rule := range group.Rules {
			for hours := 0; hours < 24; hours += 4 {
				at := now.Add(-time.Duration(hours) * time.Hour)
				for _, name := range watch.firing(t, group, rule, at) {
					if slices.Contains(quiet, name) {
						t.Errorf("%s fires for %s at %s", rule.UID, name, at)
					}
					fired[name] = append(fired[name], rule.UID[len(prefix):])
				}
			}
		}
	}
	for name, id := range map[string]string{"payments": "back-pressure", "clickstream": "restart-loop"} {
		if !slices.Contains(fired[name], id) {
			t.Errorf("%s does not fire for %s, only %v", name, id, fired[name])
		}
	}
}

// Every four hours an hour in which checkpoints take too long and fail.
func TestFailingCheckpointsAreSeenWhileTheyFail(t *testing.T) {
	t.Parallel()
	aws := startAWS(t)
	watch := startWatcher(t, aws.endpoint)
	const ailing = "fraud-scoring"
	fired := map[string]int{}
	for _, group := range groups(t) {
		for _, rule := range group.Rules {
			if id := rule.UID[len(prefix):]; id != "checkpoints-failed" && id != "slow-checkpoints" {
				continue
			}
			// Long enough for an episode whenever the application was last deployed.
			for minutes := 0; minutes < 600; minutes += 15 {
				at := time.Now().Add(-time.Duration(minutes) * time.Minute)
				if slices.Contains(watch.firing(t, group, rule, at), ailing) {
					fired[rule.UID[len(prefix):]]++
				}
			}
		}
	}
	// An episode takes 66 of 240 minutes, and an interval of a minute is short for a state of this size at other times.
	if failed := fired["checkpoints-failed"]; failed < 2 || failed > 20 || fired["slow-checkpoints"] < 2 {
		t.Errorf("fired at so many of 40 evaluations: %v", fired)
	}
}

func TestARegionWithoutApplicationsIsNoData(t *testing.T) {
	aws := startAWS(t, "--incidents")
	watch := startWatcher(t, aws.endpoint)
	for _, group := range groups(t) {
		for _, rule := range group.Rules {
			for _, step := range rule.Data {
				if !step.IsExpression() {
					step.Model["region"] = "ap-south-1"
				}
			}
			machine := rules.NewMachine(group, rule)
			numbers, err := watch.numbers(t, rule, time.Now())
			machine.Evaluate(time.Now(), numbers, err)
			if len(numbers) > 0 || err != nil || machine.In(rules.Normal) != 1 {
				t.Errorf("%s: %v %v", rule.UID, numbers, err)
			}
		}
	}
}
