// Renders what was measured per resource and per broker: use, policy limit, safe rate and saturation.

import type { AnalysedResource, Analysis } from '../../../core/documents/analysis.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { capacityText, percentText, rateNumberText } from '../../../core/text/quantity-text.ts';
import type { Paint } from './paint.ts';
import { bar, renderTable } from './table.ts';

export function resourceLines(all: readonly AnalysedResource[], paint: Paint): string[] {
  if (all.length === 0) return ['Resources: none measured'];
  const [title = '', ...rows] = renderTable(
    [
      { heading: 'node' },
      { heading: 'resource' },
      { heading: 'use at highest step' },
      { heading: 'limit', isFigure: true },
      { heading: 'msg/s at limit', isFigure: true },
      { heading: 'msg/s at saturation', isFigure: true },
      { heading: 'capacity', isFigure: true },
    ],
    all.map(({ node, resource, policyLimit, capacity, safeTps, saturationTps, ...use }) => [
      node,
      resource,
      useText(use, policyLimit),
      percentText(policyLimit),
      safeTps === undefined ? 'unknown' : rateNumberText(safeTps.value),
      saturationTps === undefined ? 'unknown' : rateNumberText(saturationTps.value),
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
    safeTps === undefined ? 'unknown' : rateNumberText(safeTps),
    saturationTps === undefined ? 'unknown' : rateNumberText(saturationTps),
    limitedBy === undefined ? 'unknown' : limitText(limitedBy),
  ]);
  return [
    'Brokers: cluster rate at which each reaches its limit (lower bounds)',
    ...renderTable(
      [
        { heading: 'broker' },
        { heading: 'host' },
        { heading: 'safe msg/s', isFigure: true },
        { heading: 'saturation msg/s', isFigure: true },
        { heading: 'limited by' },
      ],
      rows,
    ),
  ];
}
