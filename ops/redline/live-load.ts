// Defines what a redline reads of a live cluster: messages of each partition, who takes them, and what the next step can be.

import type { RedlineTools } from './redline-driver.ts';

/** A row of the journal: what a topic or partition had before the first step. Only the driver that wrote it reads the rest. */
export type JournalRow = Readonly<Record<string, unknown>> & { readonly topic: string };

export type TopicFilter = (topic: string) => boolean;

export interface LiveReading {
  atSeconds: number;
  /** Ids of the brokers that are there. */
  brokers: readonly string[];
  topics: readonly string[];
  /** The next offset of each partition that answers, by its name. */
  ends: ReadonlyMap<string, bigint>;
  /** Id of the broker that takes the messages of a partition. */
  takers: ReadonlyMap<string, string>;
  /** What only the redline may change meanwhile, by partition or topic: what it is, such as `is led by broker 2 (replicas 2,1)`. */
  layout: ReadonlyMap<string, string>;
  /** Rates of the time since an earlier reading, with the layout of this one. */
  loadSince(before: Pick<LiveReading, 'atSeconds' | 'ends'>): LiveLoad;
}

export interface LiveLoad {
  /** Messages per second of all partitions that were read, and of those that each broker takes. */
  clusterTps: number;
  ledTps: Readonly<Record<string, number>>;
  /** Topics with messages. */
  busyTopics: readonly string[];
  /** Partitions or topics with which the load of the broker can be raised, as they are now. */
  originals: readonly JournalRow[];
  /** Only with what the journal has. */
  among(originals: readonly JournalRow[]): LiveLoad;
  next(ask: StepAsk): NextStep;
}

export interface StepAsk {
  /** Growth of the rate of the broker in one step, such as 0.05. */
  stepShare: number;
  /** Moves, there and back, that are left. */
  movesLeft: number;
  /** Highest rate that the broker may take; absent where no limit is known. */
  mostTps?: number;
}

/** Why no further step follows. */
export type StepsEnd = 'no-partitions' | 'budget' | 'limit';

export type NextStep = { kind: 'step'; step: RedlineStep } | { kind: 'end'; end: StepsEnd };

export interface RedlineStep {
  /** What changes, such as `orders-3` or `orders: 9 write queues`. */
  names: readonly string[];
  /** There, and back at the end. */
  moves: number;
  /** Messages per second that the broker takes then. */
  ledTps: number;
  /** What is done, as a sentence without its end. */
  text: string;
  take(tools: RedlineTools): Promise<void>;
  /** The load as it is expected afterwards. */
  after(): LiveLoad;
}

/** @returns what became of a partition or topic that the redline did not change itself, such as `orders-3 was deleted` */
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

/** @returns messages between two readings by the name of the partition; what was re-created or not read is absent */
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

/** Every step until the limit, the budget or what can be changed ends, as far as this load shows it. */
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
