// What the query would cost, asked when the options are open.
import { rangeUtil } from '@grafana/data';
import type { PanelData, TimeRange } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import React from 'react';
import { useEstimate } from '../hooks/useEstimate';
import type { Implied } from '../hooks/useImpliedApplication';
import { findMissing } from '../query/defaults';
import { describeEstimate } from '../query/describe';
import type { FlinkQuery } from '../types';
import { asSent } from './editor';
import type { EditorSource } from './editor';

interface PriceProps {
  query: FlinkQuery;
  source: EditorSource;
  range: TimeRange;
  data: PanelData | undefined;
}

export function Price({ query, source, implied, range, data }: PriceProps & { implied: Implied }) {
  const sent = asSent(query, source, implied);
  if ('failure' in sent) {
    return <span>{sent.failure}</span>;
  }
  if (implied.isOpen && implied.application === undefined) {
    return <span>{implied.isLoading ? ASKING : 'Nothing is asked, and costs, before an application is chosen.'}</span>;
  }
  const missing = findMissing(sent.query);
  if (missing !== undefined) {
    return <span>Nothing is asked, and costs, before {missing} is chosen.</span>;
  }
  return <Estimated query={sent.query} source={source} range={range} data={data} />;
}

const ASKING = 'Asking what it costs…';

/** A range that moves on is another one each time that it is looked at; the price is that of any as long. */
const STEP_MS = 300_000;

/** Grafana reads "now" once for each end of a range, so the same range is some milliseconds longer the next time. */
const LENGTH_STEP_MS = 1000;

/** What a dashboard without a refresh is told the price of. */
const USUAL_REFRESH_SECONDS = 60;

function Estimated({ query, source, range, data }: PriceProps) {
  const to = Math.ceil(range.to.valueOf() / STEP_MS) * STEP_MS;
  const length = Math.round((range.to.valueOf() - range.from.valueOf()) / LENGTH_STEP_MS) * LENGTH_STEP_MS;
  const refreshSeconds = readRefresh();
  const answer = useEstimate(source, query, {
    from: to - length,
    to,
    intervalMs: data?.request?.intervalMs ?? 60_000,
    maxDataPoints: data?.request?.maxDataPoints ?? 1000,
    refreshSeconds,
  });
  const told = answer?.estimate ? describeEstimate(answer.estimate, refreshSeconds) : answer?.failure;
  // The field that it is about, or Grafana's row, says it already.
  const isTwice = data?.errors?.some(({ data, message }) => (data?.message ?? message) === told) ?? false;
  return <span aria-live="polite">{isTwice ? 'No price: the query has an error.' : (told ?? ASKING)}</span>;
}

/** The refresh of the dashboard, as its address has it. */
function readRefresh(): number {
  const { refresh } = locationService.getSearchObject();
  try {
    return typeof refresh === 'string' && refresh !== ''
      ? rangeUtil.intervalToSeconds(refresh) || USUAL_REFRESH_SECONDS
      : USUAL_REFRESH_SECONDS;
  } catch {
    // Such as "auto".
    return USUAL_REFRESH_SECONDS;
  }
}
