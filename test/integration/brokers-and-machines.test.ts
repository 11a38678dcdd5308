// Checks the join of brokers, hosts and JVMs in a real Prometheus, with one hung and one unknown host.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { openMachineRoom, type MachineRoom } from '../support/machine-room.ts';
import { queriesOn } from '../support/page-queries.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { undertakerOf, type Undertaker } from '../support/revive.ts';

const brokers = ['kafka 1 here', 'rocketmq broker-a:0 broker-machine'];
const patience = { timeout: 60_000, interval: 500 };
/** Brokers under load use their network interfaces and cores, but may not wait for anything. */
const isUnderLoad = (comment: string) => /card|Cores/.test(comment);
const join = '* on (host, process) group_left (cluster, broker) plimsoll_broker_host_info{process!=""}';

const needs = requires('java', 'maven', 'prometheus', 'node-exporter', 'sshd');
needs.describe('two brokers under load and their hosts', () => {
  let room: MachineRoom;
  let undertaker: Undertaker;
  beforeAll(async () => {
    room = await openMachineRoom();
  });
  afterAll(() => room[Symbol.asyncDispose]());

  /** Returns values by the named labels, separated by a space. */
  async function values(query: string, ...labels: string[]): Promise<Record<string, number>> {
    const samples = await room.prometheus.query(query);
    return Object.fromEntries(
      samples.map(({ metric, value }) => [labels.map((label) => metric[label]).join(' '), Number(value)]),
    );
  }
  const byBroker = (query: string) => values(query, 'cluster', 'broker', 'host');
  /** Checks that values of both brokers lie between those that the test reads before and after. */
  async function expectBetween(read: (broker: { pid: number; gcLog: string }) => number, query: string) {
    const { kafka, rocketmq } = room.brokers;
    const before = [read(kafka), read(rocketmq)];
    const told = await vi.waitFor(async () => {
      const all = await values(query, 'cluster');
      const both = [all['kafka'] ?? 0, all['rocketmq'] ?? 0];
      both.forEach((value, index) => expect(value).toBeGreaterThanOrEqual(before[index] ?? Infinity));
      return both;
    }, patience);
    const after = [read(kafka), read(rocketmq)];
    told.forEach((value, index) => expect(value).toBeLessThanOrEqual(after[index] ?? 0));
    expect(Math.min(...before)).toBeGreaterThan(0);
  }

  needs.test('every query on the page about hosts has a result for both brokers', async () => {
    const queries = await queriesOn('explanation/hosts.md');
    expect(queries.length).toBeGreaterThan(5);
    for (const { comment, query } of queries) {
      await vi.waitFor(
        async () => expect(Object.keys(await byBroker(query)).toSorted(), comment).toEqual(brokers),
        patience,
      );
      for (const value of Object.values(await byBroker(query))) {
        expect(value, comment).toBeGreaterThanOrEqual(0);
        if (isUnderLoad(comment)) expect(value, comment).toBeGreaterThan(0);
      }
    }
  });

  needs.test('a broker is joined to its own JVM', async () => {
    const classes = await values(`plimsoll_process_info ${join}`, 'cluster', 'main_class');
    expect(Object.keys(classes).toSorted()).toEqual([
      'kafka kafka.Kafka',
      'rocketmq org.apache.rocketmq.broker.BrokerStartup',
    ]);
    await expectBetween(processorSeconds, `sum by (host, process) (plimsoll_process_cpu_seconds_total) ${join}`);
    await expectBetween(printedPauses, `sum by (host, process) (jvm_gclog_pause_seconds_count) ${join}`);
  });

  // hosts-ssh.test.ts has such hosts in every test run.
  if (fullMatrix) {
    needs.test('a hanging host and one with another host key are down, and nothing else is missing', async () => {
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
        expect(room.log()).toMatch(/"host":"paused","code":"host-hung"/);
        expect(room.log()).toMatch(/"host":"stranger","code":"host-key-changed"/);
        pages.add((await values('timestamp(plimsoll_host_up{host="paused"})', 'host'))['paused']);
        expect(pages.size).toBe(3);
      }, patience);
    });
  }

  const ofKilled = '{host="broker-machine",process="broker"}';
  const figure = async (name: string) => (await values(`plimsoll_process_${name}${ofKilled}`, 'process'))['broker'];

  needs.test(
    'a killed broker is down at the next scrape, and still exported with its name and last state',
    async () => {
      const startedAt = await figure('start_time_seconds');
      undertaker = undertakerOf(room.brokers.rocketmq.pid);
      await undertaker.end('SIGKILL');
      const endedAt = Date.now() / 1000;
      const [, next] = await vi.waitFor(async () => {
        const history = await room.prometheus.history(`plimsoll_process_up${ofKilled}`, 120);
        return history.find(([at]) => at > endedAt) ?? expect.fail('no page since');
      }, patience);
      expect(next).toBe('0');
      expect(await byBroker(`plimsoll_process_up ${join} == 0`)).toEqual({ 'rocketmq broker-a:0 broker-machine': 0 });
      expect(await figure('start_time_seconds')).toBe(startedAt);
      expect(await figure('last_seen_timestamp_seconds')).toBeLessThanOrEqual(endedAt);
    },
  );

  if (fullMatrix) {
    needs.test('the restart of the killed broker is counted', async () => {
      const startedAt = await figure('start_time_seconds');
      undertaker.revive();
      await vi.waitFor(async () => {
        expect([await figure('up'), await figure('restarts_total')]).toEqual([1, 1]);
        expect(await figure('start_time_seconds')).toBeGreaterThan(startedAt ?? Infinity);
      }, patience);
    });
  }
});

/** Returns user and system time, man 5 proc_pid_stat: fields 14 and 15, in hundredths of a second. */
function processorSeconds({ pid }: { pid: number }): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

/** A pause's last line contains its duration: `GC(3) Pause Young (Normal) (G1 Evacuation Pause) 24M->10M(256M) 3.456ms`. */
function printedPauses({ gcLog }: { gcLog: string }): number {
  return readFileSync(gcLog, 'utf8').match(/GC\(\d+\) Pause .*ms$/gm)?.length ?? 0;
}
