// Provides load tests for pages: one in progress with hostile text, which can be ended, and permissions.

import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import { seconds } from '../../core/clock.ts';
import type { ShownLoadTest } from '../../dashboards/web/load-test/load-test-view.ts';
import type { LoadTests } from '../../service/load-tests/load-tests.ts';
import { rocketmqLoadTest } from './analyses.ts';
import { busiestLink } from './shown-recorded.ts';

export interface ShownLoadTests extends LoadTests {
  end(): void;
}

const maxNicShare = 0.9;

/** @param producedTps of the cluster under test */
export function shownLoadTests(at: string, hostile: string, producedTps = 20_000): ShownLoadTests {
  const startedAt = new Date(Date.parse(at) - 95_000).toISOString();
  const load = { rates: [250, 500, 1000], stepDuration: '60s', messageSize: '1KiB', groups: 2 };
  const by = hostile.slice(0, 80);
  const directory = `/var/lib/plimsoll/runs/20261110-115825-1f2e`;
  const common = { cluster: 'orders', by, startedAt, load, directory };
  let test: ShownLoadTest = {
    ...common,
    now: {
      phase: 'driving',
      step: 2,
      steps: 3,
      elapsedSeconds: 85,
      leftSeconds: 105,
      targetTps: 500,
      achievedTps: 499,
      p99Seconds: 0.0123,
      lagMessages: 420,
      failedMessages: 0,
      guard: {
        isBreached: false,
        limits: [
          { kind: 'p99', value: 0.0123, limit: 1 },
          { kind: 'lag', value: 420, limit: 100_000 },
          { kind: 'link', name: 'mq-3', value: busiestLink(producedTps), limit: maxNicShare },
          { kind: 'free-disk', name: 'broker-a', value: 0.36, limit: 0.2, isLeast: true },
        ],
      },
    },
  };
  const verdict: HistoryEntry & { kind: 'test' } = {
    id: 1,
    at,
    by: { name: by, through: 'page' },
    kind: 'test',
    cluster: 'orders',
    document: rocketmqLoadTest(),
  };
  const unused = () => {
    throw new Error('pages only show load tests here');
  };
  return {
    permissionOf: (cluster) =>
      cluster === 'waybills'
        ? undefined
        : {
            approver: hostile.slice(0, 200),
            maxTps: 20_000,
            maxNicShare,
            topicPrefix: 'plimsoll-',
            window: { from: '18:00', to: '22:00', timeZone: 'Asia/Shanghai', isOpen: true },
          },
    plan: async (_cluster, chosen) =>
      Math.max(...chosen.rates) > 20_000
        ? { kind: 'refused', reason: `the peak is above maxTps: ${hostile}`, hint: 'lower the rates' }
        : { kind: 'allowed', load: chosen, durationSeconds: 190, messages: 2_150_000, payloadBytes: 2_201_600_000 },
    of: (cluster) => (cluster === 'orders' ? test : undefined),
    underWay: () => (test.end === undefined ? [{ cluster: 'orders', by, startedAt }] : []),
    start: unused,
    stop: unused,
    job: { name: 'load-tests', every: seconds(1), run: unused },
    end() {
      test = { ...common, stop: { by: 'anna', at }, end: { at, verdict, reason: hostile } };
    },
  };
}
