import { expect, test } from 'vitest';
import type { BrokerLink } from '../../../../../brokers/rocketmq/inspect/broker-link.ts';
import { readSettings } from '../../../../../brokers/rocketmq/lookup/settings.ts';

const linkTo = (id: string, values: Readonly<Record<string, string>>) =>
  ({ id, ask: async () => new Map(Object.entries(values)) }) as unknown as BrokerLink;

test('what is secret of a broker is hidden, and no difference to its siblings', async () => {
  const secrets = (word: string) => ({
    innerClientAuthenticationCredentials: `{"accessKey":"${word}"}`,
    initAuthenticationUser: `{"password":"${word}"}`,
    metricsGrpcExporterHeader: `Authorization:Bearer ${word}`,
    flushDiskType: 'ASYNC_FLUSH',
  });
  const settings = await readSettings([linkTo('a', secrets('hunter2')), linkTo('b', secrets('hunter3'))], [], {
    signal: new AbortController().signal,
  });
  const told = settings.processes.map(({ values }) => [...values.values()]);
  expect(told).toEqual([
    ['(hidden)', '(hidden)', '(hidden)', 'ASYNC_FLUSH'],
    ['(hidden)', '(hidden)', '(hidden)', 'ASYNC_FLUSH'],
  ]);
  expect(settings.differences).toEqual([]);
});

test('a secret that is not set is not hidden', async () => {
  const settings = await readSettings([linkTo('a', { metricsGrpcExporterHeader: '' })], [], {
    signal: new AbortController().signal,
  });
  expect([...(settings.processes[0]?.values ?? [])]).toEqual([['metricsGrpcExporterHeader', '']]);
});
