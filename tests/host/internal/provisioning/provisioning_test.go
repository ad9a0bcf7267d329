package provisioning

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"flinkwatch/tests/host/internal/rules"
)

const (
	repository = "../../../../"
	pluginID   = "flinkwatch-msf-datasource"
	plugins    = "/var/lib/grafana/plugins/"
)

func text(t *testing.T, path string) string {
	t.Helper()
	read, err := os.ReadFile(repository + path)
	if err != nil {
		t.Fatal(err)
	}
	return string(read)
}

func read[T any](t *testing.T, path string) (into T) {
	t.Helper()
	if err := rules.Strict([]byte(text(t, path)), &into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return into
}

// files of a folder; at least one.
func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(repository + pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: nothing found (%v)", pattern, err)
	}
	for i := range found {
		found[i] = strings.TrimPrefix(found[i], repository)
	}
	return found
}

// settings are the names of the table in docs/configuration.md.
func settings(t *testing.T) []string {
	t.Helper()
	rows := regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(text(t, "docs/configuration.md"), -1)
	var names []string
	for _, row := range rows {
		names = append(names, row[1])
	}
	return names
}

func TestDataSourcesHaveSettingsThatThePluginReads(t *testing.T) {
	known := settings(t)
	uids := map[string]string{}
	for _, path := range append(files(t, "provisioning/datasources/*"), "provisioning/docker/datasource.yaml") {
		file := read[Sources](t, path)
		if file.APIVersion != 1 || len(file.Datasources) != 1 {
			t.Errorf("%s: one data source of version 1 is expected", path)
		}
		for _, source := range file.Datasources {
			if source.Type != pluginID || source.Access != "proxy" || source.Name == "" {
				t.Errorf("%s: %+v", path, source)
			}
			for name := range source.JSONData {
				if !slices.Contains(known, name) {
					t.Errorf("%s: docs/configuration.md knows no setting %s", path, name)
				}
			}
			if source.JSONData["authType"] == "keys" && source.SecureJSONData.SecretKey == "" {
				t.Errorf("%s: no key", path)
			}
			if filepath.Dir(path) == "provisioning/datasources" && uids[source.UID] != "" {
				t.Errorf("%s and %s have one uid", path, uids[source.UID])
			}
			uids[source.UID] = path
		}
	}
	for _, path := range files(t, "provisioning/alerting/*.yaml") {
		if !strings.Contains(text(t, path), "datasourceUid: flinkwatch\n") || uids["flinkwatch"] == "" {
			t.Errorf("%s asks for a data source that nothing provisions", path)
		}
	}
}

func TestRulesHaveGrafanasKeysAndSayWhatToDo(t *testing.T) {
	for _, path := range files(t, "provisioning/alerting/*") {
		file, err := rules.Read(repository + path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for _, group := range file.Groups {
			for _, rule := range group.Rules {
				for _, name := range []string{"summary", "description", "runbook_url", "dashboard_url"} {
					if rule.Annotations[name] == "" {
						t.Errorf("%s: no %s", rule.UID, name)
					}
				}
				if severity := rule.Labels["severity"]; severity != "warning" && severity != "critical" {
					t.Errorf("%s: severity %q", rule.UID, severity)
				}
			}
		}
	}
}

func TestNotificationsReachAContactPoint(t *testing.T) {
	needed := map[string]string{"email": "addresses", "slack": "url"}
	names := map[string]bool{}
	for _, point := range read[ContactPoints](t, "provisioning/notifications/contact-points.yaml").ContactPoints {
		names[point.Name] = true
		for _, receiver := range point.Receivers {
			if receiver.UID == "" || receiver.Settings[needed[receiver.Type]] == nil {
				t.Errorf("%s: %+v", point.Name, receiver)
			}
		}
	}
	for _, policy := range read[Policies](t, "provisioning/notifications/notification-policy.yaml").Policies {
		for _, route := range append(policy.Routes, policy.Route) {
			if !names[route.Receiver] {
				t.Errorf("nobody is called %q", route.Receiver)
			}
		}
	}
}

func TestDashboardsComeFromThePluginsFolder(t *testing.T) {
	for _, path := range files(t, "provisioning/dashboards/*") {
		for _, provider := range read[Providers](t, path).Providers {
			if provider.Type != "file" || provider.Options.Path != plugins+pluginID+"/dashboards" {
				t.Errorf("%s: %+v", path, provider)
			}
		}
	}
}

func TestThePluginHasTheIDThatTheFilesName(t *testing.T) {
	var plugin struct {
		ID         string `json:"id"`
		Executable string `json:"executable"`
	}
	if err := json.Unmarshal([]byte(text(t, "plugin.json")), &plugin); err != nil || plugin.ID != pluginID {
		t.Errorf("%+v %v", plugin, err)
	}
	if !strings.Contains(text(t, "provisioning/docker/Dockerfile"), "/out/"+plugin.Executable+"_linux_") {
		t.Errorf("the image has no %s", plugin.Executable)
	}
}

// built are mounted paths that are no part of the repository; the page that explains the compose file names them.
var built = []string{"./dist"}

func TestEveryMountedPathExists(t *testing.T) {
	page := text(t, "docs/docker.md")
	for name, service := range read[Compose](t, "docker-compose.yaml").Services {
		for _, volume := range service.Volumes {
			parts := strings.Split(volume, ":")
			if len(parts) != 3 || parts[2] != "ro" || !strings.HasPrefix(parts[1], "/") {
				t.Errorf("%s: %s", name, volume)
			}
			if slices.Contains(built, parts[0]) {
				if !strings.Contains(page, "`"+strings.TrimPrefix(parts[0], "./")+"/`") {
					t.Errorf("docs/docker.md does not say how %s is built", parts[0])
				}
			} else if _, err := os.Stat(repository + parts[0]); err != nil {
				t.Errorf("%s mounts what does not exist: %v", name, err)
			}
		}
	}
}

func TestComposeStartsGrafanaOverLocalAWS(t *testing.T) {
	compose := read[Compose](t, "docker-compose.yaml")
	aws, grafana := compose.Services["local-aws"], compose.Services["grafana"]
	if grafana.NetworkMode != "service:local-aws" || !slices.Contains(grafana.DependsOn, "local-aws") || len(grafana.Ports) > 0 {
		t.Errorf("grafana cannot reach local AWS: %+v", grafana)
	}
	if !slices.Equal(aws.Ports, []string{"127.0.0.1:3000:3000"}) {
		t.Errorf("Grafana's port is not published: %v", aws.Ports)
	}
	if !strings.HasPrefix(grafana.Image, "grafana/grafana:") || grafana.Environment["GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS"] != pluginID {
		t.Errorf("%+v", grafana)
	}
	folder := "./dist:" + plugins + pluginID + ":ro"
	source := "./provisioning/docker/datasource.yaml:/etc/grafana/provisioning/datasources/flinkwatch.yaml:ro"
	for _, volume := range []string{folder, source} {
		if !slices.Contains(grafana.Volumes, volume) {
			t.Errorf("%s is not mounted", volume)
		}
	}
	// The entry point's port and the data source's endpoint.
	dockerfile := text(t, aws.Build.Dockerfile)
	port := regexp.MustCompile(`ENTRYPOINT \["/local-aws", "--port", "(\d+)"\]`).FindStringSubmatch(dockerfile)
	endpoint := read[Sources](t, "provisioning/docker/datasource.yaml").Datasources[0].JSONData["endpoint"]
	if len(port) != 2 || endpoint != "http://127.0.0.1:"+port[1] {
		t.Errorf("local AWS listens on %v, the data source asks %v", port, endpoint)
	}
}

func TestTheImageIsBuiltByTheRepositorysToolchain(t *testing.T) {
	dockerfile := text(t, "provisioning/docker/Dockerfile")
	channel := regexp.MustCompile(`(?m)^channel = "(.+)"$`).FindStringSubmatch(text(t, "rust-toolchain.toml"))
	if channel == nil {
		t.Fatal("rust-toolchain.toml names no channel")
	}
	for _, line := range []string{"FROM rust:" + channel[1] + "-bookworm AS build", "ENV RUSTUP_TOOLCHAIN=" + channel[1]} {
		if !strings.Contains(dockerfile, line+"\n") {
			t.Errorf("the Dockerfile lacks %q", line)
		}
	}
	for _, service := range read[Compose](t, "docker-compose.yaml").Services {
		if target := service.Build.Target; target != "" && !strings.Contains(dockerfile, " AS "+target+"\n") {
			t.Errorf("the Dockerfile has no stage %q", target)
		}
	}
}

func TestTheCloudFormationTemplateIsYAMLWithWhatItRefersTo(t *testing.T) {
	template := read[struct {
		Version     string         `yaml:"AWSTemplateFormatVersion"`
		Description string         `yaml:"Description"`
		Parameters  map[string]any `yaml:"Parameters"`
		Conditions  map[string]any `yaml:"Conditions"`
		Resources   map[string]any `yaml:"Resources"`
		Outputs     map[string]any `yaml:"Outputs"`
	}](t, "provisioning/iam/flinkwatch.cfn.yaml")
	names := regexp.MustCompile(`!Ref (\S+?)[,\s]`).FindAllStringSubmatch(text(t, "provisioning/iam/flinkwatch.cfn.yaml"), -1)
	for _, name := range names {
		if template.Parameters[name[1]] == nil && template.Resources[name[1]] == nil && name[1] != "AWS::NoValue" {
			t.Errorf("!Ref %s leads nowhere", name[1])
		}
	}
	if len(names) < 4 || len(template.Resources) != 1 {
		t.Errorf("%d references, %d resources", len(names), len(template.Resources))
	}
}

func TestAKeyThatNobodyKnowsFails(t *testing.T) {
	wrong := map[string]any{
		"datasources:\n  - json_data: {}\n":        &Sources{},
		"providers:\n  - option: {}\n":             &Providers{},
		"services:\n  grafana: { port: [3000] }\n": &Compose{},
		"policies:\n  - groupBy: [alertname]\n":    &Policies{},
	}
	for file, into := range wrong {
		if rules.Strict([]byte(file), into) == nil {
			t.Errorf("accepted: %s", file)
		}
	}
}
