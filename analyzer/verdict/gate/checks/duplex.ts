// Checks that the two directions of an interface are separate figures, not their sum recorded twice.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { HostIntervals } from '../../../evidence/load-test-run.ts';
import { refused, type Check } from '../check.ts';

/** This many seconds with equal bytes in both directions are no coincidence. */
const fewest = 10;
/** Counters of the two directions differ by more than this in every second, unless they are the same figure. */
const same = 1e-6;

export const duplex: Check = ({ run }) => {
  const affected = run.document.environment.brokers.flatMap(({ id, host }) => {
    const series = host === undefined ? undefined : run.hosts.get(host);
    // The kernel counts each direction separately; the output of another tool may be edited.
    if (series?.readBy?.network === undefined) return [];
    const { intervals } = series;
    const device = devicesOf(intervals).find((each) => isOneFigure(intervals, each));
    return device === undefined ? [] : [{ node: id, device, samples: linksOf(intervals, device).length }];
  });
  const [first] = affected;
  if (first === undefined) return [];
  const finding = findingOf('directions-added-up', { interfaces: affected });
  return [refused('bytes in and bytes out apart', first.node, finding)];
};

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
