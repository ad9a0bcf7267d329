// Package cli is the command line of the host: it starts a plugin and serves it, or asks it once.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/hashicorp/go-hclog"
	"golang.org/x/term"

	"flinkwatch/tests/host/internal/dsquery"
	"flinkwatch/tests/host/internal/httpapi"
	"flinkwatch/tests/host/internal/instances"
	"flinkwatch/tests/host/internal/page"
	"flinkwatch/tests/host/internal/process"
	"flinkwatch/tests/host/internal/table"
)

const (
	// grafanaVersion is the version that the host claims to be.
	grafanaVersion = "12.2.0"
	// fleetQuery is what the demo shows: every running application, one row each.
	fleetQuery = `{"refId":"A","queryType":"application","applications":["*"],"as":"table",` +
		`"signals":["sourceRate","consumerLagTime","busy"]}`
	// drainTime is how long open HTTP requests may take after a signal.
	drainTime = 5 * time.Second
)

// pairs is a flag that may be given several times, as key=value.
type pairs map[string]string

func (p pairs) String() string { return "" }

func (p pairs) Set(text string) error {
	key, value, ok := strings.Cut(text, "=")
	if !ok || key == "" {
		return fmt.Errorf("%q is not key=value", text)
	}
	p[key] = value
	return nil
}

type options struct {
	command       string // "", "query" or "table"
	plugin        string
	sources       string
	listen        string
	page          string
	dist          string
	file          string
	role          string
	logLevel      string
	width         int
	fleet         bool
	skipHostEnv   bool
	grafanaConfig pairs
	pluginConfig  pairs
}

func parseOptions(arguments []string) (options, error) {
	read := options{grafanaConfig: pairs{}, pluginConfig: pairs{}}
	if len(arguments) > 0 && !strings.HasPrefix(arguments[0], "-") {
		read.command, arguments = arguments[0], arguments[1:]
	}
	flags := flag.NewFlagSet("host", flag.ContinueOnError)
	flags.StringVar(&read.plugin, "plugin", "", "path of the plugin's executable")
	flags.StringVar(&read.sources, "datasources", "", "JSON file with the data sources")
	flags.StringVar(&read.listen, "listen", "127.0.0.1:3000", "loopback address of the HTTP API")
	flags.StringVar(&read.page, "page", "", "directory of a page for the browser, served beside the API")
	flags.StringVar(&read.dist, "dist", "", "directory of the plugin's front end, served where Grafana serves it")
	flags.StringVar(&read.file, "file", "", "JSON file with a body of /api/ds/query, or with one query (query, table)")
	flags.StringVar(&read.role, "role", "Admin", "role of the viewer: Admin, Editor, Viewer, None or empty")
	flags.StringVar(&read.logLevel, "log-level", "info", "level of the log on stderr")
	flags.IntVar(&read.width, "width", terminalWidth(), "width of printed tables, 0 for no limit")
	flags.BoolVar(&read.fleet, "fleet", false, "print the fleet table before serving")
	flags.BoolVar(&read.skipHostEnv, "skip-host-env", false, "hide the environment of the host from the plugin")
	flags.Var(read.grafanaConfig, "grafana-config", "key=value of grafanaConfig, may be repeated")
	flags.Var(read.pluginConfig, "plugin-setting", "key=value of Grafana's section [plugin.<id>], may be repeated")
	if err := flags.Parse(arguments); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	return read, read.check()
}

func (o options) check() error {
	switch {
	case o.command != "" && o.command != "query" && o.command != "table":
		return fmt.Errorf("unknown command %q: query, table, or none to serve", o.command)
	case o.plugin == "" || o.sources == "":
		return errors.New("--plugin and --datasources are needed")
	case o.command == "query" && o.file == "":
		return errors.New("query needs --file")
	}
	address, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if ip := net.ParseIP(address); address != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--listen %s: only loopback addresses, because the API has no login", o.listen)
	}
	return nil
}

func terminalWidth() int {
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		return width
	}
	return 0
}

// host is a started plugin and what is needed to ask it.
type host struct {
	options options
	logger  hclog.Logger
	store   *instances.Store
	plugin  *process.Plugin
	viewer  dsquery.Viewer
}

// Run does what the arguments say until it is done or ctx ends. The plugin is stopped on every way out.
func Run(ctx context.Context, arguments []string, out io.Writer) error {
	read, err := parseOptions(arguments)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	h, err := start(ctx, read)
	if err != nil {
		return err
	}
	defer h.stop()
	switch read.command {
	case "query":
		return h.printJSON(ctx, out)
	case "table":
		return h.printTable(ctx, out)
	}
	return h.serve(ctx, out)
}

func start(ctx context.Context, read options) (*host, error) {
	logger := hclog.New(&hclog.LoggerOptions{
		Name: "host", Level: hclog.LevelFromString(read.logLevel), Output: os.Stderr,
	})
	store, err := instances.Load(read.sources)
	if err != nil {
		return nil, err
	}
	hostEnv := process.InheritHostEnv
	if read.skipHostEnv {
		hostEnv = process.SkipHostEnv
	}
	begin := time.Now()
	plugin, err := process.Start(ctx, process.Settings{
		Executable: read.plugin, Env: environment(read), HostEnv: hostEnv, Logger: logger,
	})
	if err != nil {
		return nil, err
	}
	logger.Info("plugin started", "pid", plugin.PID(), "took", time.Since(begin).Round(time.Millisecond))
	viewer := dsquery.Viewer{
		User:          &backend.User{Login: "admin", Name: "Admin", Email: "admin@localhost", Role: read.role},
		GrafanaConfig: read.grafanaConfig,
	}
	return &host{options: read, logger: logger, store: store, plugin: plugin, viewer: viewer}, nil
}

// environment is what Grafana adds to the environment of a plugin.
func environment(read options) []string {
	env := []string{"GF_VERSION=" + grafanaVersion, "GF_APP_URL=http://" + read.listen + "/"}
	for key, value := range read.pluginConfig {
		env = append(env, "GF_PLUGIN_"+strings.ToUpper(key)+"="+value)
	}
	for key, value := range read.grafanaConfig {
		if strings.HasPrefix(key, "AWS_AUTH_") {
			env = append(env, key+"="+value)
		}
	}
	return env
}

func (h *host) stop() {
	report := h.plugin.Stop()
	h.logger.Info("plugin stopped", "took", report.Took.Round(time.Millisecond), "graceful", report.Graceful,
		"state", report.State)
}

func (h *host) ask(ctx context.Context) (*backend.QueryDataResponse, error) {
	text := []byte(fleetQuery)
	if h.options.file != "" {
		var err error
		if text, err = os.ReadFile(h.options.file); err != nil {
			return nil, err
		}
	}
	uid := h.store.First()
	kind, err := h.store.Type(uid)
	if err != nil {
		return nil, err
	}
	body, err := dsquery.ReadFile(text, uid, kind)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", h.options.file, err)
	}
	asker := dsquery.Asker{Plugin: h.plugin, Store: h.store, Viewer: h.viewer}
	return asker.Ask(ctx, body, map[string]string{})
}

func (h *host) printJSON(ctx context.Context, out io.Writer) error {
	answer, err := h.ask(ctx)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(answer); err != nil {
		return err
	}
	return dsquery.FirstError(answer)
}

// fleetColumns are those that fit any terminal side by side.
var fleetColumns = []string{"application", "health", "why", "Source rate", "Consumer lag", "Busy"}

func (h *host) printTable(ctx context.Context, out io.Writer) error {
	answer, err := h.ask(ctx)
	if err != nil {
		return err
	}
	var frames data.Frames
	for _, refID := range dsquery.RefIDs(answer) {
		frames = append(frames, answer.Responses[refID].Frames...)
	}
	if h.options.file == "" {
		frames = table.Choose(frames, fleetColumns)
	}
	if err := table.Write(out, frames, h.options.width); err != nil {
		return err
	}
	return dsquery.FirstError(answer)
}

func (h *host) serve(ctx context.Context, out io.Writer) error {
	listener, err := net.Listen("tcp", h.options.listen)
	if err != nil {
		return err
	}
	if h.options.fleet {
		if err := h.printTable(ctx, out); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	api := &httpapi.API{
		Plugin: h.plugin, Store: h.store, Viewer: h.viewer, Logger: h.logger, Version: grafanaVersion,
	}
	if err := h.addFiles(api); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: api.Handler(), ReadHeaderTimeout: drainTime}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	h.logger.Info("serving", "url", "http://"+listener.Addr().String())
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	return server.Shutdown(drain)
}

// addFiles opens the directories that are served beside the API.
func (h *host) addFiles(api *httpapi.API) error {
	if dir := h.options.page; dir != "" {
		files, err := page.Open(dir)
		if err != nil {
			return fmt.Errorf("--page: %w", err)
		}
		api.Page = page.Page(files)
	}
	if dir := h.options.dist; dir != "" {
		files, err := page.Open(dir)
		if err != nil {
			return fmt.Errorf("--dist: %w", err)
		}
		api.FrontEnd = page.Files(files)
	}
	return nil
}
