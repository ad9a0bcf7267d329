// The requests in which the queries of a panel are sent: the queries of most kinds share one, in which the backend asks for equal data once;
// a kind with options of its own has one of its own, so that nothing else in the panel waits for it.
import { LoadingState } from '@grafana/data';
import type { DataQueryRequest, DataQueryResponse } from '@grafana/data';
import { partition, uniq } from 'lodash';
import { combineLatest, filter, map, of, startWith } from 'rxjs';
import type { Observable } from 'rxjs';
import { rowOf } from './query/kinds/registry';
import type { FlinkQuery } from './types';

type Request = DataQueryRequest<FlinkQuery>;

/** None for no queries. */
export function splitRequest(request: Request): Request[] {
  const [apart, shared] = partition(request.targets, (query) => rowOf(query).request !== undefined);
  const requests = uniq(apart.map(({ queryType }) => queryType)).map((queryType) => ({
    ...request,
    ...rowOf({ queryType }).request,
    // Grafana cancels a request when another one of its name starts.
    requestId: `${request.requestId}-${queryType}`,
    targets: apart.filter((query) => query.queryType === queryType),
  }));
  return shared.length === 0 ? requests : [{ ...request, targets: shared }, ...requests];
}

/** One answer of all that have come; it is loading until the last of them has. */
export function mergeAnswers(answers: Observable<DataQueryResponse>[]): Observable<DataQueryResponse> {
  const [first, ...others] = answers;
  if (first === undefined) {
    return of({ data: [] });
  }
  if (others.length === 0) {
    return first;
  }
  return combineLatest(answers.map((answer) => answer.pipe(startWith(undefined)))).pipe(
    map((all) => all.filter((answer) => answer !== undefined)),
    filter((known) => known.length > 0),
    map((known) => merge(known, known.length === answers.length))
  );
}

function merge(answers: DataQueryResponse[], isComplete: boolean): DataQueryResponse {
  const errors = answers.flatMap((answer) => answer.errors ?? []);
  const isLoading = !isComplete || answers.some(({ state }) => state === LoadingState.Loading);
  const isStreaming = answers.some(({ state }) => state === LoadingState.Streaming);
  const last = isStreaming ? LoadingState.Streaming : LoadingState.Done;
  const state = errors.length > 0 ? LoadingState.Error : last;
  return {
    data: answers.flatMap(({ data }): unknown[] => data),
    errors,
    state: isLoading ? LoadingState.Loading : state,
  };
}
