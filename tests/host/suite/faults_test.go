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

// trouble is a fault, with what the questions get and the statuses of those that fail.
type trouble struct {
	// faults are those of the simulated AWS; without any it is killed, and started again afterwards.
	faults   faults
	gets     gets
	statuses []backend.Status
}

var troubles = map[string]trouble{
	"a short burst of throttling":    {faults{"throttle": next(2)}, nothingHappens, nil},
	"a long burst of throttling":     {faults{"throttle": "always"}, onlyWhatIsKnown, throttled},
	"an internal error, once":        {faults{"internal_error": next(1)}, nothingHappens, nil},
	"internal errors":                {faults{"internal_error": "always"}, onlyWhatIsKnown, awsIsBroken},
	"an unavailable service, once":   {faults{"unavailable": next(1)}, nothingHappens, nil},
	"an unavailable service":         {faults{"unavailable": "always"}, onlyWhatIsKnown, awsIsBroken},
	"a cut body, once":               {faults{"cut_body": next(1)}, nothingHappens, nil},
	"cut bodies":                     {faults{"cut_body": "always"}, onlyWhatIsKnown, awsIsBroken},
	"slow bodies":                    {faults{"slow_body_ms": 20}, nothingHappens, nil},
	"bodies slower than the timeout": {faults{"slow_body_ms": 2000}, onlyWhatIsKnown, []backend.Status{504}},
	"no answer at all":               {faults{"latency_ms": 60_000}, onlyWhatIsKnown, []backend.Status{504}},
	"partial data":                   {faults{"partial_data": "always"}, onlyPartOfTheValues, awsIsBroken},
	"answers called HTML":            {faults{"wrong_content_type": "always"}, nothingHappens, nil},
	"a proxy's page":                 {faults{"proxy_page": "always"}, onlyWhatIsKnown, awsIsBroken},
	"an expired token":               {faults{"expired_token": "always"}, onlyWhatIsKnown, denied},
	"AWS down":                       {nil, onlyWhatIsKnown, awsIsBroken},
}

func (f trouble) begin(t *testing.T, aws *localAWS) {
	t.Helper()
	if f.faults == nil {
		aws.kill()
		return
	}
	aws.breakWith(t, f.faults)
}

func (f trouble) end(t *testing.T, aws *localAWS) {
	t.Helper()
	if f.faults == nil {
		aws.start(t)
		return
	}
	aws.breakWith(t, faults{})
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

// offers tells whether the drop-downs are as they were. What failed a moment ago is not asked again at once.
func (v viewer) offers(t *testing.T, menus map[string][]string) bool {
	t.Helper()
	for application, expected := range menus {
		if status, list := v.menu(t, application); status != http.StatusOK || !slices.Equal(list, expected) {
			return false
		}
	}
	return true
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
	t.Parallel()
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aws, plugin := startAWS(t), startPlugin(t)
			truth := learn(t, newViewer(plugin, aws.endpoint, "AKIDUNDISTURBED"))
			disturbed := newViewer(plugin, aws.endpoint, "AKIDDISTURBED")
			disturbed.moment = truth.moment
			check(t, whole, disturbed.ask(t, known)[0], truth.points[known], nil, nil)
			disturbed.menu(t, known.application)

			trouble.begin(t, aws)
			t.Run("while it lasts", func(t *testing.T) { trouble.lasts(t, disturbed, truth) })
			trouble.end(t, aws)

			eventually(t, 20*time.Second, "the data source works again, with all of its drop-downs", func() bool {
				return disturbed.ask(t, stranger)[0].Error == nil && disturbed.isHealthy(t) && disturbed.offers(t, truth.menus)
			})
			for asked, points := range truth.points {
				check(t, whole, disturbed.ask(t, asked)[0], points, nil, nil)
			}
		})
	}
}

// knowledge is what an undisturbed data source was told.
type knowledge struct {
	moment time.Time
	points map[question]map[string]float64
	menus  map[string][]string
}

func learn(t *testing.T, undisturbed viewer) knowledge {
	t.Helper()
	learnt := knowledge{undisturbed.moment, map[question]map[string]float64{}, map[string][]string{}}
	for _, asked := range []question{known, moved, cold, stranger, earlier, ruleKnown, rule} {
		answer := undisturbed.ask(t, asked)[0]
		learnt.points[asked] = points(good(t, backend.Responses{"A": answer}, "A"))
		if len(learnt.points[asked]) == 0 {
			t.Fatalf("%+v has no data", asked)
		}
	}
	for _, application := range []string{known.application, stranger.application} {
		if _, learnt.menus[application] = undisturbed.menu(t, application); len(learnt.menus[application]) == 0 {
			t.Fatalf("%s has no tasks", application)
		}
	}
	return learnt
}

// lasts asks everything while the fault lasts.
func (f trouble) lasts(t *testing.T, disturbed viewer, truth knowledge) {
	inParallel := func(name string, test func(*testing.T)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
	for name, one := range map[string]struct {
		asked    question
		expected verdict
	}{
		"known": {known, whole}, "moved": {moved, f.gets.moved}, "cold": {cold, f.gets.cold},
		"stranger": {stranger, f.gets.stranger}, "rule": {rule, f.gets.rule}, "rule about what is known": {ruleKnown, whole},
	} {
		inParallel(name, func(t *testing.T) {
			answer := disturbed.ask(t, one.asked)[0]
			check(t, one.expected, answer, truth.points[one.asked], overlap(truth, one.asked), f.statuses)
		})
	}
	inParallel("neighbours", func(t *testing.T) {
		answers := disturbed.ask(t, known, cold)
		check(t, whole, answers[0], truth.points[known], nil, nil)
		check(t, f.gets.cold, answers[1], truth.points[cold], nil, f.statuses)
	})
	for application, expected := range map[string]verdict{known.application: whole, stranger.application: f.gets.menu} {
		inParallel("menu of "+application, func(t *testing.T) {
			status, list := disturbed.menu(t, application)
			if expected == whole && !slices.Equal(list, truth.menus[application]) {
				t.Errorf("%d %v", status, list)
			}
			if expected == fails && !slices.Contains(f.statuses, backend.Status(status)) {
				t.Errorf("status %d, expected one of %v", status, f.statuses)
			}
		})
	}
	inParallel("health", func(t *testing.T) {
		if isHealthy := disturbed.isHealthy(t); isHealthy != (f.gets.health == whole) {
			t.Errorf("healthy: %v", isHealthy)
		}
	})
}

// overlap is what the known panel has of a question's points.
func overlap(truth knowledge, asked question) map[string]float64 {
	if asked.application != known.application || asked.signal != known.signal {
		return nil
	}
	both := maps.Clone(truth.points[asked])
	maps.DeleteFunc(both, func(at string, _ float64) bool {
		_, isKnown := truth.points[known][at]
		return !isKnown
	})
	return both
}

// A failure says which call, of which service and where, whatever the fault.
func TestTheWordsOfAFaultNameCallAndRegion(t *testing.T) {
	t.Parallel()
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
