import { expect, test } from 'vitest';
import { buildsOf } from '../../../../../analyzer/planning/sizing/builds.ts';
import { domainOf, requestOf, type DomainParts } from '../../../../support/sized.ts';

const choice = (parts: DomainParts) => {
  const { builds, rejections } = buildsOf(requestOf(domainOf(parts)));
  return {
    builds: builds.map(({ mode, replicas }) => `${mode} ${replicas}`),
    why: rejections.map(({ message }) => message),
  };
};
const survive = { brokers: 1, zones: 1, group: false };

test('every way with failover or a slave comes into question, a single master only where it is asked for', () => {
  expect(choice({}).builds).toEqual(['master-slave 2', 'dledger 3', 'controller 3', 'kraft 3']);
  expect(choice({ placement: { modes: ['single'] } }).builds).toEqual(['single 1']);
});

test('what must never be lost has no fixed master', () => {
  const { builds, why } = choice({ demand: { loss: 'never' } });
  expect(builds).toEqual(['dledger 3', 'controller 3', 'kraft 3']);
  expect(why[0]).toContain('orders must never lose a message');
});

test('two zones hold no majority of three, and two in-sync copies of three neither', () => {
  const { builds, why } = choice({ placement: { zones: 2, survive } });
  expect(builds).toEqual(['master-slave 2', 'controller 3']);
  expect(why).toEqual([
    'copies in 2 zones: 3; left after the loss of a zone: 1; needed to write: 2',
    'copies in 2 zones: 3; left after the loss of a zone: 1; needed to write: 2',
  ]);
});

test('a single copy on Kafka does not stand the loss of its broker', () => {
  const one = { brokers: ['kafka'], replicas: 1, zones: 1 } as const;
  expect(choice({ placement: { ...one, survive } }).why).toEqual([
    'copies: 1; left after the loss of its brokers (1): 0; needed to write: 1',
  ]);
  expect(choice({ placement: { ...one, survive: { ...survive, brokers: 0 } } }).builds).toEqual(['kraft 1']);
});
