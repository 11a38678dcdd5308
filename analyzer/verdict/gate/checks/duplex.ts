// Finds cards whose two directions are one figure: somebody added them up, and neither is known.

import type { HostIntervals } from '../../../evidence/load-test-run.ts';
import { nodeText } from '../../../../core/text/quantity-text.ts';
import type { Check, Inconsistency } from '../check.ts';

/** So many seconds in which as many bytes came as went are no chance. */
const fewest = 10;
/** Counters of two directions differ by more than this in any second, unless they are the same figure twice. */
const same = 1e-6;

export const duplex = {
  asks: 'are bytes in and bytes out of a card the same figure, second by second?',

  check({ run }) {
    const affected = run.document.environment.brokers.flatMap(({ id, host }) => {
      const series = host === undefined ? undefined : run.hosts.get(host);
      // The kernel counts each direction by itself; what another tool printed went through somebody's hands.
      if (series?.readBy?.network === undefined) return [];
      const { intervals } = series;
      const device = devicesOf(intervals).find((each) => isOneFigure(intervals, each));
      return device === undefined ? [] : [{ id, device, seconds: linksOf(intervals, device).length }];
    });
    const [first] = affected;
    return first === undefined ? [] : [inconsistency(first, affected)];
  },
} satisfies Check;

interface Affected {
  id: string;
  device: string;
  seconds: number;
}

function inconsistency({ id, device, seconds }: Affected, all: readonly Affected[]): Inconsistency {
  const cards = all.map((each) => `${each.device} of ${nodeText(each.id)}`).join(', ');
  return {
    consequence: { kind: 'refused', missing: { what: 'bytes in and bytes out apart', node: id } },
    finding: {
      severity: 'critical',
      code: 'directions-added-up',
      message: `Bytes in and bytes out of ${cards} are the same in every sample: one figure was written twice, likely the sum of both directions. Each direction has the whole speed of the link, so how full either was is not known. Read them apart, as rxkB/s and txkB/s of sar -n DEV 1.`,
      evidence: [{ name: `samples of ${device}`, value: seconds, unit: 'samples', source: 'interface counters' }],
    },
  };
}

const devicesOf = (intervals: HostIntervals) => [
  ...new Set(intervals.flatMap(({ network = [] }) => network.flatMap(({ device }) => (device === 'lo' ? [] : device)))),
];

function linksOf(intervals: HostIntervals, device: string) {
  return intervals.flatMap(({ network = [] }) =>
    network.filter((link) => link.device === device && link.inBytesPerSecond > 0),
  );
}

function isOneFigure(intervals: HostIntervals, device: string): boolean {
  const links = linksOf(intervals, device);
  return (
    links.length >= fewest && links.every((link) => Math.abs(link.outBytesPerSecond / link.inBytesPerSecond - 1) < same)
  );
}
