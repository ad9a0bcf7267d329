//go:build mage

// Targets that authors of Grafana plugins know, over this project's own commands: the backend is Rust, so
// Go compiles nothing. Only the standard library is used, because the project has no Go module at its root.
package main

import (
	"os"
	"os/exec"
)

// Frontend holds the targets of the front end: mage frontend:build and so on.
type Frontend struct{}

// Build bundles the front end into dist.
func (Frontend) Build() error {
	return npm("build")
}

// Watch bundles the front end for development, again after every change.
func (Frontend) Watch() error {
	return npm("watch")
}

// Test passes the unit and component tests of the front end.
func (Frontend) Test() error {
	return npm("test")
}

// Lint lints the front end and checks its types.
func (Frontend) Lint() error {
	if err := npm("typecheck"); err != nil {
		return err
	}
	return npm("lint")
}

// Check passes every check of the front end, in every Grafana that it is made for, after setting up what is missing.
func (Frontend) Check() error {
	return cargo("xtask", "test", "--only", "frontend")
}

// Default is the target of a bare `mage`.
var Default = Build

// Build makes the backend for development.
func Build() error {
	return cargo("build", "--package", "flinkwatch")
}

// BuildAll makes the package for users below target/package: the backend for each architecture, and the front end.
func BuildAll() error {
	return cargo("xtask", "package")
}

// Test passes every check of the project.
func Test() error {
	return cargo("xtask", "test")
}

// TestRace starts the plugin under a real host, with Go's race detector.
func TestRace() error {
	return cargo("xtask", "test", "--only", "race")
}

// Lint checks formatting, lints, and the licences and sources of dependencies.
func Lint() error {
	return cargo("xtask", "test", "--only", "fmt", "--only", "clippy", "--only", "deny")
}

// Format formats the Rust code.
func Format() error {
	return cargo("fmt", "--all")
}

// Demo starts local AWS, the plugin and a host, and shows the fleet.
func Demo() error {
	return cargo("xtask", "demo")
}

// Bench measures the figures of docs/benchmarks.md.
func Bench() error {
	return cargo("xtask", "bench")
}

// Clean removes everything that was built.
func Clean() error {
	return cargo("clean")
}

func cargo(arguments ...string) error {
	return run("cargo", arguments...)
}

func npm(script string) error {
	return run("npm", "run", "--prefix", "frontend", script)
}

func run(program string, arguments ...string) error {
	command := exec.Command(program, arguments...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	return command.Run()
}
