import { expect, test } from 'vitest';
import { buildsOf } from '../../../../../analyzer/planning/sizing/builds.ts';
import type { BrokerKind } from '../../../../../core/cluster.ts';
import { domainOf, policyWith, requestOf, type DomainParts } from '../../../../support/sized.ts';

const choice = (parts: DomainParts) => {
  const { builds, rejections } = buildsOf(requestOf(domainOf(parts)), policyWith({}));
  return {
    builds: builds.map(({ mode, replicas }) => `${mode} ${replicas}`),
    why: rejections.map(({ message }) => message),
  };
};
const noMajority =
  'controllers in 2 zones: 3; left after the loss of a zone: 1; needed to elect leaders (a majority): 2. With a third zone, a majority is left';
const survive = { brokers: 1, zones: 1, group: false };

test('all setups with failover or a slave are candidates, a single master only if it is requested', () => {
  expect(choice({}).builds).toEqual(['master-slave 2', 'dledger 3', 'controller 3', 'kraft 3']);
  expect(choice({ placement: { modes: ['single'] } }).builds).toEqual(['single 1']);
});

test('a domain that must not lose messages excludes setups with a fixed master', () => {
  const { builds, why } = choice({ demand: { loss: 'never' } });
  expect(builds).toEqual(['dledger 3', 'controller 3', 'kraft 3']);
  expect(why[0]).toContain('orders must never lose a message');
});

test('two zones have no majority of three replicas, nor two in-sync replicas after losing a zone', () => {
  const { builds, why } = choice({ placement: { zones: 2, survive } });
  expect(builds).toEqual(['master-slave 2']);
  const refused = 'copies in 2 zones: 3; left after the loss of a zone: 1; needed to write: 2';
  expect(why).toEqual([refused, refused, refused]);
});

test('two zones have no majority of controllers, however many replicas remain', () => {
  const of = (broker: BrokerKind, { demand, placement }: DomainParts = {}) =>
    choice({ ...(demand && { demand }), placement: { brokers: [broker], zones: 2, survive, ...placement } });
  const refused = { builds: [], why: [noMajority] };
  const controller = { modes: ['controller'], replicas: 4 } as const;
  expect(of('rocketmq', { demand: { loss: 'never' }, placement: controller })).toEqual(refused);
  expect(of('kafka', { placement: { replicas: 4 } })).toEqual(refused);
  expect(of('kafka', { demand: { loss: 'may-lose' } })).toEqual(refused);
  expect(of('kafka', { placement: { replicas: 4, zones: 3 } }).builds).toEqual(['kraft 4']);
  expect(of('kafka', { placement: { replicas: 4, survive: { ...survive, zones: 0 } } }).builds).toEqual(['kraft 4']);
});

test('DLedger survives the loss of as many brokers as leave a majority', () => {
  const lost = (brokers: number, replicas: number) =>
    choice({ placement: { modes: ['dledger'], replicas, zones: 1, survive: { brokers, zones: 0, group: false } } });
  expect(lost(2, 3)).toEqual({
    builds: [],
    why: ['copies: 3; left after the loss of its brokers (2): 1; needed to write: 2'],
  });
  expect(lost(1, 3).builds).toEqual(['dledger 3']);
  expect(lost(2, 5).builds).toEqual(['dledger 5']);
});

test('a group with a controller writes with two in-sync replicas, or with one if messages may be lost', () => {
  const lostTwo = { modes: ['controller'] as const, zones: 1, survive: { brokers: 2, zones: 0, group: false } };
  expect(choice({ placement: { ...lostTwo, replicas: 3 } }).why).toEqual([
    'copies: 3; left after the loss of its brokers (2): 1; needed to write: 2',
  ]);
  expect(choice({ placement: { ...lostTwo, replicas: 4 } }).builds).toEqual(['controller 4']);
  const mayLose = choice({ demand: { loss: 'may-lose' }, placement: { ...lostTwo, replicas: 3 } });
  expect(mayLose.builds).toEqual(['controller 3']);
});

test('a Kafka topic with one replica does not survive the loss of its broker', () => {
  const one = { brokers: ['kafka'], replicas: 1, zones: 1 } as const;
  expect(choice({ placement: { ...one, survive } }).why).toEqual([
    'copies: 1; left after the loss of its brokers (1): 0; needed to write: 1',
  ]);
  expect(choice({ placement: { ...one, survive: { ...survive, brokers: 0 } } }).builds).toEqual(['kraft 1']);
});
