// What the query would cost, asked when the options are open.
import { rangeUtil } from '@grafana/data';
import type { PanelData, TimeRange } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import React from 'react';
import { useEstimate } from '../hooks/useEstimate';
import { describeEstimate } from '../query/describe';
import type { FlinkQuery } from '../types';
import { withoutVariables } from './editor';
import type { EditorSource } from './editor';

interface PriceProps {
  query: FlinkQuery;
  source: EditorSource;
  range: TimeRange;
  data: PanelData | undefined;
}

export function Price({ query, source, range, data }: PriceProps) {
  const resolved = withoutVariables(query, source);
  return 'failure' in resolved ? (
    <span>{resolved.failure}</span>
  ) : (
    <Estimated query={resolved.query} source={source} range={range} data={data} />
  );
}

/** A range that moves on is another one each time that it is looked at; the price is that of any as long. */
const STEP_MS = 300_000;

/** What a dashboard without a refresh is told the price of. */
const USUAL_REFRESH_SECONDS = 60;

function Estimated({ query, source, range, data }: PriceProps) {
  const to = Math.ceil(range.to.valueOf() / STEP_MS) * STEP_MS;
  const refreshSeconds = readRefresh();
  const answer = useEstimate(source, query, {
    from: to - (range.to.valueOf() - range.from.valueOf()),
    to,
    intervalMs: data?.request?.intervalMs ?? 60_000,
    maxDataPoints: data?.request?.maxDataPoints ?? 1000,
    refreshSeconds,
  });
  const told = answer?.estimate ? describeEstimate(answer.estimate, refreshSeconds) : answer?.failure;
  return <span aria-live="polite">{told ?? 'Asking what it costs…'}</span>;
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
