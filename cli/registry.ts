// Lists the commands by group, each with its one-line summary. Loads a command only when it runs, so that startup is fast.

import type { Command, CommandDefinition } from './command.ts';
import type { CommandGroups } from './command-list.ts';

/** By heading of `plimsoll --help`, in its order. */
const summaries: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Get started': {
    start: 'Run the demo: an example verdict and a load test of a broker on this machine.',
    init: 'Discover a cluster and write a commented config file for it.',
    ready: 'Check that every broker host has metrics; list limits that stay unknown.',
    'cluster check': 'Check hosts, JVMs, brokers, topics and clients against documented rules.',
    config: 'Check plimsoll.yaml, or write it for the clusters of operators in Kubernetes.',
    'config check': 'Check plimsoll.yaml and list every problem with its line and path.',
    'config discover': 'Write plimsoll.yaml for the clusters of Strimzi and the RocketMQ operator in Kubernetes.',
    'sources check': 'List the metrics of a monitoring system per broker and host, and those missing.',
    completion: 'Print a script that lets bash or zsh complete commands and options.',
  },
  'Load test': {
    run: 'Run a load test in steps; record it with host and broker metrics in a run bundle.',
    stop: 'Stop a running load test; everything measured so far is kept.',
    capture: 'Sample a live topic: message sizes, keys, compressibility, rate for a workload.',
    rehearse: 'Replay the last promotion, scaled and compressed: what fails first, when and why.',
    redline: 'Find the limit of one broker with live traffic (moves leaders or adds queues).',
    'ab-test': 'Compare two values of a setting by alternating load tests; print the difference.',
    compare: 'Compare two runs or two analyses and separate differences from chance.',
    export: 'Export the measurements of a run: OpenMessaging Benchmark JSON, .hlog or CSV.',
    worker: 'Send part of the load of a run that another machine coordinates.',
    'worker bundle': 'Pack the worker, its packages and Node.js for a machine without access to an npm registry.',
    'worker manifests':
      'Print Secrets and Jobs of workers for `kubectl replace --force`; each pass is valid for one run.',
    lab: 'Start, fill, show and stop real brokers on this machine.',
    'lab up': 'Start real brokers on this machine from Maven Central jars; print a config file for them.',
    'lab seed': 'Fill the lab with topics and consumer groups in every state.',
    'lab status': 'Show the brokers of the lab: state, process, address, memory, log.',
    'lab down': 'Stop everything that `lab up` started, and nothing else; works after a crash.',
  },
  'Analyze, plan and report': {
    analyze: 'Compute the safe maximum of a cluster and its bottleneck, from a run or metrics.',
    advise: 'Recommend the next measurement: what is missing, and the step that helps most.',
    size: 'Plan the clusters of business domains from their demand and measured capacity.',
    admit: 'Decide whether and on which cluster a new topic fits; exit codes for CI.',
    forecast: 'Forecast load with its uncertainty, and when it reaches a limit or fills a disk.',
    simulate: "Simulate a plan's day minute by minute, with and without losing a broker at peak.",
    'blast-radius': 'Simulate each failure in each hour: domains affected, lag, and time to recover.',
    windows: 'List the hours in which a broker can be down: forecast below the N-1 limit.',
    scale: 'Fit a scaling law to throughput at several concurrencies: peak and best point.',
    bytes: 'Compute the bytes of one message on network and disk, from the protocols alone.',
    alerts: 'Write the alerting rules for Prometheus with the thresholds of your policy.',
    gc: 'Report JVM pauses from GC logs, their causes, and which flag to change.',
    'import readings': 'Convert output of top, free, iostat, vmstat, sar or jstat to telemetry of a run.',
    report: 'Write the capacity report of a promotion: GO or NO-GO per business domain.',
    'report verify': 'Check that the input files of a capacity report are unchanged and it has not expired.',
    review: 'Compare the forecast of a capacity report with what happened in the promotion.',
    history: 'Keep load tests, analyses, plans, changes, reports and forecasts for later.',
    'history add': 'Add load tests, analyses, plans, changes, capacity reports or forecasts.',
    'history show': 'List all entries, newest first, or print one with its document.',
    'history export': 'Print every entry with its document, oldest first.',
    'history backup': 'Write a verified copy of the whole history; the service may keep running.',
    'history restore': 'Replace the history with a backup; the previous one is set aside.',
  },
  'Monitor and inspect': {
    exporter: 'Serve metrics of the configured clusters and hosts for Prometheus.',
    serve: 'Serve pages, API and metrics of all clusters; keep verdicts, forecasts, plans.',
    top: 'Show the topics, groups and clients that use the busiest broker most, live.',
    get: 'Show brokers, topics, consumer groups, messages and settings of a cluster.',
    'get brokers': 'List the brokers: address, role, version, partitions led and out of sync, bytes, disk use.',
    'get topics': 'List the topics: partitions, messages and bytes stored, rates, consumer groups.',
    'get topic': 'Show one topic: leader, replicas, in-sync replicas and offsets per partition or queue; its groups.',
    'get groups': 'List the consumer groups by lag: state, members, client versions, topics.',
    'get group': 'Show one consumer group: lag per partition, state, members, subscriptions, assignment.',
    'get clients': 'List clients by their use of the bottleneck, with batch sizes and compression.',
    'get producers': 'List the producers connected to a RocketMQ cluster: group, client, version (4.9.4 and later).',
    'get routes': 'Show the route of a RocketMQ topic as reported by each name server.',
    'get fingerprint': 'Show what a verdict depends on: brokers, settings, JVMs, hosts and network cards.',
    'get config': 'Show the settings of a broker or name server, or where brokers differ; secrets are omitted.',
    'get quotas': 'List the quotas of Kafka users and clients.',
    'get acls': 'List access control rules: who may do what (Kafka; RocketMQ 5.3 and later).',
    'get message-trace': 'Show who sent a RocketMQ message and which groups consumed it, from the traces of clients.',
    'get messages': 'Show stored messages of a topic by time, offset, key, header or text, or new ones as they come.',
    'get message': 'Show one message by topic, partition and offset; on RocketMQ also by id or key.',
  },
  'Change a cluster': {
    ops: 'Plan and execute changes: topics, settings, groups, replicas, offsets, brokers.',
    send: 'Send one message to a topic; without --execute, show where it would be stored.',
    receive: 'Receive the next messages of a topic once, also from the offsets of a group.',
    'ops approve': 'Review the plan of a change as a second person and sign it.',
    instances: 'Install, list, start, restart, upgrade and remove the processes of clusters.',
    'instances list': 'List the processes of the clusters: host, role, version, desired and actual state, restarts.',
    'instances status': 'Show instances that are not in their desired state, or one instance in full.',
    'instances discover': 'Write instances.yaml from the processes that run on the configured hosts.',
    'instances start':
      'Start one instance over SSH: checks Java, ports, disk and data directories first; shows the plan first.',
    'instances stop': 'Stop one instance over SSH; shows the plan first.',
    'instances restart': 'Restart one instance over SSH and read its log until it serves; shows the plan first.',
    'instances roll':
      'Restart a cluster one failure domain after another while it stays healthy; shows the plan first.',
    'instances render': 'Render the clusters of site.yaml: settings and services of each instance, and instances.yaml.',
    'instances install':
      'Install instances over SSH from a checked archive, start them and wait for the cluster; shows the plan first.',
    'instances upgrade': 'Switch instances to another version, one failure domain after another; shows the plan first.',
    'instances reconfigure':
      'Replace changed settings of instances, one failure domain after another; shows the plan first.',
    'instances remove':
      'Remove one instance: service, program and settings; data only with --data; shows the plan first.',
    'ops status': 'Show which clusters are being changed, by whom, and the current or next freeze.',
    'ops kafka delete-records': 'Delete the oldest messages of a Kafka topic, up to an offset or a time.',
    'ops kafka alter-acls': 'Create or delete access control rules of Kafka; the rollback restores them.',
    'ops kafka alter-scram-user': 'Create, change or delete the SCRAM password of a Kafka user.',
    'ops rocketmq alter-acl':
      'Create, replace or delete an access control rule on every RocketMQ broker (5.3 and later).',
    'ops rocketmq alter-user': 'Create, change or delete a user on every RocketMQ broker (5.3 and later).',
    'ops kafka partitions':
      'Add partitions to a topic: shows keys that move, groups that lose order, and leader load first.',
    'ops kafka reassign':
      'Balance partitions over brokers, from files or a live cluster; prints the plan unless --execute is given.',
    'ops kafka resend':
      'Send messages of a dead-letter topic again, each once; prints the plan unless --execute is given.',
    'ops kafka create-topic':
      'Create a Kafka topic with partitions, copies and settings; prints the plan unless --execute is given.',
    'ops kafka alter-topic': 'Change settings of a Kafka topic; shows before and after, validated by the broker.',
    'ops kafka delete-topic': 'Delete a Kafka topic; shows what is lost, who writes and which groups read it first.',
    'ops kafka alter-config':
      'Change settings of a Kafka broker or of all; shows before and after, validated by the broker.',
    'ops kafka alter-quotas': 'Set or remove quotas of Kafka users and clients; shows before and after.',
    'ops kafka delete-group': 'Delete a Kafka consumer group or its offsets in a topic; backs the offsets up first.',
    'ops offsets reset':
      'Move the offsets of a group by time, offset or shift; shows skips and repeats first, writes a backup.',
    'ops offsets backup': 'Save the committed offsets of a consumer group.',
    'ops offsets restore': 'Restore the offsets of a consumer group from a backup; shows the effect first.',
    'ops offsets copy': 'Copy the offsets of a group to another; shows skips and repeats first, writes a backup.',
    'ops rocketmq scale-in': 'Remove a RocketMQ broker: close it to writes, drain it, stop it and remove its routes.',
    'ops rocketmq check-routes': 'Find RocketMQ routes to unreachable brokers, or that differ from the brokers.',
    'ops rocketmq scale-out':
      'Add a RocketMQ broker: copy settings, topics and groups, and verify that it takes traffic.',
    'ops rocketmq create-topic':
      'Create a RocketMQ topic: queues, permission, order, attributes; prints the plan unless --execute is given.',
    'ops rocketmq alter-topic': 'Change permission, order or attributes of a RocketMQ topic; shows before and after.',
    'ops rocketmq delete-topic':
      'Delete a RocketMQ topic; shows what is lost, whether it is written and which groups read it first.',
    'ops rocketmq alter-config':
      'Change settings of running RocketMQ brokers; shows before and after, validated against their reports.',
    'ops rocketmq create-group': 'Create a RocketMQ subscription group; prints the plan unless --execute is given.',
    'ops rocketmq alter-group': 'Change a RocketMQ subscription group; shows before and after.',
    'ops rocketmq delete-group':
      'Delete a RocketMQ subscription group with its offsets, retry and dead-letter topics; prints the plan unless --execute is given.',
    'ops rocketmq clean':
      'Delete expired commit log files or unused consume queues on RocketMQ brokers now; prints the plan unless --execute is given.',
    'ops rocketmq queues': 'Change the number of queues of a RocketMQ topic without losing or stranding messages.',
    'ops rocketmq resend':
      'Send messages of a dead-letter or retry topic again, each once; prints the plan unless --execute is given.',
    'ops rocketmq name-servers': 'Add, remove or replace a RocketMQ name server without interrupting clients.',
    'ops rocketmq drill': 'Stop a RocketMQ leader and measure failover: write gap, routes, recovery, messages.',
    'ops rocketmq switch': 'Swap the master and slave of a RocketMQ broker.',
  },
};

/** Names that only group other commands. */
const groupNames: ReadonlySet<string> = new Set(['config', 'lab', 'history', 'get', 'ops', 'instances']);

/** Former names, accepted for one more release and hidden. */
const formerNames: Readonly<Record<string, string>> = {
  'cluster check': 'preflight',
  'ab-test': 'worth',
  'history add': 'ledger add',
  'history show': 'ledger show',
  'history export': 'ledger export',
  'history backup': 'ledger backup',
  'history restore': 'ledger restore',
};

export const commands: CommandGroups = Object.fromEntries(
  Object.entries(summaries).map(([heading, group]) => [
    heading,
    Object.fromEntries(Object.entries(group).map(([name, summary]) => [name, entryOf(name, summary)])),
  ]),
);

function entryOf(name: string, summary: string): CommandGroups[string][string] {
  const formerly = formerNames[name];
  return {
    summary,
    ...(formerly !== undefined && { formerly }),
    ...(!groupNames.has(name) && { load: () => loadCommand(name) }),
  };
}

/** `get topic` is `getTopicCommand` of commands/get-topic.ts. */
async function loadCommand(name: string): Promise<Command> {
  const file = name.replaceAll(' ', '-');
  const exported = `${file.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())}Command`;
  const module = (await import(`./commands/${file}.ts`)) as Record<string, CommandDefinition>;
  return { name, ...(module[exported] as CommandDefinition) };
}
