// Finds groups that elect their master in the fingerprint of a cluster, and names their members by address.

import { brokerOf, settingsRead, type Fingerprint } from './fingerprint-keys.ts';

/** The key ends with the broker if brokers differ. */
const electionSetting = /^broker\.settings\.(?:enableDLegerCommitLog|enableControllerMode)(?:@(.+))?$/;

/** @returns false without recorded settings */
export function electsMaster(fingerprint: Fingerprint = {}, isInGroup: (broker: string) => boolean): boolean {
  return Object.entries(fingerprint).some(([key, value]) => {
    const found = electionSetting.exec(key);
    return found !== null && value === 'true' && (found[1] === undefined || isInGroup(found[1]));
  });
}

/** `broker-a:0`; a member that is named by address contains a slash. */
const brokerId = /^([^/]+):\d+$/;

/**
 * An election gives the id 0 to another member, so ids of two readings may belong to different brokers.
 *
 * @returns both with `broker-a/10.0.0.1:10911` for each broker whose group elects its master; with ids if no member is
 * common to both clusters
 */
export function byMember(a: Fingerprint, b: Fingerprint): readonly [Fingerprint, Fingerprint] {
  const [ofA, ofB] = [withMembers(a), withMembers(b)];
  const members = new Set(ofA[settingsRead]?.split(', ').filter((each) => each.includes('/')));
  return ofB[settingsRead]?.split(', ').some((each) => members.has(each)) === true ? [ofA, ofB] : [a, b];
}

function withMembers(fingerprint: Fingerprint): Fingerprint {
  const members = new Map(
    (fingerprint[settingsRead]?.split(', ') ?? []).flatMap((id) => {
      const [, group] = brokerId.exec(id) ?? [];
      const valueOf = (name: string) =>
        fingerprint[`broker.settings.${name}@${id}`] ?? fingerprint[`broker.settings.${name}`];
      const [host, port] = [valueOf('brokerIP1'), valueOf('listenPort')];
      if (group === undefined || host === undefined || port === undefined) return [];
      return electsMaster(fingerprint, (broker) => broker === id) ? [[id, `${group}/${host}:${port}`] as const] : [];
    }),
  );
  if (members.size === 0) return fingerprint;
  const nameOf = (id = '') => members.get(id) ?? id;
  return Object.fromEntries(
    Object.entries(fingerprint).flatMap(([key, value]) => {
      // The id itself is omitted.
      if (/^broker\.settings\.brokerId(?:@|$)/.test(key)) return [];
      if (key === settingsRead) return [[key, value.split(', ').map(nameOf).toSorted().join(', ')]];
      const id = brokerOf(key);
      if (id !== undefined) return [[`${key.slice(0, -id.length)}${nameOf(id)}`, value]];
      const [, jvm, what] = /^jvm\.(.+)\.([^.]+)$/.exec(key) ?? [];
      return [[jvm === undefined ? key : `jvm.${nameOf(jvm)}.${what}`, value]];
    }),
  );
}
