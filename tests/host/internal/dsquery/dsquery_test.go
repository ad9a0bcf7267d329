package dsquery

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func body(t *testing.T, text string) Body {
	t.Helper()
	var read Body
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestAQueryGetsGrafanasDefaults(t *testing.T) {
	asked, err := Parse(body(t, `{"from":"now-1h","to":"now","queries":[{"datasource":{"uid":"d"},"x":[1]}]}`), now)
	if err != nil {
		t.Fatal(err)
	}
	query := asked[0].Queries[0]
	if query.RefID != "A" || query.MaxDataPoints != 100 || query.Interval != time.Second || query.QueryType != "" {
		t.Fatalf("defaults: %+v", query)
	}
	if !query.TimeRange.From.Equal(now.Add(-time.Hour)) || !query.TimeRange.To.Equal(now) {
		t.Fatalf("time range: %+v", query.TimeRange)
	}
	if string(query.JSON) != `{"datasource":{"uid":"d"},"x":[1]}` {
		t.Fatalf("the plugin gets %s", query.JSON)
	}
}

func TestEpochMillisecondsAndOwnRangesAreRead(t *testing.T) {
	asked, err := Parse(body(t, `{"from":"1767355200000","to":"1767358800000","queries":[
		{"refId":"A","datasource":{"uid":"d"},"intervalMs":60000,"maxDataPoints":7,"queryType":"metric"},
		{"refId":"B","datasource":"d","timeRange":{"from":"now-2h","to":"now-1h"}}]}`), now)
	if err != nil {
		t.Fatal(err)
	}
	first, second := asked[0].Queries[0], asked[0].Queries[1]
	if first.TimeRange.From.UnixMilli() != 1767355200000 || first.Interval != time.Minute || first.MaxDataPoints != 7 {
		t.Fatalf("first: %+v", first)
	}
	if !second.TimeRange.To.Equal(now.Add(-time.Hour)) {
		t.Fatalf("second: %+v", second)
	}
}

func TestQueriesAreGroupedByDataSource(t *testing.T) {
	asked, err := Parse(body(t, `{"from":"now-1h","to":"now","queries":[{"refId":"A","datasource":{"uid":"d"}},
		{"refId":"B","datasource":{"uid":"e"}},{"refId":"C","datasource":{"uid":"d"}}]}`), now)
	if err != nil {
		t.Fatal(err)
	}
	if len(asked) != 2 || len(asked[0].Queries) != 2 || asked[1].SourceUID != "e" {
		t.Fatalf("asked: %+v", asked)
	}
}

func TestBodiesThatGrafanaRefuses(t *testing.T) {
	for text, expected := range map[string]string{
		`{"from":"now-1h","to":"now","queries":[]}`:                               "no queries found",
		`{"from":"now-1h","to":"now","queries":[{"refId":"A"}]}`:                  "missing data source",
		`{"from":"yesterday?","to":"now","queries":[{"datasource":{"uid":"d"}}]}`: "yesterday?",
		`{"queries":[{"datasource":{"uid":"d"}}]}`:                                "from and to are needed",
		`{"from":"now-1h","to":"now","queries":[5]}`:                              "bad request data",
	} {
		_, err := Parse(body(t, text), now)
		var bad *BadRequestError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), expected) {
			t.Errorf("%s: error %v, expected %q", text, err, expected)
		}
	}
}

func TestHeadersGetGrafanasNames(t *testing.T) {
	from := http.Header{}
	from.Set("X-Dashboard-Uid", "dash")
	from.Set("FromAlert", "true")
	from.Set("Cookie", "secret")
	headers := Headers(from)
	if len(headers) != 2 || headers["http_X-Dashboard-Uid"] != "dash" || headers["FromAlert"] != "true" {
		t.Fatalf("headers: %v", headers)
	}
}

func TestAQueryFileMayHoldOneQuery(t *testing.T) {
	read, err := ReadFile([]byte(`{"refId":"Q","queryType":"application"}`), "d", "x-datasource")
	if err != nil {
		t.Fatal(err)
	}
	asked, err := Parse(read, now)
	if err != nil || asked[0].SourceUID != "d" || asked[0].Queries[0].RefID != "Q" {
		t.Fatalf("asked %+v, error %v", asked, err)
	}
}
