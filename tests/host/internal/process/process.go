// Package process runs a backend plugin as Grafana runs one: as a child process that go-plugin starts,
// watches and stops, with the gRPC services of Grafana's plugin SDK on top.
//
// It knows nothing of HTTP or of data sources. A surprise: go-plugin reports a process that had to be killed
// only in its log, so Stop looks at how the process ended instead.
package process

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// WatchInterval is how often a dead process is looked for. Grafana looks once a second; a shorter interval keeps
// the time to come back under that second.
const WatchInterval = 250 * time.Millisecond

// ErrUnavailable says that no plugin process is there to answer.
var ErrUnavailable = errors.New("the plugin process is not running")

// Settings say what to run and with which environment.
type Settings struct {
	// Executable is the path of the plugin's binary.
	Executable string
	// Env is added to the host's own environment, as NAME=value.
	Env []string
	// HostEnv says whether the plugin sees the host's environment (Grafana's toggle pluginsSkipHostEnvVars).
	HostEnv HostEnv
	Logger  hclog.Logger
}

// HostEnv is whether the plugin inherits the environment of its host.
type HostEnv int

const (
	// InheritHostEnv is Grafana's default.
	InheritHostEnv HostEnv = iota
	// SkipHostEnv hides the host's environment from the plugin.
	SkipHostEnv
)

// Plugin is a running plugin that comes back when its process dies.
type Plugin struct {
	settings Settings

	mu      sync.RWMutex
	running *running // nil while no process answers
	starts  int

	stopWatch context.CancelFunc
	watchDone chan struct{}
}

// running is one life of the process.
type running struct {
	client      *goplugin.Client
	cmd         *exec.Cmd
	conn        *grpc.ClientConn
	data        grpcplugin.DataClient
	resource    grpcplugin.ResourceClient
	diagnostics grpcplugin.DiagnosticsClient
}

// StopReport says how a stop went.
type StopReport struct {
	Took time.Duration
	// Graceful is false when the process had to be killed, or was dead before.
	Graceful bool
	// State is the end of the process in words, such as "exit status 0".
	State string
}

// Start runs the plugin, waits for its handshake and keeps it alive until Stop.
func Start(ctx context.Context, settings Settings) (*Plugin, error) {
	if settings.Logger == nil {
		settings.Logger = hclog.NewNullLogger()
	}
	first, err := launch(ctx, settings)
	if err != nil {
		return nil, err
	}
	watch, stopWatch := context.WithCancel(context.Background())
	p := &Plugin{
		settings:  settings,
		running:   first,
		starts:    1,
		stopWatch: stopWatch,
		watchDone: make(chan struct{}),
	}
	go p.keepAlive(watch)
	return p, nil
}

// Stop asks the plugin to shut down through go-plugin, and kills it when it does not.
func (p *Plugin) Stop() StopReport {
	p.stopWatch()
	<-p.watchDone
	p.mu.Lock()
	life := p.running
	p.running = nil
	p.mu.Unlock()
	if life == nil {
		return StopReport{State: "not running"}
	}
	begin := time.Now()
	life.client.Kill()
	took := time.Since(begin)
	state := life.cmd.ProcessState
	return StopReport{Took: took, Graceful: state != nil && state.Success(), State: state.String()}
}

// PID is the process id of the present life, or 0.
func (p *Plugin) PID() int {
	life, err := p.current()
	if err != nil {
		return 0
	}
	return life.cmd.Process.Pid
}

// Starts counts how often the process was started.
func (p *Plugin) Starts() int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.starts
}

// Address is where the handshake said that the plugin listens.
func (p *Plugin) Address() (net.Addr, error) {
	life, err := p.current()
	if err != nil {
		return nil, err
	}
	reattach := life.client.ReattachConfig()
	if reattach == nil {
		return nil, ErrUnavailable
	}
	return reattach.Addr, nil
}

// Ping asks the gRPC health service that go-plugin requires.
func (p *Plugin) Ping() error {
	life, err := p.current()
	if err != nil {
		return err
	}
	protocol, err := life.client.Client()
	if err != nil {
		return err
	}
	return protocol.Ping()
}

// Conn is the raw gRPC connection, for calls that Grafana's clients cannot make.
func (p *Plugin) Conn() (*grpc.ClientConn, error) {
	life, err := p.current()
	if err != nil {
		return nil, err
	}
	return life.conn, nil
}

func (p *Plugin) current() (*running, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.running == nil {
		return nil, ErrUnavailable
	}
	return p.running, nil
}

func (p *Plugin) keepAlive(ctx context.Context) {
	defer close(p.watchDone)
	ticker := time.NewTicker(WatchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			p.reviveIfDead(ctx)
		}
	}
}

func (p *Plugin) reviveIfDead(ctx context.Context) {
	p.mu.RLock()
	life := p.running
	p.mu.RUnlock()
	if life != nil && !life.client.Exited() {
		return
	}
	if life != nil {
		life.client.Kill() // frees go-plugin's goroutines and connection; the process is already gone
		p.settings.Logger.Warn("plugin process ended, starting it again", "state", life.cmd.ProcessState.String())
	}
	next, err := launch(ctx, p.settings)
	if err != nil {
		p.settings.Logger.Error("plugin process did not start again", "error", err)
		next = nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = next
	if next != nil {
		p.starts++
	}
}

func launch(ctx context.Context, settings Settings) (*running, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	cmd := exec.Command(settings.Executable)
	cmd.Env = settings.Env
	client := goplugin.NewClient(&goplugin.ClientConfig{
		Cmd:         cmd,
		SkipHostEnv: settings.HostEnv == SkipHostEnv,
		HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion:  grpcplugin.ProtocolVersion,
			MagicCookieKey:   grpcplugin.MagicCookieKey,
			MagicCookieValue: grpcplugin.MagicCookieValue,
		},
		VersionedPlugins: map[int]goplugin.PluginSet{grpcplugin.ProtocolVersion: {
			"data":        &grpcplugin.DataGRPCPlugin{},
			"resource":    &grpcplugin.ResourceGRPCPlugin{},
			"diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{},
			"stream":      &grpcplugin.StreamGRPCPlugin{},
		}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		Logger:           settings.Logger,
	})
	life, err := connect(client, cmd)
	if err != nil {
		client.Kill()
		return nil, fmt.Errorf("start %s: %w", settings.Executable, err)
	}
	return life, nil
}

func connect(client *goplugin.Client, cmd *exec.Cmd) (*running, error) {
	protocol, err := client.Client()
	if err != nil {
		return nil, err
	}
	grpcClient, ok := protocol.(*goplugin.GRPCClient)
	if !ok {
		return nil, fmt.Errorf("the plugin speaks %T, not gRPC", protocol)
	}
	life := &running{client: client, cmd: cmd, conn: grpcClient.Conn}
	if life.data, err = dispense[grpcplugin.DataClient](protocol, "data"); err != nil {
		return nil, err
	}
	if life.resource, err = dispense[grpcplugin.ResourceClient](protocol, "resource"); err != nil {
		return nil, err
	}
	if life.diagnostics, err = dispense[grpcplugin.DiagnosticsClient](protocol, "diagnostics"); err != nil {
		return nil, err
	}
	return life, nil
}

func dispense[C any](protocol goplugin.ClientProtocol, name string) (C, error) {
	var none C
	raw, err := protocol.Dispense(name)
	if err != nil {
		return none, err
	}
	client, ok := raw.(C)
	if !ok {
		return none, fmt.Errorf("service %q has the unexpected type %T", name, raw)
	}
	return client, nil
}

// QueryData sends queries and decodes the Arrow frames of the answer.
func (p *Plugin) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	life, err := p.current()
	if err != nil {
		return nil, err
	}
	answer, err := life.data.QueryData(ctx, backend.ToProto().QueryDataRequest(req))
	if err != nil {
		return nil, err
	}
	return backend.FromProto().QueryDataResponse(answer)
}

// CallResource sends a resource call; each part of the answer goes to receive as it arrives.
func (p *Plugin) CallResource(
	ctx context.Context, req *backend.CallResourceRequest, receive func(*backend.CallResourceResponse) error,
) error {
	life, err := p.current()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := life.resource.CallResource(ctx, backend.ToProto().CallResourceRequest(req))
	if err != nil {
		return err
	}
	return receiveAll(stream, receive)
}

// CheckHealth runs the check behind "Save & test".
func (p *Plugin) CheckHealth(ctx context.Context, req *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	life, err := p.current()
	if err != nil {
		return nil, err
	}
	answer, err := life.diagnostics.CheckHealth(ctx, checkHealthToProto(req))
	if err != nil {
		return nil, err
	}
	return backend.FromProto().CheckHealthResponse(answer), nil
}

// CollectMetrics gives the plugin's own metrics as Prometheus text.
func (p *Plugin) CollectMetrics(ctx context.Context, req *backend.CollectMetricsRequest) ([]byte, error) {
	life, err := p.current()
	if err != nil {
		return nil, err
	}
	answer, err := life.diagnostics.CollectMetrics(ctx, backend.ToProto().CollectMetricsRequest(req))
	if err != nil {
		return nil, err
	}
	return backend.FromProto().CollectMetricsResponse(answer).PrometheusMetrics, nil
}
