package provisioning

import (
	"reflect"
	"strings"
	"testing"
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
