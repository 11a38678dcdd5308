// Extracts the figures of a written result with their ranges; figures that are not stated stay absent.

import type { HostInventory, StatedSpeed } from '../../../core/documents/evidence/host-reading.ts';
import type { Topology } from '../../../core/documents/run-bundle.ts';
import type { Reading } from '../../../core/documents/written-reading.ts';
import type { Span } from '../../../core/wire/expected-bytes.ts';
import type { ReadingsRun } from '../load-test-run.ts';
import { defined } from '../../../core/defined.ts';

/** A reading with the range of values that its unit allows. */
export interface Amount extends Span {
  value: number;
  reading: Reading;
}

export interface Figures {
  run: ReadingsRun;
  /** Broker id of the master to which the readings apply. */
  master: string;
  host?: HostInventory;
  topology: Topology;
  messageBytes: number;
  /** Produced by the cluster, and by one master if masters share evenly. */
  tps: Amount;
  tpsPerMaster: number;
  link?: StatedSpeed;
  network: readonly Amount[];
  /** Stated practical limit of such a card; absent if it applies to cards of another speed. */
  practicalLimit?: Amount;
  theoreticalLimit?: Amount;
  iowait?: Amount;
  loadAverages: readonly Amount[];
  endToEnd?: Amount;
  fullGc?: Amount;
  statements: Partial<Record<Reading['quantity'], Reading>>;
}

/** @returns undefined if the text gives no rate, or names no master. */
export function figuresOf(run: ReadingsRun): Figures | undefined {
  const amounts = run.readings.flatMap(amountOf);
  const first = (quantity: Reading['quantity']) => amounts.find(({ reading }) => reading.quantity === quantity);
  const master = run.environment.brokers.find(({ role }) => role === 'master');
  const tps = first('produced-tps');
  if (tps === undefined || master === undefined) return undefined;
  const host = run.environment.hosts.find((each) => each.host === master.host);
  const link = host?.networkDevices?.find(({ speed }) => speed !== undefined)?.speed;
  const limit = (quantity: Reading['quantity']) => {
    const amount = first(quantity);
    const isOfThisLink =
      amount?.reading.linkBitsPerSecond === undefined || amount.reading.linkBitsPerSecond === link?.bitsPerSecond;
    return isOfThisLink ? amount : undefined;
  };
  const optional = {
    host,
    link,
    practicalLimit: limit('network-practical-limit-bytes-per-second'),
    theoreticalLimit: limit('network-theoretical-limit-bytes-per-second'),
    iowait: first('iowait-ratio'),
    endToEnd: first('end-to-end-latency-seconds'),
    fullGc: first('full-gc-count'),
  };
  return {
    run,
    master: master.id,
    topology: run.topology,
    messageBytes: run.workload.messageBytes,
    tps,
    tpsPerMaster: tps.value / run.topology.masters,
    network: amounts.filter(
      ({ reading }) => reading.quantity === 'network-bytes-per-second' && reading.node === master.id,
    ),
    loadAverages: amounts.filter(({ reading }) => reading.quantity === 'load-average' && reading.node === master.id),
    statements: Object.fromEntries(run.readings.toReversed().map((reading) => [reading.quantity, reading])),
    ...defined(optional),
  };
}

function amountOf(reading: Reading): Amount[] {
  const { value } = reading;
  return value === undefined ? [] : [{ ...widened(value, reading.unitAsWritten), value, reading }];
}

/** A bare `K`, `M` or `G` may mean a power of 1000 or of 1024. */
function widened(value: number, unitAsWritten = ''): Span {
  const [, letter] = /\d\s*([KMG])$/i.exec(unitAsWritten) ?? [];
  if (letter === undefined) return exactly(value);
  return { low: value, high: value * 1.024 ** ('KMG'.indexOf(letter.toUpperCase()) + 1) };
}

export const exactly = (value: number): Span => ({ low: value, high: value });

export const scaled = ({ low, high }: Span, factor: number): Span => ({ low: low * factor, high: high * factor });

/** Every quotient of the two, for positive divisors. */
export const quotient = (dividend: Span, divisor: Span): Span => ({
  low: dividend.low / divisor.high,
  high: dividend.high / divisor.low,
});

export const sum = (a: Span, b: Span): Span => ({ low: a.low + b.low, high: a.high + b.high });
