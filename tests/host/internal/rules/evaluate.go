package rules

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// Series is one frame of an answer: its labels and its values, nil where there is none.
type Series struct {
	Labels map[string]string
	Values []*float64
}

// Number is one dimension of a reduced or judged step. A nil value is NoData for its labels.
type Number struct {
	Labels map[string]string
	Value  *float64
}

// expression is the model of a reduce, math or threshold step, with all keys that it may have.
type expression struct {
	RefID      string         `yaml:"refId"`
	Datasource map[string]any `yaml:"datasource"`
	Type       string         `yaml:"type"`
	Expression string         `yaml:"expression"`
	Reducer    string         `yaml:"reducer"`
	Settings   settings       `yaml:"settings"`
	Conditions []condition    `yaml:"conditions"`
}

type settings struct {
	Mode string `yaml:"mode"`
}

type condition struct {
	Evaluator evaluator `yaml:"evaluator"`
	// Type and the rest belong to classic conditions.
	Type     string          `yaml:"type"`
	Operator map[string]any  `yaml:"operator"`
	Query    parameters      `yaml:"query"`
	Reducer  parameterReduce `yaml:"reducer"`
}

type parameters struct {
	Params []string `yaml:"params"`
}

type parameterReduce struct {
	Type   string `yaml:"type"`
	Params []any  `yaml:"params"`
}

type evaluator struct {
	Type   string    `yaml:"type"`
	Params []float64 `yaml:"params"`
}

// formula is the form of math that the rules use: a step divided by another one or by a number, or multiplied by a number.
var formula = regexp.MustCompile(`^\$(\w+) ([*/]) (?:\$(\w+)|([0-9]+))$`)

func (s Step) expression() (expression, error) {
	text, err := yaml.Marshal(s.Model)
	if err != nil {
		return expression{}, err
	}
	var read expression
	if err := Strict(text, &read); err != nil {
		return expression{}, err
	}
	switch read.Type {
	case "reduce":
		if _, ok := reducers[read.Reducer]; !ok || read.Settings.Mode != "dropNN" {
			err = fmt.Errorf("reducer %q in mode %q", read.Reducer, read.Settings.Mode)
		}
	case "threshold":
		if len(read.Conditions) != 1 || len(read.Conditions[0].Evaluator.Params) != 1 {
			err = errors.New("a threshold has one condition with one number")
		} else if kind := read.Conditions[0].Evaluator.Type; kind != "gt" && kind != "lt" {
			err = fmt.Errorf("evaluator %q", kind)
		}
	case "math":
		if !formula.MatchString(read.Expression) {
			err = fmt.Errorf("math %q", read.Expression)
		}
	case "classic_conditions":
		if len(read.Conditions) != 1 || !read.Conditions[0].counts() {
			err = errors.New("a classic condition here counts the values of one query")
		}
	default:
		err = fmt.Errorf("expression type %q", read.Type)
	}
	return read, err
}

func (c condition) counts() bool {
	return c.Type == "query" && len(c.Query.Params) == 1 && c.Reducer.Type == "count" && c.Evaluator.Type == "lt" &&
		len(c.Evaluator.Params) == 1 && c.Operator["type"] == "and"
}

// reducers of values without nulls, as Grafana has them: of nothing, sum and count are 0 and the others nothing.
var reducers = map[string]func([]float64) float64{
	"sum":   sum,
	"count": func(values []float64) float64 { return float64(len(values)) },
	"mean":  func(values []float64) float64 { return sum(values) / float64(len(values)) },
	"min":   func(values []float64) float64 { return extreme(values, slices.Min[[]float64]) },
	"max":   func(values []float64) float64 { return extreme(values, slices.Max[[]float64]) },
	"last": func(values []float64) float64 {
		return extreme(values, func(some []float64) float64 { return some[len(some)-1] })
	},
}

func sum(values []float64) (all float64) {
	for _, value := range values {
		all += value
	}
	return all
}

func extreme(values []float64, pick func([]float64) float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return pick(values)
}

// Evaluate gives the condition's numbers: 1 where it holds, 0 where it does not. answers are those of the queries, by
// refId. No number at all is NoData without labels.
func (r Rule) Evaluate(answers map[string][]Series) ([]Number, error) {
	numbers, err := r.Steps(answers)
	return numbers[r.Condition], err
}

// Steps gives the numbers of all expressions, by refId.
func (r Rule) Steps(answers map[string][]Series) (map[string][]Number, error) {
	numbers := map[string][]Number{}
	left := slices.Clone(r.Data)
	left = slices.DeleteFunc(left, func(step Step) bool { return !step.IsExpression() })
	for len(left) > 0 {
		before := len(left)
		for _, step := range slices.Clone(left) {
			found, ready, err := step.evaluate(answers, numbers)
			if err != nil {
				return nil, fmt.Errorf("step %s: %w", step.RefID, err)
			}
			if ready {
				numbers[step.RefID] = found
				left = slices.DeleteFunc(left, func(other Step) bool { return other.RefID == step.RefID })
			}
		}
		if len(left) == before {
			return nil, fmt.Errorf("step %s needs a step that is not there", left[0].RefID)
		}
	}
	return numbers, nil
}

// evaluate is not ready while a step that it needs has not been evaluated.
func (s Step) evaluate(answers map[string][]Series, numbers map[string][]Number) ([]Number, bool, error) {
	asked, err := s.expression()
	if err != nil {
		return nil, false, err
	}
	switch asked.Type {
	case "reduce":
		series, ready := answers[asked.Expression]
		return reduce(series, reducers[asked.Reducer]), ready, nil
	case "math":
		return calculate(formula.FindStringSubmatch(asked.Expression), numbers)
	case "classic_conditions":
		series, ready := answers[asked.Conditions[0].Query.Params[0]]
		return classic(series, asked.Conditions[0].Evaluator), ready, nil
	default:
		of, ready := numbers[asked.Expression]
		return judge(of, asked.Conditions[0].Evaluator), ready, nil
	}
}

func reduce(all []Series, reducer func([]float64) float64) []Number {
	numbers := []Number{}
	for _, series := range all {
		var values []float64
		for _, value := range series.Values {
			if value != nil && !math.IsNaN(*value) && !math.IsInf(*value, 0) {
				values = append(values, *value)
			}
		}
		number := Number{Labels: series.Labels}
		if reduced := reducer(values); !math.IsNaN(reduced) {
			number.Value = &reduced
		}
		numbers = append(numbers, number)
	}
	return numbers
}

// calculate takes the parts of a formula: the whole, a step, a sign, and a step or a number.
func calculate(parts []string, numbers map[string][]Number) ([]Number, bool, error) {
	above, ready := numbers[parts[1]]
	if parts[3] != "" {
		below, belowReady := numbers[parts[3]]
		return divide(above, below), ready && belowReady && parts[2] == "/", nil
	}
	factor, err := strconv.ParseFloat(parts[4], 64)
	if parts[2] == "/" {
		factor = 1 / factor
	}
	scaled := []Number{}
	for _, number := range above {
		if number.Value != nil {
			number.Value = pointer(*number.Value * factor)
		}
		scaled = append(scaled, number)
	}
	return scaled, ready, err
}

// classic makes one number without labels of all series, and none of no series.
func classic(series []Series, by evaluator) []Number {
	if len(series) == 0 {
		return []Number{}
	}
	holds := slices.ContainsFunc(series, func(one Series) bool { return float64(len(one.Values)) < by.Params[0] })
	if holds {
		return []Number{{Value: pointer(1)}}
	}
	return []Number{{Value: pointer(0)}}
}

// divide joins numbers of equal labels; one without a partner is dropped.
func divide(above, below []Number) []Number {
	numbers := []Number{}
	for _, upper := range above {
		for _, lower := range below {
			if !maps.Equal(upper.Labels, lower.Labels) {
				continue
			}
			number := Number{Labels: upper.Labels}
			if upper.Value != nil && lower.Value != nil {
				number.Value = pointer(*upper.Value / *lower.Value)
			}
			numbers = append(numbers, number)
		}
	}
	return numbers
}

func judge(of []Number, by evaluator) []Number {
	numbers := []Number{}
	for _, number := range of {
		judged := Number{Labels: number.Labels}
		if number.Value != nil {
			holds := *number.Value > by.Params[0]
			if by.Type == "lt" {
				holds = *number.Value < by.Params[0]
			}
			judged.Value = pointer(0)
			if holds {
				judged.Value = pointer(1)
			}
		}
		numbers = append(numbers, judged)
	}
	return numbers
}

func pointer(value float64) *float64 { return &value }
