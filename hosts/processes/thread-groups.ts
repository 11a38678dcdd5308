// Groups threads by their JVM thread names, of which the kernel keeps 15 bytes.

/**
 * JDK 9 and later (JDK-7102541), and late updates of JDK 8 (seen in 8u504), pass thread names to the kernel. Under an
 * early JDK 8 all threads are named `java`: see `namelessOf`. Request handlers and network threads of Kafka share their
 * first 15 bytes (`data-plane-kafk`), so they form one group. Before 2.2 their names are `kafka-request-handler` and
 * `kafka-network-thread`. Names are those of Kafka 2.8–4.3 (core, KafkaRequestHandlerPool, SocketServer,
 * ReplicaFetcherThread, LogCleaner) and RocketMQ 4.9–5.5 (store, remoting, broker; DLedger), seen in running brokers.
 */
const groups: readonly (readonly [string, RegExp])[] = [
  ['kafka-data-plane', /^(?:data|control)-plane-kafk|^kafka-(?:request-h|network-t)/],
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
    /^(?:GC Thread|GC task thread|G1 |Gang worker|Concurrent Mark|CMS |ParGC|Z(?:Worker|Driver|Director|Stat|Uncommit)|Shenandoah|VM Thread)/,
  ],
  ['compiler', /^C[12] CompilerThr/],
];

const otherThreads = 'other';
/**
 * Group of threads with names known only inside the JVM. Nothing under /proc maps them, and a thread dump would pause
 * the broker.
 */
export const namelessThreads = 'unknown';

/**
 * An unnamed thread has the name of its process. If the JVM names its threads, only the launcher and the main thread
 * have that name.
 *
 * @returns the name of unnamed threads; undefined if the JVM names its threads
 */
export function namelessOf(names: readonly string[], process: string): string | undefined {
  const nameless = names.filter((name) => name === process).length;
  return nameless > names.length / 2 ? process : undefined;
}

export function threadGroupOf(name: string): string {
  return groups.find(([, pattern]) => pattern.test(name))?.[0] ?? otherThreads;
}
