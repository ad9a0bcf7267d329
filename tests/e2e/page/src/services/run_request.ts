// How Grafana asks a data source: the answer as panel data, "loading" only for what takes a while.
import { catchError, from, map, merge, of, share, takeUntil, timer, type Observable } from 'rxjs';
import {
  LoadingState,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type PanelData,
} from '@grafana/data';
import { toDataQueryError } from '@grafana/runtime';

const PATIENCE_MS = 200;

/** Variables bring a query function of their own. */
type QueryFunction = DataSourceApi['query'];

export function runRequest(
  source: DataSourceApi,
  request: DataQueryRequest,
  query?: QueryFunction
): Observable<PanelData> {
  const timeRange = request.range;
  const answers = (query ? toObservable(query(request)) : answersOf(source, request)).pipe(
    map((answer): PanelData => {
      const errors = answer.errors ?? (answer.error ? [answer.error] : []);
      const [error] = errors;
      const state = error ? LoadingState.Error : (answer.state ?? LoadingState.Done);
      const finished = { ...request, endTime: Date.now() };
      return {
        state,
        series: answer.data as PanelData['series'],
        errors,
        request: finished,
        timeRange,
        ...(error && { error }),
      };
    }),
    catchError((cause: unknown) => {
      const error = toDataQueryError(cause);
      return of<PanelData>({ state: LoadingState.Error, series: [], error, errors: [error], request, timeRange });
    }),
    share()
  );
  const waiting: PanelData = { state: LoadingState.Loading, series: [], request, timeRange };
  return merge(
    timer(PATIENCE_MS).pipe(
      map(() => waiting),
      takeUntil(answers)
    ),
    answers
  );
}

function answersOf(source: DataSourceApi, request: DataQueryRequest): Observable<DataQueryResponse> {
  // Which hidden queries are asked all the same is for the data source to say.
  const targets = request.targets.filter((query) => source.filterQuery?.(query) ?? query.hide !== true);
  if (targets.length === 0) {
    return of({ data: [] });
  }
  return toObservable(source.query({ ...request, targets }));
}

function toObservable(answer: ReturnType<QueryFunction>): Observable<DataQueryResponse> {
  return 'pipe' in answer ? answer : from(answer);
}
