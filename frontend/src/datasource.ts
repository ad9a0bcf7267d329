// The data source, as Grafana uses it: queries on their way to the backend, and what dashboards want to know of it.
import { CoreApp, LoadingState } from '@grafana/data';
import type {
  AdHocVariableFilter,
  DataQueryError,
  DataQueryRequest,
  DataQueryResponse,
  DataSourceGetTagValuesOptions,
  DataSourceInstanceSettings,
  MetricFindValue,
  ScopedVars,
  TestDataSourceResponse,
} from '@grafana/data';
import { DataSourceWithBackend, HealthCheckError } from '@grafana/runtime';
import { groupBy, uniqBy } from 'lodash';
import { from, map, switchMap } from 'rxjs';
import type { Observable } from 'rxjs';
import { flinkAnnotations } from './annotations';
import { askUntilKnown } from './ask_again';
import { chooseApplications } from './choose_application';
import { lazyComponent } from './components/lazy';
import { describeTest, readHealth } from './health';
import { ALL, setApplications } from './query/change';
import { isFilterKey, NAMES_OF, narrow, patternOf } from './query/adhoc';
import { describeUnfit } from './query/annotation';
import { DEFAULT_QUERY, findMissing, hasApplications, RESTARTS_QUERY } from './query/defaults';
import { displayText } from './query/display_text';
import { interpolate, interpolateArgument } from './query/interpolate';
import { FILTER_KEYS } from './query/kinds/kind';
import { migrate } from './query/migrate';
import { MissingValue, QueryError } from './query/query_error';
import { fetchChoices } from './resources';
import type { Place } from './resources';
import { mergeAnswers, splitRequest } from './split_request';
import type { FlinkQuery, FlinkwatchSettings } from './types';
import { adHocFiltersOf, parseVariables } from './variable_values';
import { FlinkVariables } from './variables';
import type { VariableEditorProps } from './variables';

const VariableEditor = lazyComponent<VariableEditorProps>(
  async () => (await import('./components/VariableEditor')).VariableEditor
);

export class FlinkwatchDataSource extends DataSourceWithBackend<FlinkQuery, FlinkwatchSettings> {
  /** The application of queries that name none, if the settings have one. */
  readonly defaultApplication: string | undefined;
  override readonly annotations = flinkAnnotations;
  override readonly variables: FlinkVariables;

  constructor(instance: DataSourceInstanceSettings<FlinkwatchSettings>) {
    super(instance);
    this.defaultApplication = instance.jsonData.defaultApplication || undefined;
    this.variables = new FlinkVariables(this, VariableEditor);
  }

  /** An alert rule starts with one signal that is bad news when it is above 0, as Grafana's new rules ask. */
  override getDefaultQuery(app: CoreApp): Partial<FlinkQuery> {
    const isAlert = app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;
    return isAlert ? RESTARTS_QUERY : DEFAULT_QUERY;
  }

  /** "Save & test", with the permissions in the places that Grafana shows. */
  override async testDatasource(): Promise<TestDataSourceResponse> {
    const health = readHealth(await this.callHealthCheck());
    const { message, details } = describeTest(health);
    if (!health.isOk) {
      // Grafana reads the details of a failure from an error of its own, inside of another.
      throw Object.assign(new Error(message), { error: new HealthCheckError(message, details) });
    }
    return { status: 'success', message, details };
  }

  /** Whether a query is sent: some kinds have nothing to ask before something is chosen. */
  override filterQuery(query: FlinkQuery): boolean {
    return query.hide !== true && findMissing(migrate(query)) === undefined;
  }

  override getQueryDisplayText(query: FlinkQuery): string {
    return displayText(migrate(query), { defaultApplication: this.defaultApplication });
  }

  /** A query that cannot be asked is an error of its own; its neighbours are asked. */
  override query(request: DataQueryRequest<FlinkQuery>): Observable<DataQueryResponse> {
    const asked = withFilters(request, this.uid);
    const shown = asked.targets.filter((query) => this.filterQuery(query));
    const refused = new Map(shown.flatMap((query) => this.refuse(query, asked)));
    const errors = [...refused.values()];
    const targets = shown.filter((query) => !refused.has(query));
    return this.ask({ ...asked, targets }).pipe(map((answer) => withErrors(answer, errors)));
  }

  /** Queries that name no application wait for the list of those that run; as annotations they ask for all. */
  private ask(request: DataQueryRequest<FlinkQuery>): Observable<DataQueryResponse> {
    const send = (targets: FlinkQuery[]): Observable<DataQueryResponse> =>
      mergeAnswers(splitRequest({ ...request, targets }).map((part) => askUntilKnown(() => super.query(part))));
    const isOpen = (query: FlinkQuery) =>
      !hasApplications(this.applyTemplateVariables(query, request.scopedVars, request.filters), this);
    const open = request.targets.filter(isOpen);
    if (isOfAnnotation(request)) {
      return send(request.targets.map((query) => (open.includes(query) ? setApplications(query, [ALL]) : query)));
    }
    if (open.length === 0) {
      return send(request.targets);
    }
    return from(chooseApplications(this, request.targets, open)).pipe(
      switchMap(({ targets, notices, errors }) =>
        send(targets).pipe(
          map((answer) => withErrors({ ...answer, data: (answer.data as unknown[]).concat(notices) }, errors))
        )
      )
    );
  }

  private refuse(query: FlinkQuery, request: DataQueryRequest<FlinkQuery>): [FlinkQuery, DataQueryError][] {
    try {
      const prepared = this.applyTemplateVariables(query, request.scopedVars, request.filters);
      const message = isOfAnnotation(request) ? describeUnfit(prepared) : undefined;
      return message === undefined ? [] : [[query, { refId: query.refId, message }]];
    } catch (error) {
      if (error instanceof QueryError) {
        return [[query, { refId: query.refId, message: error.message }]];
      }
      throw error;
    }
  }

  override applyTemplateVariables(
    query: FlinkQuery,
    scopedVars: ScopedVars,
    filters?: AdHocVariableFilter[]
  ): FlinkQuery {
    return narrow(
      interpolate(migrate(query), (text) => parseVariables(text, scopedVars)),
      filters
    );
  }

  /**
   * For Explore, library panels and panels with expressions. They would lose a query that fails here, so one whose variables have no value
   * keeps them, and the backend refuses it. A filter that cannot be expressed stays an error: Explore would show what was filtered out.
   */
  override interpolateVariablesInQueries(
    queries: FlinkQuery[],
    scopedVars: ScopedVars,
    filters?: AdHocVariableFilter[]
  ): FlinkQuery[] {
    return queries.flatMap((query) => {
      try {
        return super.interpolateVariablesInQueries([query], scopedVars, filters);
      } catch (error) {
        if (error instanceof MissingValue) {
          return [migrate(query)];
        }
        throw error;
      }
    });
  }

  /** The argument of a drop-down without variables; several names are separated by commas. */
  resolve(text: string, scopedVars?: ScopedVars): string {
    return interpolateArgument(parseVariables(text, scopedVars));
  }

  override getTagKeys(): Promise<MetricFindValue[]> {
    return Promise.resolve(FILTER_KEYS.map((key) => ({ text: key, value: key })));
  }

  /** What the panels' applications have, wherever they are; of applications that are filtered by, if there are some. */
  override async getTagValues({
    key,
    filters,
    queries = [],
  }: DataSourceGetTagValuesOptions<FlinkQuery>): Promise<MetricFindValue[]> {
    if (!isFilterKey(key)) {
      return [];
    }
    const filtered = applicationsAmong(filters);
    const lists = groupByPlace(queries).map(({ place, names }) => {
      const asked = filtered ?? (names.length === 0 ? [this.defaultApplication ?? '*'] : names);
      const application = key === 'application' ? undefined : [...new Set(asked)].join(',');
      return fetchChoices(this, NAMES_OF[key], { ...place, application });
    });
    const choices = uniqBy((await Promise.all(lists)).flat(), ({ value }) => value);
    return choices.map(({ value, label, group }) => ({ value, text: label, ...(group !== undefined && { group }) }));
  }
}

/** The applications that filters leave, if one of them says which. */
function applicationsAmong(filters: readonly AdHocVariableFilter[]): string[] | undefined {
  const filter = filters.find(({ key, operator }) => key === 'application' && ['=', '=|', '=~'].includes(operator));
  if (filter === undefined) {
    return undefined;
  }
  return filter.operator === '=~' ? [patternOf(filter.value)] : (filter.values ?? [filter.value]);
}

/** The applications of all queries for each place that they ask; without queries, the data source's own place. */
function groupByPlace(queries: readonly FlinkQuery[]): { place: Place; names: string[] }[] {
  const asked = queries.filter(({ hide }) => hide !== true).map(migrate);
  const byPlace = groupBy(asked, ({ region = '', accountId = '' }) => JSON.stringify([region, accountId]));
  const groups = Object.values(byPlace).map((group) => ({
    place: { region: group[0]?.region, accountId: group[0]?.accountId },
    names: group.flatMap(({ applications = [] }) => applications),
  }));
  return groups.length === 0 ? [{ place: {}, names: [] }] : groups;
}

function withErrors(answer: DataQueryResponse, errors: DataQueryError[]): DataQueryResponse {
  return errors.length === 0
    ? answer
    : { ...answer, errors: [...(answer.errors ?? []), ...errors], state: LoadingState.Error };
}

/** Grafana's own variable of the queries of annotations. */
function isOfAnnotation({ scopedVars }: DataQueryRequest<FlinkQuery>): boolean {
  return scopedVars.__annotation !== undefined;
}

/** Grafana gives a panel's queries the filters of the dashboard; those of annotations get none before Grafana 13. */
function withFilters(request: DataQueryRequest<FlinkQuery>, uid: string): DataQueryRequest<FlinkQuery> {
  const isWithout = request.filters === undefined && isOfAnnotation(request);
  return isWithout ? { ...request, filters: adHocFiltersOf(uid) } : request;
}
