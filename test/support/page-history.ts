// Generates an hour of history from metrics pages, with rising counters.

import { declaredMetrics, type DeclaredMetric } from './declared-metrics.ts';

export interface HistorySpan {
  /** End of the history, in seconds since the epoch. */
  endsAt: number;
  seconds: number;
  everySeconds: number;
}

/** Label values that expressions select by name; other labels get generated values. */
const spoken: Readonly<Record<string, readonly string[]>> = {
  bound: ['low', 'estimate', 'high'],
  direction: ['receive', 'transmit'],
  error: ['NOT_LEADER_OR_FOLLOWER'],
  host: ['broker-1'],
  kind: ['predicted'],
  le: ['0.001', '0.01', '0.1', '1', '+Inf'],
  phase: ['request-queue', 'local'],
  pool: ['broker'],
  process: ['broker'],
  request: ['Produce'],
  step: ['produce', 'consume', 'round_trip'],
  state: ['down', 'degraded', 'over', 'near', 'stale', 'unknown', 'ok'],
  url: ['https://plimsoll.example.com'],
  within: ['15m', '1h', '24h'],
};

const isShareOrFlag = /^up$|_(?:info|kind|on|probability|ratio|state|success|up|writable)$/;

/** Clusters and brokers of the recorded pages. */
const ofKafka = { cluster: ['lab'], broker: ['1'] };
const ofRocketmq = { cluster: ['trade'], broker: ['broker-a:0'] };
/** Lags by more than a minute in the recorded page. */
const ofGroup = { cluster: ['trade'], consumergroup: ['shipping'], topic: ['payments'] };

/** Formats OpenMetrics: the recorded pages, and a series of every other declared metric. */
export function pageHistory(pages: readonly string[], span: HistorySpan): string {
  const recorded = pages.flatMap((page) => page.split('\n').filter((line) => line !== '' && !line.startsWith('#')));
  const has = new Set(recorded.map((line) => /^\w+/.exec(line)?.[0]));
  const missing = [...declaredMetrics].filter(([name]) => !has.has(name)).flatMap(madeUp);
  const lines = [...recorded, ...missing].flatMap((line) => overTime(scraped(line), span));
  return `${lines.join('\n')}\n# EOF\n`;
}

function madeUp([name, { labels }]: [string, DeclaredMetric]): string[] {
  const own = [...labels].filter((label) => label !== 'host' || !labels.has('cluster'));
  const values: typeof spoken = {
    ...spoken,
    ...(name.startsWith('rocketmq_') ? ofRocketmq : ofKafka),
    ...(name.startsWith('plimsoll_consumergroup_') && ofGroup),
  };
  const sets = own.reduce<string[][]>(
    (before, label) =>
      (values[label] ?? [`some-${label}`]).flatMap((value) => before.map((set) => [...set, `${label}="${value}"`])),
    [[]],
  );
  const target = /^(?:up|process_)/.test(name) ? ['job="plimsoll"'] : [];
  const value = isShareOrFlag.test(name) ? 1 : 1000;
  return sets.map((set) => `${name}{${[...target, ...set].join(',')}} ${value}`);
}

/** Adds the labels of a scrape. */
function scraped(line: string): string {
  const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const target = `instance="127.0.0.1:9100"${/^(?:node|plimsoll_host)_/.test(name) ? ',job="plimsoll"' : ''}`;
  return `${name}{${labels === '' ? target : `${labels},${target}`}} ${value}`;
}

/** A counter rises by a thousandth of its value each time; lag decreases, so that it reaches zero. */
function overTime(line: string, { endsAt, seconds, everySeconds }: HistorySpan): string[] {
  const [, series = '', name = '', value = ''] = /^((\w+)(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
  const rises = declaredMetrics.get(name)?.type !== 'gauge' || name.includes('offset');
  const falls = name.includes('consumable_lag');
  return Array.from({ length: Math.floor(seconds / everySeconds) + 1 }, (_, index) => {
    const share = rises ? 1 + index / 1000 : falls ? 2 - index / 1000 : 1;
    return `${series} ${Number(value) * share} ${endsAt - seconds + index * everySeconds}`;
  });
}
