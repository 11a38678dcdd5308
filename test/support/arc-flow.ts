// Computes minimum-cost flows with Bellman-Ford, one unit at a time, independent of our planner.

export interface Arc {
  from: number;
  to: number;
  capacity: number;
  cost: number;
}

/** @returns the minimum cost of `amount` units from the first to the second node; undefined if the capacity is too small */
export function leastFlowCost(nodes: number, given: readonly Arc[], [source, sink]: [number, number], amount: number) {
  const arcs = given.flatMap(({ from, to, capacity, cost }) => [
    { from, to, left: capacity, cost },
    { from: to, to: from, left: 0, cost: -cost },
  ]);
  const leaving = Array.from({ length: nodes }, (): number[] => []);
  for (const [index, { from }] of arcs.entries()) leaving[from]?.push(index);
  let spent = 0;
  for (let sent = 0; sent < amount; sent += 1) {
    const distance = Array.from({ length: nodes }, () => Infinity);
    const by = Array.from({ length: nodes }, () => -1);
    distance[source] = 0;
    const queue = [source];
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      for (const index of leaving[node] ?? []) {
        const { to, left, cost } = arcs[index] as (typeof arcs)[number];
        const far = (distance[node] as number) + cost;
        if (left === 0 || far >= (distance[to] as number)) continue;
        distance[to] = far;
        by[to] = index;
        if (!queue.includes(to)) queue.push(to);
      }
    }
    if (distance[sink] === Infinity) return undefined;
    spent += distance[sink] as number;
    for (let node = sink; node !== source;) {
      const index = by[node] as number;
      (arcs[index] as (typeof arcs)[number]).left -= 1;
      (arcs[index ^ 1] as (typeof arcs)[number]).left += 1;
      node = arcs[index]?.from as number;
    }
  }
  return spent;
}
