package suite

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
)

// choice is one entry of a drop-down.
type choice struct {
	Value       string `json:"value"`
	Label       string `json:"label"`
	Description string `json:"description"`
	Group       string `json:"group"`
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
	if answer := host.get(t, "/api/datasources/uid/msf/resources/tasks"); answer.status != http.StatusBadRequest {
		t.Errorf("tasks of nothing: %d %s", answer.status, answer.text)
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
