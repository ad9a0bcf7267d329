package suite

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"flinkwatch/tests/host/internal/rules"
)

// judged is what the fleet table says of an application.
type judged struct{ status, health, why string }

// isChanged tells an application in an operation of the service: the simulated ones are updated or scaled at full hours.
func (j judged) isChanged() bool { return j.status == "UPDATING" || j.status == "AUTOSCALING" }

// words is a verdict without its numbers: the newest minute may have come in between.
func (j judged) words() string {
	return j.health + ": " + regexp.MustCompile(`[0-9.]+`).ReplaceAllString(j.why, "")
}

// verdicts asks the fleet table over a range that ends at a time, as a panel does.
func (w watcher) verdicts(t *testing.T, at time.Time, length time.Duration) map[string]judged {
	t.Helper()
	request := requestOf(w.source, `{"refId":"A","queryType":"application","applications":["*"],"signals":["cpu"],"as":"table"}`)
	request.Queries[0].TimeRange.From, request.Queries[0].TimeRange.To = at.Add(-length), at
	frame := good(t, ask(t, w.plugin, request), "A")[0]
	names, healths := textsOf(t, frame, "application"), textsOf(t, frame, "health")
	statuses, whys := textsOf(t, frame, "status"), textsOf(t, frame, "why")
	all := map[string]judged{}
	for row, name := range names {
		all[name] = judged{statuses[row], healths[row], whys[row]}
	}
	return all
}

// textsOf is a column of texts; an empty cell is an empty text.
func textsOf(t *testing.T, frame *data.Frame, name string) []string {
	t.Helper()
	for _, field := range frame.Fields {
		if field.Name != name {
			continue
		}
		var texts []string
		for row := range field.Len() {
			value, _ := field.ConcreteAt(row)
			text, _ := value.(string)
			texts = append(texts, text)
		}
		return texts
	}
	t.Fatalf("no column %q", name)
	return nil
}

var (
	// said is the part of a summary that is shown where there is a value.
	said = regexp.MustCompile(`\{\{ if eq \.Value \.Value \}\}(.*)\{\{ else \}\}could not be evaluated\{\{ end \}\}\{\{ else \}\}`)
	// action is a part of a text that stands for a number.
	action = regexp.MustCompile(`\{\{ (?:printf|if).*\}\}`)
)

// says tells whether a reason is the text of a rule with some number.
func says(t *testing.T, rule rules.Rule, why string) bool {
	t.Helper()
	found := said.FindStringSubmatch(rule.Annotations["summary"])
	if found == nil {
		t.Fatalf("%s: what does the summary say? %s", rule.UID, rule.Annotations["summary"])
	}
	words := action.Split(found[1], -1)
	before, after := words[0], strings.Join(words[1:], "")
	if rule.UID == prefix+"silent" {
		// The verdict knows for how long.
		before, after, _ = strings.Cut(found[1], "15 minutes")
	}
	rest, hasBefore := strings.CutPrefix(why, before)
	return hasBefore && strings.Contains(rest, after)
}

// TestTheVerdictAndTheRulesAreOneTable: what fires is no healthy application, the health is that of the worst alert, and the
// reason is the text of one of them. What is healthy fires nothing.
func TestTheVerdictAndTheRulesAreOneTable(t *testing.T) {
	t.Parallel()
	aws := startAWS(t, "--incidents")
	watch := startWatcher(t, aws.endpoint)
	now := time.Now().Truncate(time.Second)
	// What leaks shows an hour before it is deployed anew.
	for _, at := range []time.Time{now, now.Truncate(leakCycle).Add(-time.Hour)} {
		watch.compare(t, at, at == now)
	}
}

// compare holds all verdicts of a moment against all alerts of it. Only at the present has every story what it is told for.
func (w watcher) compare(t *testing.T, at time.Time, isPresent bool) {
	t.Helper()
	verdicts := w.verdicts(t, at, 3*time.Hour)
	for _, length := range []time.Duration{time.Minute, 2 * 24 * time.Hour} {
		for name, other := range w.verdicts(t, at, length) {
			// A long range has rows of what was stopped in it.
			known, isRow := verdicts[name]
			if isRow && other.status == known.status && other.words() != known.words() {
				t.Errorf("over %s the verdict on %s is %v, over three hours %v", length, name, other, known)
			}
		}
	}
	firing := map[string][]rules.Rule{}
	for _, group := range groups(t) {
		for _, rule := range group.Rules {
			if watchesForErrors(rule) {
				continue
			}
			names := w.firing(t, group, rule, at)
			for _, name := range names {
				firing[name] = append(firing[name], rule)
			}
			for _, name := range fires[rule.UID[len(prefix):]] {
				if isLeaking := name == "leaking"; isLeaking != isPresent && !slices.Contains(names, name) {
					t.Errorf("%s does not fire for %s", rule.UID, name)
				}
			}
		}
	}
	for name, alerts := range firing {
		found := verdicts[name]
		isCritical := func(rule rules.Rule) bool { return rule.Labels["severity"] == "critical" }
		health := "degraded"
		if slices.ContainsFunc(alerts, isCritical) {
			health = "failing"
		}
		isSaid := slices.ContainsFunc(alerts, func(rule rules.Rule) bool { return says(t, rule, found.why) })
		// What is stalled has no rule of its own: it is more than each of its alerts says.
		isStalled := found.health == "failing" && strings.HasPrefix(found.why, "stalled")
		if (found.health != health || !isSaid) && !isStalled {
			t.Errorf("%s is %q, %q; its alerts are %v", name, found.health, found.why, uidsOf(alerts))
		}
	}
	for _, name := range healthy {
		found, isRow := verdicts[name]
		// A restart within the hour is worth a look, and no alert.
		expected := "healthy"
		// Of a past moment the status is not known.
		if found.isChanged() && isPresent {
			expected = "changing"
		}
		isRestart := found.health == "degraded" && strings.HasPrefix(found.why, "1 restart within an hour")
		if isRow && name != "stopped" && found.health != expected && !isRestart || len(firing[name]) > 0 {
			t.Errorf("%s is %q, %q; its alerts are %v", name, found.health, found.why, uidsOf(firing[name]))
		}
	}
}

func uidsOf(all []rules.Rule) []string {
	var uids []string
	for _, rule := range all {
		uids = append(uids, rule.UID)
	}
	return uids
}
