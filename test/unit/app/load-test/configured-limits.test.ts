import { expect, test } from 'vitest';
import type { AppliedQuotas, ClusterLookup, ProcessSettings } from '../../../../brokers/lookup.ts';
import { ConfiguredLimits } from '../../../../core/documents/evidence/configured-limits.ts';
import { readBrokerLimits } from '../../../../app/load-test/broker-settings.ts';
import { configuredLimits } from '../../../../app/load-test/prepare-load.ts';
import { quotaTexts } from '../../../../app/load-test/notices.ts';

const io = { signal: new AbortController().signal };
const limitsOf = (of: ProcessSettings['of'], id: string, values: Record<string, string>, notices: string[] = []) =>
  readBrokerLimits(
    {
      settings: async () => ({
        processes: [{ of, id, values: new Map(Object.entries(values)) }],
        differences: [],
        notices,
      }),
    } as unknown as ClusterLookup,
    [],
    io,
  );
const quota = { value: 4e6, entity: 'client-id=<default>', shares: 1 };
const applied: AppliedQuotas = {
  quotas: [
    { kind: 'produce-quota', ...quota },
    { kind: 'fetch-quota', ...quota },
    { kind: 'request-quota', ...quota, value: 0.5 },
  ],
  unread: [],
};
const told = { kind: 'answered' as const, value: applied };

test('returns connections and threads of Kafka brokers, and the quotas that apply', async () => {
  const limits = await limitsOf('broker', '1', {
    'max.connections': '2147483647',
    'max.connections.per.ip': '60',
    'num.io.threads': '8',
    'num.network.threads': '3',
  });
  const document = configuredLimits(limits, told, 1);
  expect(ConfiguredLimits.parse(document)).toEqual({
    quotas: applied.quotas,
    brokers: [
      { id: '1', maxConnections: 2_147_483_647, maxConnectionsPerIp: 60, requestHandlers: 8, networkThreads: 3 },
    ],
  });
});

test('returns send threads of RocketMQ brokers, and omits unknown settings', async () => {
  const limits = await limitsOf('broker', 'broker-a:0', { sendMessageThreadPoolNums: '4', serverSelectorThreads: '3' });
  const { brokers } = configuredLimits(limits, { kind: 'answered', value: { quotas: [], unread: [] } }, 1);
  expect(brokers).toEqual([{ id: 'broker-a:0', networkThreads: 3, sendThreads: 4 }]);
  expect((await limitsOf('name-server', 'n', { sendMessageThreadPoolNums: '4' })).brokers).toEqual([]);
});

test('reports why a part was not read, and keeps the rest', async () => {
  const limits = await limitsOf('broker', '1', {}, ['broker 2 did not answer']);
  expect(configuredLimits(limits, { kind: 'unanswered', reason: 'CLUSTER_AUTHORIZATION_FAILED' }, 1)).toEqual({
    quotas: [],
    brokers: [{ id: '1' }],
    unread: ['broker 2 did not answer', 'client quotas: CLUSTER_AUTHORIZATION_FAILED'],
  });
});

test('a fetch quota does not apply to a run without consumers', async () => {
  const { quotas } = configuredLimits(await limitsOf('broker', '1', {}), told, 0);
  expect(quotas.map(({ kind }) => kind)).toEqual(['produce-quota', 'request-quota']);
});

test('lists each quota before the run, and warns of a planned rate that exceeds it', () => {
  const traffic = { leaders: 3, messageBytes: 1000, groups: 2 };
  expect(quotaTexts(applied.quotas, traffic, 5000)).toEqual([
    'client quota 4 MB/s per broker (client-id=<default>) applies to the producers',
    'client quota 4 MB/s per broker (client-id=<default>) applies to the consumers',
    'request quota 50% of a thread per broker (client-id=<default>) applies to producers and consumers',
  ]);
  expect(quotaTexts(applied.quotas, traffic, 7000).filter((text) => text.startsWith('warning'))).toEqual([
    'warning: 7,000 msg/s is planned, and this quota throttles the consumers from about 6,000 msg/s',
  ]);
  expect(quotaTexts(applied.quotas, traffic, undefined)).toHaveLength(3);
});
