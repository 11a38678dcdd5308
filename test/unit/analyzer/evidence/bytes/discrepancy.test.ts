import { describe, expect, test } from 'vitest';
import type { ClusterLoad } from '../../../../../core/wire/cluster-load.ts';
import { describedLoad } from '../../../../../analyzer/evidence/bytes/described-load.ts';
import type { MeasuredBytes } from '../../../../../analyzer/evidence/bytes/byte-explanations.ts';
import { byteFindings } from '../../../../../analyzer/evidence/bytes/discrepancy.ts';
import { cardBytes, messageCost } from '../../../../../core/wire/message-cost.ts';

const pair = describedLoad({
  broker: 'rocketmq',
  mode: 'master-slave',
  replicas: 2,
  groups: 1,
  body: 1000,
  'messages-per-pull': 32,
});
const raft = describedLoad({
  broker: 'rocketmq',
  mode: 'dledger',
  replicas: 3,
  groups: 1,
  body: 1000,
  'push-batch': 5,
});
const trio = describedLoad({ broker: 'kafka', replicas: 3, groups: 1, body: 1000, 'records-per-batch': 16 });

const measuredOf = (load: ClusterLoad, factor = 1): MeasuredBytes => {
  const bytes = cardBytes(messageCost(load));
  return { in: { value: bytes.in * factor }, out: { value: bytes.out * factor } };
};
const namesOf = (described: ClusterLoad, measured: MeasuredBytes) => {
  const [finding, ...more] = byteFindings({ ...described, measured });
  expect(more).toEqual([]);
  return {
    code: finding?.code,
    explanations: finding?.evidence.filter(({ unit }) => unit === 'ratio').map(({ name }) => name),
  };
};

describe.each([
  ['a pair', pair],
  ['DLedger', raft],
  ['Kafka', trio],
])('%s', (_, load) => {
  test.each([1, 1.04, 0.96])('reports nothing at %d of the expected bytes', (factor) =>
    expect(byteFindings({ ...load, measured: measuredOf(load, factor) })).toEqual([]),
  );

  test.each<[string, Partial<ClusterLoad>, number?]>([
    ['extra-group', { groups: 2 }],
    ['missing-group', { groups: 0 }],
    ['base64', { bodyBytes: 1336 }],
    ['compression', { compressionRatio: 3 }],
    ['bits', {}, 8],
    ['per-minute', {}, 60],
    ['faster-interface', {}, 10],
  ])('names %s as an explanation', (name, truth, factor = 1) => {
    const { code, explanations } = namesOf(load, measuredOf({ ...load, ...truth } as ClusterLoad, factor));
    expect(code).toBe('bytes-differ');
    expect(explanations).toContain(name);
  });

  test('reports a figure without any explanation as unexplained', () =>
    expect(namesOf(load, measuredOf(load, 3.3)).code).toBe('bytes-unexplained'));
});

test('a follower that does not replicate is named as an explanation', () => {
  const [finding] = byteFindings({ ...trio, measured: measuredOf({ ...trio, replicas: 2 }) });
  expect(finding?.evidence.map(({ name }) => name)).toContain('missing-replica');
  const single = describedLoad({ broker: 'rocketmq', mode: 'single', groups: 1, body: 1000 });
  expect(namesOf(pair, measuredOf(single)).explanations?.[0]).toBe('missing-replica');
});

test('a figure with a single explanation has only that one', () => {
  expect(namesOf(pair, measuredOf({ ...pair, bodyBytes: 1336 })).explanations).toEqual(['base64']);
  expect(namesOf(pair, measuredOf({ ...pair, compressionRatio: 3 })).explanations).toEqual(['compression']);
  expect(namesOf(pair, measuredOf(pair, 8)).explanations).toEqual(['bits']);
});

test('expected bytes within the interval of the measurement are no difference', () => {
  const { in: into, out } = measuredOf(pair, 1.15);
  const measured = {
    in: { value: into?.value ?? 0, low: 0, high: 1e4 },
    out: { value: out?.value ?? 0, low: 0, high: 1e4 },
  };
  expect(byteFindings({ ...pair, measured })).toEqual([]);
});

test('an unknown number of messages per pull widens the expected bytes', () => {
  const { messagesPerPull: _, ...open } = pair;
  expect(byteFindings({ ...open, measured: measuredOf({ ...pair, messagesPerPull: 1.3 }) })).toEqual([]);
  expect(byteFindings({ ...pair, measured: measuredOf({ ...pair, messagesPerPull: 1.3 }) })).not.toEqual([]);
});
