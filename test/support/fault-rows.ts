// Lists the faults of test/integration/faults and the effect of each on the exporter's page, for docs/evidence/reliability.md.

import type { RecordedFile } from './full-matrix/part-record.ts';

export interface FaultRow {
  /** Name of the test. */
  fault: string;
  file: string;
  stays: string;
  goes: string;
  /** Number of collections, one per scrape. */
  until: string;
}

const folder = 'test/integration/faults';
const kafka = `${folder}/kafka-faults.test.ts`;
const rocketmq = `${folder}/rocketmq-faults.test.ts`;

export const faultRows: readonly FaultRow[] = [
  {
    fault: 'a network that stalls for 5 s',
    file: kafka,
    stays: 'every series, with the last good values and their age',
    goes: 'nothing',
    until: 'fresh again once the network is; nothing is missing in the collection that stalled',
  },
  {
    fault: 'a broker that hangs: it accepts and never answers',
    file: kafka,
    stays: 'every series; those of the hung broker are kept with their age',
    goes: 'after 300 s: offsets and lag of the partitions it leads, sums over them; its disks after an hour; nothing of other brokers',
    until: 'fresh again when it answers',
  },
  {
    fault: 'a half-open connection',
    file: kafka,
    stays: 'every series; those of the one broker are kept with their age',
    goes: 'nothing',
    until: 'a new connection replaces the silent one after its request timed out, 4 s',
  },
  {
    fault: 'a broker that dies, the one that knows the groups',
    file: kafka,
    stays:
      'every series until the others notice; then all of partitions with copies, and the groups as last seen until their new coordinator has loaded them',
    goes: 'its disks; offsets of what it alone held; where it led the quorum too, the lag of the other voters until they fetch',
    until: 'partitions with copies are blank in at most two collections, while leaders are elected',
  },
  {
    fault: 'a partition without a leader',
    file: kafka,
    stays: 'its replicas, and kafka_topic_leaderless_partitions says 1; every other partition of the topic',
    goes: 'its leader, offsets and lag at once, and sums of the topic, which would be too small',
    until: 'it has a leader again',
  },
  {
    fault: 'a broker that is started again',
    file: kafka,
    stays: 'every series of the others',
    goes: 'nothing',
    until: 'every series there was before is back once its replicas are in sync; nothing is to be restarted',
  },
  {
    fault: 'a leader that moves',
    file: kafka,
    stays: 'every series of other partitions; the offsets go on where they were',
    goes: 'offsets of the one partition, in at most two collections, while brokers report different leaders',
    until: 'the brokers agree',
  },
  {
    fault: 'a group listed twice, by its old and by its new coordinator',
    file: kafka,
    stays:
      'every series, once each, with the members and lag that the new one reports (the second listing is a replayed answer)',
    goes: 'nothing',
    until: 'in no collection',
  },
  {
    fault: 'an unknown error code',
    file: kafka,
    stays: 'every series of partitions the code is not about, fresh (the code is set in a real answer)',
    goes: 'offsets and lag of the one partition, and sums of its topic',
    until: 'the broker answers without it',
  },
  {
    fault: 'a wrong password on one cluster of five',
    file: kafka,
    stays: 'every series of the four others',
    goes: 'every series of the one, whose plimsoll_cluster_up is 0',
    until: 'the password is right',
  },
  {
    fault: 'a clock that is set an hour forward, and two back',
    file: kafka,
    stays: 'every series; ages and lag in seconds do not jump',
    goes: 'nothing',
    until: 'in no collection',
  },
  {
    fault: 'a rolling upgrade from Kafka 3.9 to 4.3',
    file: `${folder}/kafka-upgrade.test.ts`,
    stays: 'offsets and lag of every partition with copies, the values equal before and after',
    goes: 'of each broker while it is down: its disks',
    until: 'per broker at most two collections lack an offset, while leaders move',
  },
  {
    fault: 'a disk that is full',
    file: `${folder}/kafka-full-disk.test.ts`,
    stays: 'everything on the other disk; kafka_log_dir_online says 0 of the full one',
    goes: 'leader, offsets and lag of the partitions on the full disk',
    until: 'the broker takes it offline; disks are read once a minute',
  },
  {
    fault: 'a broker that hangs: the master',
    file: rocketmq,
    stays:
      'every queue, group and lag: the slave reports them, and what it has not copied yet is as the master last reported it',
    goes: 'how far the slave is behind',
    until: 'fresh again when it answers',
  },
  {
    fault: 'a slave that dies',
    file: rocketmq,
    stays: 'every queue, group and lag',
    goes: "the slave's own series, and the replication state of the master",
    until: 'the name servers strike it off when its connection ends',
  },
  {
    fault: 'a name server that dies, and comes back without routes',
    file: rocketmq,
    stays: 'every series of brokers, queues and groups; rocketmq_name_server_up says 0',
    goes: 'how many brokers it listed, and disagreements, which take two',
    until: 'it answers; until brokers registered with it, each is named in rocketmq_disagreement',
  },
  {
    fault: 'name servers that all die',
    file: rocketmq,
    stays: 'every queue and broker, read from the brokers last listed, for 300 s',
    goes: 'after 300 s: everything, and plimsoll_cluster_up says 0',
    until: 'a name server answers',
  },
  {
    fault: 'name servers with different routes',
    file: rocketmq,
    stays: 'every series; rocketmq_disagreement names the topic',
    goes: 'nothing',
    until: 'found when the topic has its turn, within 300 s; gone when they agree',
  },
  {
    fault: 'the leader of a DLedger group that dies',
    file: rocketmq,
    stays:
      'every queue; role and lag of both members that are left are right in the second collection after the election',
    goes: 'the dead member, in the first collection',
    until: 'nobody is called leader until one is elected',
  },
];

export function renderFaults(files: readonly RecordedFile[]): string {
  const row = (words: readonly string[]) => `| ${words.join(' | ')} |`;
  const stateOf = ({ file, fault }: FaultRow) => {
    const record = files.find((each) => each.file === file);
    if (record === undefined) return 'not run';
    const names = ({ test }: { test: string }) => test === fault || test.endsWith(` > ${fault}`) || test === file;
    if (record.failures.some(names)) return 'failed';
    return record.skips.some(names) ? 'skipped' : 'passed';
  };
  return [
    '## Faults',
    '',
    'Real brokers, and the page as Prometheus gets it (`test/integration/faults/`). A collection is one scrape; what is kept shows its age in',
    '`plimsoll_scrape_section_age_seconds`, and is dropped after 300 s unless the row says more.',
    '',
    row(['fault', 'stays', 'goes', 'how long', 'outcome']),
    row(Array.from({ length: 5 }, () => '---')),
    ...faultRows.map((each) => row([each.fault, each.stays, each.goes, each.until, stateOf(each)])),
  ].join('\n');
}
