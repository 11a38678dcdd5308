// What does a person read first? One headline, then the steps, the resources and the findings, within 100 columns.

import { styleText } from 'node:util';
import type {
  AnalysedResource,
  AnalysedStep,
  Analysis,
  Finding,
  SafeMaxTps,
  SaturationTps,
  StepVerdict,
} from '../../core/analysis.ts';
import {
  capacityText,
  confidenceText,
  durationText,
  limitText,
  nodeText,
  percentText,
  quantityText,
} from '../quantity-text.ts';
import { explainLines } from './explain-lines.ts';
import { ledgerLines } from './ledger-lines.ts';
import { lossLines } from './loss-text.ts';
import type { ReportOptions, ReportRenderer } from './report.ts';
import { searchLines } from './search-lines.ts';
import { bar, renderTable, wrap } from './table.ts';

const width = 100;
type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, words: string) => string;

export const text = { render: renderText } satisfies ReportRenderer;

export function renderText(analysis: Analysis, { colours, explainIn }: ReportOptions): string {
  const paint: Paint = (style, words) => (colours ? styleText(style, words, { validateStream: false }) : words);
  const sections = [
    [...headline(analysis, paint), ...outlook(analysis)],
    searchLines(analysis),
    steps(analysis.steps, paint),
    ledgerLines(analysis.ledger),
    resources(analysis.resources, paint),
    brokers(analysis),
    findings(analysis.findings, paint),
    explainIn === undefined ? [] : explainLines(analysis, explainIn),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headline(analysis: Analysis, paint: Paint): string[] {
  const { run, safeMaxTps, saturationTps, degraded } = analysis;
  const size = run.messageBytes === undefined ? '' : `, messages of ${quantityText(run.messageBytes)} B`;
  return [
    `Run ${run.id}: ${run.broker === undefined ? '' : `${run.broker} `}cluster ${run.cluster}${size}${degraded ? `, without ${degraded.lost.map(nodeText).join(', ')}` : ''}`,
    '',
    ...wrapped(paint, ['bold', ...toneOf(safeMaxTps.kind)], `Safe maximum  ${safeWords(analysis)}`, 14),
    ...wrapped(paint, [], `Full at       ${saturationWords(saturationTps)}`, 14),
    ...basis(safeMaxTps, saturationTps),
    ...notMonitored(analysis.findings).flatMap((line) => wrap(line, width, 14)),
  ];
}

/** What limits the answer cannot know of; the findings state what follows from it. */
function notMonitored(all: readonly Finding[]): string[] {
  return all
    .filter(({ code }) => code === 'not-monitored')
    .map(({ evidence }) => {
      const valueOf = (wanted: string) => String(evidence.find(({ name }) => name === wanted)?.value ?? '');
      return `Not monitored ${valueOf('part')}: ${valueOf('not monitored')}`;
    });
}

/** What the answer leaves open, a line each. */
function outlook(analysis: Analysis): string[] {
  const { binding = [], nextCeiling, retention } = analysis;
  const named = binding.filter(({ probability }) => probability >= leastNamed);
  const [first] = binding;
  return [
    ...(named.length > 1 || (first && first.probability < 1)
      ? [
          `Binds first   ${named.map(({ limitedBy, probability }) => `${limitText(limitedBy)} in ${percentText(probability)}`).join(', ')}`,
        ]
      : []),
    ...(nextCeiling ? [`Next          ${limitText(nextCeiling.limitedBy)} at ${tps(nextCeiling.estimateTps)}`] : []),
    ...lossLines(analysis),
    ...(retention
      ? [`Kept          ${tps(retention.tps)} on average for ${quantityText(retention.retentionSeconds / 86_400)} days`]
      : []),
  ].flatMap((line) => wrap(line, width, 14));
}

/** Limits that come first more rarely are left to the JSON. */
const leastNamed = 0.01;

function toneOf(kind: SafeMaxTps['kind']): Style[] & string[] {
  return kind === 'unknown' ? ['red'] : kind === 'at-least' || kind === 'observed' ? ['yellow'] : ['green'];
}

function wrapped(paint: Paint, style: readonly string[], words: string, indent: number): string[] {
  const [first = '', ...rest] = wrap(words, width, indent);
  return [style.length > 0 ? paint(style as Style, first) : first, ...rest];
}

function safeWords({ safeMaxTps: safe, resources }: Analysis): string {
  switch (safe.kind) {
    case 'confirmed':
      return `${tps(safe.tps)}, confirmed: driven for the confirmation time, and ${limitText(safe.limitedBy)} binds (${intervalWords(safe)})`;
    case 'predicted':
      return `${tps(safe.tps)}, predicted: ${limitText(safe.limitedBy)} binds (${intervalWords(safe)})`;
    default:
      return openWords(
        safe,
        resources.length > 0
          ? 'within the policy limits'
          : 'carried; no machine was read, so what it cost is not known',
      );
  }
}

function saturationWords(full: SaturationTps): string {
  switch (full.kind) {
    case 'confirmed':
      return `${tps(full.estimateTps)}, driven into the limit: ${limitText(full.limitedBy)} (${intervalWords(full)})`;
    case 'predicted':
      return `${tps(full.estimateTps)}, predicted at ${quantityText(full.extrapolationFactor)} times the highest step: ${limitText(full.limitedBy)} (${intervalWords(full)})`;
    default:
      return openWords(full, 'sustained');
  }
}

function openWords(verdict: Exclude<SafeMaxTps, { kind: 'confirmed' | 'predicted' }>, how: string): string {
  switch (verdict.kind) {
    case 'observed':
      return `${tps(verdict.tps)} observed (the reading itself), limited by ${limitText(verdict.limitedBy)}`;
    case 'at-least':
      return `at least ${tps(verdict.tps)} (${how}): ${reasonWords[verdict.reason]}${ceilingText(verdict.ceiling)}`;
    case 'unknown':
      return `unknown: missing is ${verdict.missing.map(({ what, node }) => `${what} (${nodeText(node)})`).join(', ')}`;
  }
}

function ceilingText(ceiling: Extract<SafeMaxTps, { kind: 'at-least' }>['ceiling']): string {
  if (ceiling === undefined) return '';
  const { suspects, decidedBy } = ceiling;
  const named = suspects.length === 0 ? '' : ` Suspects: ${suspects.map((limit) => limitText(limit)).join(', ')}.`;
  return `. Throughput stopped growing at ${tps(ceiling.tps)}.${named} To decide, ${decidedBy}.`;
}

const reasonWords = {
  'no-limit-reached': 'no limit was reached, so no maximum is named',
  'limit-cause-unknown': 'a limit was reached above this rate, cause unknown',
  'generator-limited': 'the load generator was the limit, not the cluster',
  aborted: 'the run ended before a limit was reached',
  'held-too-briefly': 'held for less than the confirmation time, below a limit that the search met',
  'figures-in-doubt': 'above it figures contradict each other, as the findings say',
} as const satisfies Record<Extract<SafeMaxTps, { kind: 'at-least' }>['reason'], string>;

/** One reading against every capacity it is held against, at the policy limit and full. */
function basis(...verdicts: readonly (SafeMaxTps | SaturationTps)[]): string[] {
  const held = verdicts.flatMap((verdict) => (verdict.kind === 'observed' ? verdict.basis : []));
  return [...new Set(held.map(({ reading }) => reading))].flatMap((reading) => {
    const rows = held.filter((each) => each.reading === reading);
    const ranges = rows.map(({ tps: { low, high } }) =>
      Math.round(low) === Math.round(high) ? tps(high) : `${quantityText(low)} to ${tps(high)}`,
    );
    const indent = Math.max(...ranges.map((range) => range.length)) + 4;
    return [
      '',
      ...wrap(`What the reading allows: ${reading}`, width, 2),
      ...rows.flatMap(({ policyLimit, capacity }, index) => {
        const lines = wrap(`${percentText(policyLimit)} of ${capacity}`, width - indent, 0);
        return lines.map(
          (line, at) => (at === 0 ? `  ${ranges[index]?.padStart(indent - 4)}  ` : ' '.repeat(indent)) + line,
        );
      }),
    ];
  });
}

function tps(value: number): string {
  return `${quantityText(value)} msg/s`;
}

function intervalWords({
  estimateTps,
  interval,
}: Pick<Extract<SafeMaxTps, { kind: 'predicted' }>, 'estimateTps' | 'interval'>): string {
  const high = interval.high === undefined ? 'no upper end' : quantityText(interval.high);
  return `estimate ${quantityText(estimateTps)}, ${confidenceText(interval.confidence)} interval ${quantityText(interval.low)} to ${high}`;
}

function steps(all: readonly AnalysedStep[], paint: Paint): string[] {
  if (all.length === 0) return ['Steps: none was begun'];
  const time = (value: number | undefined) => (value === undefined ? 'unknown' : durationText(value));
  const [title = '', ...rows] = renderTable(
    [
      { title: 'asked msg/s', align: 'right' },
      { title: 'senders', align: 'right' },
      { title: 'carried', align: 'right' },
      { title: 'p50', align: 'right' },
      { title: 'p99', align: 'right' },
      { title: 'send delay p99', align: 'right' },
      { title: 'failed', align: 'right' },
      { title: 'verdict' },
    ],
    all.map((step) => [
      step.targetTps === undefined ? 'unknown' : quantityText(step.targetTps),
      step.lanes === undefined ? 'unknown' : quantityText(step.lanes),
      quantityText(step.achievedTps),
      time(step.latencySeconds?.p50),
      time(step.latencySeconds?.p99),
      time(step.sendDelaySeconds?.p99),
      step.failedSends === undefined ? 'unknown' : quantityText(step.failedSends),
      verdictWords(step.verdict),
    ]),
  );
  return ['Steps', paint('dim', title), ...rows.map((row, index) => paint(verdictStyle(all[index]?.verdict), row))];
}

function verdictWords(verdict: StepVerdict): string {
  switch (verdict.kind) {
    case 'sustained':
      return 'sustained';
    case 'saturated':
      return verdict.bottleneck ? `saturated: ${limitText(verdict.bottleneck)}` : 'saturated: cause unknown';
    case 'invalid':
      return `invalid: ${verdict.reason}`;
    case 'not-judged':
      return `not judged: ${notJudgedWords[verdict.reason]}`;
  }
}

const notJudgedWords = {
  'closed-loop': 'closed loop',
  'rate-unknown': 'the rate asked for is not known',
  'changing-rate': 'the rate changed',
  'nothing-sent': 'nothing was sent',
  backlog: 'consumers stood still or caught up',
} as const satisfies Record<Extract<StepVerdict, { kind: 'not-judged' }>['reason'], string>;

function verdictStyle(verdict: StepVerdict | undefined): Style {
  return verdict?.kind === 'sustained' ? 'green' : verdict?.kind === 'saturated' ? 'red' : 'yellow';
}

function resources(all: readonly AnalysedResource[], paint: Paint): string[] {
  if (all.length === 0) return ['Resources: none was measured'];
  const [title = '', ...rows] = renderTable(
    [
      { title: 'node' },
      { title: 'resource' },
      { title: 'at the highest step' },
      { title: 'limit', align: 'right' },
      { title: 'safe msg/s', align: 'right' },
      { title: 'full msg/s', align: 'right' },
      { title: 'capacity', align: 'right' },
    ],
    all.map(({ node, resource, policyLimit, capacity, safeTps, saturationTps, ...use }) => [
      node,
      resource,
      useWords(use, policyLimit),
      percentText(policyLimit),
      safeTps === undefined ? 'unknown' : quantityText(safeTps.value),
      saturationTps === undefined ? 'unknown' : quantityText(saturationTps.value),
      capacity === undefined ? 'unknown' : capacityText(capacity.value, capacity.unit),
    ]),
  );
  return ['Resources', paint('dim', title), ...rows];
}

function useWords(
  { utilisationAtHighestStep: share, utilisationBounds: bounds }: Partial<AnalysedResource>,
  policyLimit: number,
): string {
  if (share !== undefined) return `${bar(share, policyLimit)} ${percentText(share)}`;
  const [low, high] = [bounds?.low, bounds?.high].map((end) => end && percentText(end));
  if (low !== undefined && high !== undefined) return `${low} to ${high}`;
  return high !== undefined ? `at most ${high}` : low !== undefined ? `at least ${low}` : 'unknown';
}

function brokers({ perBroker }: Analysis): string[] {
  if (perBroker.length < 2) return [];
  const rows = perBroker.map(({ broker, host, safeTps, saturationTps, limitedBy }) => [
    broker,
    host ?? 'unknown',
    safeTps === undefined ? 'unknown' : quantityText(safeTps),
    saturationTps === undefined ? 'unknown' : quantityText(saturationTps),
    limitedBy === undefined ? 'unknown' : limitText(limitedBy),
  ]);
  return [
    'Brokers, each by what the whole cluster may carry until it is at its limit (low ends)',
    ...renderTable(
      [
        { title: 'broker' },
        { title: 'host' },
        { title: 'safe msg/s', align: 'right' },
        { title: 'full msg/s', align: 'right' },
        { title: 'limited by' },
      ],
      rows,
    ),
  ];
}

const severityStyle = { critical: 'red', warning: 'yellow', info: 'cyan' } as const satisfies Record<
  Finding['severity'],
  Style
>;

function findings(all: readonly Finding[], paint: Paint): string[] {
  if (all.length === 0) return [];
  const order = Object.keys(severityStyle);
  const lines = all
    .toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
    .flatMap(({ severity, code, message }) => {
      const label = severity.padEnd(9);
      const [opening = '', ...items] = `${message} [${code}]`.split('\n');
      const [first = '', ...more] = wrap(`${label}${opening}`, width, label.length);
      const listed = items
        .flatMap((item) => wrap(item, width - label.length, 2))
        .map((line) => ' '.repeat(label.length) + line);
      const rest = [...more, ...listed];
      return [paint(severityStyle[severity], label) + first.slice(label.length), ...rest];
    });
  return ['Findings', ...lines];
}
