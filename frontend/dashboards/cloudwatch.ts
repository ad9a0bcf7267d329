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
import { recipesOf } from './metric_math.ts';
import type { Dimensions, Input, Recipe } from './metric_math.ts';
import type { Page } from './model.ts';
import { listed } from './source.ts';
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
  label: 'Application',
  suffix: ' (CloudWatch)',
  variables,
  hasTables: false,
  // Grafana's CloudWatch annotations mark alarms only.
  annotations: () => [],
  targets: (ask, page) => {
    const dimensions = DIMENSIONS[ask.of];
    const isAnswerable = ask.as === 'series' && dimensions !== undefined;
    return isAnswerable ? ask.signals.flatMap((signal) => targetsOf(signal, dimensions, page)) : [];
  },
};

/** Where and as what a recipe is asked. */
interface Place {
  entry: Entry;
  page: Page;
  /** The id of the query that is shown; metric math knows queries by it. */
  name: string;
  dimensions: Dimensions;
}

function targetsOf(signal: string, dimensions: Dimensions, page: Page): Target[] {
  return recipesOf(signal).flatMap((recipe, index) => {
    const place = { entry: entryOf(signal), page, name: `${signal}${index > 0 ? 'Older' : ''}`, dimensions };
    const isExact = isOfOne(page) && recipe.inputs.every(({ at }) => (at?.dimensions ?? dimensions) === null);
    return isExact ? exact(recipe, place) : searched(recipe, place);
  });
}

/** Whether the page is about one application. The others are about all: a search cannot name several. */
function isOfOne({ choices }: Page): boolean {
  return choices.includes('application');
}

function exact({ inputs, formula, period, about }: Recipe, place: Place): Target[] {
  const { entry, name } = place;
  const label = titled(entry.title, about);
  const plain = formula.one === 'a';
  const names = inputs.map((_, index) => (plain ? name : `${name}Input${index + 1}`));
  const made = inputs.map((input, index) => {
    const query = metric(names[index] ?? name, period)
      .metricEditorMode(MetricEditorMode.Builder)
      .metricName(input.metric)
      .dimensions({ Application: '$application' })
      .statistic(input.statistic);
    return { query: plain ? query.label(label) : query.hide(true), entry };
  });
  if (plain) {
    return made;
  }
  const expression = filled(formula.one, names, `PERIOD(${names[0] ?? name})`);
  return [...made, { query: code(name, expression, period).label(label), entry }];
}

/** A formula over what a search finds, as one number of the application or one for each series. */
function searched(recipe: Recipe, place: Place): Target[] {
  const { entry, name, page } = place;
  const { inputs, formula, fold, period, about } = recipe;
  const isFolded = fold !== undefined && isOfOne(page);
  const said = isFolded ? formula.one : formula.many;
  if (said === undefined || inputs.length > 1) {
    return [];
  }
  const seconds = period?.toString() ?? AUTOMATIC;
  const found = search(inputs[0], place, seconds);
  const expression = filled(said, [isFolded ? `${fold}(${found})` : found], seconds);
  const label = titled(isFolded ? entry.title : labelOf(inputs[0], place), about);
  return [{ query: code(name, expression, period).label(label), entry }];
}

function search({ metric, statistic, at }: Input, { page, dimensions }: Place, seconds: string): string {
  const wanted = at === undefined ? dimensions : at.dimensions;
  const names = wanted === 'TaskOperator' ? 'Task,TaskOperator' : wanted;
  const schema = [NAMESPACE, 'Application', ...(names === null ? [] : [names])].join(',');
  const terms = [
    `MetricName="${metric}"`,
    ...(isOfOne(page) ? ['Application="$application"'] : []),
    ...(at?.task === undefined ? [] : [`Task=${at.task}`]),
  ];
  return `SEARCH('{${schema}} ${terms.join(' ')}', '${statistic}', ${seconds})`;
}

/** What tells the series of a search apart. */
function labelOf({ at }: Input, { page, dimensions }: Place): string {
  const own = { Task: 'Task', TaskOperator: 'TaskOperator', 'Flow,Id': 'Id' } as const;
  const inner = at === undefined ? dimensions : at.dimensions;
  const names = [...(isOfOne(page) ? [] : ['Application']), ...(inner === null ? [] : [own[inner]])];
  return names.map((name) => `\${PROP('Dim.${name}')}`).join(' ');
}

function titled(title: string, about?: string): string {
  return about === undefined ? title : `${title}, ${about}`;
}

/** Puts inputs and period into a formula, in one go: what is put in may hold the same letters. */
function filled(formula: string, [a = '', b = '']: readonly string[], seconds: string): string {
  const values: Record<string, string> = { a, b, P: seconds };
  return formula.replaceAll(/\b[abP]\b/g, (letter) => values[letter] ?? letter);
}

function code(name: string, expression: string, period?: number): MetricsQueryBuilder {
  return metric(name, period).metricEditorMode(MetricEditorMode.Code).expression(expression);
}

function metric(name: string, period?: number): MetricsQueryBuilder {
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

function choose(name: string, label: string, query: Record<string, unknown>): ReturnType<typeof listed> {
  return listed(name, label, { refId: 'variable', ...query }, TYPE);
}
