// Writes the files for Kafka's own scripts: plan, rollback, waves and the commands to run.

import { slowestThrottle } from '../../../core/documents/recorded-operation.ts';
import type { Reassignment } from './plan-reassignment.ts';

/** Brokers that the scripts connect to, and whether they are those of a Kafka whose scripts may need ZooKeeper. */
export interface ScriptServers {
  bootstrap: readonly string[];
  mayNeedZooKeeper: boolean;
  /** The listener needs TLS or a login, whose settings the scripts read from a file. */
  isSecured: boolean;
}

const placeholders: ScriptServers = { bootstrap: ['BROKER:9092'], mayNeedZooKeeper: true, isSecured: false };

/** @param servers absent: unknown, for a plan from files. @returns text by file name */
export function scriptFiles(plan: Reassignment, servers = placeholders): ReadonlyMap<string, string> {
  const json = (document: object) => `${JSON.stringify(document, undefined, 2)}\n`;
  const waves = plan.waves.map(({ partitions, throttleBytesPerSecond }, index) => ({
    name: `wave-${String(index + 1).padStart(2, '0')}.json`,
    text: json({ version: 1, partitions }),
    throttle: throttleBytesPerSecond,
  }));
  const elected = plan.plan.partitions.map(({ topic, partition }) => ({ topic, partition }));
  return new Map([
    ['plan.json', json(plan.plan)],
    ['rollback.json', json(plan.rollback)],
    ...waves.map(({ name, text }) => [name, text] as const),
    ['preferred-leaders.json', json({ partitions: elected })],
    ['commands.txt', commands(waves, slowestThrottle(plan.waves), servers)],
  ]);
}

function commands(
  waves: readonly { name: string; throttle?: number | undefined }[],
  slowest: number | undefined,
  { bootstrap, mayNeedZooKeeper, isSecured }: ScriptServers,
): string {
  const before = '--zookeeper ZOOKEEPER:2181';
  const servers = `--bootstrap-server ${bootstrap.join(',')}`;
  const since = isSecured ? `${servers} --command-config client.properties` : servers;
  // LeaderElectionCommand has another name for it.
  const electing = isSecured ? `${servers} --admin.config client.properties` : servers;
  const line = (server: string, name: string, what: string) =>
    `kafka-reassign-partitions.sh ${server} --reassignment-json-file ${name} ${what}`;
  const moved = (server: string, name: string, throttle: number | undefined, options = '') => [
    line(server, name, `--execute${options}${throttle === undefined ? '' : ` --throttle ${throttle}`}`),
    `# repeat until each partition is complete; this also removes the throttle`,
    line(server, name, '--verify'),
    '',
  ];
  const of = (server: string) => waves.flatMap(({ name, throttle }) => moved(server, name, throttle));
  const electionBefore = `kafka-preferred-replica-election.sh ${before} --path-to-json-file preferred-leaders.json`;
  const election = `kafka-leader-election.sh ${electing} --election-type preferred --path-to-json-file preferred-leaders.json`;
  return [
    '# Keep the current assignment that the first --execute prints: rollback.json is the one from the time of the plan.',
    ...(mayNeedZooKeeper
      ? [
          '# Before Kafka 2.6: the scripts connect to ZooKeeper.',
          ...of(before),
          electionBefore,
          '',
          '# Rollback, after the last move has ended:',
          ...moved(before, 'rollback.json', slowest),
          electionBefore,
          '',
          '# Later versions:',
        ]
      : []),
    ...(isSecured
      ? [
          '# client.properties: security.protocol, sasl.* and ssl.* of your admin user, as for the other scripts of Kafka.',
        ]
      : []),
    ...of(since),
    election,
    '',
    '# Rollback:',
    ...moved(since, 'rollback.json', slowest, ' --additional'),
    election,
    '',
  ].join('\n');
}
