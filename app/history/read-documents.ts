// Reads entries from documents that other commands wrote, or from a run folder.

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { endOfStep, stepLengths } from '../../analyzer/forecast/grid.ts';
import { analyzeBundle } from '../../analyzer/verdict/analyze.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { Analysis } from '../../core/documents/analysis.ts';
import { StoredCapacityReport } from '../../core/documents/capacity-report.ts';
import { ClusterPlans } from '../../core/documents/cluster-plan.ts';
import { AppError } from '../../core/errors.ts';
import { documentKind } from '../../core/documents/document-kind.ts';
import { LoadDocument, PeakHistory } from '../../core/documents/forecast.ts';
import type { NewHistoryEntry } from '../../core/documents/history-entry.ts';
import { TimeZone } from '../../core/local-moment.ts';
import { parseJson } from '../../core/text/parse-json.ts';
import { recordedForecast } from '../planning/forecast-document.ts';
import { readBounded } from '../files/read-bounded.ts';
import { operationDocuments } from './read-operation.ts';

/** Options that apply to all files. */
export interface Stated {
  cluster?: string;
  domain?: string;
  why?: string;
  evidence?: string;
}

/** What `plimsoll forecast --json` prints. */
const ForecastDocument = z.looseObject({
  ...LoadDocument.pick({ kind: true, step: true }).shape,
  timezone: TimeZone.default('UTC'),
  history: PeakHistory.optional(),
  peak: z.object({ ...LoadDocument.shape.peak.shape, value: z.number().nonnegative() }),
  chosen: z.string(),
  points: z.array(z.looseObject(LoadDocument.shape.points.element.shape)).min(1).max(10_000),
});

const unreadable = (path: string, why: string, hint?: string) =>
  new AppError('ledger-entry-unreadable', `${path} ${why}`, { hint });

/** @throws AppError ledger-entry-unreadable, not-found, no-permission, and for a run errors of analysing it */
export async function readEntries(
  path: string,
  stated: Stated,
  { policy, signal }: { policy: Policy; signal: AbortSignal },
): Promise<NewHistoryEntry[]> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    const analysis = await analyzeBundle(path, policy, { signal });
    return [entryOfAnalysis(analysis, { evidence: resolve(path), ...stated })];
  }
  const text = await readBounded(path, { signal }, { fault: 'ledger-entry-unreadable' });
  const document = parseJson(text);
  if (document === undefined) throw unreadable(path, 'is not JSON');
  return entriesOf(path, document, { evidence: resolve(path), ...stated });
}

function entriesOf(path: string, document: unknown, stated: Stated): NewHistoryEntry[] {
  switch (documentKind(document)) {
    case 'error':
      throw unreadable(path, 'contains the error of a failed command');
    case 'analysis':
      return [entryOfAnalysis(parsed(path, 'an analysis', Analysis, document), stated)];
    case 'plan':
      return entriesOfPlans(path, parsed(path, 'a plan', ClusterPlans, document), stated);
    case 'report': {
      const report = parsed(path, 'a capacity report', StoredCapacityReport, document);
      return [{ kind: 'report', ...stated, document: report }];
    }
    case 'forecast': {
      const { cluster } = stated;
      if (cluster === undefined) throw unreadable(path, 'is a forecast without a cluster', 'give --cluster NAME');
      const forecast = parsed(path, 'a forecast', ForecastDocument, document);
      const { points, step, timezone } = forecast;
      const last = Math.max(...points.map(({ time }) => Date.parse(time)));
      const endsAt = new Date(endOfStep(last, stepLengths[step], timezone)).toISOString();
      return [{ kind: 'forecast', ...stated, cluster, document: recordedForecast(forecast, endsAt) }];
    }
    default:
      return entriesOfOperation(path, document, stated);
  }
}

function entriesOfOperation(path: string, document: unknown, stated: Stated): NewHistoryEntry[] {
  const keys = new Set(typeof document === 'object' && document !== null ? Object.keys(document) : []);
  const operation = operationDocuments.find((kind) => kind.keys.every((key) => keys.has(key)));
  if (operation !== undefined) return [entryOfOperation(path, operation, document, stated)];
  throw unreadable(path, 'is not an analysis, plan, operation, capacity report or load forecast');
}

function entriesOfPlans(path: string, plans: ClusterPlans, stated: Stated): NewHistoryEntry[] {
  const { clusters, costUnit, findings, judged } = plans;
  if (clusters.length === 0) throw unreadable(path, 'plans no cluster');
  // Independent of the formatting of the file.
  const digest = createHash('sha256').update(JSON.stringify(plans)).digest('hex');
  const refused = plans.refused.map(({ domain, reason, hint, cause }) => ({ domain, reason, hint, cause }));
  const ofWhole = {
    ...(refused.length > 0 && { refused }),
    ...(findings.length > 0 && { findings }),
    ...(judged !== undefined && { judged }),
  };
  return clusters.map((plan, index) => {
    const [domain, ...others] = plan.domains;
    const only = domain !== undefined && others.length === 0 ? { domain: domain.name } : {};
    const partOf = { document: digest, costUnit, ...(index === 0 && ofWhole) };
    return { kind: 'plan', ...only, ...stated, document: { ...plan, partOf } };
  });
}

/** A load test is a `test`; results from production, files or a protocol are a `verdict`. */
function entryOfAnalysis(document: Analysis, stated: Stated): NewHistoryEntry {
  const { run, safeMaxTps } = document;
  // Runs have no origin, nor do bundles of written figures from older versions.
  const isTest = run.origin === undefined ? safeMaxTps.kind !== 'observed' : run.origin === 'load-test';
  const kind = isTest ? 'test' : 'verdict';
  return { kind, cluster: run.cluster, ...stated, document };
}

function entryOfOperation(
  path: string,
  { what, read }: (typeof operationDocuments)[number],
  given: unknown,
  stated: Stated,
): NewHistoryEntry {
  let parsed: ReturnType<typeof read>;
  try {
    parsed = read(given);
  } catch (cause) {
    if (cause instanceof z.ZodError) throw unreadable(path, `is not ${what}: ${z.prettifyError(cause)}`);
    throw cause;
  }
  const cluster = stated.cluster ?? parsed.cluster;
  if (cluster === undefined) throw unreadable(path, `is ${what} without a cluster`, 'give --cluster NAME');
  return { kind: 'operation', ...stated, cluster, document: parsed.document };
}

function parsed<Value>(path: string, what: string, schema: z.ZodType<Value>, document: unknown): Value {
  const { data, error } = schema.safeParse(document);
  if (error !== undefined) throw unreadable(path, `is not ${what}: ${z.prettifyError(error)}`);
  return data;
}
