import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock, type Clock } from '../../../../core/clock.ts';
import type { Journal } from '../../../../service/history/open-database.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { AlertMessage, type SentAlert } from '../../../../service/hooks/alert-message.ts';
import { createAlertLog, mayBeCut } from '../../../../service/hooks/alert-log.ts';
import { shippedAlert } from '../../../support/alert-rules.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const nowMs = Date.parse('2026-11-11T12:10:00Z');
const hourMs = 3_600_000;

/** Builds a message as Alertmanager 0.28 posts it. */
const posted = (status: 'firing' | 'resolved', over: object = {}) =>
  AlertMessage.parse({
    version: '4',
    groupKey: '{}:{alertname="DiskFull"}',
    truncatedAlerts: 0,
    status,
    receiver: 'plimsoll',
    groupLabels: { alertname: 'DiskFull' },
    commonLabels: { alertname: 'DiskFull', cluster: 'orders' },
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    alerts: [
      {
        status,
        labels: { alertname: 'DiskFull', cluster: 'orders', severity: 'page', broker: '2' },
        annotations: { summary: 'Disk of broker 2 is above its limit.' },
        startsAt: '2026-11-11T12:00:00Z',
        endsAt: status === 'resolved' ? '2026-11-11T12:08:00Z' : '0001-01-01T00:00:00Z',
        generatorURL: 'http://prometheus:9090/graph',
        fingerprint: 'c2f8a1',
        ...over,
      },
    ],
  });

test('an alert is one mark from its start to its end, no matter how often it is posted', () => {
  const log = createAlertLog();
  log.add(posted('firing'), nowMs - 60_000);
  log.add(posted('firing'), nowMs - 60_000);
  expect(log.of('orders', nowMs - hourMs, nowMs)).toEqual([
    {
      name: 'DiskFull',
      severity: 'page',
      summary: 'Disk of broker 2 is above its limit.',
      startMs: Date.parse('2026-11-11T12:00:00Z'),
    },
  ]);
  log.add(posted('resolved'), nowMs);
  log.add(posted('resolved'), nowMs);
  expect(log.of('orders', nowMs - hourMs, nowMs)).toMatchObject([{ endMs: Date.parse('2026-11-11T12:08:00Z') }]);
});

test('alerts of one name differ by their descriptions', () => {
  const log = createAlertLog();
  for (const consumergroup of ['billing', 'audit']) {
    const { labels, annotations } = shippedAlert('ConsumerFarBehind', { cluster: 'orders', consumergroup });
    const filled = Object.entries(annotations).map(([name, text]) => [
      name,
      text.replace('{{ $labels.consumergroup }}', consumergroup),
    ]);
    log.add(posted('firing', { labels, annotations: Object.fromEntries(filled) as Record<string, string> }), nowMs);
  }
  const [billing, audit] = log.firing('orders', nowMs);
  expect(billing?.summary).toContain('of billing is');
  expect(audit?.summaryZh).toMatch(/^audit /);
});

test('an alert names its group and topic, also to another instance', () => {
  const history = scratchHistory();
  const logs = [createAlertLog(history), createAlertLog(history)];
  const labels = { cluster: 'orders', consumergroup: 'billing', topic: 'paid' };
  logs[0]?.add(posted('firing', shippedAlert('ConsumerFarBehind', labels)), nowMs);
  for (const log of logs) expect(log.firing('orders', nowMs)).toMatchObject([{ group: 'billing', topic: 'paid' }]);
});

test('a firing alert has the description of its last post, also with long names', () => {
  const log = createAlertLog();
  const annotationsOf = (lag: string) => ({
    summary: 'High lag.',
    summary_zh: '消费组堆积严重。',
    description: `The lag of ${'g'.repeat(249)} in ${'t'.repeat(249)} is ${lag}.`,
  });
  for (const lag of ['15m', '6h']) log.add(posted('firing', { annotations: annotationsOf(lag) }), nowMs);
  expect(log.firing('orders', nowMs)).toMatchObject([
    { summary: expect.stringMatching(/ is 6h\.$/) as string, summaryZh: '消费组堆积严重。' },
  ]);
});

test('the same alert that fires again later is another mark', () => {
  const log = createAlertLog();
  log.add(posted('resolved'), nowMs);
  log.add(posted('firing', { startsAt: '2026-11-11T12:09:00Z' }), nowMs);
  expect(log.of('orders', nowMs - hourMs, nowMs).map(({ endMs }) => endMs !== undefined)).toEqual([true, false]);
});

test('an alert that ends and fires again within one group_interval counts as firing once', () => {
  const history = scratchHistory();
  createAlertLog(history).add(posted('firing'), nowMs - 300_000);
  const [received, other] = [createAlertLog(history), createAlertLog(history)];
  // Alertmanager posts only the later start, and then only the later end.
  received.add(posted('firing', { startsAt: '2026-11-11T12:07:00Z' }), nowMs);
  for (const log of [received, other]) {
    expect(log.firing('orders', nowMs)).toMatchObject([{ startMs: Date.parse('2026-11-11T12:07:00Z') }]);
    const [earlier] = log.of('orders', nowMs - hourMs, nowMs);
    expect(earlier).toMatchObject({ endMs: Date.parse('2026-11-11T12:07:00Z') });
  }
  received.add(posted('resolved', { startsAt: '2026-11-11T12:07:00Z' }), nowMs);
  expect([received, other].map((log) => log.firing('orders', nowMs))).toEqual([[], []]);
});

test('an alert with other labels that fires later does not end another alert', () => {
  const log = createAlertLog();
  log.add(posted('firing'), nowMs);
  const labels = { alertname: 'DiskFull', cluster: 'orders', severity: 'page', broker: '3' };
  log.add(posted('firing', { labels, startsAt: '2026-11-11T12:07:00Z' }), nowMs);
  expect(log.firing('orders', nowMs)).toHaveLength(2);
});

test('an alert that continues after a gap between Prometheus and Alertmanager is firing on both instances', () => {
  const history = scratchHistory();
  const [received, other] = [createAlertLog(history), createAlertLog(history)];
  const firing = () => [received, other, createAlertLog(history)].map((log) => log.firing('orders', nowMs).length);
  received.add(posted('firing'), nowMs - 120_000);
  received.add(posted('resolved'), nowMs - 60_000);
  expect(firing()).toEqual([0, 0, 0]);
  received.add(posted('firing'), nowMs);
  expect(firing()).toEqual([1, 1, 1]);
  expect(other.of('orders', nowMs - hourMs, nowMs)).toEqual(received.of('orders', nowMs - hourMs, nowMs));
  expect(received.of('orders', nowMs - hourMs, nowMs)).toMatchObject([{ startMs: Date.parse('2026-11-11T12:00:00Z') }]);
  received.add(posted('resolved', { endsAt: '2026-11-11T12:09:30Z' }), nowMs);
  expect(firing()).toEqual([0, 0, 0]);
  expect(other.of('orders', nowMs - hourMs, nowMs)).toMatchObject([{ endMs: Date.parse('2026-11-11T12:09:30Z') }]);
});

test('alerts of other clusters, without a cluster, or of another time are not shown', () => {
  const log = createAlertLog();
  log.add(posted('resolved'), nowMs);
  log.add(posted('firing', { labels: { alertname: 'ExporterDown' } }), nowMs);
  expect(log.of('logs', nowMs - hourMs, nowMs)).toEqual([]);
  expect(log.of('orders', nowMs, nowMs + hourMs)).toEqual([]);
});

test('without a history, the newest six hundred alerts of each cluster are kept', () => {
  const log = createAlertLog();
  for (let minute = 0; minute < 650; minute++) {
    log.add(posted('firing', { startsAt: new Date(nowMs + minute * 60_000).toISOString() }), nowMs);
  }
  const known = log.of('orders', 0, nowMs + 650 * 60_000);
  expect([known.length, known[0]?.startMs]).toEqual([600, nowMs + 50 * 60_000]);
});

const storm = (status: 'firing' | 'resolved', length: number) => ({
  alerts: Array.from({ length }, (_, index) => {
    const labels = { alertname: 'PartitionOffline', cluster: 'orders', partition: String(index) };
    const startsAt = new Date(nowMs - 600_000 + index * 1000).toISOString();
    return posted(status, { labels, startsAt, endsAt: new Date(nowMs).toISOString() }).alerts[0] as SentAlert;
  }),
});

test('a storm of 600 alerts keeps its beginning, reports the cut, and leaves no ended alert firing after a restart', () => {
  const history = scratchHistory();
  const log = createAlertLog(history);
  log.add(storm('firing', 600), nowMs);
  log.add(storm('resolved', 600), nowMs);
  for (const each of [log, createAlertLog(history)]) {
    const alerts = each.of('orders', nowMs - hourMs, nowMs + hourMs);
    expect([each.firing('orders', nowMs + 1000), alerts[0]?.startMs]).toEqual([[], nowMs - 600_000]);
    expect([alerts.length >= 500, mayBeCut(alerts), mayBeCut(alerts.slice(101))]).toEqual([true, true, false]);
  }
});

test('an alert that starts after a storm of a day is firing, too', () => {
  const log = createAlertLog(scratchHistory());
  log.add(storm('firing', 700), nowMs);
  const labels = { alertname: 'BrokerDown', cluster: 'orders', severity: 'critical' };
  log.add(posted('firing', { labels, startsAt: new Date(nowMs + 300_000).toISOString() }), nowMs + 300_000);
  expect(log.firing('orders', nowMs + 300_000).at(-1)?.name).toBe('BrokerDown');
});

test('a restart during a storm loses no end of a recorded alert', () => {
  const history = scratchHistory();
  createAlertLog(history).add(storm('firing', 1200), nowMs);
  const restarted = createAlertLog(history);
  restarted.add(storm('firing', 1200), nowMs);
  restarted.add(storm('resolved', 1200), nowMs);
  expect(createAlertLog(history).firing('orders', nowMs + 1000)).toEqual([]);
});

test('a firing alert is kept even after a hundred later ones were resolved, and posting it again adds nothing', () => {
  const history = scratchHistory();
  const log = createAlertLog(history);
  const old = posted('firing', { labels: { alertname: 'BrokerDown', cluster: 'orders' } });
  log.add(old, nowMs);
  for (let minute = 0; minute < 150; minute++) {
    log.add(posted('resolved', { startsAt: new Date(nowMs + minute * 1000).toISOString() }), nowMs + 600_000);
  }
  log.add(old, nowMs + 600_000);
  expect(log.firing('orders', nowMs + 600_000)).toMatchObject([{ startMs: Date.parse('2026-11-11T12:00:00Z') }]);
  expect(history.entries({ cluster: 'orders', kinds: ['alert'], limit: 500 })).toHaveLength(151);
});

function scratchHistory(
  clock: Clock = { ...systemClock, now: () => new Date(nowMs) },
  { folder = scratchFolder(), journal = 'wal' }: { folder?: string; journal?: Journal } = {},
) {
  const history = openHistory(join(folder, 'ledger.sqlite'), { clock, journal });
  onTestFinished(() => {
    history[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  return history;
}

const scratchFolder = () => mkdtempSync(join(tmpdir(), 'plimsoll-alerts-'));

test.each(['wal', 'delete'] as const)(
  'changes that arrive while a history with journal %s is locked are recorded with the next message',
  (journal) => {
    const folder = scratchFolder();
    const history = scratchHistory(undefined, { folder, journal });
    const log = createAlertLog(history);
    log.add(posted('firing'), nowMs - 60_000);
    {
      using other = new DatabaseSync(join(folder, 'ledger.sqlite'));
      other.exec('BEGIN EXCLUSIVE');
      const broker = posted('firing', { labels: { alertname: 'BrokerDown', cluster: 'orders' } });
      log.add({ alerts: [...posted('resolved').alerts, ...broker.alerts] }, nowMs);
      expect(log.firing('orders', nowMs)).toMatchObject([{ name: 'BrokerDown' }]);
      other.exec('ROLLBACK');
    }
    log.add(posted('firing', { labels: { alertname: 'ExporterDown' } }), nowMs + 60_000);
    for (const each of [log, createAlertLog(history)]) {
      expect(each.firing('orders', nowMs + 60_000)).toMatchObject([{ name: 'BrokerDown' }]);
      expect(each.of('orders', nowMs - hourMs, nowMs)).toMatchObject([
        { name: 'DiskFull', endMs: Date.parse('2026-11-11T12:08:00Z') },
        { name: 'BrokerDown' },
      ]);
    }
    expect(history.entries({ kinds: ['alert'], limit: 10 })).toHaveLength(3);
  },
);

test('alerts survive a restart, and the history records their start and end once each', () => {
  const history = scratchHistory();
  const before = createAlertLog(history);
  before.add(posted('firing'), nowMs);
  const restarted = createAlertLog(history);
  restarted.add(posted('firing'), nowMs);
  expect(restarted.firing('orders', nowMs)).toMatchObject([{ name: 'DiskFull', severity: 'page' }]);
  restarted.add(posted('resolved'), nowMs);
  const again = createAlertLog(history);
  again.add(posted('resolved'), nowMs);
  expect([again.firing('orders', nowMs), again.of('orders', nowMs - hourMs, nowMs)]).toMatchObject([
    [],
    [{ name: 'DiskFull', endMs: Date.parse('2026-11-11T12:08:00Z') }],
  ]);
  expect(history.entries({ kinds: ['alert'], limit: 10 }).map(({ cluster, by }) => [cluster, by.name])).toEqual([
    ['orders', 'alertmanager'],
    ['orders', 'alertmanager'],
  ]);
});

test('each instance of a pair shows alerts that the other received, from their start to their end', () => {
  const history = scratchHistory();
  const [received, other] = [createAlertLog(history), createAlertLog(history)];
  expect(other.firing('orders', nowMs)).toEqual([]);
  received.add(posted('firing'), nowMs);
  expect(other.firing('orders', nowMs)).toMatchObject([{ name: 'DiskFull' }]);
  received.add(posted('resolved'), nowMs + 60_000);
  expect(other.firing('orders', nowMs + 60_000)).toEqual([]);
  expect(other.of('orders', nowMs - hourMs, nowMs + hourMs)).toMatchObject([
    { endMs: Date.parse('2026-11-11T12:08:00Z') },
  ]);
});

test('a long-lasting alert fires after a restart and on the other instance while Alertmanager repeats it', () => {
  const clock = createHandClock();
  clock.advance(nowMs / 1000);
  const history = scratchHistory(clock);
  const [received, other] = [createAlertLog(history), createAlertLog(history)];
  // As in alerts/alertmanager/alertmanager.yaml: repeat_interval 12h.
  for (let hour = 0; hour <= 9 * 24; hour += 12) {
    received.add(posted('firing'), clock.now().getTime());
    for (const log of [received, other, createAlertLog(history)]) {
      for (const later of [0, 2, 11]) {
        expect(log.firing('orders', clock.now().getTime() + later * hourMs)).toHaveLength(1);
      }
    }
    clock.advance(12 * 3600);
  }
  // No end was posted, yet a restart does not make the alert fire again.
  clock.advance(24 * 3600);
  expect(createAlertLog(history).firing('orders', clock.now().getTime())).toEqual([]);
});

test('an alert of weeks ago is shown only on its day', () => {
  const history = scratchHistory();
  createAlertLog(history).add(posted('resolved'), nowMs);
  const weeksLater = createAlertLog(history);
  expect(weeksLater.of('orders', nowMs + 500 * hourMs, nowMs + 501 * hourMs)).toEqual([]);
  expect(weeksLater.of('orders', nowMs - hourMs, nowMs)).toHaveLength(1);
});

test('alerts of a past day are complete even after many later ones and a restart', () => {
  const clock = createHandClock();
  clock.advance(nowMs / 1000);
  const history = scratchHistory(clock);
  const log = createAlertLog(history);
  log.add(posted('firing'), nowMs);
  log.add(posted('resolved'), nowMs);
  for (let day = 1; day <= 4; day++) {
    clock.advance(86_400);
    const dayMs = clock.now().getTime();
    for (let second = 0; second < 200; second++) {
      const startsAt = new Date(dayMs - second * 1000).toISOString();
      log.add(posted('resolved', { startsAt, endsAt: new Date(dayMs).toISOString() }), dayMs);
    }
  }
  expect(history.entries({ cluster: 'orders', limit: 500 })).toHaveLength(500);
  const past = [log, createAlertLog(history)].map((each) => each.of('orders', nowMs - hourMs, nowMs));
  const mark = { name: 'DiskFull', endMs: Date.parse('2026-11-11T12:08:00Z') };
  expect(past).toMatchObject([[mark], [mark]]);
});

test('an alert without a posted end is shown until one day after it was last posted', () => {
  const clock = createHandClock();
  clock.advance(nowMs / 1000);
  const history = scratchHistory(clock);
  const log = createAlertLog(history);
  log.add(posted('firing'), nowMs);
  clock.advance(12 * 3600);
  log.add(posted('firing'), nowMs + 12 * hourMs);
  const shown = (fromHour: number) =>
    [log, createAlertLog(history)].map(
      (each) => each.of('orders', nowMs + fromHour * hourMs, nowMs + (fromHour + 24) * hourMs).length,
    );
  expect([shown(0), shown(30), shown(48)]).toEqual([
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
});

test('viewing a past day after a restart hides no firing alert', () => {
  const clock = createHandClock();
  clock.advance(nowMs / 1000);
  const history = scratchHistory(clock);
  const log = createAlertLog(history);
  const broker = posted('firing', { labels: { alertname: 'BrokerDown', cluster: 'orders' } });
  log.add(broker, nowMs);
  // Alertmanager was down when these alerts were resolved.
  for (let second = 1; second <= 120; second++) {
    const labels = { alertname: 'DiskFull', cluster: 'orders', broker: String(second) };
    log.add(posted('firing', { labels, startsAt: new Date(nowMs + second * 1000).toISOString() }), nowMs);
  }
  clock.advance(5 * 86_400);
  const laterMs = clock.now().getTime();
  log.add(broker, laterMs);
  const restarted = createAlertLog(history);
  expect(restarted.of('orders', nowMs - hourMs, nowMs + hourMs)).toHaveLength(121);
  expect(restarted.firing('orders', laterMs)).toMatchObject([{ name: 'BrokerDown' }]);
});

test('after a restart hundreds of later short alerts do not hide a firing alert', () => {
  const history = scratchHistory();
  const firing = posted('firing', { labels: { alertname: 'BrokerDown', cluster: 'orders' } });
  createAlertLog(history).add(firing, nowMs);
  // Each instance of a pair records that many per day.
  for (const severity of ['page', 'ticket', 'info']) {
    const other = createAlertLog(history);
    for (let second = 0; second < 200; second++) {
      const startsAt = new Date(nowMs - second * 1000).toISOString();
      const labels = { alertname: 'DiskFull', cluster: 'orders', severity };
      other.add(posted('resolved', { labels, startsAt, endsAt: new Date(nowMs).toISOString() }), nowMs);
    }
  }
  expect(createAlertLog(history).firing('orders', nowMs)).toMatchObject([{ name: 'BrokerDown' }]);
});

test('an alert that was not posted for a day no longer fires', () => {
  const log = createAlertLog();
  log.add(posted('firing'), nowMs);
  expect([log.firing('orders', nowMs + 23 * hourMs).length, log.firing('orders', nowMs + 25 * hourMs).length]).toEqual([
    1, 0,
  ]);
});

test('flapping alerts do not fill the history', () => {
  const history = scratchHistory();
  const log = createAlertLog(history);
  for (let second = 0; second < 550; second++) {
    log.add(posted('firing', { startsAt: new Date(nowMs - second * 1000).toISOString() }), nowMs);
  }
  expect(history.usage().entries.get('alert')).toBe(500);
});
