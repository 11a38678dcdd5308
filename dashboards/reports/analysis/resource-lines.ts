// Renders measurements by resource and broker: use, policy limit, safe rate and saturation.

import type { AnalysedResource, Analysis } from '../../../core/documents/analysis.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { capacityText, ifKnown, percentText, rateNumberText } from '../../../core/text/quantity-text.ts';
import { columnsOf } from '../../../core/text/table.ts';
import type { Paint } from '../../../core/text/paint.ts';
import { bar, renderTable } from './table.ts';

export function resourceLines(all: readonly AnalysedResource[], paint: Paint): string[] {
  if (all.length === 0) return ['Resources: none measured'];
  const [title = '', ...rows] = renderTable(
    columnsOf([
      'node',
      'resource',
      'use at highest step',
      '>limit',
      '>msg/s at limit',
      '>msg/s at saturation',
      '>capacity',
    ]),
    all.map(({ node, resource, policyLimit, capacity, safeTps, saturationTps, ...use }) => [
      node,
      resource,
      useText(use, policyLimit),
      percentText(policyLimit),
      ifKnown(safeTps?.value, rateNumberText),
      ifKnown(saturationTps?.value, rateNumberText),
      capacity && capacityText(capacity.value, capacity.unit),
    ]),
  );
  return ['Resources', paint('dim', title), ...rows];
}

function useText(
  { utilisationAtHighestStep: share, utilisationBounds: bounds }: Partial<AnalysedResource>,
  policyLimit: number,
): string | undefined {
  if (share !== undefined) return `${bar(share, policyLimit)} ${percentText(share)}`;
  const [low, high] = [bounds?.low, bounds?.high].map((end) => end && percentText(end));
  if (low !== undefined && high !== undefined) return `${low} to ${high}`;
  return high !== undefined ? `at most ${high}` : ifKnown(low, (end) => `at least ${end}`);
}

export function brokerLines({ perBroker }: Analysis): string[] {
  if (perBroker.length < 2) return [];
  const rows = perBroker.map(({ broker, host, safeTps, saturationTps, limitedBy }) => [
    broker,
    host,
    ifKnown(safeTps, rateNumberText),
    ifKnown(saturationTps, rateNumberText),
    limitedBy && limitText(limitedBy),
  ]);
  return [
    'Brokers: cluster rate at which each reaches its limit (lower bounds)',
    ...renderTable(columnsOf(['broker', 'host', '>safe msg/s', '>saturation msg/s', 'limited by']), rows),
  ];
}
