import { inEnglish } from '../../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import type { QuotaChanges } from '../../../../../brokers/kafka/changes/quotas.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import type { QuotaEntity } from '../../../../../brokers/kafka/wire/describe-client-quotas.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { alterQuotas, planQuotas } from '../../../../../ops/kafka/quotas/alter-quotas.ts';

const io = { signal: new AbortController().signal };
const changes: QuotaChanges = { producer_byte_rate: 1_000_000 };

/** The plan on a cluster where these entities have a producer quota. */
async function planned(existing: readonly QuotaEntity[], of: QuotaEntity, wanted = changes) {
  const values = new Map([['producer_byte_rate', 500_000]]);
  const admin = {
    ...openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
    quotas: async () => existing.map((entity) => ({ entity, values })),
    alterQuotas: async () => undefined,
  };
  const { findings } = await planQuotas({ admin, clock: systemClock, clusterArgs: '' }, of, wanted, io);
  return findings.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
}

test.each<{ of: QuotaEntity; existing: QuotaEntity; named: string }>([
  { of: { clientId: 'shop' }, existing: { user: 'alice' }, named: 'user alice' },
  { of: { clientId: 'shop' }, existing: { user: null }, named: 'user (default)' },
  { of: { clientId: 'shop' }, existing: { user: 'alice', clientId: 'shop' }, named: 'user alice, client-id shop' },
  { of: { clientId: null }, existing: { user: 'alice', clientId: 'shop' }, named: 'user alice, client-id shop' },
])(
  'warns that a quota of client id $of.clientId has no effect while $named has one',
  async ({ of, existing, named }) => {
    const [finding, ...more] = await planned([existing], of);
    expect(finding).toContain('warning user-quota-first: producer_byte_rate of client-id');
    expect(finding).toContain(`because Kafka prefers quotas of users: (${named})`);
    expect(more).toEqual([]);
  },
);

test('lists each preferred quota of users in parentheses', async () => {
  const existing: QuotaEntity[] = [{ user: 'alice', clientId: 'shop' }, { user: 'bob' }];
  const [finding] = await planned(existing, { clientId: 'shop' });
  expect(finding).toMatch(/quotas of users: \(user alice, client-id shop\), \(user bob\)$/);
});

test('a quota of a client id takes effect if users have no quota of the same kind for it', async () => {
  const shop = { clientId: 'shop' };
  expect(await planned([{ user: 'alice', clientId: 'other' }, { clientId: null }], shop)).toEqual([]);
  expect(await planned([{ user: 'alice' }], shop, { consumer_byte_rate: 1_000_000 })).toEqual([]);
  expect(await planned([{ user: null }], { user: 'alice', clientId: 'shop' })).toEqual([]);
});

test('the rollback keeps and reports a quota that others changed since', async () => {
  const alice: QuotaEntity = { user: 'alice' };
  const values = new Map([
    ['producer_byte_rate', 7777],
    ['consumer_byte_rate', 4_000_000],
  ]);
  const set: QuotaChanges[] = [];
  const admin = {
    ...openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
    quotas: async () => [{ entity: alice, values: new Map(values) }],
    alterQuotas: async (_: QuotaEntity, wanted: QuotaChanges) => {
      set.push(wanted);
      values.delete('consumer_byte_rate');
    },
  };
  const facts = {
    of: alice,
    changes: [
      { key: 'producer_byte_rate' as const, before: null, after: 3_000_000 },
      { key: 'consumer_byte_rate' as const, before: null, after: 4_000_000 },
    ],
  };
  const [step] = alterQuotas.steps(facts, { admin, clock: systemClock, clusterArgs: '' });
  const undo = step !== undefined && 'run' in step.undo ? step.undo.run : undefined;
  expect(inEnglish(await undo?.(io))).toEqual(['producer_byte_rate was changed by others to 7777, and is kept']);
  expect(set).toEqual([{ consumer_byte_rate: undefined }]);
});
