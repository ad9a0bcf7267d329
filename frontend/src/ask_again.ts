// Answers that come in parts: the backend has rows of a large fleet before CloudWatch has listed the metrics of all applications, and goes on
// listing. Nobody should have to press "Refresh" for the rest.
import { LoadingState } from '@grafana/data';
import type { DataFrame, DataQueryResponse } from '@grafana/data';
import { EMPTY, expand, map, switchMap, timer } from 'rxjs';
import type { Observable } from 'rxjs';

const PAUSE_MS = 1000;

/** The series of 1,000 applications are listed in a quarter of a minute; each answer takes up to five seconds. */
const MOST = 12;

/** Asks again as long as an answer says that more is on its way. What comes before the last answer is shown as a stream: as long as a panel is
 * loading for the first time, Grafana draws nothing. */
export function askUntilKnown(ask: () => Observable<DataQueryResponse>): Observable<DataQueryResponse> {
  const hasMore = (answer: DataQueryResponse, asked: number) => asked < MOST && isAwaited(answer);
  return ask().pipe(
    expand((answer, index) => (hasMore(answer, index + 1) ? timer(PAUSE_MS).pipe(switchMap(ask)) : EMPTY)),
    map((answer, index) => (hasMore(answer, index + 1) ? { ...answer, state: LoadingState.Streaming } : answer))
  );
}

function isAwaited({ data }: DataQueryResponse): boolean {
  return (data as DataFrame[]).some(({ meta }) => meta?.custom?.awaitedApplications !== undefined);
}
