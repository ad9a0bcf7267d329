package rules

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/template"
)

// value is a value as Grafana's annotations have it, and prints itself.
type value struct {
	Labels map[string]string
	Value  float64
}

// texts is what a template of an annotation is given.
type texts struct {
	Labels map[string]string
	Values map[string]value
	Value  string
}

// expand expands an annotation as Grafana does: with Prometheus' functions, its three variables before the text, and
// `<no value>` for what is missing. (Grafana's own functions, filterLabels and the like, are about labels; no rule needs them.)
func expand(text string, data texts) (string, error) {
	text = "{{- $labels := .Labels -}}{{- $values := .Values -}}{{- $value := .Value -}}" + text
	noQuery := func(context.Context, string, time.Time) (promql.Vector, error) { return nil, nil }
	link, err := url.Parse("http://localhost:3000/")
	if err != nil {
		return "", err
	}
	expander := template.NewTemplateExpander(
		context.Background(), text, "__alert_rule", data, model.Now(), noQuery, link, []string{"missingkey=invalid"},
	)
	return expander.Expand()
}

func shipped(t *testing.T) []Rule {
	t.Helper()
	paths, err := filepath.Glob("../../../../provisioning/alerting/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	var all []Rule
	for _, path := range paths {
		file, err := Read(path)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, group := range file.Groups {
			all = append(all, group.Rules...)
		}
	}
	return all
}

// dataOf is what the annotations of a rule get when each of its series has these values.
func dataOf(t *testing.T, rule Rule, values ...*float64) texts {
	t.Helper()
	labels := map[string]string{"application": "orders", "region": "eu-west-1", "severity": "warning"}
	answers := map[string][]Series{}
	for _, step := range rule.Data {
		if !step.IsExpression() {
			answers[step.RefID] = []Series{{labels, values}}
		}
	}
	steps, err := rule.Steps(answers)
	if err != nil {
		t.Fatal(err)
	}
	data := texts{Labels: maps.Clone(labels), Values: map[string]value{}}
	for refID, numbers := range steps {
		for _, number := range numbers {
			found := value{number.Labels, math.NaN()}
			if number.Value != nil {
				found.Value = *number.Value
			}
			data.Values[refID] = found
		}
	}
	return data
}

// nonsense is what nobody should read at night: what templates print of nothing, what they did not replace, long numbers.
var nonsense = regexp.MustCompile(`no value|%!|\{\{|\}\}|\bNaN\b|\bInf\b|\bnil\b|\b\d{5,}|\de[+-]\d|  | -\d`)

func TestEachAnnotationCanBeReadWhateverItsValues(t *testing.T) {
	huge := []float64{0, 1e-9, 0.4, 1, 2, 59_999, 61_000, 3_600_000, 15_277_650, 4_358_148_925, 217_913_743_488}
	for _, rule := range shipped(t) {
		unevaluated := texts{Labels: map[string]string{"alertname": "DatasourceError"}}
		cases := map[string]texts{
			"no value and no label": unevaluated,
			"labels and no value":   {Labels: map[string]string{"application": "orders"}},
			"an empty set":          {Labels: map[string]string{"application": "orders"}, Values: map[string]value{}},
			"nulls":                 dataOf(t, rule, nil, nil),
		}
		for _, one := range huge {
			if rule.isPlausible(one) {
				cases[fmt.Sprint(one)] = dataOf(t, rule, &one, &one)
			}
		}
		for name, data := range cases {
			for annotation, text := range rule.Annotations {
				read, err := expand(text, data)
				if err != nil || nonsense.MatchString(read) || strings.TrimSpace(read) == "" {
					t.Errorf("%s, %s, %s: %q %v", rule.UID, annotation, name, read, err)
				}
			}
		}
	}
}

// isPlausible leaves out what cannot be: a count of restarts in the billions, a share of a million percent.
func (r Rule) isPlausible(value float64) bool {
	for _, large := range []string{"lag", "skew"} {
		if strings.Contains(r.UID, large) && !strings.HasSuffix(r.UID, "lag-growing") {
			return true
		}
	}
	return value < 100
}

func TestAnAlertLinksToItsApplicationOnItsDashboard(t *testing.T) {
	for _, rule := range shipped(t) {
		for name, data := range map[string]texts{"an application": dataOf(t, rule, pointer(1)), "none": {}} {
			read, err := expand(rule.Annotations["dashboard_url"], data)
			link, malformed := url.Parse(read)
			if err != nil || malformed != nil || !strings.HasPrefix(link.Path, "/d/flinkwatch-") {
				t.Errorf("%s: %q %v %v", rule.UID, read, err, malformed)
				continue
			}
			isFleet := link.Path == "/d/flinkwatch-fleet"
			if hasOne := link.Query().Get("var-application") == "orders"; name == "none" && hasOne || name != "none" && !isFleet && !hasOne {
				t.Errorf("%s, %s: %q", rule.UID, name, read)
			}
		}
	}
}

func TestNumbersReadAsAPersonSaysThem(t *testing.T) {
	for _, one := range []struct {
		uid    string
		values []*float64
		reads  string
	}{
		{"consumer-lag-time", []*float64{pointer(15_277_650)}, "orders: 4.2 hours behind its Kinesis stream"},
		{"consumer-lag-time", []*float64{pointer(61_000)}, "orders: 61 seconds behind its Kinesis stream"},
		{"watermark-lag", []*float64{pointer(900_000)}, "orders: event time 15 minutes behind the clock"},
		{"watermark-lag", []*float64{pointer(217_913_743_488)}, "orders: event time 2522.1 days behind the clock"},
		{"consumer-lag-records", []*float64{pointer(4_358_148_925)}, "orders: 4.4 billion records behind in its worst partition"},
		{"consumer-lag-records", []*float64{pointer(358_148)}, "orders: 358 thousand records behind in its worst partition"},
		{"heap", []*float64{pointer(0.9612)}, "orders: 96 % of its Java heap used"},
		{"restart-loop", []*float64{pointer(1), pointer(2)}, "orders: 3 restarts within an hour"},
		{"no-output", []*float64{nil}, "orders: could not be evaluated"},
	} {
		for _, rule := range shipped(t) {
			if rule.UID != "flinkwatch-"+one.uid {
				continue
			}
			read, err := expand(rule.Annotations["summary"], dataOf(t, rule, one.values...))
			if err != nil || read != one.reads {
				t.Errorf("%s: %q, expected %q, %v", one.uid, read, one.reads, err)
			}
		}
	}
}

// TestAnUnguardedAnnotationIsFound keeps the test above able to fail: these are the texts of old.
func TestAnUnguardedAnnotationIsFound(t *testing.T) {
	for _, text := range []string{
		"{{ $labels.application }} is behind", `restarted {{ printf "%.0f" $values.B.Value }} times`,
		"{{ humanizePercentage $values.B.Value }}", `{{ printf "%.0f" $values.B.Value }} ms`,
	} {
		read, err := expand(text, texts{})
		if err == nil && !nonsense.MatchString(read) {
			t.Errorf("%q becomes %q", text, read)
		}
	}
}
