// Is each broker told with its machine and its JVM in a real Prometheus, while one machine hangs and another is a stranger?

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { openMachineRoom, type MachineRoom } from '../support/machine-room.ts';
import { queriesOn } from '../support/page-queries.ts';
import { requires } from '../support/prerequisites.ts';
import { undertakerOf } from '../support/revive.ts';

const brokers = ['kafka 1 here', 'rocketmq broker-a:0 broker-machine'];
const patience = { timeout: 60_000, interval: 500 };
const join = '* on (host, process) group_left (cluster, broker) plimsoll_broker_host_info{process!=""}';

const needs = requires('java', 'maven', 'prometheus', 'node-exporter', 'sshd');
needs.describe('two brokers under load and the machines they run on', () => {
  let room: MachineRoom;
  beforeAll(async () => {
    room = await openMachineRoom();
  });
  afterAll(() => room[Symbol.asyncDispose]());

  /** Values by the labels that are named, one blank apart. */
  async function values(query: string, ...labels: string[]): Promise<Record<string, number>> {
    const samples = await room.prometheus.query(query);
    return Object.fromEntries(
      samples.map(({ metric, value }) => [labels.map((label) => metric[label]).join(' '), Number(value)]),
    );
  }
  const byBroker = (query: string) => values(query, 'cluster', 'broker', 'host');
  needs.test('every query of the page about hosts is answered for both brokers', async () => {
    const queries = await queriesOn('hosts.md');
    expect(queries.length).toBeGreaterThan(5);
    for (const { comment, query } of queries) {
      await vi.waitFor(
        async () => expect(Object.keys(await byBroker(query)).toSorted(), comment).toEqual(brokers),
        patience,
      );
      for (const value of Object.values(await byBroker(query))) expect(value, comment).toBeGreaterThanOrEqual(0);
    }
  });

  needs.test('the JVM that is joined to a broker is its own', async () => {
    const classes = await values(`plimsoll_process_info ${join}`, 'cluster', 'main_class');
    expect(Object.keys(classes).toSorted()).toEqual([
      'kafka kafka.Kafka',
      'rocketmq org.apache.rocketmq.broker.BrokerStartup',
    ]);
    const before = processorSeconds(room.pids);
    const told = await vi.waitFor(async () => {
      const all = await values(`sum by (host, process) (plimsoll_process_cpu_seconds_total) ${join}`, 'cluster');
      expect(all['kafka']).toBeGreaterThanOrEqual(before.kafka);
      expect(all['rocketmq']).toBeGreaterThanOrEqual(before.rocketmq);
      return all;
    }, patience);
    const after = processorSeconds(room.pids);
    expect(told['kafka']).toBeLessThanOrEqual(after.kafka);
    expect(told['rocketmq']).toBeLessThanOrEqual(after.rocketmq);
  });

  needs.test('a machine that hangs and one with another key are down, and nothing else is missing', async () => {
    const ups = () => values('plimsoll_host_up', 'host');
    const successes = () =>
      values('plimsoll_scrape_collector_success{host!~"paused|stranger"}', 'host', 'cluster', 'collector');
    const up = { agent: 1, 'broker-machine': 1, here: 1, other: 1 };
    await vi.waitFor(async () => expect(await ups()).toEqual({ ...up, paused: 1, stranger: 0 }), patience);
    const before = await successes();

    room.pause();
    const pages = new Set<number | undefined>();
    await vi.waitFor(async () => {
      expect(await ups()).toEqual({ ...up, paused: 0, stranger: 0 });
      expect(await values('plimsoll_cluster_up', 'cluster')).toEqual({ kafka: 1, rocketmq: 1 });
      expect(await successes()).toEqual(before);
      pages.add((await values('timestamp(plimsoll_host_up{host="paused"})', 'host'))['paused']);
      expect(pages.size).toBe(3);
    }, patience);
    expect(room.log()).toMatch(/"host":"paused","code":"host-hung"/);
    expect(room.log()).toMatch(/"host":"stranger","code":"host-key-changed"/);
  });

  needs.test('a broker killed is gone at the next scrape, still by name, and counted when it is back', async () => {
    const process = '{host="broker-machine",process="broker"}';
    const figure = async (name: string) => (await values(`plimsoll_process_${name}${process}`, 'process'))['broker'];
    const startedAt = await figure('start_time_seconds');
    const undertaker = undertakerOf(room.pids.rocketmq);
    await undertaker.end('SIGKILL');
    const endedAt = Date.now() / 1000;
    const [, next] = await vi.waitFor(async () => {
      const history = await room.prometheus.history(`plimsoll_process_up${process}`, 120);
      return history.find(([at]) => at > endedAt) ?? expect.fail('no page since');
    }, patience);
    expect(next).toBe('0');
    expect(await byBroker(`plimsoll_process_up ${join} == 0`)).toEqual({ 'rocketmq broker-a:0 broker-machine': 0 });
    expect(await figure('start_time_seconds')).toBe(startedAt);
    expect(await figure('last_seen_timestamp_seconds')).toBeLessThanOrEqual(endedAt);

    undertaker.revive();
    await vi.waitFor(async () => {
      expect([await figure('up'), await figure('restarts_total')]).toEqual([1, 1]);
      expect(await figure('start_time_seconds')).toBeGreaterThan(startedAt ?? Infinity);
    }, patience);
  });
});

/** User and system mode, man 5 proc_pid_stat: fields 14 and 15, in hundredths. */
function processorSeconds({ kafka, rocketmq }: MachineRoom['pids']): MachineRoom['pids'] {
  const [ofKafka, ofRocketmq] = [kafka, rocketmq].map((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    return (Number(user) + Number(system)) / 100;
  });
  return { kafka: ofKafka ?? 0, rocketmq: ofRocketmq ?? 0 };
}
