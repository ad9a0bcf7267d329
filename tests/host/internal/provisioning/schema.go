// Package provisioning knows the files that ship for Grafana and Docker: which keys they may have, and how they hang together.
//
// Grafana and Docker overlook or refuse a key that they do not know, each in its own way; here it is an error.
package provisioning

// Sources is a file of data sources.
type Sources struct {
	APIVersion  int      `yaml:"apiVersion"`
	Datasources []Source `yaml:"datasources"`
}

// Source is one data source; its jsonData are the settings that the plugin reads.
type Source struct {
	Name           string         `yaml:"name"`
	UID            string         `yaml:"uid"`
	Type           string         `yaml:"type"`
	Access         string         `yaml:"access"`
	IsDefault      bool           `yaml:"isDefault"`
	JSONData       map[string]any `yaml:"jsonData"`
	SecureJSONData struct {
		AccessKey    string `yaml:"accessKey"`
		SecretKey    string `yaml:"secretKey"`
		SessionToken string `yaml:"sessionToken"`
	} `yaml:"secureJsonData"`
}

// Providers is a file of dashboard providers.
type Providers struct {
	APIVersion int `yaml:"apiVersion"`
	Providers  []struct {
		Name            string `yaml:"name"`
		OrgID           int    `yaml:"orgId"`
		Folder          string `yaml:"folder"`
		Type            string `yaml:"type"`
		Editable        bool   `yaml:"editable"`
		DisableDeletion bool   `yaml:"disableDeletion"`
		Options         struct {
			Path string `yaml:"path"`
		} `yaml:"options"`
	} `yaml:"providers"`
}

// ContactPoints is a file of contact points.
type ContactPoints struct {
	APIVersion    int `yaml:"apiVersion"`
	ContactPoints []struct {
		OrgID     int    `yaml:"orgId"`
		Name      string `yaml:"name"`
		Receivers []struct {
			UID      string         `yaml:"uid"`
			Type     string         `yaml:"type"`
			Settings map[string]any `yaml:"settings"`
		} `yaml:"receivers"`
	} `yaml:"contactPoints"`
}

// Policies is a file of notification policies.
type Policies struct {
	APIVersion int `yaml:"apiVersion"`
	Policies   []struct {
		OrgID int `yaml:"orgId"`
		Route `yaml:",inline"`
	} `yaml:"policies"`
}

// Route is a notification policy.
type Route struct {
	Receiver       string     `yaml:"receiver"`
	GroupBy        []string   `yaml:"group_by"`
	GroupWait      string     `yaml:"group_wait"`
	GroupInterval  string     `yaml:"group_interval"`
	RepeatInterval string     `yaml:"repeat_interval"`
	ObjectMatchers [][]string `yaml:"object_matchers"`
	Continue       bool       `yaml:"continue"`
	Routes         []Route    `yaml:"routes"`
}

// Compose is a compose file, with the keys of the Compose specification that ours uses.
type Compose struct {
	Services map[string]Service `yaml:"services"`
}

// Service is one container.
type Service struct {
	Image string `yaml:"image"`
	Build struct {
		Context    string `yaml:"context"`
		Dockerfile string `yaml:"dockerfile"`
		Target     string `yaml:"target"`
	} `yaml:"build"`
	DependsOn   []string          `yaml:"depends_on"`
	NetworkMode string            `yaml:"network_mode"`
	Environment map[string]string `yaml:"environment"`
	Ports       []string          `yaml:"ports"`
	Volumes     []string          `yaml:"volumes"`
}
