import { expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { serveFleet } from '../../../support/served-fleet.ts';
import { fillLedger } from '../../../support/shown-fleet.ts';

async function pageOf(path: string): Promise<string> {
  await using served = await serveFleet(ServiceConfig.parse({}));
  fillLedger(served.history);
  const response = await fetch(new URL(path, served.url));
  return await response.text();
}

/** Text of a page, by default of the cluster `logs`, whose broker 3 does not answer. */
async function textOf(path: string, cluster = 'logs'): Promise<string> {
  const page = await pageOf(`/clusters/${cluster}${path}`);
  return page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

test('the cluster page offers no measurement, and states what the loss of one more broker stops', async () => {
  const text = await textOf('');
  expect(text).toContain(
    'Redline (production traffic up to the limit of one broker) 40 min not now : broker 3 does not',
  );
  expect(text).not.toContain('plimsoll redline');
  expect(text).not.toContain('plimsoll run --cluster');
  expect(text).toContain('if one more broker is lost, writes with acks=all to 28 partitions fail');
});

test('the page of a topic and of a broker that answers state what its loss stops', async () => {
  expect(await textOf('/topics/order-paid')).toContain(
    'if one more broker is lost, writes with acks=all to 8 partitions fail',
  );
  expect(await textOf('/brokers/1')).toContain('If this broker is lost, writes with acks=all to 28 partitions fail');
});

test('the page of the broker shows since when it does not answer, what it holds, its instance and the command', async () => {
  const text = await textOf('/brokers/3');
  expect(text).toContain(
    'Does not answer; last seen 2026-11-10 11:40 UTC. It has replicas of 28 partitions (topics: 5).',
  );
  expect(text).toContain('kafka-3 crash loop Host: kafka-3 FATAL');
  expect(text).toContain('Read its output on the host first.');
  expect(text).toContain('plimsoll instances start kafka-3');
  expect(text).not.toContain('If this broker is lost');
});

test('a lost broker links to its page, which states where to look if instances.yaml does not list it', async () => {
  const links = [...(await pageOf('/')).matchAll(/href="(\/clusters\/returns\/brokers\/[^"]*)"/g)];
  expect(links).toHaveLength(2);
  const text = await textOf('/brokers/broker-a:0', 'returns');
  expect(text).toContain('it is not in instances.yaml. Check the process and its log on the host of this address:');
});

test('the time to the safe maximum of a cluster with lost brokers is unknown, and given for all brokers', async () => {
  const text = await textOf('');
  expect(text).toMatch(
    /Time to safe maximum: unknown with the brokers that answer; 5 h 51 min \(.*?\) if all brokers answered/,
  );
  expect(await textOf('', 'returns')).toContain('Time to safe maximum: unknown Fullest disk');
});

test('a broker that answers and whose process is in a crash loop shows both', async () =>
  expect(await textOf('', 'orders')).toMatch(/10\.0\.0\.99:10921 GC logs up crash loop broker-a slave/));

test('the actions of a cluster above its safe maximum begin with its load test, and name what also helps', async () =>
  expect(await textOf('', 'orders')).toMatch(
    /Actions A load test is adding to this load: stop it first\. Suggested actions .* What also helps: add brokers/,
  ));

test('a partition names the replicas that are not in sync', async () =>
  expect(await textOf('/topics/order-paid')).toContain('2 / 3 not in sync: broker 3'));

test.each([
  ['en', 'The group misses messages, because its members have different subscriptions.'],
  ['zh', '组内成员订阅不一致，部分消息不会被消费。'],
])('a group whose members have different subscriptions says what to do (%s)', async (lang, text) => {
  const page = await textOf(`/groups/billing?lang=${lang}`, 'orders');
  expect(page).toContain(text);
  expect(page).not.toContain('members have different subscriptions to');
});
