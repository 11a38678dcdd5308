// Compares the settings of an instance on its host with the desired ones.

import { shownValue } from '../../../core/secret-settings.ts';
import { countText } from '../../../core/text/quantity-text.ts';
import { parseProperties } from '../../../hosts/instances/instance-settings.ts';
import { named } from '../../../core/text/bilingual.ts';
import { identityKeys } from '../../render/settings-file.ts';

export interface SettingsDifference {
  /** Such as `num.io.threads 8 → 16`; omits values that may be secret. */
  texts: readonly string[];
  /** Keys whose value decides the broker's identity, its data directories or the voters of its quorum. */
  identity: readonly string[];
  /** RocketMQ: number of settings that only the file on the host has, if the broker wrote that file with all of its settings. */
  ownSettings: number;
}

const dataKeys = new Set(
  [
    'metadata.log.dir dataDir dataLogDir storePathRootDir storePathCommitLog',
    'storePathDLedgerCommitLog controllerStorePath',
  ].flatMap((keys) => keys.split(' ')),
);
/** Members that disagree on the voters of a quorum can lose each other's writes. */
const ensembleKey = /^server\.\d+$/;
const quorumKeys = new Set(['controller.quorum.voters', 'controllerDLegerPeers', 'dLegerPeers']);
const directoryKeys = new Set(['log.dirs', 'log.dir']);

/** RocketMQ writes all settings into the file when one is changed at run time; only then the file has this one. */
const writtenByBroker = 'rocketmqHome';

/** Voters in a properties file; the address of a ZooKeeper server may differ in its own file. */
export const membersIn = (text: string): string =>
  [...parseProperties(text)]
    .flatMap(([key, value]) => (ensembleKey.test(key) ? [key] : quorumKeys.has(key) ? [`${key}=${value}`] : []))
    .toSorted()
    .join(', ');

/** Compares properties files. @returns undefined if no setting differs */
export function differenceOf(current: string, next: string): SettingsDifference | undefined {
  const [before, after] = [parseProperties(current), parseProperties(next)];
  const isOwn = before.has(writtenByBroker) && !after.has(writtenByBroker);
  const shown = (key: string, value: string, old: string | undefined) => {
    if ([value, old].some((each) => each !== undefined && shownValue(key, each) !== each))
      return `${key} (value not shown)`;
    return `${key} ${old === undefined ? `${value} (new)` : `${old} → ${value}`}`;
  };
  const changed = [...after].flatMap(([key, value]) => {
    const old = before.get(key);
    if (old === value) return [];
    return [{ key, text: shown(key, value, old) }];
  });
  const dropped = [...before.keys()].filter((key) => !after.has(key));
  const removed = isOwn ? [] : dropped.map((key) => ({ key, text: `${key} (removed)` }));
  const all = [...changed, ...removed];
  if (all.length === 0) return undefined;
  const leaves = (key: string) => {
    const kept = new Set((after.get(key) ?? '').split(','));
    return (before.get(key) ?? '').split(',').some((folder) => folder !== '' && !kept.has(folder));
  };
  return {
    texts: all.map(({ text }) => text),
    identity: all
      .map(({ key }) => key)
      .filter(
        (key) =>
          (before.has(key) && (identityKeys.has(key) || dataKeys.has(key) || quorumKeys.has(key))) ||
          (directoryKeys.has(key) && leaves(key)) ||
          ensembleKey.test(key),
      ),
    ownSettings: isOwn ? dropped.length : 0,
  };
}

/** @param most maximum number of settings to list */
export const differenceText = ({ texts }: Pick<SettingsDifference, 'texts'>, most = 8): string => named(texts, most);

export const ownSettingsText = (count: number) => `settings added by the broker itself: ${countText(count)}`;
