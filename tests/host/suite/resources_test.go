package suite

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// choice is one entry of a drop-down.
type choice struct {
	Value       string       `json:"value"`
	Label       string       `json:"label"`
	Description string       `json:"description"`
	Group       string       `json:"group"`
	Signal      *signal      `json:"signal"`
	Application *application `json:"application"`
}

// signal is what stands beside an entry of signals.
type signal struct {
	Unit    *string  `json:"unit"`
	Formula string   `json:"formula"`
	Good    *string  `json:"good"`
	Levels  []string `json:"levels"`
	Aliases []string `json:"aliases"`
}

// application is what is known of one: beside an entry of applications, and as a resource of its own.
type application struct {
	Name         string   `json:"name"`
	Status       string   `json:"status"`
	Runtime      string   `json:"runtime"`
	MetricsLevel string   `json:"metricsLevel"`
	Levels       []string `json:"levels"`
	Notices      []string `json:"notices"`
}

func choices(t *testing.T, host *host, path string) []choice {
	t.Helper()
	answer := host.get(t, "/api/datasources/uid/msf/resources/"+path)
	if answer.status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, answer.status, answer.text)
	}
	if kind := answer.headers.Get("Content-Type"); kind != "application/json" {
		t.Errorf("%s: content type %q", path, kind)
	}
	var read []choice
	if err := json.Unmarshal([]byte(answer.text), &read); err != nil || read == nil {
		t.Fatalf("%s: %v in %s", path, err, answer.text)
	}
	for _, one := range read {
		if one.Value == "" || one.Label == "" {
			t.Errorf("%s: a choice without value or label: %+v", path, one)
		}
	}
	return read
}

func values(list []choice) []string {
	var all []string
	for _, one := range list {
		all = append(all, one.Value)
	}
	return all
}

func TestEveryDropDownHasChoices(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	for path, expected := range map[string][]string{
		"regions":                       {region, "us-east-1"},
		"applications":                  append([]string{"legacy-reports", "inventory-sync"}, running...),
		"applications?region=" + region: {"orders"},
		"applications?q=ord":            {"orders"},
		"signals?queryType=application": {"sourceRate", "restarts", "cpu"},
		"signals?queryType=operator":    {"busy", "backPressure"},
		"signals?queryType=checkpoint":  {"checkpointDuration", "checkpointsFailed"},
		"metrics?application=orders":    {"cpuUtilization", "numRecordsOutPerSecond"},
		"metrics":                       {"cpuUtilization"},
		"dimensions?application=orders": {"Task"},
		"accounts":                      {},
		"log-groups?application=orders": {},
	} {
		t.Run(path, func(t *testing.T) {
			found := values(choices(t, host, path))
			for _, value := range expected {
				if !slices.Contains(found, value) {
					t.Errorf("%s is missing in %v", value, found)
				}
			}
		})
	}
}

func TestTasksOperatorsAndSourcesOfAnApplication(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	tasks := choices(t, host, "tasks?application=orders")
	operators := choices(t, host, "operators?application=orders")
	if len(tasks) < 2 || len(operators) < len(tasks) {
		t.Fatalf("tasks %v, operators %v", values(tasks), values(operators))
	}
	some := choices(t, host, "operators?application=orders&task="+tasks[0].Value)
	if len(some) == 0 || len(some) >= len(operators) {
		t.Errorf("operators of %s: %v of %v", tasks[0].Value, values(some), values(operators))
	}
	if sources := choices(t, host, "sources?application=sessions"); len(sources) == 0 {
		t.Error("sessions reads Kafka, yet no topic is offered")
	}
}

func TestAFilterNarrowsTheChoices(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	if found := values(choices(t, host, "applications?q=pay")); len(found) != 1 || found[0] != "payments" {
		t.Errorf("q=pay finds %v", found)
	}
	if found := choices(t, host, "applications?q=nothing-like-this"); len(found) != 0 {
		t.Errorf("found %v", values(found))
	}
}

func TestResourceMistakesAreAnswersToo(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	if answer := host.get(t, "/api/datasources/uid/msf/resources/no-such-path"); answer.status != http.StatusNotFound {
		t.Errorf("an unknown path: %d %s", answer.status, answer.text)
	}
	for _, path := range []string{"log-groups", "application?application=*", "tasks?application=/(/", "applications?status=READY"} {
		if answer := host.get(t, "/api/datasources/uid/msf/resources/"+path); answer.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", path, answer.status, answer.text)
		}
	}
	answer := host.call(t, http.MethodPost, "/api/datasources/uid/msf/resources/applications", "{}", nil)
	if answer.status != http.StatusMethodNotAllowed && answer.status != http.StatusOK {
		t.Errorf("POST: %d %s", answer.status, answer.text)
	}
}

func TestADeniedDropDownNamesTheAction(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	aws.breakWith(t, faults{"deny": []string{"*"}})
	answer := host.get(t, "/api/datasources/uid/msf/resources/applications")
	var said struct {
		Message string `json:"message"`
	}
	if err := json.Unmarshal([]byte(answer.text), &said); err != nil || answer.status != http.StatusForbidden || said.Message == "" {
		t.Errorf("%d %s", answer.status, answer.text)
	}
}

func TestApplicationsAreFoundWithoutTheRightToListThem(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	aws.breakWith(t, faults{"deny": []string{"kinesisanalytics:*"}})
	if found := values(choices(t, host, "applications")); !slices.Contains(found, "orders") {
		t.Errorf("found %v", found)
	}
}

func TestEverySignalTellsItsFormulaAndLevels(t *testing.T) {
	aws := startAWS(t)
	for _, one := range choices(t, startHost(t, aws.endpoint), "signals") {
		if one.Signal == nil || one.Signal.Formula == "" || one.Signal.Levels == nil || one.Signal.Aliases == nil || one.Description == "" {
			t.Errorf("%+v", one)
		}
	}
}

func applicationOf(t *testing.T, host *host, name string) application {
	t.Helper()
	answer := host.get(t, "/api/datasources/uid/msf/resources/application?application="+name)
	var read application
	if err := json.Unmarshal([]byte(answer.text), &read); err != nil || answer.status != http.StatusOK {
		t.Fatalf("%s: %v, %d %s", name, err, answer.status, answer.text)
	}
	if read.Name != name || read.Notices == nil {
		t.Errorf("%s: %s", name, answer.text)
	}
	return read
}

func TestAnApplicationTellsWhatItPublishesAndWhyNot(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	orders := applicationOf(t, host, "orders")
	// It is deployed once a week, for a minute and a half.
	active := []string{"RUNNING", "UPDATING"}
	if !slices.Contains(active, orders.Status) || orders.MetricsLevel == "" || !slices.Contains(orders.Levels, "task") {
		t.Errorf("%+v", orders)
	}
	listed := choices(t, host, "applications?match=/^orders$/")
	if len(listed) != 1 || listed[0].Application == nil || listed[0].Application.MetricsLevel != orders.MetricsLevel {
		t.Errorf("what is known now is missing in the list: %+v", listed)
	}
	for name, part := range map[string]string{"legacy-reports": "is stopped", "no-such-application": "There is no application"} {
		if notices := strings.Join(applicationOf(t, host, name).Notices, " "); !strings.Contains(notices, part) {
			t.Errorf("%s: %q", name, notices)
		}
	}
	aws.breakWith(t, faults{"deny": []string{"kinesisanalytics:DescribeApplication"}})
	payments := applicationOf(t, host, "payments")
	if len(payments.Notices) != 1 || !strings.Contains(payments.Notices[0], "Add kinesisanalytics:DescribeApplication to the policy") {
		t.Errorf("%+v", payments)
	}
}

func TestDropDownsOfSeveralApplications(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	both := choices(t, host, "tasks?application=orders&application=payments")
	var groups []string
	for _, one := range both {
		groups = append(groups, one.Group)
	}
	groups = slices.Compact(groups)
	if !slices.Equal(groups, []string{"orders", "payments"}) {
		t.Errorf("groups %v", groups)
	}
	if found := values(choices(t, host, "tasks?application=orders,payments")); !slices.Equal(found, values(both)) {
		t.Errorf("separated by a comma: %v instead of %v", found, values(both))
	}
	for _, path := range []string{"tasks", "operators?application=*", "sources?application=/./", "dimensions"} {
		if len(choices(t, host, path)) == 0 {
			t.Errorf("%s is empty", path)
		}
	}
}

func TestApplicationsByStatusAndTag(t *testing.T) {
	t.Parallel()
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	all := values(choices(t, host, "applications"))
	active := values(choices(t, host, "applications?status=running"))
	stopped := values(choices(t, host, "applications?status=stopped"))
	if len(active) == 0 || len(stopped) == 0 || !slices.Equal(append(active, stopped...), all) {
		t.Errorf("running %v, stopped %v of %v", active, stopped, all)
	}
	if tagged := values(choices(t, host, "applications?tag=env:prod")); !slices.Equal(tagged, all) {
		t.Errorf("tagged %v of %v", tagged, all)
	}
	aws.breakWith(t, faults{"deny": []string{"kinesisanalytics:ListTagsForResource"}})
	if tagged := values(choices(t, host, "applications?tag=env:test")); len(tagged) != 0 {
		t.Errorf("what was read is kept, and %v are tagged", tagged)
	}
	other := startHost(t, aws.endpoint).get(t, "/api/datasources/uid/msf/resources/applications?tag=env")
	if other.status != http.StatusForbidden || !strings.Contains(other.text, "Add kinesisanalytics:ListTagsForResource") {
		t.Errorf("%d %s", other.status, other.text)
	}
}

// Nothing can be deleted here, and an answer would look as if something had been.
func TestAResourceIsOnlyRead(t *testing.T) {
	t.Parallel()
	plugin := startPlugin(t)
	request := &backend.CallResourceRequest{
		PluginContext: contextOf(source(nowhere)), Path: "applications", URL: "applications", Method: http.MethodDelete,
	}
	var status int
	var body []byte
	err := plugin.CallResource(t.Context(), request, func(part *backend.CallResourceResponse) error {
		status, body = max(status, part.Status), append(body, part.Body...)
		return nil
	})
	if err != nil || status != http.StatusMethodNotAllowed || !strings.Contains(string(body), "takes GET, and not DELETE") {
		t.Errorf("%d %s %v", status, body, err)
	}
}
