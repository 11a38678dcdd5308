// Stores the known facts about the writing JVM, emits each once, and resets when another JVM starts to write.

import type { GcEvent, JvmFacts, Moment } from '../gc-event.ts';
import { factsFromDetail, factsFromEvent, isFirstLine, parseFacts } from './jvm-facts.ts';
import { JvmRuns, type RunsState } from './jvm-runs.ts';

export interface JvmTrackerState {
  runs: RunsState;
  facts: Omit<JvmFacts, 'kind'>;
}

export class JvmTracker {
  readonly #emit: (event: GcEvent) => void;
  readonly #runs: JvmRuns;
  #facts: JvmTrackerState['facts'];

  /** @param onOther called before events of another JVM */
  constructor(emit: (event: GcEvent) => void, state: JvmTrackerState, onOther: () => void) {
    this.#emit = emit;
    this.#facts = state.facts;
    this.#runs = new JvmRuns(emit, state.runs, () => {
      onOther();
      this.#facts = {};
    });
  }

  get state(): JvmTrackerState {
    return { runs: this.#runs.state, facts: this.#facts };
  }

  get regionBytes(): number | undefined {
    return this.#facts.regionBytes;
  }

  /** @param at moment of a line with an event @param collection number of a young or full collection */
  follow(at: Moment, collection?: number): void {
    this.#runs.observe(at, collection);
  }

  /** @returns false if the message is not a line that a JVM logs at its start */
  readFacts(message: string, at: () => Moment): boolean {
    const facts = parseFacts(message);
    if (facts === undefined) return false;
    const isStart = !this.#runs.isKnown || (this.#runs.hasEvents && isFirstLine(message));
    if (isStart) this.#runs.start(at());
    this.#learn(facts);
    return true;
  }

  learnFromEvent({ type, cause }: { type: string; cause?: string }): void {
    if (this.#facts.collector === undefined) this.#learn(factsFromEvent(type, cause) ?? {});
  }

  learnFromDetail(message: string): void {
    if (this.#facts.collector === undefined) this.#learn(factsFromDetail(message) ?? {});
  }

  #learn(facts: JvmTrackerState['facts']): void {
    const news = Object.entries(facts).filter(([name, value]) => this.#facts[name as keyof typeof facts] !== value);
    if (news.length === 0) return;
    this.#facts = { ...this.#facts, ...facts };
    this.#emit({ kind: 'jvm', ...Object.fromEntries(news) });
  }
}
