package process

import (
	"errors"
	"io"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
)

// checkHealthToProto stands beside the SDK's converters, which lack this one direction.
func checkHealthToProto(req *backend.CheckHealthRequest) *pluginv2.CheckHealthRequest {
	return &pluginv2.CheckHealthRequest{
		PluginContext: backend.ToProto().PluginContext(req.PluginContext),
		Headers:       req.Headers,
	}
}

func receiveAll(stream pluginv2.Resource_CallResourceClient, receive func(*backend.CallResourceResponse) error) error {
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := receive(backend.FromProto().CallResourceResponse(part)); err != nil {
			return err
		}
	}
}
