// Package table prints data frames as aligned text for a terminal, as a Grafana table panel would show them:
// display names, units, decimals and value mappings of each field, then the notices of the frame.
package table

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

const (
	// gap stands between two columns.
	gap = "  "
	// maxCell keeps one long text, such as a link, from ruining the table.
	maxCell = 48
	// Missing is how no value is shown.
	Missing = "–"
)

type column struct {
	title   string
	cells   []string
	width   int
	isRight bool
}

// Write prints the frames one below the other. A table wider than width characters goes on in a second block that
// repeats the first column; a width of 0 means no limit.
func Write(out io.Writer, frames data.Frames, width int) error {
	for i, frame := range frames {
		if i > 0 {
			if _, err := fmt.Fprintln(out); err != nil {
				return err
			}
		}
		if err := writeFrame(out, frame, width); err != nil {
			return err
		}
	}
	return nil
}

// Choose keeps of each frame the columns with these titles, in this order; a frame without any stays as it is.
func Choose(frames data.Frames, titles []string) data.Frames {
	var chosen data.Frames
	for _, frame := range frames {
		kept := data.NewFrame(frame.Name)
		kept.Meta = frame.Meta
		for _, wanted := range titles {
			for _, field := range frame.Fields {
				if title(field) == wanted {
					kept.Fields = append(kept.Fields, field)
				}
			}
		}
		if len(kept.Fields) == 0 {
			kept = frame
		}
		chosen = append(chosen, kept)
	}
	return chosen
}

func writeFrame(out io.Writer, frame *data.Frame, width int) error {
	var text strings.Builder
	if title := frameTitle(frame); title != "" {
		fmt.Fprintln(&text, title)
	}
	columns := readColumns(frame)
	for i, block := range blocks(columns, width) {
		if i > 0 {
			fmt.Fprintln(&text)
		}
		writeBlock(&text, block)
	}
	if len(columns) == 0 || len(columns[0].cells) == 0 {
		fmt.Fprintln(&text, "(no rows)")
	}
	if frame.Meta != nil {
		for _, notice := range frame.Meta.Notices {
			fmt.Fprintf(&text, "%s: %s\n", notice.Severity.String(), notice.Text)
		}
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// frameTitle is the frame's name and, for a series, the labels that tell it from its neighbours.
func frameTitle(frame *data.Frame) string {
	for _, field := range frame.Fields {
		if len(field.Labels) > 0 {
			return strings.TrimSpace(frame.Name + " {" + field.Labels.String() + "}")
		}
	}
	return frame.Name
}

func readColumns(frame *data.Frame) []column {
	columns := make([]column, 0, len(frame.Fields))
	for _, field := range frame.Fields {
		if isHidden(field) {
			continue
		}
		read := column{title: title(field), isRight: field.Type().Numeric()}
		read.width = utf8.RuneCountInString(read.title)
		for row := range field.Len() {
			text := shorten(cell(field, row))
			read.cells = append(read.cells, text)
			read.width = max(read.width, utf8.RuneCountInString(text))
		}
		columns = append(columns, read)
	}
	return columns
}

func title(field *data.Field) string {
	if field.Config != nil {
		if field.Config.DisplayName != "" {
			return field.Config.DisplayName
		}
		if field.Config.DisplayNameFromDS != "" {
			return field.Config.DisplayNameFromDS
		}
	}
	return field.Name
}

// isHidden reads the two ways in which a field says that a table should not show it.
func isHidden(field *data.Field) bool {
	if field.Config == nil {
		return false
	}
	if hidden, ok := field.Config.Custom["hidden"].(bool); ok && hidden {
		return true
	}
	hide, ok := field.Config.Custom["hideFrom"].(map[string]any)
	if !ok {
		return false
	}
	hidden, ok := hide["viz"].(bool)
	return ok && hidden
}

func shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= maxCell {
		return text
	}
	return string([]rune(text)[:maxCell-1]) + "…"
}

// blocks splits the columns so that each block fits; every block starts with the first column.
func blocks(columns []column, width int) [][]column {
	if len(columns) == 0 {
		return nil
	}
	first := columns[0]
	block, used := []column{first}, first.width
	var all [][]column
	for _, next := range columns[1:] {
		if width > 0 && len(block) > 1 && used+len(gap)+next.width > width {
			all = append(all, block)
			block, used = []column{first}, first.width
		}
		block = append(block, next)
		used += len(gap) + next.width
	}
	return append(all, block)
}

func writeBlock(text *strings.Builder, columns []column) {
	writeRow(text, columns, func(c column) string { return c.title })
	writeRow(text, columns, func(c column) string { return strings.Repeat("─", c.width) })
	for row := range columns[0].cells {
		writeRow(text, columns, func(c column) string { return c.cells[row] })
	}
}

func writeRow(text *strings.Builder, columns []column, cellOf func(column) string) {
	var line strings.Builder
	for i, c := range columns {
		if i > 0 {
			line.WriteString(gap)
		}
		shown := cellOf(c)
		padding := strings.Repeat(" ", c.width-utf8.RuneCountInString(shown))
		if c.isRight {
			line.WriteString(padding + shown)
		} else {
			line.WriteString(shown + padding)
		}
	}
	fmt.Fprintln(text, strings.TrimRight(line.String(), " "))
}
