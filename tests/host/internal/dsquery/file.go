package dsquery

import (
	"encoding/json"
	"fmt"
)

// ReadFile reads what stands in a query file: a whole body of /api/ds/query, or one query alone, which then asks
// for the last hour. A query without a data source gets the given one.
func ReadFile(text []byte, sourceUID, sourceType string) (Body, error) {
	var body Body
	if err := json.Unmarshal(text, &body); err != nil {
		return Body{}, fmt.Errorf("not a JSON object: %w", err)
	}
	if body.Queries == nil {
		body.Queries = []json.RawMessage{text}
	}
	if body.From == "" {
		body.From = "now-1h"
	}
	if body.To == "" {
		body.To = "now"
	}
	for i, query := range body.Queries {
		complete, err := withSource(query, sourceRef{UID: sourceUID, Type: sourceType})
		if err != nil {
			return Body{}, fmt.Errorf("query %d: %w", i+1, err)
		}
		body.Queries[i] = complete
	}
	return body, nil
}

func withSource(query json.RawMessage, source sourceRef) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(query, &fields); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	if _, has := fields["datasource"]; has {
		return query, nil
	}
	ref, err := json.Marshal(source)
	if err != nil {
		return nil, err
	}
	fields["datasource"] = ref
	return json.Marshal(fields)
}
