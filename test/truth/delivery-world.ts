// Generates logs, producers and members with a known outcome of every message.

/** One record of a log, as the simulation knows it. */
export interface WorldRecord {
  kind: 'message' | 'corrupted' | 'foreign';
  /** Number of the message, or of the corrupted one. */
  number: number;
}

export interface WorldBatch {
  worker: number;
  place: number;
  numbers: number[];
  fate: 'acknowledged' | 'refused' | 'unknownFate';
}

export interface WorldOptions {
  random: () => number;
  workers: number;
  /** Slots of each worker. */
  slots: readonly (readonly number[])[];
  slotCount: number;
  places: readonly number[];
  batches: number;
  /** Probability of faults, 0 to 1. */
  trouble: number;
}

export interface World {
  batches: WorldBatch[];
  logs: ReadonlyMap<number, WorldRecord[]>;
}

/** Sends workers' batches to places in turn; some are lost, stored twice, out of order, corrupted, or get no response. */
export function createWorld({ random, workers, slots, slotCount, places, batches, trouble }: WorldOptions): World {
  const logs = new Map<number, WorldRecord[]>(places.map((place) => [place, []]));
  const next = slots.map((own) => ({ own: [...own].sort((a, b) => a - b), sent: 0 }));
  const happens = (share = 1) => random() < trouble * share;
  const made: WorldBatch[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const worker = Math.floor(random() * workers);
    const place = places[Math.floor(random() * places.length)] ?? 0;
    const state = next[worker] as (typeof next)[number];
    const size = 1 + Math.floor(random() * 20);
    const numbers = Array.from({ length: size }, (_, i) => {
      const index = state.sent + i;
      return Math.floor(index / state.own.length) * slotCount + (state.own[index % state.own.length] ?? 0);
    });
    // Some are dropped before they are sent.
    state.sent += size + (happens(0.3) ? 3 : 0);
    const fate = happens() ? (random() < 0.5 ? 'refused' : 'unknownFate') : 'acknowledged';
    made.push({ worker, place, numbers, fate });
    const log = logs.get(place) as WorldRecord[];
    const isStored = fate === 'acknowledged' ? !happens(0.5) : fate === 'unknownFate' && random() < 0.5;
    const records = numbers.map((number): WorldRecord => ({
      kind: isStored && happens(0.1) ? 'corrupted' : 'message',
      number,
    }));
    if (isStored) log.push(...records);
    if (isStored && happens(0.5)) {
      const elsewhere = random() < 0.5 ? log : (logs.get(places[0] ?? 0) as WorldRecord[]);
      elsewhere.push(...records.filter(({ kind }) => kind === 'message'));
    }
    if (happens(0.3)) log.push({ kind: 'foreign', number: 0 });
    if (happens(0.5) && log.length > 30) log.splice(log.length - 25, 0, ...log.splice(-10));
  }
  return { batches: made, logs };
}

export interface GroupTruth {
  received: number;
  lost: number;
  duplicated: number;
  redelivered: number;
  reordered: number;
  corrupted: number;
  foreign: number;
  unknownFateButDelivered: number;
}

/** One record as delivered to a group member. */
export interface Delivery {
  place: number;
  offset: number;
}

/** Counts by checking every message. @param deliveries to one member, which has read all logs to their end */
export function truthOf({ batches, logs }: World, deliveries: readonly Delivery[], slotCount: number): GroupTruth {
  const seen = new Set<number>();
  const offsets = new Set<string>();
  const highest = new Map<string, number>();
  const truth: GroupTruth = {
    received: 0,
    lost: 0,
    duplicated: 0,
    redelivered: 0,
    reordered: 0,
    corrupted: 0,
    foreign: 0,
    unknownFateButDelivered: 0,
  };
  for (const { place, offset } of deliveries) {
    const { kind, number } = (logs.get(place) ?? [])[offset] as WorldRecord;
    const isNewOffset = !offsets.has(`${place} ${offset}`);
    offsets.add(`${place} ${offset}`);
    if (!isNewOffset) truth.redelivered += kind === 'message' ? 1 : 0;
    else if (kind !== 'message') truth[kind] += 1;
    else if (seen.has(number)) truth.duplicated += 1;
    else {
      const slot = `${place} ${number % slotCount}`;
      if (number < (highest.get(slot) ?? -1)) truth.reordered += 1;
    }
    if (kind !== 'message') continue;
    seen.add(number);
    const slot = `${place} ${number % slotCount}`;
    if (isNewOffset) highest.set(slot, Math.max(number, highest.get(slot) ?? -1));
  }
  truth.received = seen.size;
  for (const { fate, numbers } of batches) {
    for (const number of numbers) {
      if (fate === 'acknowledged' && !seen.has(number)) truth.lost += 1;
      if (fate === 'unknownFate' && seen.has(number)) truth.unknownFateButDelivered += 1;
    }
  }
  return truth;
}
