// Computes the rate that disks can take if messages are kept for a shorter time.

import type { ByKind } from '../../../core/broker-kind/registry.ts';
import { kafkaTool, largestFirst, noGain, shellArgument, type PrepareAction, type ClusterAccess } from './prepared.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { rateText } from '../../../core/text/quantity-text.ts';

/** By a quarter is done without asking far; by half is the most that is prepared. */
const [quarter, half] = [0.75, 0.5];
const mostTopics = 5;

/** What disks keep is rate times time: a share s of the time lets 1/s of the rate in. */
export const prepareRetention: PrepareAction = ({ verdict, broker, topics, access }) => {
  const { retention } = verdict;
  if (retention === undefined) return noGain('retention', 'no-retention-limit');
  if (access === undefined) return noGain('retention', 'not-read-yet');
  const { tps, retentionSeconds } = retention;
  const chosen = largestFirst(topics).slice(0, mostTopics);
  return {
    kind: 'ready',
    lever: 'retention',
    gain: { low: tps / quarter - tps, high: tps / half - tps },
    targets: chosen,
    commands: commands[broker](half * retentionSeconds, chosen, access),
    evidence: `the disks keep ${rateText(tps)} for ${durationText(retentionSeconds)}; by a quarter to by half shorter. Messages older than that are deleted, read or not: look at the lag of their groups first`,
  };
};

const commands: ByKind<
  (retentionSeconds: number, topics: readonly { name: string }[], access: ClusterAccess) => string[]
> = {
  kafka: (retentionSeconds, topics, access) =>
    topics.map(
      ({ name }) =>
        `${kafkaTool('kafka-configs.sh', access)} --alter --entity-type topics --entity-name ${shellArgument(name)} --add-config retention.ms=${Math.round(retentionSeconds * 1000)}`,
    ),
  rocketmq: (retentionSeconds, _topics, access) => [
    `mqadmin updateBrokerConfig -n ${shellArgument(access.servers.join(';'))} -c ${shellArgument(access.clusterName)} -k fileReservedTime -v ${Math.max(1, Math.floor(retentionSeconds / 3600))}`,
  ],
};
