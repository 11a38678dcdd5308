// Finds the cheapest moves that bring every place within its bounds: min-cost flow by successive shortest paths.

/**
 * Units (replicas, leaders) are at places (brokers). Of all units at one place only the cheapest to each other place
 * matters, so the graph has one node per place instead of per unit: an augmentation costs O(places²) instead of O(units
 * · places).
 */
export interface Field {
  /** Units at each place. */
  readonly counts: Int32Array;
  /** Writes the cost and the unit of the cheapest move from a place to each other place; Infinity if no unit can move. */
  fillRow(from: number, costs: Float64Array, units: Int32Array): void;
  /** @returns the places whose row may have changed */
  move(unit: number, from: number, to: number): readonly number[];
}

export interface Bounds {
  low: Int32Array;
  high: Int32Array;
}

/**
 * Moves units until every place is within its bounds, at the least sum of costs. Optimality is the theorem of
 * successive shortest paths (Ahuja, Magnanti, Orlin, Network Flows, 9.7): at the start no move may cost less than 0,
 * and among shortest paths the one with the fewest moves is chosen, so that no path moves a unit twice.
 *
 * @param bounds the number of units must be between their sums; otherwise some stay out of bounds
 * @returns number of units that stayed above the upper bound of their place, because no path led away
 */
export function evenOut(field: Field, { low, high }: Bounds): number {
  const { counts } = field;
  const places = counts.length;
  const hub = places;
  const nodes = places + 1;
  const costs = new Float64Array(places * places);
  const units = new Int32Array(places * places);
  const potential = new Float64Array(nodes);
  const distance = new Float64Array(nodes);
  const hops = new Int32Array(nodes);
  const before = new Int32Array(nodes);
  const isDone = new Uint8Array(nodes);
  const row = (place: number) =>
    field.fillRow(
      place,
      costs.subarray(place * places, (place + 1) * places),
      units.subarray(place * places, (place + 1) * places),
    );
  const at = (values: Int32Array, index: number) => values[index] as number;

  /** Units beyond the lower bounds, which the hub moves from any place with a surplus to any place below its upper bound. */
  const spare = counts.reduce((sum, count) => sum + count, 0) - low.reduce((sum, bound) => sum + bound, 0);
  const hubExcess = () => {
    let held = 0;
    for (let place = 0; place < places; place += 1) {
      held += Math.max(0, Math.min(at(counts, place), at(high, place)) - at(low, place));
    }
    return held - spare;
  };

  const excessOf = (node: number, ofHub: number) => {
    if (node === hub) return ofHub;
    const count = at(counts, node);
    if (count > at(high, node)) return count - at(high, node);
    return Math.min(0, count - at(low, node));
  };

  function reach(from: number, to: number, cost: number): void {
    if (isDone[to] === 1 || cost === Infinity) return;
    const far = (distance[from] as number) + cost + (potential[from] as number) - (potential[to] as number);
    const near = distance[to] as number;
    if (far > near || (far === near && at(hops, from) + 1 >= at(hops, to))) return;
    distance[to] = far;
    hops[to] = at(hops, from) + 1;
    before[to] = from;
  }

  /** Dijkstra's algorithm, dense. @returns the nearest node that lacks a unit */
  function nearestLack(ofHub: number): number | undefined {
    isDone.fill(0);
    before.fill(-1);
    for (let node = 0; node < nodes; node += 1) {
      const isSource = excessOf(node, ofHub) > 0;
      distance[node] = isSource ? 0 : Infinity;
      hops[node] = isSource ? 0 : nodes;
    }
    for (;;) {
      let next = -1;
      for (let node = 0; node < nodes; node += 1) {
        if (isDone[node] === 1 || distance[node] === Infinity) continue;
        const nearer = next < 0 ? -1 : (distance[node] as number) - (distance[next] as number);
        if (nearer < 0 || (nearer === 0 && at(hops, node) < at(hops, next))) next = node;
      }
      if (next < 0) return undefined;
      if (excessOf(next, ofHub) < 0) return next;
      isDone[next] = 1;
      if (next === hub) {
        for (let to = 0; to < places; to += 1) {
          if (at(counts, to) > at(low, to) && at(counts, to) <= at(high, to)) reach(hub, to, 0);
        }
        continue;
      }
      const first = next * places;
      for (let to = 0; to < places; to += 1) reach(next, to, costs[first + to] as number);
      if (at(counts, next) >= at(low, next) && at(counts, next) < at(high, next)) reach(next, hub, 0);
    }
  }

  for (let place = 0; place < places; place += 1) row(place);
  for (;;) {
    const target = nearestLack(hubExcess());
    if (target === undefined) break;
    const length = distance[target] as number;
    for (let node = 0; node < nodes; node += 1) {
      potential[node] = (potential[node] as number) + Math.min(distance[node] as number, length);
    }
    const path: { unit: number; from: number; to: number }[] = [];
    for (let to = target; at(before, to) >= 0; to = at(before, to)) {
      const from = at(before, to);
      if (from !== hub && to !== hub) path.push({ unit: at(units, from * places + to), from, to });
    }
    const changed = new Set(path.flatMap(({ unit, from, to }) => field.move(unit, from, to)));
    for (const place of changed) row(place);
  }
  return counts.reduce((sum, count, place) => sum + Math.max(0, count - at(high, place)), 0);
}
