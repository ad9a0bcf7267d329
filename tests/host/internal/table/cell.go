package table

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// cell is one value as text: by a value mapping, else by its unit.
func cell(field *data.Field, row int) string {
	value, has := field.ConcreteAt(row)
	config := field.Config
	if config == nil {
		config = &data.FieldConfig{}
	}
	if !has {
		return missing(config)
	}
	switch typed := value.(type) {
	case time.Time:
		return typed.UTC().Format("2006-01-02 15:04:05")
	case string:
		return mapped(config, typed, typed)
	case bool:
		text := strconv.FormatBool(typed)
		return mapped(config, text, text)
	}
	number, err := field.NullableFloatAt(row)
	if err != nil {
		return fmt.Sprint(value)
	}
	if number == nil || math.IsNaN(*number) {
		return missing(config)
	}
	key := strconv.FormatFloat(*number, 'f', -1, 64)
	if text, ok := mappedRange(config, *number); ok {
		return text
	}
	return mapped(config, key, Number(*number, config.Unit, config.Decimals))
}

func missing(config *data.FieldConfig) string {
	for _, mapping := range config.Mappings {
		special, ok := mapping.(data.SpecialValueMapper)
		isMissing := special.Match == data.SpecialValueNull || special.Match == data.SpecialValueNullAndNaN
		if ok && isMissing && special.Result.Text != "" {
			return special.Result.Text
		}
	}
	if config.NoValue != "" {
		return config.NoValue
	}
	return Missing
}

func mapped(config *data.FieldConfig, key, otherwise string) string {
	for _, mapping := range config.Mappings {
		if values, ok := mapping.(data.ValueMapper); ok && values[key].Text != "" {
			return values[key].Text
		}
	}
	return otherwise
}

func mappedRange(config *data.FieldConfig, number float64) (string, bool) {
	for _, mapping := range config.Mappings {
		span, ok := mapping.(data.RangeValueMapper)
		if !ok || span.Result.Text == "" {
			continue
		}
		isAbove := span.From == nil || number >= float64(*span.From)
		isBelow := span.To == nil || number <= float64(*span.To)
		if isAbove && isBelow {
			return span.Result.Text, true
		}
	}
	return "", false
}

// step is a unit and how many of the unit before it make one.
type step struct {
	factor float64
	suffix string
}

var (
	durations = []step{{1, " ns"}, {1000, " µs"}, {1000, " ms"}, {1000, " s"}, {60, " min"}, {60, " h"}, {24, " d"}}
	counts    = []step{{1, ""}, {1000, " K"}, {1000, " M"}, {1000, " G"}, {1000, " T"}}
	binary    = []step{{1, " B"}, {1024, " KiB"}, {1024, " MiB"}, {1024, " GiB"}, {1024, " TiB"}, {1024, " PiB"}}
	decimal   = []step{{1, " B"}, {1000, " kB"}, {1000, " MB"}, {1000, " GB"}, {1000, " TB"}, {1000, " PB"}}
	// durationUnits says at which step of durations a unit starts.
	durationUnits = map[string]int{
		"ns": 0, "µs": 1, "ms": 2, "dtdurationms": 2, "clockms": 2, "s": 3, "dtdurations": 3, "clocks": 3,
		"m": 4, "h": 5, "d": 6,
	}
	// rates are the units of Grafana that shorten a number and say what it counts.
	rates = map[string]string{
		"cps": " c/s", "ops": " ops/s", "reqps": " req/s", "rps": " rd/s", "wps": " wr/s", "iops": " io/s",
		"recps": " rec/s", "mps": " msg/s", "eps": " evt/s",
	}
	currencies = map[string]string{"currencyUSD": "$", "currencyEUR": "€", "currencyGBP": "£", "currencyJPY": "¥"}
)

// Number is a number in a unit of Grafana's, as a panel writes it. Unknown units follow the number.
func Number(value float64, unit string, decimals *uint16) string {
	if start, ok := durationUnits[unit]; ok {
		return scaled(value, durations[start:], decimals)
	}
	if suffix, ok := rates[unit]; ok {
		return scaled(value, counts, decimals) + suffix
	}
	if sign, ok := currencies[unit]; ok {
		return money(value, sign, decimals)
	}
	switch unit {
	case "", "none", "string":
		return plain(value, decimals)
	case "short":
		return scaled(value, counts, decimals)
	case "percent":
		return rounded(value, decimals) + "%"
	case "percentunit":
		return rounded(value*100, decimals) + "%"
	case "bytes", "kbytes", "mbytes", "gbytes":
		return scaled(value, binary[strings.Index("bkmg", unit[:1]):], decimals)
	case "decbytes":
		return scaled(value, decimal, decimals)
	case "binBps":
		return scaled(value, binary, decimals) + "/s"
	case "Bps":
		return scaled(value, decimal, decimals) + "/s"
	case "dateTimeAsIso", "dateTimeFromNow", "dateTimeAsIsoNoDateIfToday":
		return time.UnixMilli(int64(value)).UTC().Format("2006-01-02 15:04:05")
	}
	if suffix, ok := strings.CutPrefix(unit, "suffix:"); ok {
		return plain(value, decimals) + " " + strings.TrimSpace(suffix)
	}
	if prefix, ok := strings.CutPrefix(unit, "prefix:"); ok {
		return prefix + plain(value, decimals)
	}
	return plain(value, decimals) + " " + unit
}

// scaled climbs the steps until the number is small enough to read.
func scaled(value float64, steps []step, decimals *uint16) string {
	at := 0
	for at+1 < len(steps) && math.Abs(value) >= steps[at+1].factor {
		at++
		value /= steps[at].factor
	}
	return rounded(value, decimals) + steps[at].suffix
}

func money(value float64, sign string, decimals *uint16) string {
	places := 2
	if decimals != nil {
		places = int(*decimals)
	}
	minus := ""
	if value < 0 {
		minus, value = "-", -value
	}
	return minus + sign + strconv.FormatFloat(value, 'f', places, 64)
}

// plain keeps whole numbers whole.
func plain(value float64, decimals *uint16) string {
	if decimals == nil && value == math.Trunc(value) && math.Abs(value) < 1e15 {
		return strconv.FormatFloat(value, 'f', 0, 64)
	}
	return rounded(value, decimals)
}

// rounded shows three digits that count, or the decimals that the field asks for.
func rounded(value float64, decimals *uint16) string {
	if decimals != nil {
		return strconv.FormatFloat(value, 'f', int(*decimals), 64)
	}
	places := 2
	switch size := math.Abs(value); {
	case value == math.Trunc(value) || size >= 100:
		places = 0
	case size >= 10:
		places = 1
	case size < 0.01:
		return strconv.FormatFloat(value, 'g', 2, 64)
	}
	return strconv.FormatFloat(value, 'f', places, 64)
}
