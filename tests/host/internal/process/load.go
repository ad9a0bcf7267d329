package process

import (
	"context"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
)

// Load sends requests, so many at a time, and tells how long they took together: from the first that is sent to the last
// answer. Encoding the requests and decoding the frames, which is Grafana's work, happens before and after.
func (p *Plugin) Load(
	ctx context.Context, atATime int, requests []*backend.QueryDataRequest,
) ([]*backend.QueryDataResponse, time.Duration, error) {
	life, err := p.current()
	if err != nil {
		return nil, 0, err
	}
	asked := make([]*pluginv2.QueryDataRequest, len(requests))
	for i, request := range requests {
		asked[i] = backend.ToProto().QueryDataRequest(request)
	}
	answers, failures := make([]*pluginv2.QueryDataResponse, len(asked)), make([]error, len(asked))
	next := make(chan int, len(asked))
	for i := range asked {
		next <- i
	}
	close(next)
	var senders sync.WaitGroup
	begin := time.Now()
	for range atATime {
		senders.Go(func() {
			for i := range next {
				answers[i], failures[i] = life.data.QueryData(ctx, asked[i])
			}
		})
	}
	senders.Wait()
	took := time.Since(begin)

	decoded := make([]*backend.QueryDataResponse, len(answers))
	for i, answer := range answers {
		if failures[i] != nil {
			return nil, 0, failures[i]
		}
		if decoded[i], err = backend.FromProto().QueryDataResponse(answer); err != nil {
			return nil, 0, err
		}
	}
	return decoded, took, nil
}
