package suite

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

const (
	costPage = "../../../docs/limits-and-cost.md"
	costFrom = "<!-- What open dashboards cost begins here; a test keeps it true. -->\n"
	costTo   = "<!-- What open dashboards cost ends here. -->"
	// metricPrice is that of one metric of GetMetricData, in dollars (CloudWatch pricing: $0.01 per 1,000).
	metricPrice = 0.01 / 1000
)

// fleets are the sizes that the page tells of, all applications alike, with four tasks each. The last takes minutes, so it is asked when the
// page is written; else it is five times the one before, or as much where a page is about one application.
var fleets = []int{1, 100, 500}

// refreshesBefore is what the fleet's page would be billed for in an hour at 500 applications, measured with the same verdict, as it once was: each
// application in every one of fourteen graphs, other periods than the table's, and a refresh each minute.
const refreshesBefore = 60 * 16000

// openTarget is a query as it is saved, and how many points its panel wants.
type openTarget struct {
	text   string
	points int64
}

// openTargets are the queries of the panels that are open at first, and of the annotations that are switched on.
func (d dashboard) openTargets() []openTarget {
	// Of a third of the page at 1500 pixels.
	const usual = 360
	var found []openTarget
	for _, panel := range d.Panels {
		for _, target := range panel.Targets {
			if !strings.Contains(string(target), `"-- Dashboard --"`) {
				points := panel.MaxDataPoints
				if points == 0 {
					points = usual
				}
				found = append(found, openTarget{text: string(target), points: points})
			}
		}
	}
	for _, annotation := range d.Annotations.List {
		if annotation.Enable && annotation.BuiltIn == 0 {
			found = append(found, openTarget{text: string(annotation.Target), points: usual})
		}
	}
	return found
}

// asksAnHour is how often an open page asks anew.
func (d dashboard) asksAnHour(t *testing.T) int {
	t.Helper()
	if d.Refresh == "" {
		return 0
	}
	every, err := time.ParseDuration(d.Refresh)
	if err != nil {
		t.Fatalf("%s is refreshed every %q", d.file, d.Refresh)
	}
	return int(time.Hour / every)
}

// pageCost is what one refresh of a page asks of CloudWatch.
type pageCost struct{ calls, billed int }

// costsOf asks all that the pages ask at a refresh, the facts about the applications being known.
func costsOf(t *testing.T, pages []dashboard, applications int) map[string]pageCost {
	t.Helper()
	aws := startAWS(t, "--bench-applications", strconv.Itoa(applications), "--bench-tasks", "4")
	plugin := startPlugin(t)
	settings := sourceWith(map[string]any{
		"endpoint": aws.endpoint, "kinesisAnalyticsPerSecond": 100, "listMetricsPerSecond": 100,
		"requestTimeoutSeconds": 80,
	})
	table := `{"refId": "A", "queryType": "application", "applications": ["*"], "as": "table"}`
	ask(t, plugin, requestOf(settings, table))
	// What is not known by then is fetched in the background.
	known := 0
	eventually(t, patience, "all facts are known", func() bool {
		before := known
		known = aws.counters(t).calls()
		time.Sleep(2 * time.Second)
		return known == before
	})
	costs := map[string]pageCost{}
	for number, page := range pages {
		var request *backend.QueryDataRequest
		for index, target := range page.openTargets() {
			one := requestOf(settings, withVariables(target.text, "bench-000"))
			one.Queries[0].RefID = fmt.Sprintf("P%d", index)
			one.Queries[0].MaxDataPoints, one.Queries[0].Interval = target.points, time.Second
			// Days of its own, so that a page pays for all that it shows.
			one.Queries[0].TimeRange = daysAgo(page.window(t), 2*(number+1))
			if request == nil {
				request = one
			} else {
				request.Queries = append(request.Queries, one.Queries[0])
			}
		}
		aws.reset(t)
		for refID, answer := range ask(t, plugin, request) {
			if answer.Error != nil {
				t.Fatalf("%s, %s: %v", page.file, refID, answer.Error)
			}
		}
		data := aws.counters(t).Operations["GetMetricData"]
		costs[page.file] = pageCost{calls: data.Calls, billed: data.Usage.BilledMetrics}
	}
	return costs
}

func fiveTimes(one, hundred map[string]pageCost) map[string]pageCost {
	more := map[string]pageCost{}
	for file, cost := range hundred {
		if cost.billed != one[file].billed {
			cost.billed *= 5
		}
		more[file] = cost
	}
	return more
}

func daysAgo(window backend.TimeRange, days int) backend.TimeRange {
	return backend.TimeRange{From: window.From.AddDate(0, 0, -days), To: window.To.AddDate(0, 0, -days)}
}

// TestWhatOpenDashboardsCostIsAsThePageSays counts what all open panels of each page ask at a refresh.
func TestWhatOpenDashboardsCostIsAsThePageSays(t *testing.T) {
	t.Parallel()
	pages := readDashboards(t, shippedDashboards)
	bySize := map[int]map[string]pageCost{}
	for _, size := range fleets {
		if size == 500 && os.Getenv("UPDATE_DOCS") == "" {
			bySize[size] = fiveTimes(bySize[1], bySize[100])
			continue
		}
		bySize[size] = costsOf(t, pages, size)
	}
	var text strings.Builder
	text.WriteString("\n| dashboard | asks anew | 1 application | 100 applications | 500 applications | dollars an hour, 500 |\n")
	text.WriteString("|---|---|---|---|---|---|\n")
	for _, page := range pages {
		asks := page.asksAnHour(t)
		every := "never by itself"
		if asks > 0 {
			every = "every " + page.Refresh
		}
		name := strings.TrimPrefix(page.Title, "Flinkwatch: ")
		fmt.Fprintf(&text, "| %s | %s |", name, every)
		for _, size := range fleets {
			fmt.Fprintf(&text, " %d |", bySize[size][page.file].billed)
		}
		most := bySize[fleets[len(fleets)-1]][page.file].billed
		fmt.Fprintf(&text, " %.2f |\n", float64(most*asks)*metricPrice)
	}
	text.WriteString("\n")
	checkSection(t, text.String())

	for _, page := range pages {
		one, many := bySize[1][page.file], bySize[500][page.file]
		isAboutOne := !slices.ContainsFunc(page.openTargets(), func(target openTarget) bool {
			return strings.Contains(target.text, "$applications")
		})
		if isAboutOne && one.billed != many.billed {
			t.Errorf("%s costs %d metrics beside 1 application and %d beside 500", page.file, one.billed, many.billed)
		}
		if page.file == "fleet.json" && many.billed*page.asksAnHour(t)*10 > refreshesBefore {
			t.Errorf("%d metrics an hour are more than a tenth of %d", many.billed*page.asksAnHour(t), refreshesBefore)
		}
	}
}

// checkSection holds a part of the page to what was measured, or writes it.
func checkSection(t *testing.T, want string) {
	t.Helper()
	page, err := os.ReadFile(costPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(page), costFrom)
	found, after, ends := strings.Cut(rest, costTo)
	if !begins || !ends {
		t.Fatalf("%s has no section between %q and %q", costPage, costFrom, costTo)
	}
	if found == want {
		return
	}
	if os.Getenv("UPDATE_DOCS") == "" {
		t.Fatalf("%s is out of date; UPDATE_DOCS=1 writes it:\n%s", costPage, want)
	}
	if err := os.WriteFile(costPage, []byte(before+costFrom+want+costTo+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
