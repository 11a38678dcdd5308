// Assembles the guard of a run from polled inputs and the run's own reports.

import { type Clock, seconds } from '../../core/clock.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import { shortSeconds, watchUtilisation } from '../record/utilisation.ts';
import type { Breach, Guard } from './guard.ts';
import type { WatchedLimit } from '../../core/documents/watched-limit.ts';
import { type GuardInput, judgeInput, readInTime, watchInput } from './guard-input.ts';
import { AppError } from '../../core/errors.ts';
import { percentText } from '../../core/text/quantity-text.ts';
import { type SecondLimits, watchSeconds } from './watched-seconds.ts';

interface GuardParts {
  inputs: readonly GuardInput[];
  seconds: SecondLimits;
  nic: {
    maxShare: number;
    environment: TelemetryEnvironment;
    /** Hosts whose links are checked: those of brokers and proxies, not of the generator. */
    hosts: ReadonlySet<string>;
  };
  clock: Clock;
}

/** Tolerates a busy machine that responds late, like oldestSeconds of the disk input (free-disk-input.ts). */
const oldestSeconds = 30;

export function createGuard({ inputs, seconds: limits, nic, clock }: GuardParts): Guard {
  const utilisationsOf = watchUtilisation(nic.environment, shortSeconds);
  const watched = watchSeconds(limits);
  /** Time of each host's last link measurement; a host never measured is reported before the run. */
  const measuredAt = new Map<string, number>();
  /** By input or link; rules may share a name. */
  const latest = new Map<GuardInput | string, readonly WatchedLimit[]>();
  let tell: (breach: Breach) => void = () => {};
  return {
    async watch({ signal, onBreach }) {
      tell = onBreach;
      const onValueOf = (input: GuardInput) => (value: number | undefined) =>
        void latest.set(input, limitsOf(input, value));
      await Promise.all(
        inputs.map((input) => watchInput(input, { clock, signal, onBreach, onValue: onValueOf(input) })),
      );
    },
    observe(lines) {
      for (const breach of watched.add(lines)) tell(breach);
    },
    completeSecond() {
      for (const breach of watched.complete()) tell(breach);
    },
    see(records) {
      // A limit of 100% of the link can never be exceeded, so there is nothing to check.
      if (nic.maxShare >= 1) return;
      const now = clock.monotonic();
      for (const { resource, host, utilisation } of utilisationsOf(records)) {
        if (!resource.startsWith('network') || !nic.hosts.has(host)) continue;
        measuredAt.set(host, now);
        latest.set(`${resource} ${host}`, [{ kind: 'link', name: host, value: utilisation, limit: nic.maxShare }]);
        if (utilisation <= nic.maxShare) continue;
        const [used, allowed] = [utilisation, nic.maxShare].map(percentText);
        const reason = `${resource} of ${host} is ${used} full, ${allowed} is allowed`;
        tell({ input: `maxNicShare of ${host}`, reason, value: utilisation, limit: nic.maxShare, ends: 'trial' });
      }
      for (const [host, at] of measuredAt) {
        if (now - at <= oldestSeconds) continue;
        const reason = `the link use of ${host} was not measured for ${Math.round(now - at)} s`;
        tell({ input: `maxNicShare of ${host}`, reason, ends: 'run' });
      }
    },
    limits: () => [...watched.limits(), ...[...latest.values()].flat()],
  };
}

/** An infinite value, as of a rate divided by 0, has no place in JSON. */
function limitsOf({ watches, above, below }: GuardInput, value: number | undefined): WatchedLimit[] {
  if (watches === undefined || value === undefined || !Number.isFinite(value)) return [];
  return [
    ...(above === undefined ? [] : [{ ...watches, value, limit: above }]),
    ...(below === undefined ? [] : [{ ...watches, value, limit: below, isLeast: true }]),
  ];
}

/** On a busy machine a reading may have no value. */
const mostReadings = 3;
const pause = seconds(1);

type FirstValue = { kind: 'read'; value: number } | { kind: 'unread'; trouble: AppError };

interface CheckIo {
  clock: Pick<Clock, 'sleep'>;
  signal: AbortSignal;
}

/** @returns the value before the load, or why three readings, each with a timeout, had no value */
export async function firstValue(input: GuardInput, { clock, signal }: CheckIo): Promise<FirstValue> {
  for (let reading = 1; ; reading++) {
    const first = await readInTime(input, { clock, signal }).then(
      (value): FirstValue => (value === undefined ? unread(input) : { kind: 'read', value }),
      (cause: unknown): FirstValue => {
        if (!(cause instanceof AppError)) throw cause;
        return { kind: 'unread', trouble: cause };
      },
    );
    signal.throwIfAborted();
    if (first.kind === 'read' || reading === mostReadings) return first;
    await clock.sleep(pause, { signal });
  }
}

const unread = ({ name, absence }: GuardInput): FirstValue => {
  const why = absence === undefined ? '' : ` (${absence})`;
  const message = `${name} has no value now${why}: the run could not be guarded by it`;
  return { kind: 'unread', trouble: new AppError('guard-input-unreadable', message) };
};

/** @throws AppError load-stopped if the value is out of bounds before anything is sent */
export function refuseBreach(input: GuardInput, value: number): void {
  const breach = judgeInput(input, value);
  if (breach === undefined) return;
  throw new AppError('load-stopped', `the load was not started: ${breach.reason}`, {
    hint: 'nothing was sent; wait until it is within its bounds, or change the rule',
  });
}

/**
 * Checks before the load that each input has a value within its bounds.
 * @throws AppError guard-input-unreadable, load-stopped
 */
export async function checkInputs(inputs: readonly GuardInput[], io: CheckIo): Promise<void> {
  await Promise.all(
    inputs.map(async (input) => {
      const first = await firstValue(input, io);
      if (first.kind === 'unread') throw first.trouble;
      refuseBreach(input, first.value);
    }),
  );
}
