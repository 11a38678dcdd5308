// Maps brokers to hosts: by configuration, otherwise by a source's labels, otherwise by shared addresses.

import type { TelemetryEnvironment } from '../../../core/documents/evidence/telemetry.ts';
import type { HostSeries } from '../load-test-run.ts';
import type { FigureSeries } from './figure-series.ts';
import { figureOf } from './figures.ts';
import { isSameAddress } from './targets.ts';
import { naturalOrder } from '../../../core/text/natural-order.ts';

/** A broker without an address uses its name as the address. */
export function environmentOf(
  all: readonly FigureSeries[],
  hosts: ReadonlyMap<string, HostSeries>,
  stated: Readonly<Record<string, { host: string }>>,
): TelemetryEnvironment {
  const brokers = Map.groupBy(
    all.filter(({ figure }) => figureOf(figure).of === 'broker'),
    ({ target }) => target,
  );
  return {
    hosts: [...hosts.values()].flatMap(({ inventory }) => inventory ?? []),
    brokers: [...brokers]
      .toSorted(([a], [b]) => naturalOrder(a, b))
      .map(([id, series]) => {
        const addresses = [...new Set(series.flatMap((each) => each.addresses))];
        const reportedHosts = series.filter(({ figure }) => figure === 'brokerHost').flatMap((each) => each.addresses);
        const host = stated[id]?.host ?? hostWith(reportedHosts, hosts) ?? hostWith(addresses, hosts);
        return {
          id,
          address: addresses.find((each) => /:\d+$/.test(each)) ?? addresses[0] ?? id,
          ...(host !== undefined && { host }),
        };
      }),
  };
}

function hostWith(addresses: readonly string[], hosts: ReadonlyMap<string, HostSeries>): string | undefined {
  const found = [...hosts.values()].filter(({ host, inventory }) => {
    const own = [host.toLowerCase(), ...(inventory?.addresses ?? [])];
    return addresses.some((address) => own.some((each) => isSameAddress(each, address)));
  });
  return found.length === 1 ? found[0]?.host : undefined;
}
