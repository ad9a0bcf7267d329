package provisioning

// Values are values of Grafana's Helm chart: the keys that ours uses, spelled as the chart's README lists them.
type Values struct {
	Image struct {
		Repository string `yaml:"repository"`
		Tag        string `yaml:"tag"`
	} `yaml:"image"`
	ServiceAccount struct {
		Name        string            `yaml:"name"`
		Annotations map[string]string `yaml:"annotations"`
	} `yaml:"serviceAccount"`
	ExtraEmptyDirMounts []struct {
		Name      string `yaml:"name"`
		MountPath string `yaml:"mountPath"`
	} `yaml:"extraEmptyDirMounts"`
	ExtraInitContainers []struct {
		Name         string   `yaml:"name"`
		Image        string   `yaml:"image"`
		Command      []string `yaml:"command"`
		VolumeMounts []struct {
			Name      string `yaml:"name"`
			MountPath string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
	} `yaml:"extraInitContainers"`
	Env                  map[string]string            `yaml:"env"`
	Ini                  map[string]map[string]string `yaml:"grafana.ini"`
	Datasources          map[string]Sources           `yaml:"datasources"`
	DashboardProviders   map[string]Providers         `yaml:"dashboardProviders"`
	ExtraConfigmapMounts []struct {
		Name      string `yaml:"name"`
		ConfigMap string `yaml:"configMap"`
		MountPath string `yaml:"mountPath"`
		ReadOnly  bool   `yaml:"readOnly"`
	} `yaml:"extraConfigmapMounts"`
}
