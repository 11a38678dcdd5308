import { expect, test } from 'vitest';
import { AlertMessage } from '../../../../service/hooks/alert-message.ts';
import { createAlertLog } from '../../../../service/hooks/alert-log.ts';

const nowMs = Date.parse('2026-11-11T12:10:00Z');
const hourMs = 3_600_000;

/** As Alertmanager 0.28 posts it. */
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

test('an alert is one mark from its start to its end, however often it is posted', () => {
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

test('the same alert that fires again later is another mark', () => {
  const log = createAlertLog();
  log.add(posted('resolved'), nowMs);
  log.add(posted('firing', { startsAt: '2026-11-11T12:09:00Z' }), nowMs);
  expect(log.of('orders', nowMs - hourMs, nowMs).map(({ endMs }) => endMs !== undefined)).toEqual([true, false]);
});

test('alerts of other clusters, of none, and of another time are not shown', () => {
  const log = createAlertLog();
  log.add(posted('resolved'), nowMs);
  log.add(posted('firing', { labels: { alertname: 'ExporterDown' } }), nowMs);
  expect(log.of('logs', nowMs - hourMs, nowMs)).toEqual([]);
  expect(log.of('orders', nowMs, nowMs + hourMs)).toEqual([]);
});

test('of each cluster the newest hundred are kept', () => {
  const log = createAlertLog();
  for (let minute = 0; minute < 150; minute++) {
    log.add(posted('firing', { startsAt: new Date(nowMs + minute * 60_000).toISOString() }), nowMs);
  }
  const known = log.of('orders', 0, nowMs + 150 * 60_000);
  expect([known.length, known[0]?.startMs]).toEqual([100, nowMs + 50 * 60_000]);
});
