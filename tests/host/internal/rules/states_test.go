package rules

import (
	"errors"
	"testing"
	"time"
)

var (
	errOutage = errors.New("CloudWatch cannot be reached")
	every     = Group{Interval: "1m"}
)

func machine(lasting, execErrState, noDataState string) *Machine {
	return NewMachine(every, Rule{For: lasting, ExecErrState: execErrState, NoDataState: noDataState})
}

func numbers(values map[string]*float64) []Number {
	var all []Number
	for name, value := range values {
		all = append(all, Number{map[string]string{"application": name}, value})
	}
	return all
}

var (
	firing  = numbers(map[string]*float64{"ill": pointer(1), "well": pointer(0)})
	nothing = numbers(map[string]*float64{"ill": nil, "well": nil})
)

// run evaluates once a minute and gives how many alerts fire after each.
func run(m *Machine, steps ...any) []int {
	var firing []int
	for minute, step := range steps {
		at := time.Unix(int64(60*minute), 0)
		if err, isError := step.(error); isError {
			m.Evaluate(at, nil, err)
		} else {
			m.Evaluate(at, step.([]Number), nil)
		}
		firing = append(firing, m.In(Alerting))
	}
	return firing
}

func TestAConditionMustLastAsLongAsTheRuleSays(t *testing.T) {
	check(t, "for 2m", run(machine("2m", "KeepLast", "KeepLast"), firing, firing, firing), 0, 0, 1)
	check(t, "for 0s", run(machine("0s", "KeepLast", "KeepLast"), firing), 1)
}

func check(t *testing.T, name string, found []int, expected ...int) {
	t.Helper()
	if len(found) != len(expected) {
		t.Fatalf("%s: %v", name, found)
	}
	for i := range found {
		if found[i] != expected[i] {
			t.Errorf("%s: %v, expected %v", name, found, expected)
			return
		}
	}
}

func TestWhatAnOutageDoesToAFiringAlert(t *testing.T) {
	for state, expected := range map[string][]int{
		"Error":    {1, 1, 0, 0, 1}, // resolved as a missing series, and fires anew: two messages too many
		"OK":       {1, 0, 0, 0, 1},
		"Alerting": {1, 2, 2, 2, 1}, // and so does each that is well
		"KeepLast": {1, 1, 1, 1, 1},
	} {
		check(t, state, run(machine("0s", state, "KeepLast"), firing, errOutage, errOutage, errOutage, firing), expected...)
	}
}

func TestWhatMissingValuesDoToAFiringAlert(t *testing.T) {
	for state, expected := range map[string][]int{"OK": {1, 0, 0, 1}, "NoData": {1, 1, 0, 1}, "KeepLast": {1, 1, 1, 1}} {
		check(t, state, run(machine("0s", "KeepLast", state), firing, nothing, nothing, firing), expected...)
	}
	one := numbers(map[string]*float64{"ill": nil, "well": pointer(0)})
	check(t, "of one application", run(machine("0s", "KeepLast", "KeepLast"), firing, one, one), 1, 1, 1)
	check(t, "of one application, OK", run(machine("0s", "KeepLast", "OK"), firing, one, one), 1, 0, 0)
}

func TestAStoppedApplicationIsResolvedWhileOthersRun(t *testing.T) {
	without := numbers(map[string]*float64{"well": pointer(0)})
	check(t, "stopped", run(machine("0s", "KeepLast", "KeepLast"), firing, without, without), 1, 1, 0)
}

func TestAnErrorOfARuleThatWatchesForErrorsFires(t *testing.T) {
	one := []Number{{Value: pointer(0)}}
	check(t, "alerting", run(machine("1m", "Alerting", "OK"), one, errOutage, errOutage, errOutage, one), 0, 0, 1, 1, 0)
}
