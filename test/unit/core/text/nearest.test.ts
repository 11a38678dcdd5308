import { expect, test } from 'vitest';
import { nearest } from '../../../../core/text/nearest.ts';

test('finds the intended word despite a typing error', () => {
  expect(nearest('brokr', ['host', 'broker', 'bootstrap'])).toBe('broker');
  expect(nearest('JSNO', ['json', 'out'])).toBe('json');
});

test('finds the only word that shares a part', () => {
  const options = ['rate-steps', 'step-duration', 'remove', 'replication-factor'];
  expect(nearest('rate', options)).toBe('rate-steps');
  expect(nearest('duration', options)).toBe('step-duration');
  expect(nearest('remove-broker', options)).toBe('remove');
  expect(nearest('step', [...options, 'step-size'])).toBeUndefined();
});

test('finds a name in camel case by its part, also in another number', () => {
  const keys = ['name', 'messageSize', 'replicationFactor', 'groups'];
  expect(nearest('size', keys)).toBe('messageSize');
  expect(nearest('replicas-factor', keys)).toBe('replicationFactor');
  expect(nearest('remove-broker', ['brokers', 'remove', 'add'])).toBe('remove');
});

test('finds nothing for a word unlike all others', () => {
  expect(nearest('zebra', ['host', 'broker'])).toBeUndefined();
  expect(nearest('rate', ['name', 'topic'])).toBeUndefined();
});
