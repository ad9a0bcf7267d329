// The same panels for Grafana's own CloudWatch data source, for places where this plugin cannot be installed.
//
// One application is asked for by its exact dimensions, with metric math over hidden inputs. Tasks, and all
// applications of a region, are searched for: their names are not known.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  MetricEditorMode,
  MetricQueryType,
  MetricsQueryBuilder,
  QueryMode,
} from '@grafana/grafana-foundation-sdk/cloudwatch';
import { TextBoxVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Scope } from '../src/types';
import { entryOf } from './catalogue.ts';
import type { Entry } from './catalogue.ts';
import { adapted, finished } from './cloudwatch_panels.ts';
import { recipeOf } from './metric_math.ts';
import type { Dimensions, Input, Recipe } from './metric_math.ts';
import type { Ask, Page } from './model.ts';
import { listed as listedVariable } from './source.ts';
import type { Source, Target } from './source.ts';

const TYPE = 'cloudwatch';
const NAMESPACE = 'AWS/KinesisAnalytics';
/** Grafana puts the period that suits the time range here; in searches only. */
const AUTOMATIC = '$__period_auto';

const DIMENSIONS: Record<Scope, Dimensions | undefined> = {
  application: null,
  task: 'Task',
  operator: 'TaskOperator',
  // No recording shows which dimensions subtasks have.
  subtask: undefined,
};

export const cloudwatch: Source = {
  id: 'flinkwatch-cloudwatch',
  type: TYPE,
  // A search has no labels: its lines are named after their applications.
  application: '${__field.displayName}',
  region: { line: '${region}', row: '${region}' },
  suffix: ' (CloudWatch)',
  // A minute is whole when it is over, and its samples need most of another one to arrive.
  nowDelay: '2m',
  variables,
  hasTables: false,
  // Grafana's CloudWatch annotations mark alarms only.
  annotations: () => [],
  adapted: (page) => adapted(page, (ask) => targets(ask, page).length > 0),
  targets,
  finished,
};

function targets(ask: Ask, page: Page): Target[] {
  const dimensions = DIMENSIONS[ask.of];
  const isAnswerable = ask.as === 'series' && dimensions !== undefined;
  return isAnswerable ? ask.signals.flatMap((signal) => targetsOf(signal, dimensions, { ask, page })) : [];
}

/** Where and as what a recipe is asked. */
interface Place {
  entry: Entry;
  page: Page;
  /** The id of the query that is shown; metric math knows queries by it. */
  name: string;
  dimensions: Dimensions;
  ask: Ask;
}

function targetsOf(signal: string, dimensions: Dimensions, { ask, page }: { ask: Ask; page: Page }): Target[] {
  const recipe = recipeOf(signal);
  if (recipe === undefined) {
    return [];
  }
  const place = { entry: entryOf(signal), page, name: signal, dimensions, ask };
  if (ask.isTotal === true && !isOfOne(page)) {
    return total(recipe, place);
  }
  return isOfOne(page) && isFoldable(recipe, dimensions) ? exact(recipe, place) : listed(recipe, place);
}

/** Whether the page is about one application. The others are about all: a search cannot name several. */
function isOfOne({ choices }: Page): boolean {
  return choices.includes('application');
}

/** Whether the inputs are one series each, or can be made one. */
function isFoldable({ inputs, fold }: Recipe, dimensions: Dimensions): boolean {
  return fold !== undefined && dimensions === null
    ? true
    : inputs.every(({ at }) => (at?.dimensions ?? dimensions) === null);
}

/** One number: the inputs are hidden queries, the formula stands over their names. */
function exact(recipe: Recipe, place: Place): Target[] {
  const { inputs, formula, period, about } = recipe;
  const { entry, name } = place;
  const label = titled(entry.title, about);
  const [first] = inputs;
  if (formula.one === 'a' && isOneMetric(first, place)) {
    return [{ query: inputQuery(name, recipe, { input: first, place }).label(label), entry }];
  }
  const values: Record<string, string> = { P: `PERIOD(${name}Input1)`, n: `${name}Samples` };
  const hidden = inputs.map((input, index) => {
    const id = `${name}Input${index + 1}`;
    values[index === 0 ? 'a' : 'b'] = id;
    return inputQuery(id, recipe, { input, place });
  });
  if (/\bn\b/.test(formula.one)) {
    const samples: Input = { ...first, statistic: 'SampleCount' };
    hidden.push(inputQuery(`${name}Samples`, recipe, { input: samples, place }));
  }
  const shown = code(name, filled(formula.one, values), period).label(label);
  return [...hidden.map((query) => ({ query: query.hide(true), entry })), { query: shown, entry }];
}

function isOneMetric({ metric, at }: Input, { dimensions }: Place): boolean {
  return typeof metric === 'string' && (at?.dimensions ?? dimensions) === null;
}

function inputQuery(
  id: string,
  { fold = 'MAX', period }: Recipe,
  { input, place }: { input: Input; place: Place }
): MetricsQueryBuilder {
  const { metric, statistic } = input;
  if (typeof metric === 'string' && isOneMetric(input, place) && isOfOne(place.page)) {
    return query(id, period)
      .metricEditorMode(MetricEditorMode.Builder)
      .metricName(metric)
      .dimensions({ Application: '$application' })
      .statistic(statistic);
  }
  return code(id, `${fold}(${search(input, place, secondsOf(period))})`, period);
}

/** One number of all applications, or the list where there is none. */
function total(recipe: Recipe, place: Place): Target[] {
  const { inputs, formula, period } = recipe;
  const { entry, name } = place;
  if (formula.total === undefined) {
    return listed(recipe, place);
  }
  const id = `${name}Input1`;
  const found = search(inputs[0], place, secondsOf(period));
  const hidden = code(id, filled(formula.total.folded, { s: found }), period).hide(true);
  const shown = code(name, filled(formula.total.formula, { a: id }), period).label(entry.title);
  return [hidden, shown].map((query) => ({ query, entry }));
}

/** A line for each series that a search finds; none where lines would not be those of applications, tasks or operators. */
function listed({ inputs, formula, period }: Recipe, place: Place): Target[] {
  const { entry, name, page, dimensions, ask } = place;
  const [input, ...others] = inputs;
  const isSplit = input.at?.dimensions === 'Task' && dimensions !== 'Task';
  if (formula.many === undefined || others.length > 0 || isSplit) {
    return [];
  }
  const seconds = secondsOf(period);
  const lines = filled(formula.many, { a: search(input, place, seconds), P: seconds });
  // By the mean, as the plugin chooses; by what is drawn, also where the plugin would choose by another signal.
  const expression = ask.top === undefined ? lines : `SORT(${lines}, AVG, DESC, ${page.top})`;
  const dimension = isOfOne(page) ? ownOf(dimensions) : 'Application';
  const query = code(name, expression, period).label(`\${PROP('Dim.${dimension}')}`);
  return [{ query, entry }];
}

/** What tells the series of one application apart. */
function ownOf(dimensions: Dimensions): string {
  return dimensions === 'Flow,Id' ? 'Id' : (dimensions ?? 'Application');
}

function search({ metric, statistic, at }: Input, { page, dimensions }: Place, seconds: string): string {
  const wanted = at === undefined ? dimensions : at.dimensions;
  const names = wanted === 'TaskOperator' ? 'Task,TaskOperator' : wanted;
  const schema = [NAMESPACE, 'Application', ...(names === null ? [] : [names])].join(',');
  const metrics = typeof metric === 'string' ? `"${metric}"` : `(${metric.map((name) => `"${name}"`).join(' OR ')})`;
  const terms = [
    `MetricName=${metrics}`,
    ...(isOfOne(page) ? ['Application="$application"'] : []),
    ...(at?.task === undefined ? [] : [`Task=${at.task}`]),
  ];
  return `SEARCH('{${schema}} ${terms.join(' ')}', '${statistic}', ${seconds})`;
}

function secondsOf(period?: number): string {
  return period?.toString() ?? AUTOMATIC;
}

function titled(title: string, about?: string): string {
  return about === undefined ? title : `${title}, ${about}`;
}

/** Puts what they stand for into the letters of a formula, in one go: it may hold the same letters. */
function filled(formula: string, values: Record<string, string>): string {
  return formula.replaceAll(/\b[abnsP]\b/g, (letter) => values[letter] ?? letter);
}

function code(name: string, expression: string, period?: number): MetricsQueryBuilder {
  return query(name, period).metricEditorMode(MetricEditorMode.Code).expression(expression);
}

function query(name: string, period?: number): MetricsQueryBuilder {
  return new MetricsQueryBuilder()
    .queryMode(QueryMode.Metrics)
    .metricQueryType(MetricQueryType.Search)
    .refId(name)
    .id(name)
    .region('$region')
    .namespace(NAMESPACE)
    .matchExact(true)
    .metricName('')
    .dimensions({})
    .statistic('Average')
    .expression('')
    .period(period?.toString() ?? '')
    .datasource({ type: TYPE, uid: '${datasource}' });
}

function variables(page: Page): Array<Builder<VariableModel>> {
  const values = { queryType: 'dimensionValues', namespace: NAMESPACE, region: '$region' };
  const chosen = page.choices.map((choice): Array<Builder<VariableModel>> => {
    switch (choice) {
      case 'application':
        return [
          choose(choice, 'Application', {
            ...values,
            metricName: 'cpuUtilization',
            dimensionKey: 'Application',
            dimensionFilters: {},
          }),
        ];
      case 'applications':
        return page.id === 'cost'
          ? [new TextBoxVariableBuilder('kpu_price').label('Price of a KPU hour').defaultValue('0.11')]
          : [];
      case 'task':
      case 'top':
        return [];
    }
  });
  return [choose('region', 'Region', { queryType: 'regions' }), ...chosen.flat()];
}

function choose(name: string, label: string, query: Record<string, unknown>): ReturnType<typeof listedVariable> {
  return listedVariable(name, label, { refId: 'variable', ...query }, TYPE);
}
