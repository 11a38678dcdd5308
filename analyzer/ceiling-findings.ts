// Reports a limit that was reached without a name, and a card whose counters contradict its stated speed.

import type { Finding } from '../core/analysis.ts';
import { unexplainedCeiling } from './driven-limit.ts';
import type { Evidence } from './evidence.ts';
import { askedTps } from './measured-step.ts';
import { bitRateText, limitText, quantityText } from './quantity-text.ts';
import { shapedCard } from './shaped-card.ts';

export function ceilingFindings(evidence: Evidence): Finding[] {
  const ceiling = unexplainedCeiling(evidence);
  if (ceiling === undefined) return [];
  const targets = ceiling.steps.map(({ step }) => quantityText(askedTps(step))).join(', ');
  const found: Finding = {
    severity: 'warning',
    code: 'limit-cause-unknown',
    message: `A limit was reached, cause unknown: at target rates of ${targets} msg/s no more than ${quantityText(ceiling.tps)} msg/s were achieved, and no resource with metrics was full.`,
    evidence: ceiling.steps.map(({ step }) => ({
      name: `achieved of ${quantityText(askedTps(step))} msg/s`,
      value: step.tps,
      unit: 'messages/s',
      source: 'journal.ndjson',
    })),
  };
  const shaped = shapedCard(ceiling, evidence);
  if (shaped === undefined) return [found];
  const { use, level } = shaped;
  const { value, source } = use.capacity;
  return [
    found,
    {
      severity: 'warning',
      code: 'stated-link-speed-contradicted',
      message: `${limitText(use)} moved a steady ${bitRateText(level * 8)} at rising target rates, and its speed is stated as ${bitRateText(value * 8)}: the card may be slower than stated, or shaped. No maximum above the highest sustained step is reported until its speed is confirmed.`,
      evidence: [
        {
          name: 'moved',
          value: level,
          unit: 'bytes/s',
          source: 'interface counters of the steps that missed their rate',
        },
        { name: 'stated', value, unit: 'bytes/s', source },
      ],
    },
  ];
}
