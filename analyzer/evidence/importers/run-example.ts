// Explains errors in a run.json by the names of its keys, and shows the line that was expected.

import type { z } from 'zod';
import type { RunDocument } from '../../../core/documents/run-bundle.ts';

type Written = z.input<typeof RunDocument>;
type Path = readonly PropertyKey[];

const common = {
  schemaVersion: 1,
  id: 'order-cluster-2026-06',
  broker: 'rocketmq',
  cluster: 'orders',
  workload: { messageBytes: 500 },
} as const;

const source = {
  document: 'load test report',
  heading: 'Results',
  quote: 'The cluster took 70,000 messages a second.',
};

/** Complete documents, so that the compiler checks every line of them. */
const examples: { [Origin in Written['origin']]: Extract<Written, { origin: Origin }> } = {
  readings: {
    ...common,
    origin: 'readings',
    topology: { masters: 1, followersPerMaster: 2, replication: 'dledger', consumers: 2 },
    environment: {
      hosts: [{ host: 'master', cores: 24 }],
      brokers: [{ id: 'broker-a:0', host: 'master', role: 'master' }],
    },
    readings: [{ quantity: 'produced-tps', value: 70_000, node: 'broker-a:0', source }],
    sources: { 'workload.messageBytes': source },
  },
  'load-test': {
    ...common,
    origin: 'load-test',
    startedAt: '2026-06-01T08:00:00.000Z',
    profile: { name: 'steps', description: '1,000 to 5,000 messages a second' },
    warmUpSeconds: 10,
    steps: [{ targetTps: 1000, durationSeconds: 60 }],
    environment: { hosts: [], brokers: [{ id: '1', address: '10.0.0.1:9092', host: 'broker-1' }] },
    versions: { plimsoll: '0.1.0' },
  },
  redline: {
    ...common,
    origin: 'redline',
    startedAt: '2026-06-01T08:00:00.000Z',
    environment: { hosts: [], brokers: [{ id: '1', address: '10.0.0.1:9092', host: 'broker-1' }] },
    versions: { plimsoll: '0.1.0' },
    redline: {
      broker: '1',
      clusterTps: 3000,
      ledTps: { '1': 1000, '2': 1000, '3': 1000 },
      stepShare: 0.05,
      holdSeconds: 600,
      maxMoves: 100,
    },
  },
};

/** @returns the first few problems, each with its key, and a hint with the matching line of a valid document */
export function problemsOf(error: z.ZodError, json: unknown): { what: string; hint: string } {
  const { issues } = error;
  const listed = issues.slice(0, 5).map((issue) => {
    const key = keyText(issue.path);
    return valueAt(json, issue.path) === undefined && issue.path.length > 0
      ? `missing key \`${key}\``
      : `\`${key}\`: ${issue.message}`;
  });
  const more = issues.length - listed.length;
  const what = listed.join('; ') + (more > 0 ? `; and ${more} more` : '');
  const lines = issues.flatMap(({ path }) => exampleLine(path, json) ?? []);
  const [line] = lines;
  const hint =
    line === undefined
      ? 'docs/schema/run.schema.json lists every key; `examples/founding-70k/run.json` is a whole document'
      : `write it like this: ${line}`;
  return { what, hint };
}

function exampleLine(path: Path, json: unknown): string | undefined {
  const given = valueAt(json, ['origin']);
  const origin = given === 'load-test' || given === 'redline' ? given : 'readings';
  // Every element of a list is like the first.
  const first = path.map((key) => (typeof key === 'number' ? 0 : key));
  const value = valueAt(examples[origin], first);
  const key = path.findLast((each) => typeof each === 'string');
  return value === undefined || key === undefined ? undefined : `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
}

function valueAt(json: unknown, path: Path): unknown {
  let value = json;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

const keyText = (path: Path) => path.map(String).join('.') || 'document';
