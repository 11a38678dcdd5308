// What is a thread for? By the name its JVM gave it, of which the kernel keeps 15 bytes.

/**
 * A JVM names its threads to the kernel since JDK 9; on JDK 8 all are called `java` and fall into `other`.
 * Request handlers and network threads of Kafka share their first 15 bytes (`data-plane-kafk`), so that they are one group.
 * Names are those of Kafka 2.8–4.3 (core, KafkaRequestHandlerPool, SocketServer, ReplicaFetcherThread, LogCleaner) and
 * RocketMQ 4.9–5.5 (store, remoting, broker; DLedger), seen in running brokers.
 */
const groups: readonly (readonly [string, RegExp])[] = [
  ['kafka-data-plane', /^(?:data|control)-plane-kafk/],
  ['replica-fetcher', /^ReplicaFetcherT|^ReplicaAlterLog/],
  ['log-cleaner', /^kafka-log-clean/],
  ['raft', /^kafka-\d+-raft-|^raft-/],
  ['controller', /^quorum-controll|^controller-/],
  ['coordinator', /^group-coordinat|^share-coordinat|^transaction-lo/],
  ['reput', /^ReputMessageSer|^MainBatchDispat|^DispatchService/],
  ['dledger-dispatcher', /^EntryDispatcher/],
  ['dledger', /^QuorumAckChecke|^EntryHandler-|^DLedger|^StateMaintainer|^voteInvokeExecu/],
  [
    'ha',
    /^(?:WriteSocketServ|ReadSocketServi|AcceptSocketSer|GroupTransferSe|HAClient|HAService|HAConnection|AutoSwitchHA)/,
  ],
  ['flush', /^(?:FlushRealTimeSe|GroupCommitServ|CommitRealTimeS|FlushConsumeQue|FlushCommitLog|AllocateMappedF)/],
  ['send', /^SendMessageThre|^PutMessageThrea/],
  ['pull', /^PullMessageThre|^LitePullMessage|^PullRequestHold/],
  ['netty', /^Netty/],
  ['remoting', /^RemotingExecuto/],
  [
    'gc',
    /^(?:GC Thread|G1 |Gang worker|Concurrent Mark|CMS |ParGC|Z(?:Worker|Driver|Director|Stat|Uncommit)|Shenandoah|VM Thread)/,
  ],
  ['compiler', /^C[12] CompilerThr/],
];

export const otherThreads = 'other';

export function threadGroupOf(name: string): string {
  return groups.find(([, pattern]) => pattern.test(name))?.[0] ?? otherThreads;
}

export const threadGroups: readonly string[] = [...groups.map(([group]) => group), otherThreads];
