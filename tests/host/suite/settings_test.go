package suite

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

func TestChangedSettingsTakeEffectAtOnce(t *testing.T) {
	first, second := startAWS(t), startAWS(t)
	host := startHost(t, first.endpoint)
	if status, answer := host.query(t, nil, series); status != http.StatusOK {
		t.Fatalf("%d %+v", status, answer)
	}
	first.reset(t)
	changed := source(second.endpoint)
	changed.DecryptedSecureJSONData = map[string]string{"accessKey": "AKIDCHANGED", "secretKey": "changed"}
	host.configure(t, changed)
	if status, answer := host.query(t, nil, series); status != http.StatusOK {
		t.Fatalf("%d %+v", status, answer)
	}
	if calls := first.counters(t).calls(); calls != 0 {
		t.Errorf("the old endpoint got %d more calls", calls)
	}
	keys := slices.Collect(maps.Keys(second.counters(t).AccessKeys))
	if len(keys) != 1 || keys[0] != "AKIDCHANGED" {
		t.Errorf("the new endpoint was called with the keys %v", keys)
	}
}

func TestIdentitiesAreNeverMixed(t *testing.T) {
	aws := startAWS(t)
	plugin := startPlugin(t)
	for _, key := range []string{"AKIDONE", "AKIDTWO"} {
		settings := source(aws.endpoint)
		settings.UID = key
		settings.DecryptedSecureJSONData = map[string]string{"accessKey": key, "secretKey": "secret"}
		good(t, ask(t, plugin, requestOf(settings, series)), "A")
	}
	called := aws.counters(t).AccessKeys
	for _, key := range []string{"AKIDONE", "AKIDTWO"} {
		if called[key]["GetMetricData"] == 0 {
			t.Errorf("%s got its metrics from the calls of another identity: %v", key, called)
		}
	}
}

func TestBrokenSettingsAreExplained(t *testing.T) {
	plugin := startPlugin(t)
	for name, value := range map[string]any{"authType": "grafana_assume_role", "defaultRegion": 7} {
		broken := sourceWith(map[string]any{name: value, "endpoint": nowhere})
		failed(t, ask(t, plugin, requestOf(broken, series)), "A", badRequest)
	}
	settings := source(nowhere)
	settings.JSONData = []byte(`{"authType":`)
	failed(t, ask(t, plugin, requestOf(settings, series)), "A", badRequest, "settings")
	settings = source(nowhere)
	settings.DecryptedSecureJSONData = nil
	failed(t, ask(t, plugin, requestOf(settings, series)), "A", []backend.Status{400, 401, 403}, "accessKey")
}
