package suite

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"flinkwatch/tests/host/internal/process"
)

// verdict is what an answer must be while a fault lasts.
type verdict int

const (
	// whole is everything that there is, without a word.
	whole verdict = iota
	// part is nothing wrong, something, everything that was known before, and a word about the rest.
	part
	// fails is an error with one of the fault's statuses, and no data.
	fails
)

// gets is what each question gets while a fault lasts.
type gets struct {
	// moved is a known panel, half an hour later: the newer half of its range is not known.
	moved verdict
	// cold is another signal of the known application.
	cold verdict
	// stranger is a panel about an application of which nothing is known.
	stranger verdict
	// rule is an alert rule about the known panel's signal, half an hour later.
	rule verdict
	// menu is a drop-down about the unknown application.
	menu verdict
	// health is "Save & test".
	health verdict
}

var (
	nothingHappens = gets{}
	// onlyWhatIsKnown is a service that does not answer.
	onlyWhatIsKnown = gets{moved: part, cold: fails, stranger: fails, rule: fails, menu: fails, health: fails}
	// onlyPartOfTheValues is a service that answers with less. Alert rules do not decide on that.
	onlyPartOfTheValues = gets{moved: part, cold: part, stranger: part, rule: fails}
)

// troubles are all faults, with what the questions get and the statuses of those that fail.
var troubles = map[string]struct {
	begin    func(t *testing.T, aws *localAWS)
	gets     gets
	statuses []backend.Status
}{
	"a short burst of throttling":    {with(faults{"throttle": next(2)}), nothingHappens, nil},
	"a long burst of throttling":     {with(faults{"throttle": "always"}), onlyWhatIsKnown, throttled},
	"an internal error, once":        {with(faults{"internal_error": next(1)}), nothingHappens, nil},
	"internal errors":                {with(faults{"internal_error": "always"}), onlyWhatIsKnown, awsIsBroken},
	"an unavailable service, once":   {with(faults{"unavailable": next(1)}), nothingHappens, nil},
	"an unavailable service":         {with(faults{"unavailable": "always"}), onlyWhatIsKnown, awsIsBroken},
	"a cut body, once":               {with(faults{"cut_body": next(1)}), nothingHappens, nil},
	"cut bodies":                     {with(faults{"cut_body": "always"}), onlyWhatIsKnown, awsIsBroken},
	"slow bodies":                    {with(faults{"slow_body_ms": 20}), nothingHappens, nil},
	"bodies slower than the timeout": {with(faults{"slow_body_ms": 2000}), onlyWhatIsKnown, []backend.Status{504}},
	"no answer at all":               {with(faults{"latency_ms": 60_000}), onlyWhatIsKnown, []backend.Status{504}},
	"partial data":                   {with(faults{"partial_data": "always"}), onlyPartOfTheValues, awsIsBroken},
	"answers called HTML":            {with(faults{"wrong_content_type": "always"}), nothingHappens, nil},
	"a proxy's page":                 {with(faults{"proxy_page": "always"}), onlyWhatIsKnown, awsIsBroken},
	"an expired token":               {with(faults{"expired_token": "always"}), onlyWhatIsKnown, denied},
	"AWS down":                       {func(_ *testing.T, aws *localAWS) { aws.kill() }, onlyWhatIsKnown, awsIsBroken},
}

func with(what faults) func(*testing.T, *localAWS) {
	return func(t *testing.T, aws *localAWS) { aws.breakWith(t, what) }
}

func next(count int) map[string]int { return map[string]int{"next": count} }

// question is a query about minutes counted back from one moment.
type question struct {
	application, signal string
	from, to            int
	isRule              bool
}

var (
	known    = question{application: "orders", signal: "cpu", from: 120, to: 30}
	moved    = question{application: "orders", signal: "cpu", from: 90, to: 0}
	cold     = question{application: "orders", signal: "heap", from: 90, to: 0}
	stranger = question{application: "payments", signal: "cpu", from: 90, to: 0}
	earlier  = question{application: "payments", signal: "heap", from: 600, to: 480}
	// ruleKnown is about closed buckets that are kept.
	ruleKnown = question{application: "orders", signal: "cpu", from: 120, to: 30, isRule: true}
	rule      = question{application: "orders", signal: "cpu", from: 90, to: 0, isRule: true}
)

// viewer is a data source of an identity of its own: nothing that another one fetched is known to it.
type viewer struct {
	plugin   *process.Plugin
	settings *backend.DataSourceInstanceSettings
	// moment is the newest minute of all questions; it is over, so its values stay.
	moment time.Time
}

func newViewer(plugin *process.Plugin, endpoint, key string) viewer {
	settings := sourceWith(map[string]any{"endpoint": endpoint, "requestTimeoutSeconds": 5})
	settings.UID = key
	settings.DecryptedSecureJSONData = map[string]string{"accessKey": key, "secretKey": "secret"}
	return viewer{plugin, settings, time.Now().Add(-time.Minute).Truncate(time.Minute)}
}

func (v viewer) ask(t *testing.T, questions ...question) []backend.DataResponse {
	t.Helper()
	request := requestOf(v.settings)
	for i, asked := range questions {
		refID := string(rune('A' + i))
		query := query(`{"refId":"` + refID + `","queryType":"application","applications":["` + asked.application +
			`"],"signals":["` + asked.signal + `"],"as":"series","period":60}`)
		query.TimeRange.From = v.moment.Add(-time.Duration(asked.from) * time.Minute)
		query.TimeRange.To = v.moment.Add(-time.Duration(asked.to) * time.Minute)
		request.Queries = append(request.Queries, query)
		if asked.isRule {
			request.Headers["FromAlert"] = "true"
		}
	}
	answers := ask(t, v.plugin, request)
	var ordered []backend.DataResponse
	for _, query := range request.Queries {
		ordered = append(ordered, answers[query.RefID])
	}
	return ordered
}

// menu is the status and the values of a drop-down.
func (v viewer) menu(t *testing.T, application string) (int, []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	status, body := 0, []byte{}
	err := v.plugin.CallResource(ctx, &backend.CallResourceRequest{
		PluginContext: contextOf(v.settings), Path: "tasks", URL: "tasks?application=" + application, Method: http.MethodGet,
	}, func(part *backend.CallResourceResponse) error {
		if part.Status != 0 {
			status = part.Status
		}
		body = append(body, part.Body...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var list []choice
	if status == http.StatusOK && json.Unmarshal(body, &list) != nil {
		t.Errorf("a drop-down is no list: %s", body)
	}
	return status, values(list)
}

func (v viewer) isHealthy(t *testing.T) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	result, err := v.plugin.CheckHealth(ctx, &backend.CheckHealthRequest{PluginContext: contextOf(v.settings)})
	if err != nil {
		t.Fatal(err)
	}
	if result.Message == "" {
		t.Error("the health check says nothing")
	}
	return result.Status == backend.HealthStatusOk
}

// points are the values of an answer by series and time.
func points(frames data.Frames) map[string]float64 {
	all := map[string]float64{}
	for _, frame := range frames {
		for _, field := range frame.Fields[min(1, len(frame.Fields)):] {
			for row := range field.Len() {
				at, isTime := frame.Fields[0].ConcreteAt(row)
				value, err := field.NullableFloatAt(row)
				if moment, ok := at.(time.Time); isTime && ok && err == nil && value != nil {
					all[field.Labels.String()+" "+moment.UTC().Format(time.RFC3339)] = *value
				}
			}
		}
	}
	return all
}

// check compares an answer with the truth; before is what was known of it.
func check(t *testing.T, expected verdict, answer backend.DataResponse, truth, before map[string]float64, statuses []backend.Status) {
	t.Helper()
	if expected == fails {
		failed(t, backend.Responses{"A": answer}, "A", statuses)
		if len(answer.Frames) > 0 {
			t.Errorf("an error came with %d frames", len(answer.Frames))
		}
		return
	}
	if answer.Error != nil {
		t.Fatalf("failed with %d: %v", answer.Status, answer.Error)
	}
	shown := points(answer.Frames)
	for at, value := range shown {
		if truth[at] != value {
			t.Errorf("%s is %v, in truth %v", at, value, truth[at])
		}
	}
	said := explanation(answer)
	if expected == whole {
		if len(shown) != len(truth) || said != "" {
			t.Errorf("%d of %d points, and the words %q", len(shown), len(truth), said)
		}
		return
	}
	for at := range before {
		if _, isShown := shown[at]; !isShown {
			t.Errorf("%s was known and is not shown", at)
		}
	}
	if len(shown) == 0 || len(shown) >= len(truth) || said == "" {
		t.Errorf("%d of %d points, and the words %q", len(shown), len(truth), said)
	}
}

func TestEachFaultHitsWhatIsNotKnownAndNothingElse(t *testing.T) {
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aws, plugin := startAWS(t), startPlugin(t)
			undisturbed, disturbed := newViewer(plugin, aws.endpoint, "AKIDUNDISTURBED"), newViewer(plugin, aws.endpoint, "AKIDDISTURBED")
			disturbed.moment = undisturbed.moment
			truth := map[question]map[string]float64{}
			for _, asked := range []question{known, moved, cold, stranger, earlier, ruleKnown, rule} {
				answer := undisturbed.ask(t, asked)[0]
				truth[asked] = points(good(t, backend.Responses{"A": answer}, "A"))
				if len(truth[asked]) == 0 {
					t.Fatalf("%+v has no data", asked)
				}
			}
			_, menus := undisturbed.menu(t, stranger.application)
			check(t, whole, disturbed.ask(t, known)[0], truth[known], nil, nil)
			_, before := disturbed.menu(t, known.application)

			trouble.begin(t, aws)
			t.Run("while it lasts", func(t *testing.T) {
				one := func(asked question, expected verdict) func(*testing.T) {
					return func(t *testing.T) {
						t.Parallel()
						check(t, expected, disturbed.ask(t, asked)[0], truth[asked], overlap(truth, asked), trouble.statuses)
					}
				}
				t.Run("known", one(known, whole))
				t.Run("moved", one(moved, trouble.gets.moved))
				t.Run("cold", one(cold, trouble.gets.cold))
				t.Run("stranger", one(stranger, trouble.gets.stranger))
				t.Run("rule about what is known", one(ruleKnown, whole))
				t.Run("rule", one(rule, trouble.gets.rule))
				t.Run("neighbours", func(t *testing.T) {
					t.Parallel()
					answers := disturbed.ask(t, known, cold)
					check(t, whole, answers[0], truth[known], nil, nil)
					check(t, trouble.gets.cold, answers[1], truth[cold], nil, trouble.statuses)
				})
				t.Run("known menu", func(t *testing.T) {
					t.Parallel()
					if status, list := disturbed.menu(t, known.application); status != http.StatusOK || !slices.Equal(list, before) {
						t.Errorf("%d %v", status, list)
					}
				})
				t.Run("menu", func(t *testing.T) {
					t.Parallel()
					status, list := disturbed.menu(t, stranger.application)
					if trouble.gets.menu == whole && !slices.Equal(list, menus) {
						t.Errorf("%d %v", status, list)
					}
					if trouble.gets.menu == fails && !slices.Contains(trouble.statuses, backend.Status(status)) {
						t.Errorf("status %d, expected one of %v", status, trouble.statuses)
					}
				})
				t.Run("health", func(t *testing.T) {
					t.Parallel()
					if isHealthy := disturbed.isHealthy(t); isHealthy != (trouble.gets.health == whole) {
						t.Errorf("healthy: %v", isHealthy)
					}
				})
			})

			if name == "AWS down" {
				aws.start(t)
			} else {
				aws.breakWith(t, faults{})
			}
			eventually(t, 20*time.Second, "the data source works again", func() bool {
				return disturbed.ask(t, stranger)[0].Error == nil && disturbed.isHealthy(t)
			})
			for asked, points := range truth {
				check(t, whole, disturbed.ask(t, asked)[0], points, nil, nil)
			}
			if status, list := disturbed.menu(t, stranger.application); status != http.StatusOK || !slices.Equal(list, menus) {
				t.Errorf("afterwards a drop-down has %d %v instead of %v", status, list, menus)
			}
		})
	}
}

// overlap is what the known panel has of a question's points.
func overlap(truth map[question]map[string]float64, asked question) map[string]float64 {
	if asked.application != known.application || asked.signal != known.signal {
		return nil
	}
	both := maps.Clone(truth[asked])
	maps.DeleteFunc(both, func(at string, _ float64) bool {
		_, isKnown := truth[known][at]
		return !isKnown
	})
	return both
}

// A failure says which call, of which service and where, whatever the fault.
func TestTheWordsOfAFaultNameCallAndRegion(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	viewer := newViewer(plugin, aws.endpoint, "AKIDVIEWER")
	viewer.ask(t, known)
	aws.breakWith(t, faults{"proxy_page": "always"})
	said := explanation(viewer.ask(t, moved)[0])
	for _, name := range []string{"GetMetricData", region, "orders"} {
		if !strings.Contains(said, name) {
			t.Errorf("%q is not named in %q", name, said)
		}
	}
}
