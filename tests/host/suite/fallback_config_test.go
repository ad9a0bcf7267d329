package suite

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// valuesByTime is empty for a frame without columns, which is "no data".
func valuesByTime(frame *data.Frame) map[int64]float64 {
	values := map[int64]float64{}
	if len(frame.Fields) == 0 {
		return values
	}
	for row := range frame.Fields[1].Len() {
		at, hasTime := frame.Fields[0].ConcreteAt(row)
		value, hasValue := frame.Fields[1].ConcreteAt(row)
		if hasTime && hasValue {
			values[at.(time.Time).Unix()] = value.(float64)
		}
	}
	return values
}

func isFar(theirs, ours float64) bool {
	return math.IsNaN(ours) || math.Abs(theirs-ours) > 0.03*math.Max(math.Abs(ours), 0.01)
}

// fieldConfig is what a panel says about its fields, for all and for those of one query.
type fieldConfig struct {
	Defaults  fieldDefaults `json:"defaults"`
	Overrides []struct {
		Matcher struct {
			ID      string          `json:"id"`
			Options json.RawMessage `json:"options"`
		} `json:"matcher"`
		Properties []struct {
			ID    string          `json:"id"`
			Value json.RawMessage `json:"value"`
		} `json:"properties"`
	} `json:"overrides"`
}

type fieldDefaults struct {
	Unit       string     `json:"unit"`
	Thresholds thresholds `json:"thresholds"`
}

type thresholds struct {
	Steps []step `json:"steps"`
}

type step struct {
	Value *float64 `json:"value"`
	Color string   `json:"color"`
}

func (f fieldConfig) of(t *testing.T, refID string) fieldDefaults {
	t.Helper()
	config := f.Defaults
	for _, override := range f.Overrides {
		if override.Matcher.ID != "byFrameRefID" || string(override.Matcher.Options) != strconv.Quote(refID) {
			continue
		}
		for _, property := range override.Properties {
			var err error
			switch property.ID {
			case "unit":
				err = json.Unmarshal(property.Value, &config.Unit)
			case "thresholds":
				config.Thresholds = thresholds{}
				err = json.Unmarshal(property.Value, &config.Thresholds)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return config
}

// clocks are units that write a time as a clock, which axes of the plugin's dashboards do as well, by the unit they stand for.
var clocks = map[string]string{"clockms": "ms", "clocks": "s"}

func compareConfig(t *testing.T, refID string, panel dashboardPanel, ours *data.FieldConfig) {
	t.Helper()
	theirs := panel.FieldConfig.of(t, refID)
	if unit, isClock := clocks[theirs.Unit]; isClock {
		theirs.Unit = unit
	}
	if theirs.Unit != ours.Unit {
		t.Errorf("%s: unit %q, the plugin says %q", refID, theirs.Unit, ours.Unit)
	}
	lines, expected := describe(theirs.Thresholds.Steps), "text"
	if ours.Thresholds != nil {
		var steps []step
		for _, line := range ours.Thresholds.Steps {
			value := float64(line.Value)
			steps = append(steps, step{Value: &value, Color: line.Color})
		}
		expected = describe(steps)
	}
	if lines != expected {
		t.Errorf("%s: lines %s, the plugin says %s", refID, lines, expected)
	}
}

// describe writes thresholds as "green 0.1 orange 0.5 red".
func describe(steps []step) string {
	var words []string
	for index, step := range steps {
		if index > 0 && step.Value != nil {
			words = append(words, strconv.FormatFloat(*step.Value, 'g', -1, 64))
		}
		words = append(words, step.Color)
	}
	return strings.Join(words, " ")
}
