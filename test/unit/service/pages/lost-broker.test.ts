import { expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { serveFleet } from '../../../support/served-fleet.ts';
import { fillLedger } from '../../../support/shown-fleet.ts';

/** Text of a page of the cluster `logs`, whose broker 3 does not answer. */
async function textOf(path: string): Promise<string> {
  await using served = await serveFleet(ServiceConfig.parse({}));
  fillLedger(served.history);
  const response = await fetch(new URL(`/clusters/logs${path}`, served.url));
  const page = await response.text();
  return page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

test('the cluster page offers no measurement, and states what the loss of one more broker stops', async () => {
  const text = await textOf('');
  expect(text).toContain(
    'Redline (production traffic up to the limit of one broker) 40 min not now : broker 3 does not',
  );
  expect(text).not.toContain('plimsoll redline');
  expect(text).not.toContain('plimsoll run --cluster');
  expect(text).toContain('one more broker lost: writes with acks=all to 28 partitions fail');
});

test('the page of a topic and of a broker that answers state what its loss stops', async () => {
  expect(await textOf('/topics/order-paid')).toContain(
    'one more broker lost: writes with acks=all to 8 partitions fail',
  );
  expect(await textOf('/brokers/1')).toContain('If this broker is lost, writes with acks=all to 28 partitions fail');
});

test('the page of the broker shows since when it does not answer, what it holds, its instance and the command', async () => {
  const text = await textOf('/brokers/3');
  expect(text).toContain(
    'Does not answer; last seen 2026-11-10 11:40 UTC. It has replicas of 28 partitions (topics: 5).',
  );
  expect(text).toContain('kafka-3 crash loop Host: kafka-3 FATAL');
  expect(text).toContain('plimsoll instances start kafka-3');
  expect(text).not.toContain('If this broker is lost');
});
