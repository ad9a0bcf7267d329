package suite

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/common/expfmt"
)

const health = "/api/datasources/uid/msf/health"

var permissions = []string{
	"cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "kinesisanalytics:ListApplications",
	"kinesisanalytics:DescribeApplication", "kinesisanalytics:ListTagsForResource", "logs:FilterLogEvents",
}

func TestAHealthySourceListsEachPermission(t *testing.T) {
	aws := startAWS(t)
	answer := startHost(t, aws.endpoint).get(t, health)
	if answer.status != http.StatusOK || !strings.Contains(answer.text, `"status":"OK"`) {
		t.Fatalf("%d %s", answer.status, answer.text)
	}
	for _, permission := range permissions {
		if !strings.Contains(answer.text, permission) {
			t.Errorf("%s is not named in %s", permission, answer.text)
		}
	}
}

func TestADeniedPermissionIsNamedWithWhatToAdd(t *testing.T) {
	t.Parallel()
	for _, permission := range permissions {
		t.Run(permission, func(t *testing.T) {
			aws := startAWS(t)
			host := startHost(t, aws.endpoint)
			aws.breakWith(t, faults{"deny": []string{permission}})
			answer := host.get(t, health)
			if !strings.Contains(answer.text, permission) || !strings.Contains(strings.ToLower(answer.text), "policy") {
				t.Errorf("%d %s", answer.status, answer.text)
			}
			if strings.HasPrefix(permission, "cloudwatch:") && answer.status != http.StatusBadRequest {
				t.Errorf("without %s nothing works, yet the check says %d", permission, answer.status)
			}
		})
	}
}

func TestAFailingServiceFailsTheCheck(t *testing.T) {
	t.Parallel()
	for name, what := range map[string]faults{
		"expired": {"expired_token": "always"}, "CloudWatch": {"unavailable": "always"}, "policy": {"deny": []string{"*"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aws := startAWS(t)
			host := startHost(t, aws.endpoint)
			if answer := host.get(t, health); answer.status != http.StatusOK {
				t.Fatalf("before the failure: %d %s", answer.status, answer.text)
			}
			aws.breakWith(t, what)
			answer := host.get(t, health)
			if answer.status != http.StatusBadRequest || !strings.Contains(answer.text, `"status":"ERROR"`) {
				t.Errorf("%d %s", answer.status, answer.text)
			}
			if !strings.Contains(strings.ToLower(answer.text), strings.ToLower(name)) {
				t.Errorf("%q is not named in %s", name, answer.text)
			}
		})
	}
}

func TestAnUnreachableServiceFailsTheCheck(t *testing.T) {
	t.Parallel()
	answer := startHost(t, nowhere).get(t, health)
	if answer.status != http.StatusBadRequest || !strings.Contains(answer.text, region) {
		t.Fatalf("%d %s", answer.status, answer.text)
	}
}

func TestTheHostsPathsWorkWithThePlugin(t *testing.T) {
	host := startHost(t, nowhere)
	status, answer := host.query(t, nil, `{"refId":"A","queryType":"no-such-kind"}`)
	if status != http.StatusBadRequest || answer.Results["A"].Error == "" {
		t.Errorf("%d %+v", status, answer)
	}
	if answer := host.get(t, "/api/datasources/uid/msf/resources/no-such-path"); answer.status < http.StatusBadRequest {
		t.Errorf("resource: %d %s", answer.status, answer.text)
	}
	if answer := host.get(t, "/metrics"); answer.status != http.StatusOK {
		t.Errorf("metrics: %d %s", answer.status, answer.text)
	}
}

func TestThePluginsOwnMetricsArePrometheusText(t *testing.T) {
	aws, plugin := startAWS(t), startPlugin(t)
	good(t, ask(t, plugin, requestOf(source(aws.endpoint), series)), "A")
	text, err := plugin.CollectMetrics(t.Context(), &backend.CollectMetricsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var parser expfmt.TextParser
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if len(families) == 0 {
		t.Fatal("no metric after a query")
	}
	for name, family := range families {
		if family.GetHelp() == "" {
			t.Errorf("metric %s has no help text", name)
		}
	}
}
