package table

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

func ptr[T any](value T) *T { return &value }

func fleet() *data.Frame {
	unit := func(field *data.Field, name, unit string) *data.Field {
		field.Name = name
		return field.SetConfig(&data.FieldConfig{Unit: unit})
	}
	frame := data.NewFrame("",
		data.NewField("application", nil, []string{"orders", "payments"}).
			SetConfig(&data.FieldConfig{DisplayName: "Application"}),
		unit(data.NewField("", nil, []*float64{ptr(0.123), nil}), "Busy", "percentunit"),
		unit(data.NewField("", nil, []float64{1250, math.NaN()}), "Checkpoint", "ms"),
		unit(data.NewField("", nil, []float64{0.11, 12.5}), "Cost", "currencyUSD"),
		unit(data.NewField("", nil, []int64{3, 1500}), "Restarts", ""),
		data.NewField("hidden", nil, []string{"x", "y"}).
			SetConfig(&data.FieldConfig{Custom: map[string]any{"hidden": true}}),
	)
	frame.SetMeta(&data.FrameMeta{Notices: []data.Notice{{Severity: data.NoticeSeverityWarning, Text: "half of it"}}})
	return frame
}

func printed(t *testing.T, frame *data.Frame, width int) string {
	t.Helper()
	var out strings.Builder
	if err := Write(&out, data.Frames{frame}, width); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestColumnsAreAlignedAndUnitsApplied(t *testing.T) {
	expected := strings.Join([]string{
		"Application   Busy  Checkpoint    Cost  Restarts",
		"───────────  ─────  ──────────  ──────  ────────",
		"orders       12.3%      1.25 s   $0.11         3",
		"payments         –           –  $12.50      1500",
		"warning: half of it",
		"",
	}, "\n")
	if got := printed(t, fleet(), 0); got != expected {
		t.Fatalf("got\n%s\nexpected\n%s", got, expected)
	}
}

func TestChosenColumnsStandInTheirOwnOrder(t *testing.T) {
	chosen := Choose(data.Frames{fleet()}, []string{"Cost", "Application", "Nothing"})
	got := printed(t, chosen[0], 0)
	if !strings.HasPrefix(got, "  Cost  Application\n") || !strings.Contains(got, "half of it") {
		t.Fatalf("got\n%s", got)
	}
}

func TestAWideTableGoesOnBelow(t *testing.T) {
	got := printed(t, fleet(), 34)
	if strings.Count(got, "Application") != 2 || strings.Count(got, "orders") != 2 {
		t.Fatalf("got\n%s", got)
	}
	for line := range strings.Lines(got) {
		if len([]rune(strings.TrimRight(line, "\n"))) > 34 {
			t.Errorf("too wide: %q", line)
		}
	}
}

func TestSeriesShowTheirLabels(t *testing.T) {
	frame := data.NewFrame("rate",
		data.NewField("Time", nil, []time.Time{time.Unix(0, 0)}),
		data.NewField("Value", data.Labels{"application": "orders"}, []float64{5}))
	if got := printed(t, frame, 0); !strings.HasPrefix(got, "rate {application=orders}\nTime") {
		t.Fatalf("got\n%s", got)
	}
}

func TestAnEmptyFrameSaysSo(t *testing.T) {
	for _, frame := range []*data.Frame{data.NewFrame("none"), data.NewFrame("none", data.NewField("a", nil, []string{}))} {
		if got := printed(t, frame, 0); !strings.Contains(got, "(no rows)") {
			t.Errorf("got\n%s", got)
		}
	}
}

func TestMappingsWinOverUnits(t *testing.T) {
	field := data.NewField("ok", nil, []*float64{ptr(1.0), ptr(5.0), nil}).SetConfig(&data.FieldConfig{Mappings: data.ValueMappings{
		data.ValueMapper{"1": {Text: "yes"}},
		data.RangeValueMapper{From: ptr(data.ConfFloat64(4)), Result: data.ValueMappingResult{Text: "many"}},
		data.SpecialValueMapper{Match: data.SpecialValueNull, Result: data.ValueMappingResult{Text: "none"}},
	}})
	if got := cell(field, 0) + " " + cell(field, 1) + " " + cell(field, 2); got != "yes many none" {
		t.Fatalf("got %q", got)
	}
}

func TestNumbersReadAsInAPanel(t *testing.T) {
	for _, example := range []struct {
		value    float64
		unit     string
		decimals *uint16
		expected string
	}{
		{0.5, "percentunit", nil, "50%"},
		{0.98765, "percentunit", ptr(uint16(1)), "98.8%"},
		{87.65, "percent", nil, "87.7%"},
		{350, "ms", nil, "350 ms"},
		{90_000, "ms", nil, "1.50 min"},
		{7200, "s", nil, "2 h"},
		{86400 * 12.5, "s", nil, "12.5 d"},
		{0, "ms", nil, "0 ms"},
		{1536, "bytes", nil, "1.50 KiB"},
		{1500, "decbytes", nil, "1.50 kB"},
		{12_345, "recps", nil, "12.3 K rec/s"},
		{1_234_567, "short", nil, "1.23 M"},
		{-2.5, "currencyUSD", nil, "-$2.50"},
		{42, "", nil, "42"},
		{0.001234, "none", nil, "0.0012"},
		{3, "suffix: KPU", nil, "3 KPU"},
		{3, "furlongs", nil, "3 furlongs"},
		{1_700_000_000_000, "dateTimeAsIso", nil, "2023-11-14 22:13:20"},
	} {
		if got := Number(example.value, example.unit, example.decimals); got != example.expected {
			t.Errorf("%v %s: got %q, expected %q", example.value, example.unit, got, example.expected)
		}
	}
}
