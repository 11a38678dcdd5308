// Defines the texts that a capacity report needs in each language.

import type { gradedCells } from '../../../core/documents/blast-radius.ts';
import type {
  Condition,
  ConditionName,
  DomainVerdict,
  Proof,
  SurvivedLoss,
} from '../../../core/documents/capacity-report.ts';
import { en } from './texts-en.ts';
import { zh } from './texts-zh.ts';

export const partIds = [
  'verdict',
  'changes',
  'demand',
  'method',
  'safe-max',
  'load-tests',
  'failures',
  'blast-radius',
  'sizing',
  'consumers',
  'risks',
  'actions',
  'runbook',
  'afterwards',
  'appendix',
] as const;
export type PartId = (typeof partIds)[number];

export interface Texts {
  title(promotion: string): string;
  parts: Readonly<Record<PartId, string>>;
  /** @param days of the promotion, where they are known */
  subtitle(asOf: string, expires: string, days?: string): string;
  nothing: string;
  decisions: Readonly<Record<DomainVerdict['decision'], string>>;
  condition: string;
  conditions: Readonly<Record<ConditionName, string>>;
  conditionsTitle: string;
  state: string;
  states: Readonly<Record<Condition['state'], string>>;
  basis: string;
  bases: Readonly<Record<NonNullable<Condition['basis']>, string>>;
  needed: string;
  knownSafe: string;
  decidedBy: string;
  survivesLoss: Readonly<Record<SurvivedLoss, string>>;
  proven(rate: string, span: string, moment: string | undefined): string;
  missing(what: string): string;
  sharedCluster(others: string, peak: string): string;
  noProof: string;
  proofOrigins: Readonly<Record<Proof['origin'], string>>;
  domain: string;
  decision: string;
  reason: string;
  peak: string;
  safeMax: string;
  headroom: string;
  limitedBy: string;
  brokersNow: string;
  brokersNeeded: string;
  enough: string;
  owner: string;
  signature: string;
  date: string;
  unknown: string;
  atLeast(rate: string): string;
  readOnce(safe: string, read: string): string;
  /** The safe rate, and the estimate that it is the lower end of. */
  estimated(rate: string, estimate: string): string;
  range(mid: string, low: string, high: string): string;
  span(low: string, high: string): string;
  peakBars: string;
  what: string;
  before: string;
  after: string;
  noChanges: string;
  noPrevious: string;
  changed: Readonly<Record<'decision' | 'safe-max' | 'peak' | 'brokers-needed', string>>;
  setting(name: string): string;
  demandOfPlan: string;
  demandOfForecast: string;
  coverage: string;
  demandMix: string;
  average: string;
  messageSize: string;
  groups: string;
  retention: string;
  source: string;
  run: string;
  origin: string;
  origins: Readonly<Record<'load-test' | 'readings' | 'files' | 'production' | 'redline', string>>;
  started: string;
  duration: string;
  tested: string;
  flags: string;
  resource: string;
  node: string;
  capacity: string;
  policy: string;
  use: string;
  full: string;
  stepsOf(domain: string): string;
  curveOf(domain: string): string;
  resourcesOf(domain: string): string;
  target: string;
  achieved: string;
  result: string;
  lost: string;
  lostKinds: Readonly<Record<'broker' | 'zone', string>>;
  safeAfter: string;
  cluster: string;
  shape: string;
  machines: string;
  survives: string;
  cost: string;
  marginOf(cluster: string): string;
  reserve: string;
  factor: string;
  why: string;
  product: string;
  alternativesOf(cluster: string): string;
  group: string;
  groupKinds: Readonly<Record<'measured' | 'at-least' | 'unknown', string>>;
  unknownFor: (missing: string) => string;
  canTake: string;
  drainAfter(minutes: string): string;
  never: string;
  sensitivityOf(cluster: string): string;
  input: string;
  brokersAt: string;
  assumptions: string;
  findings: string;
  severity: Readonly<Record<'critical' | 'warning' | 'info', string>>;
  action: string;
  due: string;
  dueBefore(from: string): string;
  runbookLead: string;
  pageAbove: string;
  informFrom: string;
  actualPeak: string;
  held: string;
  lesson: string;
  heldPeak(error: string): string;
  afterwardsLead: string;
  noBlastRadius: string;
  worstOf(cluster: string, failure: string, at: string, effect: string): string;
  effect: string;
  evidence: string;
  simulated: string;
  lossMeasured: string;
  simulatedOn(lasting: string): string;
  graded(cells: typeof gradedCells): string;
  file: string;
  measuredFiles: string;
  chainOf(domain: string): string;
  figure: string;
  formula: string;
  glossary: readonly (readonly [string, string])[];
}

export const languages = { en, zh } as const satisfies Readonly<Record<string, Texts>>;
export type ReportLanguage = keyof typeof languages;
