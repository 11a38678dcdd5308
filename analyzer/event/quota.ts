// How far are producers to be held back, so that the peak stays below the safe maximum?

import { largestFirst, noGain, safeTpsOf, shellWord, type EventState, type PrepareLever } from './prepared.ts';

/** The topics that make up so much of the load: holding back the rest gains little and is forgotten. */
const share = 0.8;
const mostTopics = 10;

export const prepareQuota: PrepareLever = (state) => {
  const { peak, topics } = state;
  const safe = safeTpsOf(state.verdict);
  if (peak === undefined) return noGain('quota', 'no-forecast');
  if (safe === undefined || peak.high <= safe) return noGain('quota', 'load-below-limit');
  const total = [...topics.values()].reduce((sum, rate) => sum + rate, 0);
  if (!(total > 0)) return noGain('quota', 'no-topic-rates');
  let covered = 0;
  const chosen = largestFirst(topics)
    .slice(0, mostTopics)
    .filter(({ nowTps }) => {
      const isWanted = nowTps > 0 && covered < share * total;
      covered += nowTps;
      return isWanted;
    });
  // The rest grows with the peak as well: what is left of the safe maximum is for those that are held back.
  const chosenTps = chosen.reduce((sum, { nowTps }) => sum + nowTps, 0);
  const left = Math.max(0, safe - (peak.mid * (total - chosenTps)) / total);
  const targets = chosen.map((topic) => ({ ...topic, toTps: (left * topic.nowTps) / chosenTps }));
  return {
    kind: 'ready',
    lever: 'quota',
    gain: { low: Math.max(0, peak.mid - safe), high: peak.high - safe },
    targets,
    commands: targets.flatMap(({ name, toTps }) => commandsOf(state, name, toTps)),
    evidence: `peak ahead ${Math.round(peak.mid)} (up to ${Math.round(peak.high)}) over the safe maximum ${Math.round(safe)}, shared as the load of now is`,
  };
};

function commandsOf({ broker, cluster, verdict, brokers }: EventState, topic: string, toTps: number): string[] {
  // RocketMQ's broker has no quota for producers: a topic is open or closed to writes.
  if (broker === 'rocketmq') {
    return [`mqadmin updateTopicPerm -n NAME_SERVER -c ${shellWord(cluster)} -t ${shellWord(topic)} -p 4`];
  }
  const { messageBytes } = verdict.run;
  const bytes =
    messageBytes === undefined
      ? 'BYTES_PER_SECOND'
      : String(Math.round((toTps * messageBytes) / Math.max(1, brokers.size)));
  // A quota is of a client and of each broker, not of a topic (KIP-13).
  return [
    `kafka-configs.sh --bootstrap-server BROKER:9092 --alter --entity-type clients --entity-name CLIENT_OF_${shellWord(topic)} --add-config producer_byte_rate=${bytes}`,
  ];
}
