import { expect, test } from 'vitest';
import { alikeFindings, othersText } from '../../../../../core/documents/findings/alike-findings.ts';
import { findingOf } from '../../../../../core/documents/findings/findings.ts';

const brokers = [
  { broker: '1', host: 'kafka-1' },
  { broker: '2', host: 'kafka-2' },
  { broker: '12', host: 'kafka-12' },
];
const uncounted = ({ broker, host }: (typeof brokers)[number]) =>
  findingOf('disk-unknown', { basis: 'host', node: broker, hidden: { kind: 'no-disk-counters', host } });

test('a finding of every broker is one, in both languages, although each names its own host', () => {
  const [alike, ...more] = alikeFindings(brokers.map(uncounted), brokers);
  expect(more).toEqual([]);
  expect(alike && [othersText(alike), othersText(alike, 'zh')]).toEqual([
    ' The same holds for broker 2, broker 12.',
    'Broker 2、Broker 12 同样如此。',
  ]);
});

test('findings with another reason, of several brokers, or with figures stay apart', () => {
  const short = { kind: 'steps-too-short', longestSeconds: 45, expireSeconds: 30 } as const;
  const findings = [
    ...brokers.slice(0, 1).map(uncounted),
    findingOf('disk-unknown', { basis: 'host', node: '2', hidden: short }),
    ...['1', '2'].map((node) => ({
      ...findingOf('disk-unknown', { basis: 'host', node, hidden: short }),
      message: 'broker 1 and broker 2 share a disk',
    })),
  ];
  expect(alikeFindings(findings, brokers).map(({ others }) => others)).toEqual([[], [], [], []]);
  const [first] = findings;
  const figures = [{ name: 'use', value: 0.5, unit: 'ratio', source: 'iostat' }];
  const withFigures = brokers.map((broker) => ({ ...uncounted(broker), evidence: figures }));
  expect(first && alikeFindings([first, ...withFigures], brokers)).toHaveLength(4);
});
