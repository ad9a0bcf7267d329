package rules

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// State is that of one alert of a rule.
type State string

// The states of Grafana's documentation. Recovering belongs to keepFiringFor: the condition is over, and the alert still fires.
const (
	Normal      State = "Normal"
	Pending     State = "Pending"
	Alerting    State = "Alerting"
	Recovering  State = "Recovering"
	NoDataState State = "NoData"
	ErrorState  State = "Error"
)

// missingEvaluations is after how many evaluations without its series an alert counts as resolved.
const missingEvaluations = 2

// Instance is one alert: a set of labels of a rule.
type Instance struct {
	State State
	// Reason is why the state is not the one that the values say, such as "Error".
	Reason string
	// since is when the condition was first met.
	since time.Time
	// over is when it was met for the last time.
	over time.Time
	// seen is the last evaluation that had these labels.
	seen time.Time
}

// Machine is the states of all alerts of one rule over time. What it knows of Grafana 11.6 to 13 is from the documentation,
// "Alerting fundamentals: alert rule evaluation, No Data and Error states, stale alert instances", and from pull requests
// of grafana/grafana:
//   - a condition that holds is Pending for the time of `for`, then Alerting;
//   - a failed evaluation moves all alerts of the rule as execErrState says: Alerting, OK (Normal) or KeepLast. With Error it
//     makes one alert of its own (DatasourceError), and the others have no result in this evaluation (#109367: neither
//     keepFiringFor nor missing_series_evals_to_resolve is read from files before 12.1.2);
//   - the same holds of noDataState when no series has a value, else for each series that has none;
//   - KeepLast lets `for` run on: Pending becomes Alerting;
//   - an alert whose series is missing for two evaluations is resolved: Normal (MissingSeries).
type Machine struct {
	rule  Rule
	every time.Duration
	// Instances are by labels, printed in the order of their names.
	Instances map[string]*Instance
}

// NewMachine is a rule that was never evaluated.
func NewMachine(group Group, rule Rule) *Machine {
	return &Machine{rule: rule, every: group.Every(), Instances: map[string]*Instance{}}
}

// Evaluate takes the numbers of an evaluation, or its error.
func (m *Machine) Evaluate(at time.Time, numbers []Number, failure error) {
	switch {
	case failure != nil:
		m.exception(at, "Error", m.rule.ExecErrState)
	case !slices.ContainsFunc(numbers, func(number Number) bool { return number.Value != nil }):
		m.exception(at, "NoData", m.rule.NoDataState)
	default:
		for _, number := range numbers {
			m.result(at, m.instance(number.Labels), number)
		}
	}
	m.resolveMissing(at)
}

// exception is an evaluation without any value.
func (m *Machine) exception(at time.Time, reason, wanted string) {
	if wanted == reason {
		// A new alert, DatasourceError or DatasourceNoData; the others are not part of this evaluation.
		own := m.instance(map[string]string{"alertname": "Datasource" + reason})
		own.State, own.seen = State(reason), at
		return
	}
	if len(m.Instances) == 0 {
		m.instance(nil)
	}
	for _, instance := range m.Instances {
		m.except(at, instance, reason, wanted)
	}
}

func (m *Machine) result(at time.Time, instance *Instance, number Number) {
	switch {
	case number.Value == nil:
		if m.rule.NoDataState == string(NoDataState) {
			instance.State, instance.seen = NoDataState, at
			return
		}
		m.except(at, instance, "NoData", m.rule.NoDataState)
	case *number.Value != 0:
		m.fire(at, instance)
		instance.Reason = ""
	case (instance.State == Alerting || instance.State == Recovering) && at.Sub(instance.over) < m.rule.Keeping():
		instance.State, instance.seen, instance.Reason = Recovering, at, ""
	default:
		*instance = Instance{State: Normal, seen: at}
	}
}

// except moves one alert that has no value.
func (m *Machine) except(at time.Time, instance *Instance, reason, wanted string) {
	instance.seen = at
	switch wanted {
	case "Alerting":
		m.fire(at, instance)
	case "OK":
		*instance = Instance{State: Normal, seen: at}
	case "KeepLast":
		if instance.State == Pending || instance.State == Alerting {
			m.fire(at, instance)
		} else if instance.State != Recovering {
			instance.State = Normal
		}
		reason += ", KeepLast"
	default:
		panic(fmt.Sprintf("%s for %s", wanted, reason))
	}
	instance.Reason = reason
}

func (m *Machine) fire(at time.Time, instance *Instance) {
	instance.seen, instance.over = at, at
	if instance.State == Recovering {
		instance.State = Alerting
	}
	if instance.State != Pending && instance.State != Alerting {
		instance.State, instance.since = Pending, at
	}
	if at.Sub(instance.since) >= m.rule.Lasting() {
		instance.State = Alerting
	}
}

func (m *Machine) resolveMissing(at time.Time) {
	maps.DeleteFunc(m.Instances, func(_ string, instance *Instance) bool {
		return at.Sub(instance.seen) >= missingEvaluations*m.every
	})
}

func (m *Machine) instance(labels map[string]string) *Instance {
	text := ""
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		text += fmt.Sprintf("%s=%s ", name, labels[name])
	}
	if m.Instances[text] == nil {
		m.Instances[text] = &Instance{State: Normal}
	}
	return m.Instances[text]
}

// In counts the alerts in a state. One that is resolved because its series is missing is in none.
func (m *Machine) In(state State) int {
	count := 0
	for _, instance := range m.Instances {
		if instance.State == state {
			count++
		}
	}
	return count
}
