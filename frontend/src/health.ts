// The answer to "Save & test", made readable: what Grafana shows of it, and the permissions as a list.
import type { HealthCheckResult } from '@grafana/runtime';

export const OUTCOMES = ['ok', 'denied', 'failed', 'notTried'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What came of one permission. */
export interface Permission {
  /** As IAM policies name it. */
  action: string;
  outcome: Outcome;
  reason?: string;
  /** What to do. */
  advice?: string;
}

/** Who AWS says that the data source is. */
export interface Identity {
  arn: string;
  account: string;
}

export interface Health {
  isOk: boolean;
  identity?: Identity;
  /** One sentence, or a few. */
  verdict: string;
  /** Empty when the settings cannot be used, and when nothing answered. */
  permissions: Permission[];
}

/** Takes what Grafana hands on: also its own errors, which have a message and no permissions. */
export function readHealth(answer: Partial<HealthCheckResult> | undefined): Health {
  const message = answer?.message ?? 'The plugin did not answer. The log of the Grafana server tells why.';
  const listed: unknown = answer?.details?.['permissions'];
  const identity: unknown = answer?.details?.['identity'];
  return {
    ...(isIdentity(identity) && { identity }),
    isOk: answer?.status?.toUpperCase() === 'OK',
    // The backend's message repeats the permissions, a line each, for clients that show only it.
    verdict: message.split('\n', 1).join(),
    permissions: Array.isArray(listed) ? listed.filter(isPermission) : [],
  };
}

function isPermission(value: unknown): value is Permission {
  const permission = value as Partial<Record<keyof Permission, unknown>> | null;
  return typeof permission?.action === 'string' && OUTCOMES.some((outcome) => outcome === permission.outcome);
}

function isIdentity(value: unknown): value is Identity {
  const identity = value as Partial<Record<keyof Identity, unknown>> | null | undefined;
  return typeof identity?.arn === 'string' && typeof identity.account === 'string';
}

/** Who the data source is, as a sentence. */
export function describeIdentity({ arn, account }: Identity): string {
  return `AWS knows this data source as ${arn} of account ${account}.`;
}

const WORDS: Record<Outcome, string> = { ok: 'ok', denied: 'denied', failed: 'failed', notTried: 'not tried' };

/** Such as "denied". */
export function describeOutcome({ outcome }: Permission): string {
  return WORDS[outcome];
}

/** The reason and what to do, as sentences; empty when all is well. */
export function describeCause({ reason, advice }: Permission): string {
  return [reason, advice].filter(Boolean).map(sentence).join(' ');
}

function sentence(text = ''): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}

/**
 * What Grafana shows after "Save & test". It draws the message as a heading and `details.message` below it, neither of which has lines; and
 * `details.verboseMessage` with its lines, folded until it is clicked. So what is wrong is named in short, and told a line each.
 */
export function describeTest({ verdict, permissions, identity }: Health) {
  const troubles = permissions.filter(({ outcome }) => outcome !== 'ok');
  const named = troubles.map((permission) => `${permission.action} (${describeOutcome(permission)})`);
  const parts = [identity && describeIdentity(identity), named.length > 0 && `Not in order: ${named.join(', ')}.`];
  return {
    message: verdict,
    details: {
      message: parts.filter(Boolean).join(' '),
      verboseMessage: permissions.map(describePermission).join('\n'),
    },
  };
}

function describePermission(permission: Permission): string {
  const head = `${permission.action}: ${describeOutcome(permission)}.`;
  return [head, describeCause(permission)].filter(Boolean).join(' ');
}
