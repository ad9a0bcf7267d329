// The backend's drop-downs: `GET resources/<path>`. Drop-downs open often and several at once, so answers are kept for some seconds and
// equal requests in flight are shared.
import { isObject } from './query/read';
import type { ApplicationState, Choice, Estimate, ResourcePath } from './types';

/** What reads resources: the data source, or a stand-in in tests. */
export interface ResourceSource {
  getResource(path: string, params?: Record<string, string>, options?: { showErrorAlert: boolean }): Promise<unknown>;
  postResource?(path: string, body?: object, options?: { showErrorAlert: boolean }): Promise<unknown>;
  /** Puts values in place of variables. */
  resolve?(text: string): string;
}

/** Arguments by name; absent and empty ones count as not given. */
export type ResourceArguments = Record<string, string | undefined>;

/** Where an application is; without a region in the data source's own, without an account in its own. */
export interface Place {
  region?: string | undefined;
  accountId?: string | undefined;
}

/** How long an answer is good, in milliseconds. The backend has caches of its own; this spares the way to it. */
export const KEPT_MS = 10_000;

interface Kept {
  until: number;
  answer: Promise<unknown>;
}

const keptBySource = new WeakMap<ResourceSource, Map<string, Kept>>();

/** The choices of one drop-down. An error's message is the backend's sentence. */
export async function fetchChoices(
  source: ResourceSource,
  path: ResourcePath,
  args: ResourceArguments
): Promise<Choice[]> {
  const answer = await fetchResource(source, path, args);
  return Array.isArray(answer) ? answer.filter(isChoice) : [];
}

/** What is known of one application, and why some of its drop-downs are empty. */
export async function fetchApplication(source: ResourceSource, place: Place, name: string): Promise<ApplicationState> {
  const answer = await fetchResource(source, 'application', { ...place, application: name });
  if (!isApplicationState(answer)) {
    throw new Error(`The backend said nothing about application "${name}".`);
  }
  return answer;
}

/** What an estimate is asked with, beside the query. */
export interface EstimateArguments {
  from: number;
  to: number;
  intervalMs: number;
  maxDataPoints: number;
  refreshSeconds: number;
}

/** What a query would cost. It asks for no metric data. */
export async function fetchEstimate(source: ResourceSource, query: object, args: EstimateArguments): Promise<Estimate> {
  try {
    const answer = await source.postResource?.('estimate', { query, ...args }, { showErrorAlert: false });
    if (isEstimate(answer)) {
      return answer;
    }
  } catch (error) {
    throw new Error(describeFailure(error));
  }
  throw new Error('The backend said nothing about the price of this query.');
}

async function fetchResource(source: ResourceSource, path: string, args: ResourceArguments): Promise<unknown> {
  const params = resolveArguments(source, args);
  const key = JSON.stringify([path, params]);
  const now = Date.now();
  const kept = keptBySource.get(source) ?? new Map<string, Kept>();
  keptBySource.set(source, kept);
  for (const [old, { until }] of kept) {
    if (until <= now) {
      kept.delete(old);
    }
  }
  const known = kept.get(key);
  if (known !== undefined) {
    return known.answer;
  }
  const answer = source.getResource(path, params, { showErrorAlert: false }).catch((error: unknown) => {
    // A failure is not kept: who opens the drop-down again wants to know whether it works now.
    kept.delete(key);
    throw new Error(describeFailure(error));
  });
  kept.set(key, { until: now + KEPT_MS, answer });
  return answer;
}

/** The arguments that are given, without variables, in the order of their names: equal requests look equal. */
function resolveArguments(source: ResourceSource, args: ResourceArguments): Record<string, string> {
  const given = Object.entries(args).map(
    ([name, text = '']) => [name, (source.resolve?.(text) ?? text).trim()] as const
  );
  return Object.fromEntries(given.filter(([, text]) => text !== '').sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The backend's sentence, else what the browser says. */
export function describeFailure(error: unknown): string {
  const { data, message, statusText }: Record<string, unknown> = isObject(error) ? error : {};
  const told = isObject(data) ? data.message : undefined;
  const words = [told, error instanceof Error ? error.message : message, statusText];
  return (
    words.find((text) => typeof text === 'string' && text !== '')?.toString() ??
    'The request failed for a reason unknown.'
  );
}

function isChoice(found: unknown): found is Choice {
  return isObject(found) && typeof found.value === 'string' && typeof found.label === 'string';
}

function isEstimate(found: unknown): found is Estimate {
  const numbers = ['series', 'billedMetrics', 'dollarsPerRefresh'];
  return isObject(found) && numbers.every((name) => typeof found[name] === 'number');
}

function isApplicationState(found: unknown): found is ApplicationState {
  return isObject(found) && typeof found.name === 'string' && Array.isArray(found.notices);
}
