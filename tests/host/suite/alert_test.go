package suite

import (
	"net/http"
	"strings"
	"testing"
)

var alert = map[string]string{
	"FromAlert": "true", "X-Cache-Skip": "true", "X-Rule-Uid": "rule", "X-Rule-Name": "Orders CPU", "X-Rule-Type": "alerting",
}

func TestAnAlertGetsItsSeries(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	status, answer := host.query(t, alert, series)
	result := answer.Results["A"]
	if status != http.StatusOK || result.Error != "" || len(result.Frames) == 0 {
		t.Fatalf("%d %+v", status, result)
	}
	// A signal that is asked alone is no label: an expression can join it with another query's.
	labels := result.Frames[0].Schema.Fields[1].Labels
	if _, hasSignal := labels["signal"]; labels["application"] != "orders" || hasSignal {
		t.Errorf("labels %v", labels)
	}
}

func TestAnAlertNeverGetsPartialDataAndAPanelDoes(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	aws.breakWith(t, faults{"partial_data": "always"})
	status, answer := host.query(t, map[string]string{"X-Panel-Id": "1"}, series)
	if status != http.StatusOK || len(answer.Results["A"].Frames) == 0 {
		t.Errorf("a panel gets %d %+v", status, answer)
	}
	status, answer = host.query(t, alert, series)
	if result := answer.Results["A"]; status != http.StatusBadRequest || result.Error == "" || result.ErrorSource != "downstream" {
		t.Errorf("an alert gets %d %+v", status, result)
	}
}

// No data would be a verdict of its own, and a wrong one.
func TestAnAlertNeverTakesLostSeriesForNoData(t *testing.T) {
	for _, status := range []string{"InternalError", "Forbidden"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			aws := startAWS(t)
			host := startHost(t, aws.endpoint)
			aws.breakWith(t, faults{"metric_status": map[string]string{"cpuUtilization": status}})
			code, answer := host.query(t, alert, series)
			if result := answer.Results["A"]; code != http.StatusBadRequest || result.Error == "" {
				t.Errorf("an alert gets %d %+v", code, result)
			}
		})
	}
}

func TestAnExpressionCountsAsAnAlert(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	fromExpression := map[string]string{"X-Grafana-From-Expr": "true"}
	if status, answer := host.query(t, fromExpression, series); status != http.StatusOK {
		t.Fatalf("%d %+v", status, answer)
	}
	// Another signal, so that nothing that was kept can answer.
	aws.breakWith(t, faults{"partial_data": "always"})
	other := strings.Replace(series, `"cpu"`, `"heap"`, 1)
	if _, answer := host.query(t, fromExpression, other); answer.Results["A"].ErrorSource != "downstream" {
		t.Errorf("an expression got partial data: %+v", answer.Results["A"])
	}
}

func TestAnAlertOnAnUnknownApplicationFails(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	_, answer := host.query(t, alert,
		`{"refId":"A","queryType":"application","applications":["no-such-app"],"signals":["cpu"],"as":"series"}`)
	if result := answer.Results["A"]; !strings.Contains(result.Error, "no-such-app") {
		t.Errorf("a missing application is no data, which hides an outage: %+v", result)
	}
}

func TestAnAlertRuleWithoutDefaultsIsAnswered(t *testing.T) {
	aws := startAWS(t)
	host := startHost(t, aws.endpoint)
	status, answer := host.query(t, alert, `{"refId":"A","queryType":"checkpoint","applications":["orders"]}`)
	if status != http.StatusOK || len(answer.Results["A"].Frames) == 0 {
		t.Fatalf("%d %+v", status, answer.Results["A"])
	}
}
