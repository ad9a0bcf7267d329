package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

var minutes = []time.Time{time.Unix(60, 0), time.Unix(120, 0)}

func seriesFrame(times any, labels data.Labels) *data.Frame {
	frame := data.NewFrame("", data.NewField("time", nil, times), data.NewField("value", labels, []*float64{pointer(1), nil}))
	return frame.SetMeta(&data.FrameMeta{Type: data.FrameTypeTimeSeriesMulti, TypeVersion: data.FrameTypeVersion{0, 1}})
}

func noData() *data.Frame {
	return data.NewFrame("").SetMeta(&data.FrameMeta{
		Type: data.FrameTypeTimeSeriesMulti, TypeVersion: data.FrameTypeVersion{0, 1},
	})
}

func TestSeriesAreReadAsGrafanaReadsThem(t *testing.T) {
	frames := data.Frames{
		seriesFrame(minutes, data.Labels{"application": "a"}), seriesFrame(minutes, data.Labels{"application": "b"}),
	}
	if err := CheckFrames(frames); err != nil {
		t.Error(err)
	}
	found, err := ReadSeries(frames)
	if err != nil || len(found) != 2 || *found[0].Values[0] != 1 || found[1].Values[1] != nil {
		t.Errorf("%+v %v", found, err)
	}
}

func TestNoDataIsNoError(t *testing.T) {
	for name, frames := range map[string]data.Frames{"no frame": nil, "no column": {noData()}} {
		if found, err := ReadSeries(frames); err != nil || len(found) != 0 {
			t.Errorf("%s: %+v %v", name, found, err)
		}
	}
}

func TestWhatGrafanaRefusesOrOverlooksIsFound(t *testing.T) {
	labels := data.Labels{"application": "a"}
	first := seriesFrame(minutes, labels)
	nullable := seriesFrame([]*time.Time{&minutes[0], &minutes[1]}, labels)
	text := seriesFrame(minutes, data.Labels{"application": "b"})
	text.Fields = append(text.Fields, data.NewField("text", nil, []string{"", ""}))
	other := seriesFrame(minutes, data.Labels{"application": "c"})
	other.Meta.Type = data.FrameTypeTimeSeriesWide
	unversioned := seriesFrame(minutes, labels)
	unversioned.Meta.TypeVersion = data.FrameTypeVersion{}
	for name, one := range map[string]struct {
		frames data.Frames
		word   string
	}{
		"a time column that may hold an empty cell": {data.Frames{nullable}, "[]time.time"},
		"two series with the same labels":           {data.Frames{first, seriesFrame(minutes, labels)}, "duplicate"},
		"a series without labels":                   {data.Frames{seriesFrame(minutes, nil)}, "no labels"},
		"times that go back":                        {data.Frames{seriesFrame([]time.Time{minutes[1], minutes[0]}, labels)}, "unsorted"},
		"a column that is no series":                {data.Frames{text}, "overlooks"},
		"two types of frames":                       {data.Frames{first, other}, "type"},
		"a type without a version":                  {data.Frames{unversioned}, "version"},
		"an empty frame behind a series":            {data.Frames{first, noData()}, "zero"},
		"a table of two frames":                     {data.Frames{data.NewFrame(""), data.NewFrame("")}, "one frame"},
		"a table with labels":                       {data.Frames{data.NewFrame("", data.NewField("cpu", labels, []float64{1}))}, "labels"},
		"a table with two columns of the same name": {data.Frames{data.NewFrame("", data.NewField("a", nil, []float64{1}), data.NewField("a", nil, []float64{1}))}, "name"},
	} {
		if err := CheckFrames(one.frames); err == nil || !strings.Contains(strings.ToLower(err.Error()), one.word) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
