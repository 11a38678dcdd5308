// Lists how tests compare the output of Plimsoll with that of each upstream tool which it replaces.

/**
 * `by`: tools that tests run on real brokers, to read the same data or the effect of a change. `because`: why there is no such comparison.
 */
export type Comparison = { by: readonly string[] } | { because: string };

const by = (...tools: string[]): Comparison => ({ by: tools });
const ownLoad: Comparison = {
  because: 'it measures its own load; `npm run bench -- loadgen` compares load generators',
};
const printsSuccess: Comparison = { because: 'it prints only that the broker agreed' };
const readBack: Comparison = {
  because: 'the change is read back by requests whose answers other tests compare with those of the tools',
};
const withAdminClient: Comparison = {
  because: 'test/conformance/page-kafka.test.ts asks the AdminClient, whose answer the script prints',
};

/** Commands that are not listed are run by a test under their own names. */
export const comparedMqadmin: Readonly<Record<string, Comparison>> = {
  addWritePerm: by('getBrokerConfig'),
  allocateMQ: { because: 'Plimsoll shows what is assigned, the tool what would be' },
  checkMsgSendRT: ownLoad,
  cleanExpiredCQ: printsSuccess,
  cleanUnusedTopic: printsSuccess,
  cloneGroupOffset: by('consumerProgress'),
  clusterRT: ownLoad,
  consumeMessage: by('printMsg'),
  copyAcl: by('listAcl'),
  copyUser: by('listUser'),
  createAcl: by('listAcl'),
  createUser: by('listUser'),
  deleteAcl: by('listAcl'),
  deleteExpiredCommitLog: printsSuccess,
  deleteKvConfig: by('updateOrderConf'),
  deleteSubGroup: by('getConsumerConfig'),
  deleteTopic: by('topicList'),
  deleteUser: by('listUser'),
  electMaster: readBack,
  exportConfigs: by('getBrokerConfig', 'getNamesrvConfig'),
  exportMetrics: by('brokerStatus'),
  getAcl: by('listAcl'),
  getUser: by('listUser'),
  printMsgByQueue: by('printMsg'),
  producer: by('producerConnection'),
  queryCq: by('queryMsgByOffset'),
  resetOffsetByTime: by('consumerProgress'),
  sendMsgStatus: ownLoad,
  skipAccumulatedMessage: by('consumerProgress'),
  startMonitoring: { because: 'it prints no figure that could be compared' },
  updateAcl: by('listAcl'),
  updateBrokerConfig: by('getBrokerConfig'),
  updateKvConfig: by('updateOrderConf'),
  updateSubGroup: by('getConsumerConfig'),
  updateSubGroupList: by('getConsumerConfig'),
  updateTopicList: by('topicList'),
  updateTopicPerm: by('topicRoute'),
  updateUser: by('listUser'),
  wipeWritePerm: readBack,
};

/** The names of `by` are those of test/support/kafka-tools.ts. */
export const comparedKafkaScripts: Readonly<Record<string, Comparison>> = {
  'kafka-acls.sh': by('acls'),
  'kafka-broker-api-versions.sh': {
    because: 'the release is derived from the request versions; test/integration/lab/kafka-versions.test.ts knows it',
  },
  'kafka-cluster.sh': by('cluster-id'),
  'kafka-configs.sh': by('configs'),
  'kafka-console-consumer.sh': by('console-consumer'),
  'kafka-console-producer.sh': by('console-consumer'),
  'kafka-console-share-consumer.sh': { because: 'Plimsoll reads without a share group' },
  'kafka-consumer-groups.sh': by('groups'),
  'kafka-consumer-perf-test.sh': ownLoad,
  'kafka-delete-records.sh': by('offsets'),
  'kafka-e2e-latency.sh': ownLoad,
  'kafka-get-offsets.sh': by('offsets'),
  'kafka-groups.sh': withAdminClient,
  'kafka-jmx.sh': { because: 'the exporter reads the same agent; its rates are compared with the load of tests' },
  'kafka-leader-election.sh': readBack,
  'kafka-log-dirs.sh': by('log-dirs'),
  'kafka-metadata-quorum.sh': by('quorum'),
  'kafka-producer-perf-test.sh': ownLoad,
  'kafka-reassign-partitions.sh': readBack,
  'kafka-share-consumer-perf-test.sh': ownLoad,
  'kafka-share-groups.sh': withAdminClient,
  'kafka-streams-application-reset.sh': by('groups'),
  'kafka-streams-groups.sh': { because: 'only members are read, not tasks' },
  'kafka-topics.sh': by('topics'),
  'kafka-verifiable-consumer.sh': ownLoad,
  'kafka-verifiable-producer.sh': ownLoad,
};
