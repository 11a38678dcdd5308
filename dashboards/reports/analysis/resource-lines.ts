// Renders what was measured per resource and per broker: use, policy limit, safe rate and saturation.

import type { AnalysedResource, Analysis } from '../../../core/documents/analysis.ts';
import { capacityText, limitText, percentText, quantityText } from '../../../core/text/limit-text.ts';
import type { Paint } from './paint.ts';
import { bar, renderTable } from './table.ts';

export function resourceLines(all: readonly AnalysedResource[], paint: Paint): string[] {
  if (all.length === 0) return ['Resources: none measured'];
  const [title = '', ...rows] = renderTable(
    [
      { title: 'node' },
      { title: 'resource' },
      { title: 'use at highest step' },
      { title: 'limit', align: 'right' },
      { title: 'safe msg/s', align: 'right' },
      { title: 'saturation msg/s', align: 'right' },
      { title: 'capacity', align: 'right' },
    ],
    all.map(({ node, resource, policyLimit, capacity, safeTps, saturationTps, ...use }) => [
      node,
      resource,
      useText(use, policyLimit),
      percentText(policyLimit),
      safeTps === undefined ? 'unknown' : quantityText(safeTps.value),
      saturationTps === undefined ? 'unknown' : quantityText(saturationTps.value),
      capacity === undefined ? 'unknown' : capacityText(capacity.value, capacity.unit),
    ]),
  );
  return ['Resources', paint('dim', title), ...rows];
}

function useText(
  { utilisationAtHighestStep: share, utilisationBounds: bounds }: Partial<AnalysedResource>,
  policyLimit: number,
): string {
  if (share !== undefined) return `${bar(share, policyLimit)} ${percentText(share)}`;
  const [low, high] = [bounds?.low, bounds?.high].map((end) => end && percentText(end));
  if (low !== undefined && high !== undefined) return `${low} to ${high}`;
  return high !== undefined ? `at most ${high}` : low !== undefined ? `at least ${low}` : 'unknown';
}

export function brokerLines({ perBroker }: Analysis): string[] {
  if (perBroker.length < 2) return [];
  const rows = perBroker.map(({ broker, host, safeTps, saturationTps, limitedBy }) => [
    broker,
    host ?? 'unknown',
    safeTps === undefined ? 'unknown' : quantityText(safeTps),
    saturationTps === undefined ? 'unknown' : quantityText(saturationTps),
    limitedBy === undefined ? 'unknown' : limitText(limitedBy),
  ]);
  return [
    'Brokers: cluster rate at which each reaches its limit (lower bounds)',
    ...renderTable(
      [
        { title: 'broker' },
        { title: 'host' },
        { title: 'safe msg/s', align: 'right' },
        { title: 'saturation msg/s', align: 'right' },
        { title: 'limited by' },
      ],
      rows,
    ),
  ];
}
