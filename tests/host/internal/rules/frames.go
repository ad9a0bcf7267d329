package rules

import (
	"errors"
	"fmt"

	"github.com/grafana/dataplane/sdata"
	"github.com/grafana/dataplane/sdata/numeric"
	"github.com/grafana/dataplane/sdata/reader"
	"github.com/grafana/dataplane/sdata/timeseries"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// ReadSeries reads an answer to an alert as Grafana does, with Grafana's own reader. No series at all is NoData.
func ReadSeries(frames data.Frames) ([]Series, error) {
	if len(frames) == 0 {
		return nil, nil
	}
	kind, err := readable(frames)
	if err != nil {
		return nil, err
	}
	if kind.Kind() != data.KindTimeSeries {
		return nil, fmt.Errorf("a rule reduces series, and this is %q", kind)
	}
	collection, err := collected(frames)
	if err != nil {
		return nil, err
	}
	var all []Series
	for _, ref := range collection.Refs {
		series, err := seriesOf(ref)
		if err != nil {
			return nil, err
		}
		all = append(all, series)
	}
	return all, nil
}

// CheckFrames finds what Grafana's alerts, expressions and SQL expressions would refuse or overlook in an answer, be it to an
// alert or to a panel.
func CheckFrames(frames data.Frames) error {
	if len(frames) == 0 {
		return errors.New("an answer without a frame has no place for its notices")
	}
	if frames[0].Meta == nil || frames[0].Meta.Type == "" {
		return checkTable(frames)
	}
	if frames[0].Meta.Type == data.FrameTypeLogLines {
		return checkLines(frames)
	}
	kind, err := readable(frames)
	if err != nil {
		return err
	}
	switch kind.Kind() {
	case data.KindTimeSeries:
		_, err = collected(frames)
	case data.KindNumeric:
		err = checkNumbers(frames)
	default:
		err = fmt.Errorf("frames of the type %q are read by nobody", kind)
	}
	return err
}

// lineFields are the fields of lines that Grafana's logs panel knows, with their types.
var lineFields = map[string]data.FieldType{
	"timestamp": data.FieldTypeTime,
	"body":      data.FieldTypeNullableString,
	"severity":  data.FieldTypeNullableString,
	"id":        data.FieldTypeNullableString,
	"labels":    data.FieldTypeNullableJSON,
}

// checkLines holds lines of logs to the contract of the logs panel: nothing else reads them.
func checkLines(frames data.Frames) error {
	if len(frames) != 1 {
		return fmt.Errorf("%d frames of lines", len(frames))
	}
	for name, kind := range lineFields {
		if field, _ := frames[0].FieldByName(name); field == nil || field.Type() != kind {
			return fmt.Errorf("the field %s of lines is no %s: %v", name, kind, field)
		}
	}
	return nil
}

// readable is the type of all frames; Grafana decides by the first one how it reads them.
func readable(frames data.Frames) (data.FrameType, error) {
	kind, err := reader.CanReadBasedOnMeta(frames)
	if err != nil {
		return kind, err
	}
	for i, frame := range frames {
		if frame.Meta == nil || frame.Meta.Type != kind {
			return kind, fmt.Errorf("frame %d is not of the type %s of the first one", i, kind)
		}
	}
	return kind, nil
}

func collected(frames data.Frames) (timeseries.Collection, error) {
	series, err := timeseries.CollectionReaderFromFrames(frames)
	if err != nil {
		return timeseries.Collection{}, err
	}
	collection, err := series.GetCollection(true)
	if err != nil {
		return collection, err
	}
	labels := map[string]bool{}
	for _, ref := range collection.Refs {
		err = errors.Join(err, unique(labels, ref.GetLabels()))
	}
	return collection, errors.Join(err, complete(collection.RemainderIndices, collection.Warning, len(frames), len(collection.Refs)))
}

func checkNumbers(frames data.Frames) error {
	numbers, err := numeric.CollectionReaderFromFrames(frames)
	if err != nil {
		return err
	}
	collection, err := numbers.GetCollection(true)
	if err != nil {
		return err
	}
	labels := map[string]bool{}
	for _, ref := range collection.Refs {
		err = errors.Join(err, unique(labels, ref.GetLabels()))
	}
	return errors.Join(err, complete(collection.RemainderIndices, collection.Warning, 0, 0))
}

// unique refuses labels that another series has. (Grafana: "has duplicate results with labels".)
func unique(seen map[string]bool, labels data.Labels) error {
	text := labels.String()
	if text == "" {
		return errors.New("a series has no labels")
	}
	if seen[text] {
		return fmt.Errorf("two series have the labels %s", text)
	}
	seen[text] = true
	return nil
}

// complete refuses frames and columns that Grafana overlooks.
func complete(remainder []sdata.FrameFieldIndex, warning error, frames, series int) error {
	if len(remainder) > 0 {
		return fmt.Errorf("Grafana overlooks %v", remainder)
	}
	if series > 0 && series != frames {
		return fmt.Errorf("%d series in %d frames", series, frames)
	}
	return warning
}

// checkTable accepts one frame without labels and with a name for each column.
func checkTable(frames data.Frames) error {
	if len(frames) != 1 {
		return fmt.Errorf("a table has one frame, and this has %d", len(frames))
	}
	names := map[string]bool{}
	for _, field := range frames[0].Fields {
		if field.Name == "" || names[field.Name] || len(field.Labels) > 0 {
			return fmt.Errorf("column %q has no name of its own, or the labels %v", field.Name, field.Labels)
		}
		names[field.Name] = true
	}
	_, err := frames[0].RowLen()
	return err
}

func seriesOf(ref timeseries.MetricRef) (Series, error) {
	series := Series{Labels: ref.GetLabels()}
	length, err := ref.Len()
	for row := 0; row < length && err == nil; row++ {
		var value *float64
		if _, value, err = ref.NullableFloat64Point(row); err == nil {
			series.Values = append(series.Values, value)
		}
	}
	return series, err
}
