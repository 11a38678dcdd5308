// Changes settings of a Kafka topic or broker for a command.

import { wholeSnapshot } from '../../app/change/administration/whole-snapshot.ts';
import { actionOf } from '../../app/change/run-change.ts';
import { configuredText, type Configured } from '../../brokers/kafka/changes/settings.ts';
import { AppError } from '../../core/errors.ts';
import { alterSettings, type SettingsFacts } from '../../ops/kafka/settings/alter-settings.ts';
import { planSettings } from '../../ops/kafka/settings/plan-settings.ts';
import { assigned, type kafkaAdministrationOptions } from '../change/administration-options.ts';
import { changeKafka } from './change-kafka.ts';
import type { IoOf, TypedOption } from '../command.ts';

type SettingsIo = IoOf<
  typeof kafkaAdministrationOptions & { set: TypedOption<readonly string[]>; reset: TypedOption<readonly string[]> }
>;

/** @throws AppError usage if nothing is to be changed, or a key occurs twice; errors of the plan */
export async function changeSettings(io: SettingsIo, of: Configured, acceptReaders = false): Promise<number> {
  const { reset } = io.options;
  const action = actionOf(io.options);
  const set = assigned(io.options.set);
  const both = reset.find((key) => key in set);
  if (both !== undefined) throw new AppError('usage', `--set and --reset both name ${both}`);
  if (action !== 'resume' && action !== 'abort' && reset.length + io.options.set.length === 0) {
    throw new AppError('usage', 'nothing to change: give --set KEY=VALUE or --reset KEY');
  }
  return changeKafka<SettingsFacts>(io, (tools, cluster) => ({
    kind: alterSettings,
    subject: configuredText(of),
    plan: (within) =>
      planSettings(tools, { of, set, reset, acceptReaders }, within, () => wholeSnapshot(cluster, within)),
    async recheck({ changes }, within) {
      const wanted = {
        of,
        set: Object.fromEntries(changes.flatMap(({ key, after }) => (after === null ? [] : [[key, after]]))),
        reset: changes.flatMap(({ key, after }) => (after === null ? [key] : [])),
        acceptReaders,
      };
      return (await planSettings(tools, wanted, within, () => wholeSnapshot(cluster, within))).findings;
    },
  }));
}
