// Defines the input of a redline from a live cluster: messages of each partition, the broker that receives them, and
// the possible next step.

import type { RedlineTools } from './redline-driver.ts';

/** A row of the journal: state of a topic or partition before the first step. Only the driver that wrote it reads the rest. */
export type JournalRow = Readonly<Record<string, unknown>> & { readonly topic: string };

export type TopicFilter = (topic: string) => boolean;

export interface LiveReading {
  atSeconds: number;
  /** Ids of the brokers that are present. */
  brokers: readonly string[];
  topics: readonly string[];
  /** Next offset of each partition that responds, by its name. */
  ends: ReadonlyMap<string, bigint>;
  /** Id of the broker that receives the messages of a partition. */
  takers: ReadonlyMap<string, string>;
  /** State that only the redline may change, by partition or topic, such as `is led by broker 2 (replicas 2,1)`. */
  layout: ReadonlyMap<string, string>;
  /** Rates since an earlier reading, with the layout of this one. */
  loadSince(before: Pick<LiveReading, 'atSeconds' | 'ends'>): LiveLoad;
}

export interface LiveLoad {
  /** Messages per second of all partitions that were read, and of those of each broker. */
  clusterTps: number;
  ledTps: Readonly<Record<string, number>>;
  /** Topics with messages. */
  busyTopics: readonly string[];
  /** Current state of the partitions or topics that can raise the load of the broker. */
  originals: readonly JournalRow[];
  /** Restricts the load to rows in the journal. */
  among(originals: readonly JournalRow[]): LiveLoad;
  next(ask: StepAsk): NextStep;
}

export interface StepAsk {
  /** Growth of the rate of the broker in one step, such as 0.05. */
  stepShare: number;
  /** Remaining moves, which include moves back. */
  movesLeft: number;
  /** Maximum rate of the broker; absent if no limit is known. */
  mostTps?: number;
}

/** Why no further step follows. */
export type StepsEnd = 'no-partitions' | 'budget' | 'limit';

export type NextStep = { kind: 'step'; step: RedlineStep } | { kind: 'end'; end: StepsEnd };

export interface RedlineStep {
  /** Names of the changes, such as `orders-3` or `orders: 9 write queues`. */
  names: readonly string[];
  /** Moves of this step, including those back at the end. */
  moves: number;
  /** Messages per second that the broker receives afterwards. */
  ledTps: number;
  /** Description as a sentence without a full stop. */
  text: string;
  take(tools: RedlineTools): Promise<void>;
  /** The expected load afterwards. */
  after(): LiveLoad;
}

/** @returns a change of a partition or topic that this redline did not make, such as `orders-3 was deleted` */
export function layoutChange(
  expected: LiveReading['layout'],
  { layout }: Pick<LiveReading, 'layout'>,
): string | undefined {
  for (const [key, before] of expected) {
    const now = layout.get(key);
    if (now === undefined) return `${key} was deleted`;
    if (now !== before) return `${key} ${now}, not changed by this redline`;
  }
  return undefined;
}

/** @returns messages between two readings by partition name; absent if the partition was re-created or not read */
export function messagesBetween(
  before: Pick<LiveReading, 'ends'>,
  after: Pick<LiveReading, 'ends'>,
): ReadonlyMap<string, number> {
  return new Map(
    [...after.ends].flatMap(([key, end]) => {
      const start = before.ends.get(key);
      return start === undefined || end < start ? [] : [[key, Number(end - start)] as const];
    }),
  );
}

/** Plans every step until the limit, the budget or the possible changes are exhausted, based on this load. */
export function planSteps(load: LiveLoad, ask: StepAsk): { steps: RedlineStep[]; end: StepsEnd } {
  const steps: RedlineStep[] = [];
  let { movesLeft } = ask;
  let expected = load;
  for (;;) {
    const next = expected.next({ ...ask, movesLeft });
    if (next.kind === 'end') return { steps, end: next.end };
    steps.push(next.step);
    expected = next.step.after();
    movesLeft -= next.step.moves;
  }
}
