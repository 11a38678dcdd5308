import { expect, test } from 'vitest';
import { appliedQuotas, userOf, type ClientIdentity } from '../../../../../brokers/kafka/lookup/applied-quotas.ts';
import {
  describeClientQuotas,
  type ClientQuotas,
  type QuotaEntity,
} from '../../../../../brokers/kafka/wire/describe-client-quotas.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';
import { Secret } from '../../../../../core/secret.ts';
import { readCaptured } from '../../../../support/kafka-answers.ts';

const link: Link = {
  address: 'b:9092',
  ranges: new Map([['DescribeClientQuotas', { min: 0, max: 1 }]]),
  ask: async (_action, _io, api, ...request) => readCaptured('client-quotas', api, ...request),
  askForParts: async () => Promise.reject(new Error('not used')),
};
const io = { signal: new AbortController().signal };

const entry = (entity: QuotaEntity, value: number): ClientQuotas => ({
  entity,
  values: new Map([['producer_byte_rate', value]]),
});
/** Entities in Kafka's order of precedence; the last one applies only without the others. */
const inOrder: readonly QuotaEntity[] = [
  { user: 'alice', clientId: 'plimsoll' },
  { user: 'alice', clientId: null },
  { user: 'alice' },
  { user: null, clientId: 'plimsoll' },
  { user: null, clientId: null },
  { user: null },
  { clientId: 'plimsoll' },
  { clientId: null },
];
const alice = { user: 'alice', clientId: 'plimsoll' };
const valueOf = (all: readonly ClientQuotas[], identity: ClientIdentity) =>
  appliedQuotas(all, identity).quotas.map(({ value }) => value);

test('reads the quotas of Kafka 4.3.1, each entity with its values', async () => {
  expect(await describeClientQuotas(link, io)).toEqual([
    { entity: { user: null }, values: new Map([['request_percentage', 200.5]]) },
    {
      entity: { clientId: null },
      values: new Map([
        ['consumer_byte_rate', 20_000],
        ['producer_byte_rate', 20_000],
      ]),
    },
    {
      entity: { user: 'alice', clientId: 'plimsoll' },
      values: new Map([
        ['request_percentage', 150],
        ['producer_byte_rate', 4_000_000],
      ]),
    },
  ]);
});

test('resolves each kind of quota separately, as brokers do', async () => {
  const all = await describeClientQuotas(link, io);
  const shares = 1;
  expect(appliedQuotas(all, alice)).toEqual({
    quotas: [
      { kind: 'produce-quota', value: 4e6, entity: 'user=alice, client-id=plimsoll', shares },
      { kind: 'fetch-quota', value: 20_000, entity: 'client-id=<default>', shares },
      { kind: 'request-quota', value: 1.5, entity: 'user=alice, client-id=plimsoll', shares },
    ],
    unread: [],
  });
  expect(appliedQuotas(all, { user: 'ANONYMOUS', clientId: 'plimsoll' })).toMatchObject({
    quotas: [
      { kind: 'produce-quota', value: 20_000 },
      { kind: 'fetch-quota', value: 20_000 },
      { kind: 'request-quota', value: 2.005, entity: 'user=<default>' },
    ],
  });
});

test('the most specific entity applies, in the order that Kafka documents', () => {
  for (let from = 0; from < inOrder.length; from++) {
    const all = inOrder.slice(from).map((entity, index) => entry(entity, from + index + 1));
    expect(valueOf(all.toReversed(), alice)).toEqual([from + 1]);
  }
});

test('quotas of other users and clients do not apply', () => {
  const others = [
    entry({ user: 'bob' }, 1),
    entry({ clientId: 'other' }, 2),
    entry({ user: 'bob', clientId: null }, 3),
  ];
  expect(appliedQuotas(others, alice)).toEqual({ quotas: [], unread: [] });
});

test('without a user name, a possible user quota makes its kind unknown, while a default one applies', () => {
  const unknown = { clientId: 'plimsoll' };
  expect(appliedQuotas([entry({ user: 'bob' }, 1), entry({ clientId: null }, 2)], unknown)).toEqual({
    quotas: [],
    unread: ['produce-quota: quotas are set for users, and the user of this client is unknown'],
  });
  expect(valueOf([entry({ user: null }, 1), entry({ clientId: null }, 2)], unknown)).toEqual([1]);
});

test('a client without credentials is anonymous; the user of a certificate or token is unknown', () => {
  const password = Secret.parse('${env:NOT_READ}');
  expect(userOf({})).toBe('ANONYMOUS');
  expect(userOf({ tls: { verify: true } })).toBe('ANONYMOUS');
  expect(userOf({ sasl: { mechanism: 'scram-sha-256', username: 'alice', password } })).toBe('alice');
  expect(userOf({ tls: { verify: true, cert: 'client.pem' } })).toBeUndefined();
  expect(userOf({ sasl: { mechanism: 'oauthbearer', token: password } })).toBeUndefined();
});
