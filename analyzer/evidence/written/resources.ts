// Lists the resource use of the master that a written result states, and how far its network is used; unstated use is absent.

import type { AnalysedResource, SafeMaxTps } from '../../../core/documents/analysis.ts';
import type { Resource } from '../../../core/resource.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import {
  type Figures,
  quotient,
  largerDirection,
  lineRate,
  statedTraffic,
  type Amount,
  exactly,
  scaled,
  busyAtMost,
} from './figures.ts';
import { cited, rateRange, megabyteRate, tpsText } from '../../../core/text/stated-figure.ts';
import type { FindingLanguage, InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import type { Span } from '../../../core/wire/expected-bytes.ts';
import { bitRateText } from '../../../core/text/quantity-text.ts';

type KnownUse = Pick<AnalysedResource, 'capacity' | 'utilisationBounds'>;

export function observedResources(figures: Figures, policy: Policy): AnalysedResource[] {
  const entry = (resource: Resource, known: KnownUse): AnalysedResource => ({
    resource,
    node: figures.master,
    ...known,
    policyLimit: policy.limits[resource].value,
  });
  const disk = figures.host?.disks?.findIndex(({ sizeBytes }) => sizeBytes !== undefined) ?? -1;
  const busy = busyAtMost(figures);
  return [
    entry('network-out', networkOf('out', figures)),
    entry('network-in', networkOf('in', figures)),
    entry('cpu', {
      ...capacity(figures, figures.host?.cores, 'cores', 'cores'),
      ...(busy !== undefined && { utilisationBounds: { high: busy } }),
    }),
    entry('disk-io', {}),
    entry('disk-space', capacity(figures, figures.host?.disks?.[disk]?.sizeBytes, 'bytes', `disks.${disk}.sizeBytes`)),
    entry('memory', capacity(figures, figures.host?.memoryBytes, 'bytes', 'memoryBytes')),
    entry('heap', {}),
  ];
}

function networkOf(direction: 'in' | 'out', figures: Figures): KnownUse {
  const { link } = figures;
  if (link === undefined) return {};
  const line = lineRate(link.bitsPerSecond);
  const use = networkUses(figures).find((each) => each.direction === direction);
  // A figure without a direction belongs to the larger one, so the smaller direction is at most as full.
  const larger = networkUses(figures).find(({ directionStated }) => !directionStated);
  const isSmaller = direction !== largerDirection(statedTraffic(figures));
  const bounds =
    use !== undefined
      ? quotient(use.amount, line)
      : larger !== undefined && isSmaller
        ? { high: quotient(larger.amount, line).high }
        : undefined;
  return {
    capacity: { value: line.high, unit: 'bytes/s', source: link.source },
    ...(bounds && { utilisationBounds: bounds }),
  };
}

function capacity(
  { run, host }: Figures,
  value: number | undefined,
  unit: 'cores' | 'bytes',
  path: string,
): Pick<KnownUse, 'capacity'> {
  if (value === undefined || value <= 0 || host === undefined) return {};
  const source = run.sources[`environment.hosts.${run.environment.hosts.indexOf(host)}.${path}`];
  return { capacity: { value, unit, source: source === undefined ? 'run.json' : cited(source) } };
}

type Basis = Extract<SafeMaxTps, { kind: 'observed' }>['basis'][number];

/** One reading of the card compared with one meaning of its capacity. */
interface CapacityReading {
  text: InLanguages<string>;
  /** Used share of the capacity. */
  share: Span;
}

export interface NetworkUse {
  direction: 'in' | 'out';
  directionStated: boolean;
  amount: Amount;
  capacities: readonly CapacityReading[];
}

/** One entry per network reading; empty if the text gives no reading or the speed of the card is unknown. */
export function networkUses(figures: Figures): NetworkUse[] {
  const { link } = figures;
  if (link === undefined) return [];
  const line = lineRate(link.bitsPerSecond);
  return figures.network.map((amount) => {
    const capacities = [
      {
        text: {
          en: `line rate of ${bitRateText(link.bitsPerSecond)}, ${rateRange(line)} (as interface counters show it, and nominal)`,
          zh: `${bitRateText(link.bitsPerSecond)} 的线速，${rateRange(line, 'zh')}（低值为网卡计数器能显示的最大值，高值为标称值）`,
        },
        share: quotient(amount, line),
      },
    ];
    const { practicalLimit } = figures;
    if (practicalLimit !== undefined) {
      capacities.push({
        text: {
          en: `the practical maximum of such a card according to the text, ${asWritten(practicalLimit)}`,
          zh: `文本给出的这类网卡的实际上限，${asWritten(practicalLimit, 'zh')}`,
        },
        share: shareOf(amount, practicalLimit),
      });
    }
    return {
      direction: amount.reading.direction ?? largerDirection(statedTraffic(figures)),
      directionStated: amount.reading.direction !== undefined,
      amount,
      capacities,
    };
  });
}

/** If two figures have the same unit letter, they have the same unit, which cancels out. */
function shareOf(amount: Amount, limit: Amount): Span {
  const letter = ({ reading }: Amount) => reading.unitAsWritten?.replaceAll(/[\d.\s]/g, '');
  return letter(amount) !== undefined && letter(amount) === letter(limit)
    ? exactly(amount.value / limit.value)
    : quotient(amount, limit);
}

/** Computes the rate at which the card would be filled to `policyLimit`, for each meaning of the capacity. */
export function basisAt(use: NetworkUse, figures: Figures, policyLimit: number): Basis[] {
  const { tps } = figures;
  const reading = readingText(use);
  return use.capacities.map(({ text, share }) => {
    const { low, high } = quotient(scaled(exactly(tps.value), policyLimit), share);
    return {
      reading: `${reading.en}, at ${tpsText(tps.value)} msg/s`,
      readingZh: `${reading.zh}，负载 ${tpsText(tps.value)} 条/秒`,
      capacity: text.en,
      capacityZh: text.zh,
      policyLimit,
      tps: { low: Math.round(low), high: Math.round(high) },
    };
  });
}

function readingText({ amount, direction, directionStated }: NetworkUse): InLanguages<string> {
  const isExact = amount.low === amount.high;
  const en = isExact ? megabyteRate(amount.value) : `${asWritten(amount)}, which is ${rateRange(amount)} (MB or MiB)`;
  const zh = isExact
    ? megabyteRate(amount.value)
    : `${asWritten(amount, 'zh')}，即 ${rateRange(amount, 'zh')}（MB 或 MiB）`;
  return {
    en: `${en}, ${directionStated ? '' : 'assumed to be '}${direction === 'out' ? 'outbound' : 'inbound'}`,
    zh: `${zh}，${directionStated ? '' : '假定为'}${direction === 'out' ? '出向' : '入向'}`,
  };
}

function asWritten({ reading, value }: Amount, language: FindingLanguage = 'en'): string {
  if (reading.unitAsWritten === undefined) return megabyteRate(value);
  return language === 'zh' ? `每秒 ${reading.unitAsWritten}` : `${reading.unitAsWritten} a second`;
}

/** Returns whether the reading reaches `limit` of the card for at least one meaning of its capacity. */
export function reaches({ capacities }: NetworkUse, limit: number): boolean {
  return capacities.some(({ share }) => share.high >= limit);
}
