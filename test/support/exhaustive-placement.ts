// Finds the minimum number of replica moves by trying every placement of a small cluster.

export interface SmallCluster {
  /** Ids of the remaining brokers, with the rack of each if racks are used. */
  brokers: readonly { id: number; rack?: string }[];
  partitions: readonly { replicas: readonly number[]; cost: number }[];
}

/**
 * Tries every set of brokers for every partition, combined by the counts of all brokers.
 * @returns the minimum cost with counts within floor and ceiling of the mean, undefined if there is no such placement
 */
export function leastByTryingAll({ brokers, partitions }: SmallCluster): number | undefined {
  const racks = new Set(brokers.flatMap(({ rack }) => rack ?? []));
  const total = partitions.reduce((sum, { replicas }) => sum + replicas.length, 0);
  const [low, high] = [Math.floor(total / brokers.length), Math.ceil(total / brokers.length)];
  let reached = new Map<string, number>([[brokers.map(() => 0).join(','), 0]]);
  for (const { replicas, cost } of partitions) {
    const limit = racks.size === 0 ? replicas.length : Math.ceil(replicas.length / racks.size);
    const sets = subsets(brokers.length, replicas.length).filter((set) =>
      [...racks].every((rack) => set.filter((index) => brokers[index]?.rack === rack).length <= limit),
    );
    const next = new Map<string, number>();
    for (const [key, spent] of reached) {
      for (const set of sets) {
        const counts = key.split(',').map((count, index) => Number(count) + Number(set.includes(index)));
        if (counts.some((count) => count > high)) continue;
        const fresh = set.filter((index) => !replicas.includes(brokers[index]?.id as number)).length;
        const sum = spent + fresh * cost;
        const name = counts.join(',');
        if (sum < (next.get(name) ?? Infinity)) next.set(name, sum);
      }
    }
    reached = next;
  }
  const even = [...reached].filter(([key]) => key.split(',').every((count) => Number(count) >= low));
  return even.length === 0 ? undefined : Math.min(...even.map(([, cost]) => cost));
}

/** Tries every choice of a leader among the replicas. @returns the minimum changes with leaders within floor and ceiling, if any */
export function fewestLeaderChanges(
  plan: readonly (readonly number[])[],
  preferred: readonly number[],
  brokers: readonly number[],
): number | undefined {
  const [low, high] = [Math.floor(plan.length / brokers.length), Math.ceil(plan.length / brokers.length)];
  let least: number | undefined;
  const choose = (index: number, led: ReadonlyMap<number, number>, changes: number): void => {
    if (index === plan.length) {
      const isEven = brokers.every((id) => (led.get(id) ?? 0) >= low && (led.get(id) ?? 0) <= high);
      if (isEven && changes < (least ?? Infinity)) least = changes;
      return;
    }
    for (const id of plan[index] ?? []) {
      choose(index + 1, new Map(led).set(id, (led.get(id) ?? 0) + 1), changes + Number(id !== preferred[index]));
    }
  };
  choose(0, new Map(), 0);
  return least;
}

function subsets(size: number, length: number, from = 0): number[][] {
  if (length === 0) return [[]];
  const found: number[][] = [];
  for (let index = from; index <= size - length; index += 1) {
    for (const rest of subsets(size, length - 1, index + 1)) found.push([index, ...rest]);
  }
  return found;
}
