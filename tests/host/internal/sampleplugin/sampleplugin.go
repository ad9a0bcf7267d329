// Package sampleplugin is a small plugin made with Grafana's SDK. It is what the host is tested against: an
// implementation that is known to be right, inside the test binary itself.
package sampleplugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// ServeIfStarted serves and exits when the process was started as a plugin, and returns otherwise. Call it first
// in TestMain, and give os.Executable as the plugin.
func ServeIfStarted() {
	if os.Getenv(grpcplugin.MagicCookieKey) == "" {
		return
	}
	err := backend.Manage("sample-datasource", backend.ServeOpts{
		QueryDataHandler:    plugin{},
		CallResourceHandler: plugin{},
		CheckHealthHandler:  plugin{},
	})
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

type plugin struct{}

// QueryData answers each query with a table of what it was told. Query type "fail" is an error of that query,
// "crash" one of the whole request.
func (plugin) QueryData(_ context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	answer := backend.NewQueryDataResponse()
	headers, err := json.Marshal(req.Headers)
	if err != nil {
		return nil, err
	}
	for _, query := range req.Queries {
		switch query.QueryType {
		case "crash":
			return nil, errors.New("crashed as asked")
		case "fail":
			answer.Responses[query.RefID] = backend.ErrDataResponse(backend.StatusTooManyRequests, "failed as asked")
			continue
		}
		settings := req.PluginContext.DataSourceInstanceSettings
		frame := data.NewFrame("sample",
			data.NewField("uid", nil, []string{settings.UID}),
			data.NewField("json", nil, []string{string(settings.JSONData)}),
			data.NewField("updated", nil, []int64{settings.Updated.UnixMilli()}),
			data.NewField("headers", nil, []string{string(headers)}),
		)
		answer.Responses[query.RefID] = backend.DataResponse{Frames: data.Frames{frame}}
	}
	return answer, nil
}

// CallResource answers in three parts.
func (plugin) CallResource(
	_ context.Context, req *backend.CallResourceRequest, sender backend.CallResourceResponseSender,
) error {
	for part := range 3 {
		err := sender.Send(&backend.CallResourceResponse{
			Status:  http.StatusOK,
			Headers: map[string][]string{"content-type": {"text/plain"}, "set-cookie": {"never=1"}},
			Body:    fmt.Appendf(nil, "%s %s %d\n", req.Method, req.URL, part),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// CheckHealth fails for the data source "sick".
func (plugin) CheckHealth(_ context.Context, req *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	if req.PluginContext.DataSourceInstanceSettings.UID == "sick" {
		return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: "sick as asked"}, nil
	}
	return &backend.CheckHealthResult{
		Status: backend.HealthStatusOk, Message: os.Getenv("SAMPLE"), JSONDetails: []byte(`{"lines":["fine"]}`),
	}, nil
}
