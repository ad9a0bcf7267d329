package rules

import (
	"math"
	"strings"
	"testing"
)

const good = `
apiVersion: 1
groups:
  - orgId: 1
    name: g
    folder: F
    interval: 1m
    rules:
      - uid: one
        title: One
        condition: C
        for: 5m
        noDataState: OK
        execErrState: Error
        data:
          - refId: A
            queryType: application
            datasourceUid: flinkwatch
            relativeTimeRange: { from: 600, to: 0 }
            model: { refId: A, queryType: application, datasource: { uid: flinkwatch } }
          - refId: B
            datasourceUid: __expr__
            model: { refId: B, datasource: { uid: __expr__ }, type: reduce, expression: A, reducer: REDUCER, settings: { mode: dropNN } }
          - refId: C
            datasourceUid: __expr__
            model: { refId: C, datasource: { uid: __expr__ }, type: threshold, expression: B, conditions: [ { evaluator: { type: lt, params: [2] } } ] }
`

func rule(t *testing.T, reducer string) Rule {
	t.Helper()
	file, err := Parse([]byte(strings.Replace(good, "REDUCER", reducer, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return file.Groups[0].Rules[0]
}

func TestWhatGrafanaWouldMisreadIsRefused(t *testing.T) {
	changes := map[string][2]string{
		"an unknown key of a rule":      {"execErrState: Error", "execErrState: Error\n        executionErrorState: Error"},
		"an unknown key of a reduction": {"reducer: REDUCER", "reducer: last, reduser: last"},
		"an unknown state":              {"noDataState: OK", "noDataState: Ok"},
		"a missing error state":         {"        execErrState: Error\n", ""},
		"a duration in words":           {"for: 5m", "for: five minutes"},
		"a reducer that does not exist": {"REDUCER", "average"},
		"a reduction that keeps nulls":  {"{ mode: dropNN }", "{ mode: '' }"},
		"two refIds in one step":        {"model: { refId: B", "model: { refId: X"},
		"an empty range":                {"from: 600", "from: 0"},
		"a condition that is no step":   {"condition: C", "condition: D"},
		"another data source inside":    {"datasource: { uid: flinkwatch }", "datasource: { uid: other }"},
	}
	for name, change := range changes {
		text := strings.Replace(good, change[0], change[1], 1)
		if text == good {
			t.Errorf("%s: nothing was changed", name)
		}
		if _, err := Parse([]byte(strings.Replace(text, "REDUCER", "last", 1))); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestReducersAreGrafanas(t *testing.T) {
	some := []*float64{pointer(1), nil, pointer(math.NaN()), pointer(3), nil}
	for reducer, expected := range map[string]float64{"sum": 4, "count": 2, "mean": 2, "min": 1, "max": 3, "last": 3} {
		found := reduce([]Series{{Values: some}}, reducers[reducer])[0].Value
		if found == nil || *found != expected {
			t.Errorf("%s: %v, expected %v", reducer, found, expected)
		}
		empty := reduce([]Series{{Values: []*float64{nil}}}, reducers[reducer])[0].Value
		if isZero := reducer == "sum" || reducer == "count"; isZero != (empty != nil && *empty == 0) || !isZero && empty != nil {
			t.Errorf("%s of nothing: %v", reducer, empty)
		}
	}
}

func TestEachDimensionIsJudgedForItself(t *testing.T) {
	labels := func(name string) map[string]string { return map[string]string{"application": name} }
	answers := map[string][]Series{"A": {
		{labels("low"), []*float64{pointer(1)}}, {labels("high"), []*float64{pointer(5)}}, {labels("none"), []*float64{nil}},
	}}
	found, err := rule(t, "last").Evaluate(answers)
	if err != nil || len(found) != 3 || *found[0].Value != 1 || *found[1].Value != 0 || found[2].Value != nil {
		t.Errorf("%+v %v", found, err)
	}
}

func TestAQuotientNeedsBothSides(t *testing.T) {
	number := func(name string, value *float64) Number { return Number{map[string]string{"application": name}, value} }
	above := []Number{number("a", pointer(6)), number("new", pointer(1)), number("c", pointer(1))}
	found := divide(above, []Number{number("a", pointer(2)), number("c", nil)})
	if len(found) != 2 || *found[0].Value != 3 || found[1].Value != nil {
		t.Errorf("%+v", found)
	}
}
