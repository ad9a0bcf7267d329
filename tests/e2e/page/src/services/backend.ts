// Grafana's way to its server, over the browser's fetch.
import { from, lastValueFrom, Observable } from 'rxjs';
import type { BackendSrv, BackendSrvRequest, FetchError, FetchResponse } from '@grafana/runtime';

function addressOf({ url, params = {} }: BackendSrvRequest): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params) as Array<[string, unknown]>) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one !== undefined && one !== null) {
        search.append(name, typeof one === 'string' ? one : JSON.stringify(one));
      }
    }
  }
  const path = url.startsWith('/') ? url : `/${url}`;
  const query = search.toString();
  return query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

/** An answer that is no success, in the shape that Grafana's packages know. */
class Refusal extends Error implements FetchError {
  constructor(
    readonly config: BackendSrvRequest,
    readonly status: number,
    readonly statusText: string,
    readonly data: unknown
  ) {
    const said = typeof data === 'object' && data !== null && 'message' in data ? data.message : undefined;
    super(typeof said === 'string' ? said : `${status} ${statusText}`);
  }
}

function readBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

async function send<T>(request: BackendSrvRequest, signal: AbortSignal): Promise<FetchResponse<T>> {
  const response = await fetch(addressOf(request), {
    method: request.method ?? 'GET',
    headers: { 'Content-Type': 'application/json', ...(request.headers as Record<string, string> | undefined) },
    body: request.data === undefined ? null : JSON.stringify(request.data),
    signal,
  });
  const data = readBody(await response.text());
  const { ok, status, statusText, headers, redirected, type, url } = response;
  if (!ok) {
    throw new Refusal(request, status, statusText, data);
  }
  return { data: data as T, ok, status, statusText, headers, redirected, type, url, config: request };
}

function ask<T>(request: BackendSrvRequest): Observable<FetchResponse<T>> {
  return new Observable((subscriber) => {
    const caller = new AbortController();
    const sending = from(send<T>(request, caller.signal)).subscribe(subscriber);
    return () => {
      sending.unsubscribe();
      caller.abort();
    };
  });
}

async function askOnce<T>(request: BackendSrvRequest): Promise<T> {
  return (await lastValueFrom(ask<T>(request))).data;
}

export const backend: BackendSrv = {
  get: (url, params: Record<string, unknown> | undefined) => askOnce({ url, params: params ?? {} }),
  delete: (url, data) => askOnce({ url, method: 'DELETE', data }),
  post: (url, data) => askOnce({ url, method: 'POST', data }),
  patch: (url, data) => askOnce({ url, method: 'PATCH', data }),
  put: (url, data) => askOnce({ url, method: 'PUT', data }),
  request: askOnce,
  datasourceRequest: (request) => lastValueFrom(ask(request)),
  fetch: ask,
  chunked: () => {
    throw new Error('This page streams nothing.');
  },
};
