// Package httpapi offers the paths of Grafana's HTTP API that a data source plugin is reached by, with
// Grafana's answers and status codes: 400 when any query of a request failed, 400 for a failed health check,
// 499 for a caller that went away, 500 when the plugin process cannot be reached.
//
// It is for loopback only: there is no login, everybody is the one viewer given at the start.
package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"flinkwatch/tests/host/internal/dsquery"
	"flinkwatch/tests/host/internal/instances"
	"flinkwatch/tests/host/internal/process"
)

const (
	// maxBody bounds what the host reads; the plugin's own limit of 16 MiB is what counts.
	maxBody = 64 << 20
	// statusClientClosedRequest is what Grafana answers (to nobody) when the caller is gone.
	statusClientClosedRequest = 499
	// traceHeader is W3C's name, the same in HTTP and in gRPC.
	traceHeader = "traceparent"
)

// Plugin is what the paths need of a plugin process.
type Plugin interface {
	dsquery.Plugin
	Load(context.Context, int, []*backend.QueryDataRequest) ([]*backend.QueryDataResponse, time.Duration, error)
	CallResource(context.Context, *backend.CallResourceRequest, func(*backend.CallResourceResponse) error) error
	CheckHealth(context.Context, *backend.CheckHealthRequest) (*backend.CheckHealthResult, error)
	CollectMetrics(context.Context, *backend.CollectMetricsRequest) ([]byte, error)
}

// API answers HTTP requests from a plugin.
type API struct {
	Plugin Plugin
	Store  *instances.Store
	Viewer dsquery.Viewer
	Logger hclog.Logger
	// Version is the Grafana version to claim.
	Version string
	// Page answers every path that is not the API's; nil answers none of them.
	Page http.Handler
	// FrontEnd answers below /public/plugins/<id>/, for the plugin of the first data source; nil answers nothing.
	FrontEnd http.Handler
}

// Handler is the API as routes.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/ds/query", a.query)
	mux.HandleFunc("POST /host/load", a.load)
	mux.HandleFunc("GET /api/datasources", a.list)
	mux.HandleFunc("GET /api/datasources/uid/{uid}", a.show)
	mux.HandleFunc("PUT /api/datasources/uid/{uid}", a.update)
	mux.HandleFunc("GET /api/datasources/uid/{uid}/health", a.health)
	mux.HandleFunc("/api/datasources/uid/{uid}/resources", a.resource)
	mux.HandleFunc("/api/datasources/uid/{uid}/resources/{path...}", a.resource)
	mux.HandleFunc("GET /api/plugins/{id}/settings", a.pluginSettings)
	mux.HandleFunc("GET /api/plugins/{id}/metrics", a.metrics)
	mux.HandleFunc("GET /metrics/plugins/{id}", a.metrics)
	mux.HandleFunc("GET /metrics", a.metrics)
	mux.HandleFunc("GET /api/health", a.ownHealth)
	if a.Page != nil {
		mux.Handle("/", a.Page)
		// A mistaken path of the API gets no page.
		mux.HandleFunc("/api/", http.NotFound)
	}
	if a.FrontEnd != nil {
		mux.HandleFunc("/public/plugins/{id}/", a.frontEnd)
	}
	return traced(mux)
}

// traced hands the caller's trace on to the plugin, as Grafana does in the metadata of each call.
func traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if parent := r.Header.Get(traceHeader); parent != "" {
			r = r.WithContext(metadata.AppendToOutgoingContext(r.Context(), traceHeader, parent))
		}
		next.ServeHTTP(w, r)
	})
}

func (a *API) query(w http.ResponseWriter, r *http.Request) {
	var body dsquery.Body
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&body); err != nil {
		a.refuse(w, http.StatusBadRequest, "bad request data", err)
		return
	}
	answer, err := a.asker().Ask(r.Context(), body, dsquery.Headers(r.Header))
	if err != nil {
		a.fail(w, "Query data error", err)
		return
	}
	code := http.StatusOK
	if dsquery.FirstError(answer) != nil {
		code = http.StatusBadRequest
	}
	// The SDK's own JSON, not passed through encoding/json again: answers can be large.
	text, err := answer.MarshalJSON()
	if err != nil {
		a.fail(w, "Query data error", err)
		return
	}
	a.send(w, code, text)
}

func (a *API) asker() dsquery.Asker {
	return dsquery.Asker{Plugin: a.Plugin, Store: a.Store, Viewer: a.Viewer}
}

func (a *API) health(w http.ResponseWriter, r *http.Request) {
	pluginContext, err := dsquery.PluginContext(a.Store, r.PathValue("uid"), a.Viewer)
	if err != nil {
		a.fail(w, "Unable to check health", err)
		return
	}
	result, err := a.Plugin.CheckHealth(r.Context(), &backend.CheckHealthRequest{
		PluginContext: pluginContext,
		Headers:       dsquery.Headers(r.Header),
	})
	if err != nil {
		a.fail(w, "Failed to check data source health", err)
		return
	}
	shown := map[string]any{"status": result.Status.String(), "message": result.Message}
	if len(result.JSONDetails) > 0 {
		if !json.Valid(result.JSONDetails) {
			a.refuse(w, http.StatusInternalServerError, "Failed to read the details of the health check", nil)
			return
		}
		shown["details"] = json.RawMessage(result.JSONDetails)
	}
	code := http.StatusOK
	if result.Status != backend.HealthStatusOk {
		code = http.StatusBadRequest
	}
	a.answer(w, code, shown)
}

func (a *API) resource(w http.ResponseWriter, r *http.Request) {
	pluginContext, err := dsquery.PluginContext(a.Store, r.PathValue("uid"), a.Viewer)
	if err != nil {
		a.fail(w, "Failed to call resource", err)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		a.refuse(w, http.StatusBadRequest, "Failed to read the request", err)
		return
	}
	path := url.URL{Path: r.PathValue("path"), RawQuery: r.URL.RawQuery}
	call := &backend.CallResourceRequest{
		PluginContext: pluginContext,
		Path:          path.Path,
		Method:        r.Method,
		URL:           path.String(),
		Headers:       forwarded(r.Header),
		Body:          body,
	}
	parts := 0
	err = a.Plugin.CallResource(r.Context(), call, func(part *backend.CallResourceResponse) error {
		parts++
		return writePart(w, part, parts)
	})
	switch {
	case err != nil && parts == 0:
		a.fail(w, "Failed to call resource", err)
	case err != nil:
		a.Logger.Error("resource call broke off", "path", path.Path, "parts", parts, "error", err)
	case parts == 0:
		a.refuse(w, http.StatusInternalServerError, "Received an empty resource response", nil)
	}
}

// writePart sends one part of a resource answer. Status and headers count in the first part alone.
func writePart(w http.ResponseWriter, part *backend.CallResourceResponse, number int) error {
	if number == 1 {
		for name, values := range part.Headers {
			name = textproto.CanonicalMIMEHeaderKey(name)
			if name == "Set-Cookie" {
				continue
			}
			w.Header()[name] = slices.Clone(values)
		}
		if w.Header().Get("Content-Type") == "" && part.Status != http.StatusNoContent {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(part.Status)
	}
	if _, err := w.Write(part.Body); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}

// forwarded are the headers of a resource call without those of the browser's session.
func forwarded(from http.Header) map[string][]string {
	headers := maps.Clone(map[string][]string(from))
	for _, name := range []string{"Cookie", "Authorization", "Origin", "Referer", "Connection"} {
		delete(headers, name)
	}
	return headers
}

func (a *API) metrics(w http.ResponseWriter, r *http.Request) {
	pluginContext, err := dsquery.PluginContext(a.Store, a.Store.First(), a.Viewer)
	if err != nil {
		a.fail(w, "Failed to collect metrics", err)
		return
	}
	if id := r.PathValue("id"); id != "" && id != pluginContext.PluginID {
		a.refuse(w, http.StatusNotFound, "Plugin not found", nil)
		return
	}
	pluginContext.DataSourceInstanceSettings = nil
	text, err := a.Plugin.CollectMetrics(r.Context(), &backend.CollectMetricsRequest{PluginContext: pluginContext})
	if err != nil {
		a.fail(w, "Failed to collect metrics", err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	if _, err := w.Write(text); err != nil {
		a.Logger.Debug("caller went away", "error", err)
	}
}

func (a *API) list(w http.ResponseWriter, _ *http.Request) {
	a.answer(w, http.StatusOK, a.Store.List())
}

func (a *API) show(w http.ResponseWriter, r *http.Request) {
	listed, err := a.Store.Get(r.PathValue("uid"))
	if err != nil {
		a.fail(w, "Failed to query data source", err)
		return
	}
	a.answer(w, http.StatusOK, listed)
}

func (a *API) update(w http.ResponseWriter, r *http.Request) {
	var source instances.Source
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&source); err != nil {
		a.refuse(w, http.StatusBadRequest, "bad request data", err)
		return
	}
	listed, err := a.Store.Update(r.PathValue("uid"), source)
	if err != nil {
		a.fail(w, "Failed to update datasource", err)
		return
	}
	a.answer(w, http.StatusOK, map[string]any{
		"datasource": listed, "id": listed.ID, "name": listed.Name, "message": "Datasource updated",
	})
}

func (a *API) pluginSettings(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	for _, listed := range a.Store.List() {
		if listed.Type == id {
			a.answer(w, http.StatusOK, map[string]any{"id": id, "type": "datasource", "enabled": true})
			return
		}
	}
	a.refuse(w, http.StatusNotFound, "Plugin not found, no installed plugin with that id", nil)
}

func (a *API) frontEnd(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if own, err := a.Store.Type(a.Store.First()); err != nil || own != id {
		http.NotFound(w, r)
		return
	}
	http.StripPrefix("/public/plugins/"+id, a.FrontEnd).ServeHTTP(w, r)
}

func (a *API) ownHealth(w http.ResponseWriter, _ *http.Request) {
	a.answer(w, http.StatusOK, map[string]string{"database": "ok", "version": a.Version})
}

// fail answers an error of a call with the status that Grafana gives it.
func (a *API) fail(w http.ResponseWriter, message string, err error) {
	var bad *dsquery.BadRequestError
	switch {
	case errors.As(err, &bad):
		a.refuse(w, http.StatusBadRequest, bad.Reason, nil)
	case errors.Is(err, instances.ErrNotFound):
		a.refuse(w, http.StatusNotFound, "Data source not found", err)
	case errors.Is(err, process.ErrUnavailable):
		a.refuse(w, http.StatusInternalServerError, "Plugin unavailable", err)
	case errors.Is(err, context.Canceled) || status.Code(err) == codes.Canceled:
		a.refuse(w, statusClientClosedRequest, "Client closed request", nil)
	case status.Code(err) == codes.Unavailable:
		a.refuse(w, http.StatusInternalServerError, "Plugin unavailable", err)
	case status.Code(err) == codes.Unimplemented:
		a.refuse(w, http.StatusNotFound, "Not found", err)
	default:
		a.refuse(w, http.StatusInternalServerError, message, err)
	}
}

func (a *API) refuse(w http.ResponseWriter, code int, message string, err error) {
	shown := map[string]any{"message": message, "statusCode": code}
	if err != nil {
		shown["error"] = err.Error()
		a.Logger.Warn(message, "status", code, "error", err)
	}
	a.answer(w, code, shown)
}

func (a *API) answer(w http.ResponseWriter, code int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		code, text = http.StatusInternalServerError, []byte(`{"message":"the answer is not JSON"}`)
		a.Logger.Error("the answer is not JSON", "error", err)
	}
	a.send(w, code, text)
}

func (a *API) send(w http.ResponseWriter, code int, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if _, err := w.Write(text); err != nil {
		a.Logger.Debug("caller went away", "error", err)
	}
}
