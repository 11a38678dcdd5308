// Lists the windows in which a cluster may lose a broker: forecast load, safe maximum after the loss, and freezes.

import { exactLimit, limitWithin } from '../../analyzer/forecast/event/chance-above.ts';
import { safeWindows } from '../../analyzer/forecast/event/safe-windows.ts';
import type { Analysis, Loss } from '../../core/documents/analysis.ts';
import { untilCaughtUp } from '../../core/documents/safe-tps.ts';
import { defined } from '../../core/defined.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';
import { windowsSchemaVersion, type WindowSpan, type WindowsDocument } from '../../core/documents/windows.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import { AppError } from '../../core/errors.ts';
import { lossName, rateText } from '../../core/text/quantity-text.ts';
import type { Freeze } from '../../ops/change/config.ts';
import { frozenSpans } from '../../ops/change/freeze.ts';
import { blocker, type Blocker } from '../../ops/change/step.ts';

export const lossKinds = ['broker', 'zone'] as const;
export type LossKind = (typeof lossKinds)[number];

export interface KnownForecast {
  document: RecordedForecast;
  /** Entry in the history, with its time. */
  entry?: number;
  madeAtMs?: number;
}

interface RequestedWindows {
  cluster: string | undefined;
  forecast: KnownForecast;
  limit: LossLimit;
  freezes: readonly Freeze[];
  nowMs: number;
  /** From now; default: to the end of the forecast. */
  horizonSeconds?: number | undefined;
  lastsSeconds: number;
  risk: number;
}

export interface LossLimit {
  stated: WindowsDocument['limit'];
  /** Absent for an exact rate. */
  loss?: Loss;
}

/** @returns the losses of this kind; empty if none is known, or an unknown one may leave less */
export const knownLosses = (analysis: KnownLosses, kind: LossKind): Loss[] =>
  unknownLosses(analysis, kind).length > 0 ? [] : (analysis.withoutOne ?? []).filter(({ lost }) => lost === kind);

/** @returns the loss of this kind with the lowest rate until it has caught up, which may be 0; undefined if unknown */
export const worstLoss = (analysis: KnownLosses, kind: LossKind) =>
  knownLosses(analysis, kind)
    .map(untilCaughtUp)
    .toSorted((a, b) => a.tps - b.tps)[0];

/** @returns the losses of this kind whose rate during catch-up is unknown */
export const catchUpUnknown = (analysis: KnownLosses, kind: LossKind): string[] =>
  knownLosses(analysis, kind).flatMap(({ id, returning }) => (returning === undefined ? [id] : []));

/** @returns the lowest rate while something is down, or back and copying what it missed; undefined if unknown */
export function limitOfLosses(analysis: KnownLosses, kind: LossKind): LossLimit | undefined {
  const loss = worstLoss(analysis, kind);
  if (loss === undefined) return undefined;
  const { tps, lost, id, limitedBy, basis, duringCatchUp } = loss;
  const unknown = catchUpUnknown(analysis, kind);
  const stated = {
    tps,
    lost,
    id,
    limitedBy,
    ...defined({ duringCatchUp }),
    ...(unknown.length > 0 && { catchUpUnknown: unknown }),
    ...(basis?.placement === 'assumed' && { assumptions: basis.assumptions }),
  };
  return { stated, loss };
}

type KnownLosses = Pick<Analysis, 'withoutOne' | 'withoutOneUnknown'>;

const unknownLosses = ({ withoutOneUnknown = [] }: KnownLosses, kind: LossKind): string[] =>
  withoutOneUnknown.filter(({ lost }) => lost === kind).map(({ id }) => id);

/**
 * @param of cluster with these losses, for the message
 * @param otherwise alternative, for the hint
 * @throws AppError not-found if the safe maximum after any loss is unknown, because any broker may fail
 */
export function refuseUnknownLosses(
  analysis: KnownLosses,
  kind: LossKind,
  { of, otherwise }: { of: string; otherwise: string },
): void {
  const unknown = unknownLosses(analysis, kind);
  if (unknown.length === 0) return;
  const names = unknown.map((id) => lossName({ lost: kind, id })).join(', ');
  throw new AppError('not-found', `${of} has no safe maximum after losing ${names}`, {
    hint: `\`plimsoll analyze\` lists what is missing; ${otherwise}`,
  });
}

export function windowsOf(request: RequestedWindows): WindowsDocument {
  const { cluster, forecast, limit, freezes, nowMs, horizonSeconds = Infinity, lastsSeconds, risk } = request;
  const { document, entry, madeAtMs } = forecast;
  const { stated, loss } = limit;
  const endMs = Date.parse(document.horizonEndsAt);
  const { interval, estimateTps = stated.tps } = loss ?? {};
  return {
    schemaVersion: windowsSchemaVersion,
    kind: 'windows',
    ...(cluster !== undefined && { cluster }),
    limit: stated,
    forecast: {
      ...(entry !== undefined && { entry }),
      ...(madeAtMs !== undefined && { madeAt: new Date(madeAtMs).toISOString() }),
      endsAt: document.horizonEndsAt,
    },
    forSeconds: lastsSeconds,
    risk,
    spans: safeWindows({
      nowMs,
      untilMs: Math.min(nowMs + horizonSeconds * 1000, endMs),
      forecast: document,
      limit: interval === undefined ? exactLimit(stated.tps) : limitWithin(interval, estimateTps),
      frozen: frozenSpans(freezes, cluster, { fromMs: nowMs, untilMs: endMs }),
      lastsSeconds,
      risk,
    }),
  };
}

/** @returns what prevents a change from taking a broker down now; empty within a window */
export function windowBlockers({ spans, limit, forecast }: WindowsDocument): Blocker[] {
  const [now, following] = spans;
  if (now === undefined) {
    const what = `the forecast ended at ${forecast.endsAt}: a newer one is needed`;
    return [{ what, zh: `预测已于 ${forecast.endsAt} 结束：需要新的预测` }];
  }
  if (isLongEnough(now)) return [];
  const next = spans.find(isLongEnough);
  return [blocker(reasonOf(now, following, limit), next && new Date(next.from))];
}

/** The change may end after the searched time. */
const isLongEnough = ({ state }: WindowSpan) => state === 'safe' || state === 'cut-by-horizon';

/** @param following absent if the forecast ends */
function reasonOf(
  { state, load, to }: WindowSpan,
  following: WindowSpan | undefined,
  { tps, lost, id = '', duringCatchUp }: WindowsDocument['limit'],
): InLanguages<string> {
  const name = lost && lossName({ lost, id });
  const loss = name === undefined ? '' : duringCatchUp ? ` while ${name} catches up` : ` without ${name}`;
  const limit = `the safe maximum of ${rateText(tps)}${loss}`;
  const nameZh = lost && lossName({ lost, id }, 'zh');
  const lossZh = nameZh === undefined ? '' : duringCatchUp ? `（${nameZh} 恢复追赶期间）` : `（失去 ${nameZh} 后）`;
  const limitZh = `安全上限${lossZh} ${rateText(tps, 'zh')}`;
  switch (state) {
    case 'above-limit': {
      const high = load?.high ?? 0;
      return {
        en: `up to ${rateText(high)} are forecast, and may exceed ${limit}`,
        zh: `预测负载最高 ${rateText(high, 'zh')}，可能超过${limitZh}`,
      };
    }
    case 'too-short': {
      const end = windowEndText(to, following?.state);
      return { en: `the load stays below ${limit}${end.en}`, zh: `负载低于${limitZh}${end.zh}` };
    }
    case 'frozen':
      return { en: 'a change freeze holds', zh: '正处于封网期' };
    default:
      return { en: 'there is no forecast for this time', zh: '该时段没有预测' };
  }
}

/** A window may end for reasons other than a rising load. */
function windowEndText(to: string, following: WindowSpan['state'] | undefined): InLanguages<string> {
  switch (following) {
    case 'frozen':
      return { en: `, but a change freeze begins at ${to}`, zh: `，但封网期于 ${to} 开始` };
    case 'no-forecast':
      return { en: `, but there is no forecast from ${to}`, zh: `，但 ${to} 之后没有预测` };
    case undefined:
      return { en: `, but the forecast ends at ${to}`, zh: `，但预测于 ${to} 结束` };
    default:
      return { en: ` only until ${to}`, zh: `，仅到 ${to} 为止` };
  }
}
