// Executes a change on a cluster in memory with a controlled clock.

import type { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import { carryOut, type Arrival } from '../../ops/change/carry-out.ts';
import { newJournal, type ChangeJournal } from '../../ops/change/journal.ts';
import type { PlannedChange } from '../../ops/change/change-kind.ts';
import type { ChangeKind } from '../../ops/rocketmq/change.ts';
import type { FakeCluster } from './fake-change-desk.ts';
import { createSteppedClock } from './stepped-clock.ts';

export interface Trip {
  arrival?: Arrival;
  fault?: AppError;
  state: ChangeJournal;
  saved: ChangeJournal[];
  said: string;
  /** Ids of completed steps. */
  done: string[];
  /** Rolls the change back. @param gone as `--gone` */
  back(gone?: readonly string[]): Promise<void>;
}

/** @param events by second of the change, in order */
export async function travel<Facts extends object>(
  cluster: FakeCluster,
  kind: ChangeKind<Facts>,
  { facts, subject = 'pretend' }: Pick<PlannedChange<Facts>, 'facts'> & { subject?: string },
  { wait = 100, events = [] }: { wait?: number; events?: readonly (readonly [second: number, act: () => void])[] } = {},
): Promise<Trip> {
  const clock = createSteppedClock();
  const saved: ChangeJournal[] = [];
  const said: string[] = [];
  const state = newJournal({ cluster: 'lab', change: kind.name, subject, facts }, clock.now());
  const journey = {
    journal: state,
    steps: kind.steps(facts, { desk: cluster.desk, clock }),
    clock,
    signal: new AbortController().signal,
    save: async () => void saved.push(structuredClone(state)),
    check: async () => undefined,
    tell: (line: string) => void said.push(line),
  };
  const outcome: { arrival?: Arrival; fault?: AppError } = {};
  const arriving = carryOut(journey, seconds(wait)).then(
    (arrival) => (outcome.arrival = arrival),
    (fault: unknown) => (outcome.fault = fault as AppError),
  );
  let now = 0;
  for (const [second, act] of events) {
    await clock.advance(second - now);
    now = second;
    act();
  }
  await clock.advance(8 * wait + 200);
  await arriving;
  return {
    ...outcome,
    state,
    saved,
    said: said.join('\n'),
    done: state.steps.filter(({ doneAt }) => doneAt !== undefined).map(({ id }) => id),
    async back(gone = []) {
      state.direction = 'back';
      await carryOut({ ...journey, steps: kind.steps(facts, { desk: cluster.desk, clock, gone }) });
    },
  };
}
