// Loads the plugin as Grafana does: its AMD module, given Grafana's own libraries.
import React from 'react';
import ReactDOM from 'react-dom';
import * as jsxRuntime from 'react/jsx-runtime';
import * as emotionCss from '@emotion/css';
import * as emotionReact from '@emotion/react';
import * as grafanaData from '@grafana/data';
import * as grafanaRuntime from '@grafana/runtime';
import * as grafanaUi from '@grafana/ui';
import lodash from 'lodash';
import * as rxjs from 'rxjs';
import * as rxjsOperators from 'rxjs/operators';
import { SHARES_JSX_RUNTIME } from './versions';

const SHARED: Record<string, unknown> = {
  react: React,
  'react-dom': ReactDOM,
  '@emotion/css': emotionCss,
  '@emotion/react': emotionReact,
  '@grafana/data': grafanaData,
  '@grafana/runtime': grafanaRuntime,
  '@grafana/ui': grafanaUi,
  lodash,
  rxjs,
  'rxjs/operators': rxjsOperators,
};

if (SHARES_JSX_RUNTIME) {
  SHARED['react/jsx-runtime'] = jsxRuntime;
}

type Define = ((...words: unknown[]) => void) & { amd?: object };

declare global {
  interface Window {
    define?: Define;
  }
}

function resolveShared(name: string, address: string): unknown {
  if (name === 'module') {
    return { id: address, uri: new URL(address, window.location.href).href };
  }
  if (name === 'exports') {
    return {};
  }
  if (!(name in SHARED)) {
    throw new Error(`The plugin asks for "${name}", which Grafana does not share.`);
  }
  return SHARED[name];
}

/** The exports of the AMD module at that address. */
export function loadModule(address: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const define: Define = (...words) => {
      // define([name], [dependencies], factory)
      const factory = words.pop() as (...modules: unknown[]) => unknown;
      const dependencies = (words.pop() ?? []) as string[];
      try {
        resolve(factory(...dependencies.map((name) => resolveShared(name, address))));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    define.amd = {};
    window.define = define;
    const script = document.createElement('script');
    script.src = address;
    script.onerror = () => {
      reject(new Error(`${address} cannot be loaded: the front end is not built.`));
    };
    document.head.append(script);
  });
}
