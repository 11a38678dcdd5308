// Exports the busiest 100 ms of each link and of the busiest core since the last scrape at least 30 s ago.

import { ok, type HostCollector, known, labelled } from '../../collector.ts';

export const bursts = {
  of: 'host',
  source: '/proc/stat and /proc/net/dev, ten times a second while somebody scrapes',
  cost: '20 reads a second on this machine; none elsewhere',
  metrics: {
    plimsoll_host_core_burst_ratio: labelled().gauge(
      'Busy share of a core in its busiest 100 ms, in steps of a tick (10 ms).',
    ),
    plimsoll_host_link_burst_bytes: labelled('device', 'direction').gauge(
      'Bytes per second on the wire in the busiest 100 ms of the link.',
    ),
  },

  collect({ reading: { bursts: busiest } }) {
    if (busiest === undefined)
      return { kind: 'unsupported', reason: 'bursts are only measured on the host that Plimsoll runs on' };
    const { coreRatio, links } = busiest;
    return ok([
      ...known('plimsoll_host_core_burst_ratio', [], coreRatio),
      ...links.flatMap(({ device, receiveWireBytesPerSecond, transmitWireBytesPerSecond }) => [
        { metric: 'plimsoll_host_link_burst_bytes', labels: [device, 'receive'], value: receiveWireBytesPerSecond },
        { metric: 'plimsoll_host_link_burst_bytes', labels: [device, 'transmit'], value: transmitWireBytesPerSecond },
      ]),
    ]);
  },
} satisfies HostCollector;
