// Command host runs a Grafana backend plugin as Grafana runs it and reaches it over Grafana's HTTP paths.
//
//	host        --plugin FILE --datasources FILE [--listen ADDRESS] [--fleet]   serve until SIGTERM or SIGINT
//	host query  --plugin FILE --datasources FILE --file QUERY                   print the answer as JSON
//	host table  --plugin FILE --datasources FILE [--file QUERY]                 print the answer as a table
//
// While it serves, --page DIR adds a page for the browser, and --dist DIR the plugin's front end.
//
// It is made of go-plugin and Grafana's own plugin SDK, so that the plugin is tested against code of others.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"flinkwatch/tests/host/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := cli.Run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1)
	}
}
