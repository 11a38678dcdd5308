// Records latencies of sends by the test phase in which each began.

export interface Phase {
  sends: number;
  /** Latency in milliseconds, from the first attempt to the acknowledgement. */
  p50: number;
  p99: number;
  max: number;
  /** Messages that were retried after a refusal or an unreachable broker. */
  sentAgain: number;
}

export interface SendPhases {
  /** Assigns subsequent sends to this phase. */
  enter(name: string): void;
  /** Starts one send of the current phase. */
  begin(): { sentAgain(): void; end(): void };
  table(): Record<string, Phase>;
}

export function sendPhases(first: string): SendPhases {
  const taken = new Map<string, { latencies: number[]; sentAgain: number }>();
  const phaseOf = (name: string) => {
    const phase = taken.get(name) ?? { latencies: [], sentAgain: 0 };
    taken.set(name, phase);
    return phase;
  };
  let current = phaseOf(first);
  return {
    enter: (name) => void (current = phaseOf(name)),
    begin() {
      const phase = current;
      const begun = performance.now();
      return {
        sentAgain: () => void (phase.sentAgain += 1),
        end: () => void phase.latencies.push(performance.now() - begun),
      };
    },
    table: () => Object.fromEntries(Array.from(taken, ([name, phase]) => [name, tableOf(phase)])),
  };
}

function tableOf({ latencies, sentAgain }: { latencies: readonly number[]; sentAgain: number }): Phase {
  const sorted = latencies.toSorted((one, other) => one - other);
  const at = (share: number) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1));
  return { sends: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1), sentAgain };
}
