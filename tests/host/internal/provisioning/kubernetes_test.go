package provisioning

import (
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"flinkwatch/tests/host/internal/rules"
)

const chart = "provisioning/kubernetes/values.yaml"

func TestTheChartsValuesSayWhatTheFilesSay(t *testing.T) {
	values := read[Values](t, chart)
	sources := read[Sources](t, "provisioning/datasources/default.yaml")
	if have := values.Datasources["flinkwatch.yaml"]; !reflect.DeepEqual(have, sources) {
		t.Errorf("%s has the data source %+v, the file %+v", chart, have, sources)
	}
	providers := read[Providers](t, "provisioning/dashboards/flinkwatch.yaml")
	if have := values.DashboardProviders["flinkwatch.yaml"]; !reflect.DeepEqual(have, providers) {
		t.Errorf("%s has the dashboards %+v, the file %+v", chart, have, providers)
	}
	compose := read[Compose](t, "docker-compose.yaml").Services["grafana"]
	if image := values.Image.Repository + ":" + values.Image.Tag; image != compose.Image {
		t.Errorf("%s, and the compose file has %s", image, compose.Image)
	}
}

func TestTheChartsValuesPutThePluginWhereGrafanaLooks(t *testing.T) {
	values := read[Values](t, chart)
	if len(values.ExtraEmptyDirMounts) != 1 || len(values.ExtraInitContainers) != 1 {
		t.Fatalf("%+v", values)
	}
	folder, filler := values.ExtraEmptyDirMounts[0], values.ExtraInitContainers[0]
	if folder.MountPath != plugins+pluginID || len(filler.VolumeMounts) != 1 || filler.VolumeMounts[0].Name != folder.Name {
		t.Errorf("%+v does not fill %+v", filler, folder)
	}
	dockerfile := text(t, "provisioning/kubernetes/Dockerfile")
	from, to := filler.Command[len(filler.Command)-2], filler.Command[len(filler.Command)-1]
	if to != filler.VolumeMounts[0].MountPath || !strings.Contains(dockerfile, "COPY . "+strings.TrimSuffix(from, "/.")+"\n") {
		t.Errorf("%v copies from elsewhere than the image, or to elsewhere than the volume", filler.Command)
	}
	if !strings.Contains(dockerfile, " --tag "+filler.Image+" ") {
		t.Errorf("the Dockerfile does not say how %s is built", filler.Image)
	}
	if values.Ini["plugins"]["allow_loading_unsigned_plugins"] != pluginID ||
		!strings.Contains(values.Ini["aws"]["forward_settings_to_plugins"], pluginID) {
		t.Errorf("grafana.ini does not know the plugin: %v", values.Ini)
	}
}

func TestTheChartsConfigMapIsMadeOfTheAlertRules(t *testing.T) {
	values, page := read[Values](t, chart), text(t, "docs/install.md")
	for _, mount := range values.ExtraConfigmapMounts {
		made := "kubectl create configmap " + mount.ConfigMap + " --from-file=provisioning/alerting"
		if mount.MountPath != "/etc/grafana/provisioning/alerting" || !mount.ReadOnly || !strings.Contains(page, made+"\n") {
			t.Errorf("%+v", mount)
		}
	}
	if len(values.ExtraConfigmapMounts) != 1 {
		t.Errorf("%+v", values.ExtraConfigmapMounts)
	}
}

// The first block of values that a reader meets: the plugin from its release, and the data source of the file.
func TestTheValuesOnThePageInstallThePluginFromItsRelease(t *testing.T) {
	var values Values
	for _, block := range blocks(text(t, "docs/install.md")) {
		if strings.Contains(block, "GF_PLUGINS_PREINSTALL_SYNC") {
			if err := rules.Strict([]byte(block), &values); err != nil {
				t.Fatal(err)
			}
		}
	}
	var plugin struct {
		Info struct {
			Version string `yaml:"version"`
		} `yaml:"info"`
	}
	if err := yaml.Unmarshal([]byte(text(t, "plugin.json")), &plugin); err != nil {
		t.Fatal(err)
	}
	want := pluginID + "@" + plugin.Info.Version + "@https://"
	if have := values.Env["GF_PLUGINS_PREINSTALL_SYNC"]; !strings.HasPrefix(have, want) {
		t.Errorf("%q does not begin with %q", have, want)
	}
	if values.Ini["plugins"]["allow_loading_unsigned_plugins"] != pluginID ||
		values.Ini["plugins"]["forward_host_env_vars"] != pluginID {
		t.Errorf("grafana.ini does not know the plugin: %v", values.Ini)
	}
	sources := read[Sources](t, "provisioning/datasources/default.yaml")
	if have := values.Datasources["flinkwatch.yaml"]; !reflect.DeepEqual(have, sources) {
		t.Errorf("the page has the data source %+v, the file %+v", have, sources)
	}
}
