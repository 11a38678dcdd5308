// Converts a load test and the status of its process to page content.

import { runOutput, type RunStatus } from '../../app/load-test/separate-run.ts';
import type { WatchedLimit } from '../../core/documents/watched-limit.ts';
import type { LoadTestNow, ShownLoadTest } from '../../dashboards/web/load-test/load-test-view.ts';
import type { History } from '../history/history.ts';
import type { KeptTest } from './test-store.ts';
import { defined } from '../../core/defined.ts';

const longestOutput = 2000;

export async function preparing(test: KeptTest): Promise<LoadTestNow> {
  const output = (await runOutput(test)).at(-1);
  return { phase: 'preparing', ...(output !== undefined && { output: output.slice(0, longestOutput) }) };
}

export function shownStatus(status: RunStatus): LoadTestNow {
  const { state, step, steps, elapsedSeconds, leftSeconds, targetTps, achievedTps, latencySeconds } = status;
  const { lagMessages, messages, guard } = status;
  const reason = guard.breaches.at(-1)?.reason;
  return defined({
    phase: state,
    step,
    steps,
    elapsedSeconds,
    leftSeconds,
    targetTps,
    achievedTps,
    p99Seconds: latencySeconds?.p99,
    lagMessages,
    failedMessages: messages.failed,
    guard: defined({ isBreached: guard.state === 'breached', reason, limits: nearest(guard.limits ?? []) }),
  });
}

function nearest(limits: readonly WatchedLimit[]): WatchedLimit[] {
  const slack = ({ value, limit, isLeast }: WatchedLimit) => (isLeast ? value - limit : limit - value);
  const alike = Map.groupBy(limits, ({ kind, name }) => (kind === 'rule' ? `rule ${name}` : kind));
  return [...alike.values()].flatMap((each) => each.toSorted((one, two) => slack(one) - slack(two)).slice(0, 1));
}

export function shownTest(
  { cluster, directory, startedAt, load, stop, by, end }: KeptTest,
  now: LoadTestNow | undefined,
  history: Pick<History, 'entry'>,
): ShownLoadTest {
  const entry = end?.entry === undefined ? undefined : history.entry(end.entry);
  const verdict = entry?.kind === 'test' || entry?.kind === 'verdict' ? entry : undefined;
  return {
    cluster,
    directory,
    startedAt,
    load,
    by: by.name,
    ...(stop && { stop }),
    ...(end
      ? { end: { at: end.at, ...(end.reason !== undefined && { reason: end.reason }), ...(verdict && { verdict }) } }
      : { now: now ?? { phase: 'preparing' } }),
  };
}
