// Package rules reads alert rules from provisioning files and evaluates them as Grafana does.
//
// Grafana's own parser overlooks a key that it does not know, so that a misspelt execErrState silently becomes the default;
// here such a key is an error. Grafana's expression engine cannot be imported; the few pieces that the rules use are
// written anew in evaluate.go.
package rules

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// ExpressionUID is the data source of expressions.
const ExpressionUID = "__expr__"

// File is a file of alert rules.
type File struct {
	APIVersion int     `yaml:"apiVersion"`
	Groups     []Group `yaml:"groups"`
}

// Group is rules that are evaluated together.
type Group struct {
	OrgID    int    `yaml:"orgId"`
	Name     string `yaml:"name"`
	Folder   string `yaml:"folder"`
	Interval string `yaml:"interval"`
	Rules    []Rule `yaml:"rules"`
}

// Rule is one alert rule. These are Grafana's keys for it, as far as they are of use in a file that ships.
type Rule struct {
	UID           string            `yaml:"uid"`
	Title         string            `yaml:"title"`
	Condition     string            `yaml:"condition"`
	For           string            `yaml:"for"`
	KeepFiringFor string            `yaml:"keepFiringFor"`
	NoDataState   string            `yaml:"noDataState"`
	ExecErrState  string            `yaml:"execErrState"`
	IsPaused      bool              `yaml:"isPaused"`
	DashboardUID  string            `yaml:"dashboardUid"`
	PanelID       int               `yaml:"panelId"`
	Labels        map[string]string `yaml:"labels"`
	Annotations   map[string]string `yaml:"annotations"`
	Data          []Step            `yaml:"data"`
}

// Step is a query or an expression.
type Step struct {
	RefID         string    `yaml:"refId"`
	QueryType     string    `yaml:"queryType"`
	DatasourceUID string    `yaml:"datasourceUid"`
	Range         TimeRange `yaml:"relativeTimeRange"`
	// Model is the query as the data source gets it, or the expression.
	Model map[string]any `yaml:"model"`
}

// TimeRange is in seconds before the evaluation.
type TimeRange struct {
	From int `yaml:"from"`
	To   int `yaml:"to"`
}

var (
	noDataStates  = []string{"OK", "NoData", "Alerting", "KeepLast"}
	execErrStates = []string{"OK", "Error", "Alerting", "KeepLast"}
	uid           = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
)

// Read reads and checks a file.
func Read(path string) (File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	return Parse(text)
}

// Parse refuses what Grafana would refuse, and every key that Grafana does not know.
func Parse(text []byte) (File, error) {
	var file File
	if err := Strict(text, &file); err != nil {
		return File{}, err
	}
	if file.APIVersion != 1 {
		return File{}, fmt.Errorf("apiVersion is %d", file.APIVersion)
	}
	seen := map[string]bool{}
	for _, group := range file.Groups {
		if err := group.check(seen); err != nil {
			return File{}, fmt.Errorf("group %q: %w", group.Name, err)
		}
	}
	return file, nil
}

// Strict decodes YAML and refuses unknown keys.
func Strict(text []byte, into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	return decoder.Decode(into)
}

func (g Group) check(seen map[string]bool) error {
	if g.Name == "" || g.Folder == "" {
		return errors.New("name and folder are needed")
	}
	if _, err := model.ParseDuration(g.Interval); err != nil {
		return fmt.Errorf("interval: %w", err)
	}
	for _, rule := range g.Rules {
		if !uid.MatchString(rule.UID) || seen[rule.UID] {
			return fmt.Errorf("uid %q is wrong or stands twice", rule.UID)
		}
		seen[rule.UID] = true
		if err := rule.check(); err != nil {
			return fmt.Errorf("rule %s: %w", rule.UID, err)
		}
	}
	return nil
}

func (r Rule) check() error {
	if _, err := model.ParseDuration(r.For); err != nil {
		return fmt.Errorf("for: %w", err)
	}
	if !slices.Contains(noDataStates, r.NoDataState) {
		return fmt.Errorf("noDataState is %q", r.NoDataState)
	}
	if !slices.Contains(execErrStates, r.ExecErrState) {
		return fmt.Errorf("execErrState is %q", r.ExecErrState)
	}
	known := map[string]bool{}
	for _, step := range r.Data {
		if known[step.RefID] || step.Model["refId"] != step.RefID {
			return fmt.Errorf("refId %q stands twice or is not that of its model", step.RefID)
		}
		known[step.RefID] = true
		if err := step.check(); err != nil {
			return fmt.Errorf("step %s: %w", step.RefID, err)
		}
	}
	if !known[r.Condition] || r.Title == "" {
		return fmt.Errorf("condition %q is no step, or the title is missing", r.Condition)
	}
	return nil
}

func (s Step) check() error {
	source, _ := s.Model["datasource"].(map[string]any)
	if source["uid"] != s.DatasourceUID {
		return fmt.Errorf("the model's data source is %v, the step's is %s", source["uid"], s.DatasourceUID)
	}
	if s.IsExpression() {
		_, err := s.expression()
		return err
	}
	if s.Range.From <= s.Range.To || s.Model["queryType"] != s.QueryType {
		return errors.New("the range is empty, or queryType is not that of the model")
	}
	return nil
}

// At is the range of an evaluation at a time.
func (r TimeRange) At(now time.Time) backend.TimeRange {
	before := func(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }
	return backend.TimeRange{From: before(r.From), To: before(r.To)}
}

// IsExpression tells an expression from a query.
func (s Step) IsExpression() bool { return s.DatasourceUID == ExpressionUID }

// Lasting is how long the condition must hold.
func (r Rule) Lasting() time.Duration { return duration(r.For) }

// Keeping is how long an alert fires on when its condition is over.
func (r Rule) Keeping() time.Duration {
	if r.KeepFiringFor == "" {
		return 0
	}
	return duration(r.KeepFiringFor)
}

// Every is the time between two evaluations.
func (g Group) Every() time.Duration { return duration(g.Interval) }

// duration of a text that was checked.
func duration(text string) time.Duration {
	parsed, err := model.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return time.Duration(parsed)
}
