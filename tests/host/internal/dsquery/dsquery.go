// Package dsquery reads the body of Grafana's POST /api/ds/query and asks the plugin.
//
// The rules are Grafana's own: defaults of 100 data points and one second, a time range per request that
// a query may override, one plugin call per data source, and the names of headers that travel along.
package dsquery

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/gtime"

	"flinkwatch/tests/host/internal/instances"
)

const (
	defaultRefID         = "A"
	defaultMaxDataPoints = 100
	defaultIntervalMS    = 1000
)

// BadRequestError is a body that Grafana itself refuses; the plugin never sees it.
type BadRequestError struct{ Reason string }

func (e *BadRequestError) Error() string { return e.Reason }

// Body is the body of POST /api/ds/query.
type Body struct {
	From    string            `json:"from"`
	To      string            `json:"to"`
	Queries []json.RawMessage `json:"queries"`
}

// Asked is one data source's part of a body.
type Asked struct {
	SourceUID string
	Queries   []backend.DataQuery
}

// Plugin answers queries.
type Plugin interface {
	QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error)
}

// Viewer is who asks, and what the administrator configured.
type Viewer struct {
	User          *backend.User
	GrafanaConfig map[string]string
}

type sourceRef struct {
	UID  string `json:"uid"`
	Type string `json:"type"`
}

// queryHead is the part of a query that Grafana reads; the rest is the plugin's.
type queryHead struct {
	RefID         *string          `json:"refId"`
	QueryType     string           `json:"queryType"`
	MaxDataPoints *int64           `json:"maxDataPoints"`
	IntervalMS    *float64         `json:"intervalMs"`
	DataSource    json.RawMessage  `json:"datasource"`
	TimeRange     *json.RawMessage `json:"timeRange"`
}

// Parse splits a body by data source, in the order of the queries.
func Parse(body Body, now time.Time) ([]Asked, error) {
	if len(body.Queries) == 0 {
		return nil, &BadRequestError{"no queries found"}
	}
	timeRange, err := parseRange(body.From, body.To, now)
	if err != nil {
		return nil, err
	}
	var asked []Asked
	for _, raw := range body.Queries {
		uid, query, err := parseQuery(raw, timeRange, now)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(asked, func(a Asked) bool { return a.SourceUID == uid })
		if at < 0 {
			asked = append(asked, Asked{SourceUID: uid})
			at = len(asked) - 1
		}
		asked[at].Queries = append(asked[at].Queries, query)
	}
	return asked, nil
}

// PluginContext is what every call to the plugin carries.
func PluginContext(store *instances.Store, uid string, viewer Viewer) (backend.PluginContext, error) {
	settings, err := store.Settings(uid)
	if err != nil {
		return backend.PluginContext{}, err
	}
	return backend.PluginContext{
		OrgID:                      1,
		PluginID:                   settings.Type,
		User:                       viewer.User,
		DataSourceInstanceSettings: settings,
		GrafanaConfig:              backend.NewGrafanaCfg(viewer.GrafanaConfig),
	}, nil
}

// Asker sends the queries of a body to the plugin.
type Asker struct {
	Plugin Plugin
	Store  *instances.Store
	Viewer Viewer
}

// Requests are the plugin calls that answer a body: one per data source.
func (a Asker) Requests(body Body, headers map[string]string) ([]*backend.QueryDataRequest, error) {
	asked, err := Parse(body, time.Now())
	if err != nil {
		return nil, err
	}
	requests := make([]*backend.QueryDataRequest, len(asked))
	for i, part := range asked {
		pluginContext, err := PluginContext(a.Store, part.SourceUID, a.Viewer)
		if err != nil {
			return nil, err
		}
		requests[i] = &backend.QueryDataRequest{PluginContext: pluginContext, Headers: headers, Queries: part.Queries}
	}
	return requests, nil
}

// Ask answers a body: the answers of all its plugin calls together.
func (a Asker) Ask(ctx context.Context, body Body, headers map[string]string) (*backend.QueryDataResponse, error) {
	requests, err := a.Requests(body, headers)
	if err != nil {
		return nil, err
	}
	all := backend.NewQueryDataResponse()
	for _, request := range requests {
		answer, err := a.Plugin.QueryData(ctx, request)
		if err != nil {
			return nil, err
		}
		maps.Copy(all.Responses, answer.Responses)
	}
	return all, nil
}

// passedOn are the request headers that Grafana hands to a plugin with the prefix http_.
var passedOn = []string{
	"X-Dashboard-Uid", "X-Dashboard-Title", "X-Panel-Id", "X-Panel-Title", "X-Panel-Plugin-Id", "X-Datasource-Uid",
	"X-Grafana-Org-Id", "X-Grafana-Id", "X-Grafana-From-Expr", "X-Query-Group-Id",
	"X-Rule-Uid", "X-Rule-Name", "X-Rule-Type", "X-Rule-Version", "X-Rule-Source", "X-Rule-Folder",
}

// asTheyAre are the headers that the alert engine sets without a prefix.
var asTheyAre = []string{"FromAlert", "X-Cache-Skip"}

// Headers names the headers of an HTTP request as the plugin gets them.
func Headers(from http.Header) map[string]string {
	headers := map[string]string{}
	for _, name := range passedOn {
		if value := from.Get(name); value != "" {
			headers["http_"+name] = value
		}
	}
	for _, name := range asTheyAre {
		if value := from.Get(name); value != "" {
			headers[name] = value
		}
	}
	return headers
}

func parseQuery(raw json.RawMessage, timeRange backend.TimeRange, now time.Time) (string, backend.DataQuery, error) {
	var head queryHead
	if err := json.Unmarshal(raw, &head); err != nil {
		return "", backend.DataQuery{}, &BadRequestError{"bad request data: " + err.Error()}
	}
	uid, err := parseSource(head.DataSource)
	if err != nil {
		return "", backend.DataQuery{}, err
	}
	if head.TimeRange != nil {
		var own struct{ From, To string }
		if err := json.Unmarshal(*head.TimeRange, &own); err != nil {
			return "", backend.DataQuery{}, &BadRequestError{"bad timeRange: " + err.Error()}
		}
		if timeRange, err = parseRange(own.From, own.To, now); err != nil {
			return "", backend.DataQuery{}, err
		}
	}
	query := backend.DataQuery{
		RefID:         orElse(head.RefID, defaultRefID),
		QueryType:     head.QueryType,
		MaxDataPoints: orElse(head.MaxDataPoints, defaultMaxDataPoints),
		Interval:      time.Duration(orElse(head.IntervalMS, defaultIntervalMS) * float64(time.Millisecond)),
		TimeRange:     timeRange,
		JSON:          raw,
	}
	return uid, query, nil
}

// parseSource accepts {"uid":…} and the plain uid of old dashboards.
func parseSource(raw json.RawMessage) (string, error) {
	var ref sourceRef
	var plain string
	if json.Unmarshal(raw, &ref) == nil && ref.UID != "" {
		return ref.UID, nil
	}
	if json.Unmarshal(raw, &plain) == nil && plain != "" {
		return plain, nil
	}
	return "", &BadRequestError{"missing data source ID/UID"}
}

func parseRange(from, to string, now time.Time) (backend.TimeRange, error) {
	if strings.TrimSpace(from) == "" || strings.TrimSpace(to) == "" {
		return backend.TimeRange{}, &BadRequestError{"from and to are needed, as epoch milliseconds or like now-1h"}
	}
	parser := gtime.TimeRange{From: from, To: to, Now: now}
	begin, err := parser.ParseFrom()
	if err != nil {
		return backend.TimeRange{}, &BadRequestError{fmt.Sprintf("from %q: %v", from, err)}
	}
	end, err := parser.ParseTo()
	if err != nil {
		return backend.TimeRange{}, &BadRequestError{fmt.Sprintf("to %q: %v", to, err)}
	}
	return backend.TimeRange{From: begin.UTC(), To: end.UTC()}, nil
}

func orElse[T any](value *T, fallback T) T {
	if value == nil {
		return fallback
	}
	return *value
}

// FirstError is the error of the first failed query by refId, or nil.
func FirstError(answer *backend.QueryDataResponse) error {
	for _, refID := range RefIDs(answer) {
		if err := answer.Responses[refID].Error; err != nil {
			return fmt.Errorf("query %s: %w", refID, err)
		}
	}
	return nil
}

// RefIDs are the answered queries in order.
func RefIDs(answer *backend.QueryDataResponse) []string {
	return slices.Sorted(maps.Keys(answer.Responses))
}
