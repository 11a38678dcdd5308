import { expect, test } from 'vitest';
import { withClusterSelected } from '../../../../../analyzer/evidence/sources/cluster-in-select.ts';
import { PrometheusTelemetry } from '../../../../../analyzer/evidence/sources/config.ts';

const source = (select: { brokers?: string; hosts?: string }) =>
  PrometheusTelemetry.parse({ kind: 'prometheus', url: 'http://prometheus:9090', select });
const selected = (select: { brokers?: string; hosts?: string }, cluster?: string) =>
  withClusterSelected(source(select), cluster).select;

test('one source selects the series of each cluster', () => {
  const select = { brokers: 'cluster="$cluster", env="prod"', hosts: 'host=~"$cluster-.*"' };
  expect(selected(select, 'orders')).toEqual({ brokers: 'cluster="orders", env="prod"', hosts: 'host=~"orders-.*"' });
  expect(selected(select, 'mail')).toEqual({ brokers: 'cluster="mail", env="prod"', hosts: 'host=~"mail-.*"' });
});

test('special characters of a cluster name match only themselves', () => {
  const hostile = 'a.b|c"} or vector(1) #\\$&';
  expect(selected({ brokers: 'cluster="$cluster"' }, hostile).brokers).toBe(
    String.raw`cluster="a.b|c\"} or vector(1) #\\$&"`,
  );
  expect(selected({ hosts: 'host=~"$cluster-.*"' }, 'a.b|c').hosts).toBe(String.raw`host=~"a\\.b\\|c-.*"`);
});

test('a selector without $cluster is unchanged', () => {
  expect(selected({ brokers: 'job="kafka"' })).toEqual({ brokers: 'job="kafka"' });
  expect(selected({ brokers: 'job="kafka"' }, 'orders')).toEqual({ brokers: 'job="kafka"' });
});

test('a selector with $cluster is rejected without a cluster name', () => {
  expect(() => selected({ hosts: 'cluster="$cluster"' })).toThrow('no cluster is named');
});
