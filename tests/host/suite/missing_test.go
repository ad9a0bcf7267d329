package suite

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"flinkwatch/tests/host/internal/rules"
)

// metricsOf are those that a rule's signal is made of: without them it cannot be told.
var metricsOf = map[string][]string{
	"restart-loop":         {"fullRestarts", "numRestarts"},
	"not-running":          {"uptime"},
	"silent":               {"uptime"},
	"no-output":            {"numRecordsOutPerSecond", "numRecordsInPerSecond", "numRecordsIn", "numRecordsOut"},
	"consumer-lag-time":    {"millisBehindLatest"},
	"consumer-lag-records": {"records_lag_max"},
	"watermark-lag":        {"currentInputWatermark", "currentOutputWatermark"},
	"watermark-skew":       {"currentInputWatermark", "currentOutputWatermark"},
	"lag-near-retention":   {"millisBehindLatest"},
	"lag-growing":          {"millisBehindLatest"},
	"lag-records-growing":  {"records_lag_max"},
	"autoscaling-limit":    {"containerCPUUtilization"},
	"kpu-quota":            {"KPUs"},
	"back-pressure":        {"backPressuredTimeMsPerSecond"},
	"checkpoints-failed":   {"numberOfFailedCheckpoints"},
	"no-checkpoint":        {"numberOfCompletedCheckpoints"},
	"slow-checkpoints":     {"lastCheckpointDuration"},
	"state-growth":         {"lastCheckpointSize"},
	"cpu":                  {"cpuUtilization", "containerCPUUtilization"},
	"heap":                 {"heapMemoryUtilization", "containerMemoryUtilization"},
	"container-memory":     {"containerMemoryUtilization"},
	"gc-pressure":          {"oldGenerationGCTime"},
	"thread-growth":        {"threadsCount"},
}

// everyJobHas are the rules on what every job publishes, whatever its source, runtime and settings.
var everyJobHas = []string{"restart-loop", "no-output", "autoscaling-limit", "back-pressure", "cpu", "heap", "container-memory", "gc-pressure", "thread-growth"}

// asked is a rule about named applications, as an author would copy it.
func asked(rule rules.Rule, applications ...string) rules.Rule {
	rule.Data = slices.Clone(rule.Data)
	for i, step := range rule.Data {
		if step.IsExpression() {
			continue
		}
		model := map[string]any{}
		for key, value := range step.Model {
			model[key] = value
		}
		model["applications"] = applications
		rule.Data[i].Model = model
	}
	return rule
}

// firingRules are the rules that fire for a story, whose first application has what the rule asks for.
func firingRules(t *testing.T) map[string]rules.Rule {
	t.Helper()
	all := map[string]rules.Rule{}
	for _, group := range groups(t) {
		for _, rule := range group.Rules {
			if !watchesForErrors(rule) {
				all[rule.UID[len(prefix):]] = rule
			}
		}
	}
	return all
}

// errorOf is that of an evaluation, or nothing.
func (w watcher) errorOf(t *testing.T, rule rules.Rule) string {
	t.Helper()
	_, err := w.numbers(t, rule, time.Now())
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestEachRuleFailsByNameWhereSomethingThatItNamesIsNotThere(t *testing.T) {
	t.Parallel()
	aws := startAWS(t, "--incidents")
	watch := startWatcher(t, aws.endpoint)
	for id, rule := range firingRules(t) {
		application := fires[id][0]
		for name, one := range map[string]struct {
			applications []string
			says         string
		}{
			"misspelt application": {[]string{application + "x"}, application + "x"},
			"misspelt filter":      {[]string{"/^no-such-/"}, "no-such-"},
			"variable":             {[]string{"$application"}, "$application"},
			"variable in a filter": {[]string{"/^$env-/"}, "$env"},
			"one of two":           {[]string{application, application + "x"}, application + "x"},
			"one of two filters":   {[]string{application, "/^no-such-/"}, "no-such-"},
		} {
			if said := watch.errorOf(t, asked(rule, one.applications...)); !strings.Contains(said, one.says) {
				t.Errorf("%s, %s: %q", id, name, said)
			}
		}
		if said := watch.errorOf(t, asked(rule, application)); said != "" {
			t.Errorf("%s about %s: %s", id, application, said)
		}
	}
}

func TestEachRuleFailsByNameWhereItsMetricHasVanished(t *testing.T) {
	t.Parallel()
	aws := startAWS(t, "--incidents")
	var vanished []string
	for _, metrics := range metricsOf {
		vanished = append(vanished, metrics...)
	}
	aws.breakWith(t, faults{"vanished_metrics": vanished})
	watch := startWatcher(t, aws.endpoint)
	for id, rule := range firingRules(t) {
		application := fires[id][0]
		said := watch.errorOf(t, asked(rule, application))
		if signal := signalOf(rule); !strings.Contains(said, signal) || !strings.Contains(said, application) {
			t.Errorf("%s: %q does not name %s and %s", id, said, signal, application)
		}
		// What fires is not resolved: its state is kept. Of "*" only what every job publishes is missed.
		numbers, err := watch.numbers(t, rule, time.Now())
		if err != nil && !strings.Contains(err.Error(), signalOf(rule)) {
			t.Errorf("%s of all: %v", id, err)
		}
		if isLost := err != nil; isLost != slices.Contains(everyJobHas, id) {
			t.Errorf("%s of all: %v", id, err)
		}
		for _, number := range numbers {
			if number.Value != nil && number.Labels["application"] == application && !countsNothing(rule) {
				t.Errorf("%s of all is decided without its metric: %v", id, number)
			}
		}
	}
}

// countsNothing tells rules whose number is 0 where there is no value.
func countsNothing(rule rules.Rule) bool {
	for _, step := range rule.Data {
		if reducer := step.Model["reducer"]; reducer == "sum" || reducer == "count" {
			return true
		}
	}
	return false
}

func signalOf(rule rules.Rule) string {
	signals, _ := rule.Data[0].Model["signals"].([]any)
	return fmt.Sprint(signals[0])
}

func TestEachRuleFailsByNameWhereItsApplicationIsDeleted(t *testing.T) {
	t.Parallel()
	aws := startAWS(t, "--incidents")
	var deleted []string
	for id := range fires {
		deleted = append(deleted, fires[id][0])
	}
	aws.breakWith(t, faults{"deleted_applications": deleted})
	watch := startWatcher(t, aws.endpoint)
	for id, rule := range firingRules(t) {
		application := fires[id][0]
		for name, applications := range map[string][]string{"alone": {application}, "one of two": {"steady", application}} {
			if said := watch.errorOf(t, asked(rule, applications...)); !strings.Contains(said, application) {
				t.Errorf("%s, %s: %q", id, name, said)
			}
		}
		// Of all it is one less.
		numbers, err := watch.numbers(t, rule, time.Now())
		if err != nil {
			t.Errorf("%s of all: %v", id, err)
		}
		for _, number := range numbers {
			if number.Labels["application"] == application {
				t.Errorf("%s of all still has %s", id, application)
			}
		}
	}
}
