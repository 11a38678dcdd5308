// Reads past days and client software from a real Prometheus, with restarts and gaps.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { PrometheusTelemetry } from '../../../analyzer/evidence/sources/config.ts';
import { systemClock } from '../../../core/clock.ts';
import { readClientSoftware } from '../../../service/clusters/client-software.ts';
import { pastRange } from '../../../core/readings-range.ts';
import { createDays } from '../../../service/clusters/day-traffic.ts';
import { localDay, type LocalDay } from '../../../service/clusters/local-day.ts';
import { createPastLoads } from '../../../service/clusters/past-ranges.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startPrometheus, type RunningPrometheus } from '../../support/prometheus.ts';

const everySeconds = 60;
const day = 86_400;
/** Midnight before the day before yesterday. */
const from = Math.floor(Date.now() / 1000 / day) * day - 3 * day;
const perSecond = 40;

/** First day: at 06:20 the leader's id 0 passes to a process with a counter that is three billion messages higher. */
const handedOver = from + 6 * 3600 + 20 * 60;

function* countedUnderOneId(name: string): Iterable<string> {
  for (let at = from; at <= from + day; at += everySeconds) {
    const value = (at < handedOver ? 1e9 : 4e9) + (at - from) * perSecond;
    yield `rocketmq_broker_${name}_total{cluster="dledger",broker="RaftNode00:0"} ${value} ${at}`;
  }
}

/** First day: broker-a of cluster `outage` stops at 01:13, and starts again half an hour later, counting from 0. */
const stopped = from + 3600 + 13 * 60;
const outageSeconds = 30 * 60;

function* countedAcrossOutage(): Iterable<{ at: number; count: number; boot: number }> {
  for (let at = from; at <= from + day; at += everySeconds) {
    if (at <= stopped) yield { at, count: (at - from) * perSecond, boot: from - 9 * day };
    const again = stopped + outageSeconds;
    if (at >= again) yield { at, count: (at - again) * perSecond, boot: again };
  }
}

/** Two whole days, from two pods; the broker restarts at noon of the first, and three hours of the second have no scrapes. */
function history(): string {
  const lines = ['# TYPE rocketmq_broker_put_messages counter'];
  for (let at = from; at <= from + 2 * day; at += everySeconds) {
    const inSecond = at - from - day;
    if (inSecond > 6 * 3600 && inSecond < 9 * 3600) continue;
    const since = at >= from + day / 2 ? from + day / 2 : from;
    const value = (at - since) * perSecond;
    for (const pod of ['plimsoll-0', 'plimsoll-1']) {
      lines.push(
        `rocketmq_broker_put_messages_total{cluster="orders",broker="broker-a:0",pod="${pod}"} ${value} ${at}`,
      );
    }
  }
  const outage = [...countedAcrossOutage()];
  const ofOutage = '{cluster="outage",broker="broker-a:0"}';
  lines.push(...outage.map(({ at, count }) => `rocketmq_broker_put_messages_total${ofOutage} ${count} ${at}`));
  lines.push(...countedUnderOneId('put_messages'), '# TYPE rocketmq_broker_get_messages counter');
  lines.push(...countedUnderOneId('get_messages'), '# TYPE rocketmq_broker_boot_timestamp_seconds gauge');
  for (let at = from; at <= from + day; at += everySeconds) {
    const started = at < handedOver ? from - 9 * day : from - 8 * day;
    lines.push(`rocketmq_broker_boot_timestamp_seconds{cluster="dledger",broker="RaftNode00:0"} ${started} ${at}`);
  }
  lines.push(...outage.map(({ at, boot }) => `rocketmq_broker_boot_timestamp_seconds${ofOutage} ${boot} ${at}`));
  const now = Math.floor(Date.now() / 1000) - 20;
  const named = 'cluster="orders",clientSoftwareName="apache-kafka-java",clientSoftwareVersion="3.6.1"';
  lines.push('# TYPE kafka_server_socket_server_metrics_connections_software gauge');
  for (const [processor, connections] of [3, 4, 0].entries()) {
    const labels = `${named},networkProcessor="${processor}"`;
    lines.push(`kafka_server_socket_server_metrics_connections_software{${labels}} ${connections} ${now}`);
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

if (fullMatrix) {
  requires('prometheus').describe('past traffic from Prometheus', () => {
    let prometheus: RunningPrometheus;
    beforeAll(async () => {
      prometheus = await startPrometheus({ job: 'none', scrapes: [], history: history() });
      await prometheus.untilAnswered('vector(1)');
    }, 60_000);
    afterAll(() => prometheus?.[Symbol.asyncDispose]());

    async function asked(days: number, cluster = 'orders') {
      const config = PrometheusTelemetry.parse({ kind: 'prometheus', url: prometheus.url });
      const served = {
        name: cluster,
        broker: 'rocketmq' as const,
        last: () => undefined,
        source: { name: 'prometheus', config, cluster },
      };
      const text = new Date((from + days * day) * 1000).toISOString().slice(0, 10);
      const told = await createDays(systemClock).ask(served, localDay(text, 'UTC') as LocalDay);
      if (told.kind !== 'answered') throw new Error(JSON.stringify(told));
      return told.answer;
    }

    test('a restart at noon loses only messages counted before its first scrape', async () => {
      const answer = await asked(0);
      if (answer.kind !== 'answered') throw new Error(answer.kind);
      expect(answer.hours.filter(({ produced }) => produced === undefined)).toEqual([]);
      const [broker] = answer.brokers;
      expect((broker?.produced ?? 0) / (perSecond * day)).toBeCloseTo(1, 2);
    });

    test('a change of leader adds no messages to the cluster or a broker', async () => {
      const answer = await asked(0, 'dledger');
      if (answer.kind !== 'answered') throw new Error(answer.kind);
      const counts = answer.hours.flatMap(({ produced = 0, consumed = 0 }) => [produced, consumed]);
      expect(counts).toHaveLength(48);
      expect(counts.filter((count) => Math.abs(count / (perSecond * 3600) - 1) > 0.03)).toEqual([]);
      const [leader] = answer.brokers;
      expect((leader?.produced ?? 0) / (perSecond * day)).toBeCloseTo(1, 2);
    });

    test('an hour in which a broker is down for half an hour has half the messages', async () => {
      const answer = await asked(0, 'outage');
      if (answer.kind !== 'answered') throw new Error(answer.kind);
      const shares = answer.hours.slice(0, 4).map(({ produced = 0 }) => produced / (perSecond * 3600));
      // Prometheus returns the last sample for five more minutes.
      expect(Math.abs((shares[1] ?? 0) - 0.5)).toBeLessThan(0.12);
      expect(shares.filter((share) => Math.abs(share - 1) < 0.03)).toHaveLength(3);
    });

    test('hours without a scrape are unknown, and the others are complete', async () => {
      const answer = await asked(1);
      if (answer.kind !== 'answered') throw new Error(answer.kind);
      const unknown = answer.hours.flatMap(({ produced }, hour) => (produced === undefined ? [hour] : []));
      expect(unknown).toEqual([6, 7, 8]);
      expect((answer.hours[3]?.produced ?? 0) / (perSecond * 3600)).toBeCloseTo(1, 2);
    });

    test('a range of two days has the load of each slot, and none for slots without scrapes', async () => {
      const config = PrometheusTelemetry.parse({ kind: 'prometheus', url: prometheus.url });
      const source = { name: 'prometheus', config, cluster: 'orders' };
      const served = { name: 'orders', broker: 'rocketmq' as const, last: () => undefined, source };
      const range = pastRange(from * 1000, (from + 2 * day) * 1000);
      const told = await createPastLoads(systemClock)(served, range);
      if (told.kind !== 'answered') throw new Error(JSON.stringify(told));
      const { produced = [] } = told.answer;
      expect(produced).toHaveLength(range.slots);
      const startOf = (slot: number) => (range.endMs - (range.slots - slot) * range.slotMs) / 1000 - from;
      const rates = produced.flatMap((rate, slot) => (rate === undefined ? [] : [{ at: startOf(slot), rate }]));
      const usual = rates.filter(({ at }) => Math.abs(at - day / 2) > 3600 && Math.abs(at - day - 7.5 * 3600) > 7200);
      expect(usual.filter(({ rate }) => Math.abs(rate / perSecond - 1) > 0.02)).toEqual([]);
      expect(rates.filter(({ at }) => at > day + 6.3 * 3600 && at < day + 8.7 * 3600)).toEqual([]);
    });

    test('connections of a client are summed over listeners and processors', async () => {
      const source = PrometheusTelemetry.parse({ kind: 'prometheus', url: prometheus.url });
      const signal = AbortSignal.timeout(10_000);
      const { rows } = await readClientSoftware({ source, cluster: 'orders' }, { signal });
      expect(rows).toEqual([{ name: 'apache-kafka-java', version: '3.6.1', connections: 7 }]);
    });

    test('a day before or after the data reports the first or last day with data', async () => {
      const text = (days: number) => new Date((from + days * day) * 1000).toISOString().slice(0, 10);
      expect(await asked(-5)).toEqual({ kind: 'no-data', firstDay: text(0) });
      expect(await asked(3)).toEqual({ kind: 'no-data', lastDay: text(1) });
    });
  });
}
