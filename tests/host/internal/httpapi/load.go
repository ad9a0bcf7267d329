package httpapi

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"flinkwatch/tests/host/internal/dsquery"
)

// loadBody is the body of POST /host/load: requests as of POST /api/ds/query with the headers of each, and how many of them
// are under way at a time.
type loadBody struct {
	AtATime  int `json:"atATime"`
	Requests []struct {
		dsquery.Body
		Headers map[string]string `json:"headers"`
	} `json:"requests"`
}

// loadAnswer has an answer for each request, in their order, and how long the plugin took for all.
type loadAnswer struct {
	Milliseconds float64                      `json:"milliseconds"`
	Answers      []*backend.QueryDataResponse `json:"answers"`
}

// load is no path of Grafana's: it tells how long the plugin takes for many requests, without the time that a server needs
// for the JSON of its answers.
func (a *API) load(w http.ResponseWriter, r *http.Request) {
	var body loadBody
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&body); err != nil {
		a.refuse(w, http.StatusBadRequest, "bad request data", err)
		return
	}
	if body.AtATime < 1 {
		a.refuse(w, http.StatusBadRequest, "atATime must be 1 or more", nil)
		return
	}
	var requests []*backend.QueryDataRequest
	asker := a.asker()
	for _, one := range body.Requests {
		headers := http.Header{}
		for name, value := range one.Headers {
			headers.Set(name, value)
		}
		parts, err := asker.Requests(one.Body, dsquery.Headers(headers))
		if err != nil {
			a.fail(w, "Query data error", err)
			return
		}
		requests = append(requests, parts...)
	}
	answers, took, err := a.Plugin.Load(r.Context(), body.AtATime, requests)
	if err != nil {
		a.fail(w, "Query data error", err)
		return
	}
	a.answer(w, http.StatusOK, loadAnswer{Milliseconds: float64(took) / float64(time.Millisecond), Answers: answers})
}
