// Judges whether brokers, settings, JVMs, machines or network cards have changed since the evidence was measured.

import type { Missing } from '../../../../core/documents/reasons/missing.ts';
import { byMember } from '../../../evidence/elected-members.ts';
import { clusterIdKey, driftOf, type Drift } from '../../../evidence/fingerprint.ts';
import { brokerOf, settingsRead, type Fingerprint } from '../../../evidence/fingerprint-keys.ts';
import { localText } from '../../../../core/local-moment.ts';
import { nodeText } from '../../../../core/text/quantity-text.ts';
import { isWhole, judged, type Judged, type ClusterSettings, type Measured, type MeasuredCase } from '../go-case.ts';
import { endOf, latestOn } from './evidence.ts';

/** Parts that a fingerprint must contain before it can show that nothing changed. */
const parts = {
  brokers: /^broker\.(count|version)$/,
  'broker settings': /^broker\.settings\./,
  JVMs: /^jvm\./,
  machines: /^hosts\..*\.cores$/,
  'network cards': /^hosts\..*\.speed$/,
} as const satisfies Record<string, RegExp>;

/** Settings that a cluster shows; those of clients, topics and load generators belong to the test. */
const ofCluster = /^(broker|jvm|hosts)\./;

const dayMs = 86_400_000;
/** Settings read more than a day before the report are not current. A date begins at 10:00 UTC of the day before (UTC+14). */
const freshMs = dayMs + 14 * 3_600_000;
/** Longest list of names that is shown. */
const mostNamed = 12;

export function judgeDrift(case_: MeasuredCase): Judged {
  const { measured, settings, asOf } = case_;
  const newest = settings.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)).at(-1);
  const leastMs = Math.max(Date.parse(asOf) - freshMs, ...measured.map(({ analysis }) => endOf(analysis) ?? 0));
  const isFuture = newest !== undefined && Date.parse(newest.at) > latestOn(asOf);
  const now = newest !== undefined && !isFuture && Date.parse(newest.at) >= leastMs ? newest : undefined;
  const compared = measured.map((each) => compare(each, now, settings));
  const drifted = [...new Set(compared.flatMap(({ drift }) => drift))].toSorted();
  const missing: Missing[] = [
    ...(now === undefined ? [withoutCurrent(newest, isFuture ? asOf : undefined)] : []),
    ...compared.flatMap((each) => each.missing),
    ...(now?.unread ?? []).map((of) => ({ what: 'unread' as const, of })),
  ];
  if (drifted.length > 0) {
    const subjects = named(drifted);
    return judged('drift', 'fails', [{ code: 'drifted', subjects }], { subject: subjects.join(', ') });
  }
  if (missing.length === 0) return judged('drift', 'holds');
  const distinct = new Map(missing.map((each) => [JSON.stringify(each), each]));
  return judged('drift', 'unknown', [{ code: 'drift-unknown', missing: [...distinct.values()] }]);
}

/** @param reportDay given if the settings were read after it */
function withoutCurrent(newest: ClusterSettings | undefined, reportDay: string | undefined): Missing {
  if (newest === undefined) return { what: 'current-settings' };
  if (reportDay === undefined) return { what: 'current-settings-outdated' };
  return { what: 'current-settings-in-future', of: reportDay, in: localText(Date.parse(newest.at), 'UTC') };
}

const named = (all: readonly string[]): string[] =>
  all.length <= mostNamed ? [...all] : [...all.slice(0, mostNamed), `and ${all.length - mostNamed} more`];

interface Compared {
  drift: readonly string[];
  missing: readonly Missing[];
}

function compare(measured: Measured, now: ClusterSettings | undefined, settings: readonly ClusterSettings[]): Compared {
  const { source, analysis } = measured;
  const before = clusterPart(fingerprintOf(measured, settings));
  if (before === undefined) return { drift: [], missing: [{ what: 'settings-then', in: source }] };
  const missing = missingParts(before, measured);
  if (now === undefined) return { drift: [], missing };
  const [idThen, idNow] = [analysis.fingerprint?.[clusterIdKey], now.fingerprint[clusterIdKey]];
  const isOtherId = idThen !== undefined && idNow !== undefined && idThen !== idNow;
  if (isOtherId) return { drift: [], missing: [...missing, { what: 'other-cluster', of: idThen, in: idNow }] };
  if (now.cluster !== analysis.run.cluster) {
    return { drift: [], missing: [...missing, { what: 'other-cluster', of: analysis.run.cluster, in: now.cluster }] };
  }
  const whole = clusterPart(now.fingerprint) ?? {};
  // Outside a redline, a new host beside a missing one is a replaced machine.
  const isReplaced = analysis.run.origin !== 'redline' && newHosts(whole, before).length > 0;
  const current = isReplaced ? whole : withoutUnread(before, whole);
  const drift = driftOf(before, current).filter(({ setting, a }) =>
    isComparable(setting, a, measured, [before, current]),
  );
  // A broker whose settings were not read, such as one that is down, has not changed them.
  const readNow = byMember(before, current)[1][settingsRead]?.split(', ') ?? [];
  const isUnread = ({ setting, b }: Drift) => {
    const broker = brokerOf(setting);
    return b === undefined || setting === settingsRead || (broker !== undefined && !readNow.includes(broker));
  };
  const changed = drift.filter((each) => !isUnread(each));
  return {
    drift: changed.map(({ setting, a, b }) => `${setting} ${a ?? '(not set)'} → ${b ?? ''}`),
    missing: [
      ...missing,
      ...Object.entries(parts)
        .filter(([, pattern]) => !Object.keys(current).some((key) => pattern.test(key)))
        .map(([part]): Missing => ({ what: 'current-setting', of: part })),
      ...drift.filter(isUnread).map(({ setting }): Missing => ({
        what: 'current-setting',
        of: setting === settingsRead ? 'broker settings' : setting,
      })),
    ],
  };
}

/** A redline may read only the host of its broker: settings of the other hosts are not new. @returns those of hosts read before */
function withoutUnread(before: Fingerprint, current: Fingerprint): Fingerprint {
  const unread = newHosts(before, current);
  return Object.fromEntries(Object.entries(current).filter(([key]) => !unread.some((host) => key.startsWith(host))));
}

/** @returns starts of the keys of hosts that only the later fingerprint has */
const newHosts = (earlier: Fingerprint, later: Fingerprint): string[] =>
  Object.keys(later)
    .flatMap((key) => /^(?<host>hosts\..+\.)cores$/.exec(key)?.groups?.['host'] ?? [])
    .filter((host) => !Object.keys(earlier).some((key) => key.startsWith(host)));

/** For a run with brokers down, only settings of the remaining brokers are compared, not the number of brokers. */
function isComparable(
  setting: string,
  before: string | undefined,
  measured: Measured,
  both: readonly [Fingerprint, Fingerprint],
): boolean {
  if (!isWhole(measured)) {
    if (before === undefined || setting === 'broker.count' || setting === settingsRead) return false;
    const read = byMember(...both)[0][settingsRead]?.split(', ') ?? [];
    const broker = brokerOf(setting);
    // Settings that the remaining brokers have in common also represent a lost broker.
    if (broker !== undefined && !read.includes(broker)) return false;
  }
  const part = Object.values(parts).find((pattern) => pattern.test(setting));
  // A completely missing part is reported as such.
  return part === undefined || both.every((each) => Object.keys(each).some((key) => part.test(key)));
}

/** Checks each broker, since one whose settings were not read may be the one that changed. */
function missingParts(fingerprint: Fingerprint, { source, analysis: { perBroker } }: Measured): Missing[] {
  const keys = Object.keys(fingerprint);
  const settingsOf = new Set(fingerprint[settingsRead]?.split(', '));
  const has = (start: string, end = '') => keys.some((key) => key.startsWith(start) && key.endsWith(end));
  const without = (
    what: Missing['what'],
    isKnown: (broker: { broker: string; host?: string | undefined }) => boolean,
  ): Missing[] =>
    perBroker.filter((each) => !isKnown(each)).map(({ broker }) => ({ what, of: nodeText(broker), in: source }));
  const whole = (what: Missing['what'], isKnown: boolean): Missing[] => (isKnown ? [] : [{ what, in: source }]);
  return [
    ...whole('brokers', fingerprint['broker.count'] !== undefined && perBroker.length > 0),
    ...whole('broker-version', fingerprint['broker.version'] !== undefined),
    ...without('broker-settings', ({ broker }) => settingsOf.has(broker)),
    ...without('jvm', ({ broker }) => has(`jvm.${broker}.`)),
    ...without('machine', ({ host }) => host !== undefined && has(`hosts.${host}.`, '.cores')),
    ...without('network-card', ({ host }) => host !== undefined && has(`hosts.${host}.`, '.speed')),
  ];
}

/** Its own; for production, which records none, the last settings read before its end. */
function fingerprintOf({ analysis }: Measured, settings: readonly ClusterSettings[]): Fingerprint | undefined {
  if (analysis.fingerprint !== undefined || analysis.run.origin !== 'production') return analysis.fingerprint;
  const ended = endOf(analysis);
  if (ended === undefined) return undefined;
  return settings
    .filter(({ at }) => Date.parse(at) <= ended)
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .at(-1)?.fingerprint;
}

function clusterPart(fingerprint: Fingerprint | undefined): Fingerprint | undefined {
  if (fingerprint === undefined) return undefined;
  return Object.fromEntries(Object.entries(fingerprint).filter(([key]) => ofCluster.test(key)));
}
