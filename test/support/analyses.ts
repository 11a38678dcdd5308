// Reads three handwritten analyses, checked against the schema.

import { readFileSync } from 'node:fs';
import { Analysis } from '../../core/documents/analysis.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';

export const analysisNames = ['load-test', 'readings', 'generator-limited'] as const;

export function readAnalysis(name: (typeof analysisNames)[number]): Analysis {
  return Analysis.parse(
    JSON.parse(readFileSync(new URL(`../fixtures/analyses/${name}.json`, import.meta.url), 'utf8')),
  );
}

const masters: Readonly<Record<string, string>> = { 1: 'broker-a:0', 2: 'broker-b:0' };

/** Returns the load test as if its brokers 1 and 2 were the masters of a RocketMQ cluster. */
export function rocketmqLoadTest(): Analysis {
  const { run, resources, perBroker, ...rest } = readAnalysis('load-test');
  const named = {
    ...rest,
    run: { ...run, broker: 'rocketmq' as const, cluster: 'orders' },
    resources: resources.filter(({ node }) => node !== '3'),
    perBroker: perBroker
      .filter(({ broker }) => broker !== '3')
      .map((each) => ({ ...each, host: each.broker === '1' ? 'mq-1' : 'mq-3' })),
    findings: Object.values(masters).map((node) =>
      findingOf('disk-unknown', {
        basis: 'host',
        node,
        hidden: { kind: 'steps-too-short', longestSeconds: 20, expireSeconds: 30 },
      }),
    ),
  };
  return Analysis.parse(
    JSON.parse(JSON.stringify(named), (key, value: unknown) =>
      key === 'node' || key === 'broker' ? (masters[String(value)] ?? value) : value,
    ),
  );
}
