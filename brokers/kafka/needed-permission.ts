// Names the ACL that a principal lacks when a Kafka broker refuses one of its requests.

export type KafkaOperation =
  | 'Read'
  | 'Write'
  | 'Create'
  | 'Delete'
  | 'Alter'
  | 'Describe'
  | 'DescribeConfigs'
  | 'AlterConfigs'
  | 'IdempotentWrite';
export type KafkaResource = 'topic' | 'group' | 'cluster' | 'transactional id';

const resourceOfError: Readonly<Record<string, KafkaResource>> = {
  TOPIC_AUTHORIZATION_FAILED: 'topic',
  GROUP_AUTHORIZATION_FAILED: 'group',
  CLUSTER_AUTHORIZATION_FAILED: 'cluster',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'transactional id',
};

const seat = { group: 'Read' } as const;
const configs = (operation: KafkaOperation) => ({ topic: operation, cluster: operation, group: operation });

/**
 * Permissions that brokers check for each request: "Protocols" in the section on ACLs of Kafka's documentation (4.1),
 * and KafkaApis.
 */
const operations: Readonly<Record<string, Readonly<Partial<Record<KafkaResource, KafkaOperation>>>>> = {
  Metadata: { topic: 'Describe', cluster: 'Describe' },
  ListOffsets: { topic: 'Describe' },
  Fetch: { topic: 'Read', cluster: 'Describe' },
  Produce: { topic: 'Write', 'transactional id': 'Write', cluster: 'IdempotentWrite' },
  InitProducerId: { 'transactional id': 'Write', cluster: 'IdempotentWrite' },
  AddPartitionsToTxn: { topic: 'Write', 'transactional id': 'Write' },
  EndTxn: { 'transactional id': 'Write' },
  FindCoordinator: { group: 'Describe', 'transactional id': 'Describe' },
  JoinGroup: seat,
  SyncGroup: seat,
  Heartbeat: seat,
  LeaveGroup: seat,
  OffsetCommit: { group: 'Read', topic: 'Read' },
  OffsetFetch: { group: 'Describe', topic: 'Describe' },
  ListGroups: { cluster: 'Describe' },
  DescribeGroups: { group: 'Describe' },
  ConsumerGroupDescribe: { group: 'Describe', topic: 'Describe' },
  ShareGroupDescribe: { group: 'Describe', topic: 'Describe' },
  StreamsGroupDescribe: { group: 'Describe', topic: 'Describe' },
  DescribeShareGroupOffsets: { group: 'Describe', topic: 'Describe' },
  DeleteGroups: { group: 'Delete' },
  OffsetDelete: { group: 'Delete', topic: 'Read' },
  DescribeLogDirs: { cluster: 'Describe' },
  DescribeQuorum: { cluster: 'Describe' },
  DescribeConfigs: configs('DescribeConfigs'),
  IncrementalAlterConfigs: configs('AlterConfigs'),
  AlterConfigs: configs('AlterConfigs'),
  DescribeClientQuotas: { cluster: 'DescribeConfigs' },
  DescribeAcls: { cluster: 'Describe' },
  CreateAcls: { cluster: 'Alter' },
  DeleteAcls: { cluster: 'Alter' },
  DescribeUserScramCredentials: { cluster: 'Describe' },
  AlterUserScramCredentials: { cluster: 'Alter' },
  AlterClientQuotas: { cluster: 'AlterConfigs' },
  CreateTopics: { topic: 'Create', cluster: 'Create' },
  DeleteTopics: { topic: 'Delete' },
  DeleteRecords: { topic: 'Delete' },
  CreatePartitions: { topic: 'Alter' },
  ListPartitionReassignments: { cluster: 'Describe' },
  AlterPartitionReassignments: { cluster: 'Alter' },
  ElectLeaders: { cluster: 'Alter' },
};

/**
 * @param error name from Kafka's table of error codes
 * @param api Kafka's name of the request; absent if the client does not report it
 * @returns `needs Describe on the cluster`; undefined for an error that is not about permissions
 */
export function neededPermission(error: string, api: string | undefined): string | undefined {
  const resource = resourceOfError[error];
  if (resource === undefined) return undefined;
  const operation = operations[api ?? '']?.[resource] ?? 'a permission';
  return `needs ${operation} on the ${resource}`;
}
