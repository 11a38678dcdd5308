import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { SourceConfig } from '../../../../../analyzer/evidence/sources/config.ts';
import { KeptValues } from '../../../../../analyzer/evidence/sources/zabbix-rows.ts';
import { readTelemetry } from '../../../../../analyzer/evidence/sources/telemetry.ts';
import { startFakeZabbix, zabbixBroker, zabbixToken, type FakeItem } from '../../../../support/fake-zabbix.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';
import { startScriptedHttp } from '../../../../support/scripted-http.ts';

// A full hour.
const from = 1_760_000_400;
const windowOf = (seconds: number, stepSeconds: number) => ({
  from: new Date(from * 1000),
  to: new Date((from + seconds) * 1000),
  stepSeconds,
});
const io = () => ({ signal: AbortSignal.timeout(10_000), clock: createHandClock() });

async function reading(
  items: readonly FakeItem[],
  { seconds = 3600, step = 60, version = '7.0.3', over = {}, named = {} } = {},
) {
  await using zabbix = await startFakeZabbix(items, { version });
  vi.stubEnv('ZABBIX_TEST_TOKEN', zabbixToken);
  const source = SourceConfig.parse({
    kind: 'zabbix',
    url: `${zabbix.url}/api_jsonrpc.php`,
    token: '${env:ZABBIX_TEST_TOKEN}',
    ...over,
  });
  return { told: await readTelemetry(source, { ...windowOf(seconds, step), ...named }, io()), asked: zabbix.asked };
}

test.each(['7.0.3', '6.0.9'])('Zabbix %s yields intervals of hosts and brokers in base units', async (version) => {
  const { told } = await reading(zabbixBroker('kafka-1', 1), { version });
  const interval = told.hosts.get('kafka-1')?.intervals.at(9);
  expect(interval).toEqual({
    from: 540,
    to: 600,
    // 8 cores, of which 60% are idle and 10% wait: iowait is not CPU use.
    cpu: { busyCores: expect.closeTo(2.4, 6), cores: 8, iowaitCores: 0.8, stealCores: 0 },
    memory: { totalBytes: 32e9, usedBytes: 12e9 },
    network: [
      {
        device: 'eth0',
        inBytesPerSecond: expect.closeTo(583_333, -1),
        outBytesPerSecond: expect.closeTo(1_166_667, -1),
      },
    ],
    disks: [{ device: 'sda', busy: 0.3, writtenBytesPerSecond: 1e6 }],
  });
  expect(told.brokers.get('kafka-1')?.[9]).toEqual({
    from: 540,
    to: 600,
    messagesInPerSecond: expect.closeTo(1166.7, 1),
    requestHandlersBusy: 0.25,
  });
  expect(told.environment.brokers).toEqual([{ id: 'kafka-1', address: 'kafka-1', host: 'kafka-1' }]);
  expect(told.events).toEqual([]);
  expect(told.findings.map(({ code }) => code)).toContain('source-without-framing');
});

test('the token is in a header from Zabbix 6.4 on, and in the request body before', async () => {
  const { asked } = await reading(zabbixBroker('a', 1));
  expect(asked.map(({ headers }) => headers.authorization)).toEqual([
    undefined,
    ...asked.slice(1).map(() => `Bearer ${zabbixToken}`),
  ]);
  const before = await reading(zabbixBroker('a', 1), { version: '6.0.9' });
  expect(before.asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  expect(before.asked.at(-1)?.body).toContain(zabbixToken);
});

test('items that are polled less often yield longer intervals, with a finding', async () => {
  const { told } = await reading(zabbixBroker('a', 1, { everySeconds: 300 }));
  expect(told.brokers.get('a')?.[0]).toMatchObject({ from: 0, to: 300 });
  expect(told.findings.map(({ code }) => code)).toContain('source-coarse');
});

test('hourly trends are read where history was deleted', async () => {
  const items = zabbixBroker('a', 1).map((item) => ({ ...item, historySince: from + 86_400 }));
  const { told } = await reading(items, { seconds: 6 * 3600 });
  expect(told.brokers.get('a')).toHaveLength(6);
  expect(told.brokers.get('a')?.[0]).toMatchObject({ from: 0, to: 3600, messagesInPerSecond: expect.closeTo(1500, 3) });
});

test('hours of many items are read in parts, and each value once', async () => {
  const { told, asked } = await reading(
    Array.from({ length: 10 }, (_, host) => host + 1).flatMap((host) =>
      zabbixBroker(`kafka-${host}`, host * 100, { everySeconds: 30 }),
    ),
    {
      seconds: 6 * 3600,
      step: 30,
    },
  );
  expect(asked.filter(({ body }) => body.includes('history.get')).length).toBeGreaterThan(3);
  expect(told.brokers.get('kafka-2')).toHaveLength(720);
  expect(told.traffic).toHaveLength(720);
});

test('reads a custom item key from the config', async () => {
  const items: FakeItem[] = [{ itemid: '1', host: 'mq', key: 'rocketmq.put.tps', everySeconds: 60, at: () => 77 }];
  const { told } = await reading(items, { over: { items: { messagesInPerSecond: 'rocketmq.put.tps' } } });
  expect(told.brokers.get('mq')?.[0]?.messagesInPerSecond).toBe(77);
});

test('a configured item replaces the template item on its host', async () => {
  const oneMinute: FakeItem = {
    itemid: '99',
    host: 'a',
    key: 'jmx["kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec","OneMinuteRate"]',
    everySeconds: 60,
    at: () => 77,
  };
  const busy: FakeItem = { itemid: '98', host: 'a', key: 'handlers.busy', units: '%', everySeconds: 60, at: () => 40 };
  const { told } = await reading([...zabbixBroker('a', 1), ...zabbixBroker('b', 50), oneMinute, busy], {
    over: { items: { messagesInPerSecond: oneMinute.key, requestHandlersBusy: busy.key } },
  });
  expect(told.brokers.get('a')?.[0]).toMatchObject({ messagesInPerSecond: 77, requestHandlersBusy: 0.4 });
  expect(told.brokers.get('b')?.[0]).toMatchObject({ requestHandlersBusy: 0.25 });
  expect(told.traffic[0]?.messagesPerSecond).toBeGreaterThan(1077);
  expect(told.traffic[0]?.messagesPerSecond).toBeLessThan(1200);
});

test('the host group may contain the cluster name', async () => {
  const { told, asked } = await reading(zabbixBroker('a', 1), {
    over: { group: '$cluster' },
    named: { cluster: 'Kafka' },
  });
  expect(asked.find(({ body }) => body.includes('hostgroup.get'))?.body).toContain('"name":["Kafka"]');
  expect(told.findings.map(({ code }) => code)).not.toContain('source-unselected');
  await expect(reading(zabbixBroker('a', 1), { over: { group: '$cluster' } })).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('no cluster is named'),
  });
});

test('without a host group, the brokers that count as the cluster are listed', async () => {
  const { told } = await reading([...zabbixBroker('a-1', 1), ...zabbixBroker('b-1', 50)], {
    named: { cluster: 'orders' },
  });
  const found = told.findings.find(({ code }) => code === 'source-unselected');
  expect(found?.message).toContain('counted as cluster orders: a-1, b-1');
});

test('the part of a window before the start of history is a gap', async () => {
  const items = zabbixBroker('a', 1).map((item) => ({ ...item, historySince: from + 3 * 3600 }));
  const { told } = await reading(items, { seconds: 6 * 3600 });
  const gaps = told.findings.filter(({ code }) => code === 'source-gap');
  expect(gaps.map(({ message }) => message)).toEqual([
    expect.stringContaining('from 2025-10-09T09:00:00Z to 2025-10-09T12:00:00Z'),
  ]);
});

test('trends of many items over weeks are read completely', { timeout: 20_000 }, async () => {
  const hosts = Array.from({ length: 200 }, (_, index) => `kafka-${index}`);
  const items = hosts.map((host, index): FakeItem => ({
    itemid: String(index),
    host,
    key: 'jmx["kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec","Count"]',
    everySeconds: 3600,
    at: () => 10,
    historySince: from + 30 * 86_400,
  }));
  const { told } = await reading(items, { seconds: 21 * 86_400 });
  expect(told.brokers.get('kafka-199')).toHaveLength(21 * 24);
});

test('too many values are rejected', () => {
  const kept = new KeptValues('old', 2);
  for (const clock of [1, 2]) kept.add('7', { clock, value: 1 });
  expect(kept.byItem.get('7')).toHaveLength(2);
  expect(() => kept.add('8', { clock: 1, value: 1 })).toThrow('old has more than 2 values in this window');
});

test('a boot within the window is reported at the time that the uptime indicates', async () => {
  const items: FakeItem[] = [
    ...zabbixBroker('a', 1).filter(({ key }) => key !== 'system.uptime'),
    {
      itemid: '99',
      host: 'a',
      key: 'system.uptime',
      valueType: '3',
      everySeconds: 300,
      at: (clock) => (clock < from + 1830 ? clock : clock - from - 1830),
    },
  ];
  const { told } = await reading(items);
  expect(told.events).toEqual([{ kind: 'host-restarted', host: 'a', elapsedSeconds: expect.closeTo(1830, -1) }]);
});

test('an unknown host group is an error', async () => {
  await expect(reading(zabbixBroker('a', 1), { over: { group: 'Nobody' } })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('an unknown token is rejected, and an HTML page is not a Zabbix response', async () => {
  vi.stubEnv('ZABBIX_WRONG', 'x');
  await using zabbix = await startFakeZabbix([]);
  await using page = await startScriptedHttp((_, response) => void response.end('<html>'));
  const asking = (url: string) =>
    readTelemetry(SourceConfig.parse({ kind: 'zabbix', url, token: '${env:ZABBIX_WRONG}' }), windowOf(3600, 60), io());
  await expect(asking(zabbix.url)).rejects.toMatchObject({
    code: 'credentials-refused',
    message: expect.stringContaining('Not authorized'),
  });
  await expect(asking(page.url)).rejects.toMatchObject({ code: 'zabbix-refused' });
});

async function exported(files: Record<string, string>, over: object = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-zabbix-'));
  try {
    const paths = Object.keys(files).map((name) => join(folder, name));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return await readTelemetry(
      SourceConfig.parse({ kind: 'zabbix-export', files: paths, ...over }),
      windowOf(3600, 60),
      io(),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

const csvOf = (items: readonly FakeItem[]) =>
  [
    'host,key,clock,value,units',
    ...items.flatMap(({ host, key, at, units = '' }) =>
      Array.from({ length: 60 }, (_, index) => {
        const clock = from + (index + 1) * 60;
        return `${host},"${key.replaceAll('"', '""')}",${clock},${at(clock)},${units}`;
      }),
    ),
  ].join('\n');

test('a CSV export yields the same figures as the API', async () => {
  const items = zabbixBroker('kafka-1', 1);
  const { told } = await reading(items);
  const read = await exported({ 'history.csv': csvOf(items) });
  expect([...read.brokers]).toEqual([...told.brokers]);
  expect(read.hosts.get('kafka-1')?.intervals).toEqual(told.hosts.get('kafka-1')?.intervals);
  expect(read.source.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('reads API responses from files in any order', async () => {
  const key = 'jmx["kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec","Count"]';
  const items = [
    { itemid: '23296', key_: key, units: '', value_type: '0', hosts: [{ hostid: '10084', host: 'kafka-1' }] },
  ];
  const history = [120, 60].map((at) => ({
    itemid: '23296',
    clock: String(from + at),
    value: String(at),
    ns: '563157632',
  }));
  const read = await exported({
    'history.json': JSON.stringify(history),
    'items.json': JSON.stringify({ jsonrpc: '2.0', result: items, id: 1 }),
  });
  expect(read.brokers.get('kafka-1')?.map(({ messagesInPerSecond }) => messagesInPerSecond)).toEqual([60, 120]);
});

test('an hourly mean is not mixed with values per minute', async () => {
  const key = 'jmx["kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec","Count"]';
  const items = [{ itemid: '1', key_: key, value_type: '0', hosts: [{ host: 'kafka-1' }] }];
  const history = [60, 120, 3540, 3600].map((at) => ({ itemid: '1', clock: String(from + at), value: '10', ns: '0' }));
  const trends = [{ itemid: '1', clock: String(from), num: '60', value_min: '0', value_avg: '500', value_max: '900' }];
  const read = await exported({
    'items.json': JSON.stringify(items),
    'history.json': JSON.stringify(history),
    'trends.json': JSON.stringify(trends),
  });
  expect(read.brokers.get('kafka-1')?.map(({ messagesInPerSecond }) => messagesInPerSecond)).toEqual([10, 10, 10, 10]);
});

test.each([
  ['no heading', '1,2,3', 'line 1: there is no column host'],
  ['no units', `host,key,clock,value\na,"net.if.in[""eth0""]",${from},80000`, 'line 1: there is no column units'],
  ['a comma in the number', `host,key,clock,value,units\na,system.cpu.num,${from},"1,5"`, 'line 2: "1,5" is no number'],
  ['a time without a zone', 'host,key,clock,value,units\na,b,2026-01-01T00:00:00,1,', 'is no time'],
  ['no value', `host,key,clock,value,units\na,b,${from},,`, '"" is no number'],
  ['JSON that was cut off', '[{"itemid":"1"', 'is not JSON'],
  ['unrelated JSON', '[{"name":"x"}]', 'entry 1 is not a Zabbix item'],
])('a file with %s is rejected with the position', async (_, text, words) => {
  await expect(exported({ 'x.csv': text })).rejects.toMatchObject({
    code: 'source-unreadable',
    message: expect.stringContaining(words),
  });
});

test('files without a known item are rejected', async () => {
  await expect(exported({ 'x.csv': `host,key,clock,value,units\na,b,${from},1,` })).rejects.toMatchObject({
    code: 'source-empty',
  });
});

test('a host group that is missing or not readable is reported with a remedy', async () => {
  await expect(reading(zabbixBroker('a', 1), { over: { group: 'Brokers' } })).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('no host group Brokers'),
    hint: expect.stringContaining('permission'),
  });
});
