// Lists the commands by group, each with its one-line summary. A command is loaded when it runs, so start-up costs one command.

import { changeCommands } from './change/commands.ts';
import type { CommandGroups } from './command-list.ts';

/** By heading of `plimsoll --help`, in its order. */
export const commands = {
  'Get started': {
    start: {
      summary: 'Run the demo: an example verdict and a load test of a broker on this machine.',
      load: async () => (await import('./commands/start.ts')).startCommand,
    },
    init: {
      summary: 'Discover a cluster and write a commented config file for it.',
      load: async () => (await import('./commands/init.ts')).initCommand,
    },
    ready: {
      summary: 'Check that every broker host has metrics; list limits that stay unknown.',
      load: async () => (await import('./commands/ready.ts')).readyCommand,
    },
    'cluster check': {
      summary: 'Check hosts, JVMs, brokers, topics and clients against documented rules.',
      formerly: 'preflight',
      load: async () => (await import('./commands/cluster-check.ts')).clusterCheckCommand,
    },
    config: { summary: 'Check plimsoll.yaml, or write it for the clusters of operators in Kubernetes.' },
    'config check': {
      summary: 'Check plimsoll.yaml and list every problem with its line and path.',
      load: async () => (await import('./commands/config-check.ts')).configCheckCommand,
    },
    'config discover': {
      summary: 'Write plimsoll.yaml for the clusters of Strimzi and the RocketMQ operator in Kubernetes.',
      load: async () => (await import('./commands/config-discover.ts')).configDiscoverCommand,
    },
    'sources check': {
      summary: 'List the metrics of a monitoring system per broker and host, and those missing.',
      load: async () => (await import('./commands/sources-check.ts')).sourcesCheckCommand,
    },
    completion: {
      summary: 'Print a script that lets bash or zsh complete commands and options.',
      load: async () => (await import('./commands/completion.ts')).completionCommand,
    },
  },
  'Load test': {
    run: {
      summary: 'Run a load test in steps; record it with host and broker metrics in a run bundle.',
      load: async () => (await import('./commands/run.ts')).runCommand,
    },
    stop: {
      summary: 'Stop a running load test; everything measured so far is kept.',
      load: async () => (await import('./commands/stop.ts')).stopCommand,
    },
    capture: {
      summary: 'Sample a live topic: message sizes, keys, compressibility, rate for a workload.',
      load: async () => (await import('./commands/capture.ts')).captureCommand,
    },
    rehearse: {
      summary: 'Replay the last promotion, scaled and compressed: what fails first, when and why.',
      load: async () => (await import('./commands/rehearse.ts')).rehearseCommand,
    },
    redline: {
      summary: 'Find the limit of one broker with live traffic (moves leaders or adds queues).',
      load: async () => (await import('./commands/redline.ts')).redlineCommand,
    },
    'ab-test': {
      summary: 'Compare two values of a setting with alternating load tests, with interval.',
      formerly: 'worth',
      load: async () => (await import('./commands/ab-test.ts')).abTestCommand,
    },
    compare: {
      summary: 'Compare two runs or two analyses and separate differences from chance.',
      load: async () => (await import('./commands/compare.ts')).compareCommand,
    },
    export: {
      summary: 'Export the measurements of a run: OpenMessaging Benchmark JSON, .hlog or CSV.',
      load: async () => (await import('./commands/export.ts')).exportCommand,
    },
    worker: {
      summary: 'Send part of the load of a run that another machine coordinates.',
      load: async () => (await import('./commands/worker.ts')).workerCommand,
    },
    'worker bundle': {
      summary: 'Pack the worker, its packages and Node.js for a machine without access to an npm registry.',
      load: async () => (await import('./commands/worker-bundle.ts')).workerBundleCommand,
    },
    'worker manifests': {
      summary: 'Print Secrets and Jobs of workers for `kubectl replace --force`; each pass is valid for one run.',
      load: async () => (await import('./commands/worker-manifests.ts')).workerManifestsCommand,
    },
    lab: { summary: 'Start, fill, show and stop real brokers on this machine.' },
    'lab up': {
      summary: 'Start real brokers on this machine from Maven Central jars; print a config file for them.',
      load: async () => (await import('./commands/lab-up.ts')).labUpCommand,
    },
    'lab seed': {
      summary: 'Fill the lab with topics and consumer groups in every state.',
      load: async () => (await import('./commands/lab-seed.ts')).labSeedCommand,
    },
    'lab status': {
      summary: 'Show the brokers of the lab: state, process, address, memory, log.',
      load: async () => (await import('./commands/lab-status.ts')).labStatusCommand,
    },
    'lab down': {
      summary: 'Stop everything that `lab up` started, and nothing else; works after a crash.',
      load: async () => (await import('./commands/lab-down.ts')).labDownCommand,
    },
  },
  'Analyze, plan and report': {
    analyze: {
      summary: 'Compute the safe maximum of a cluster and its bottleneck, from a run or metrics.',
      load: async () => (await import('./commands/analyze.ts')).analyzeCommand,
    },
    advise: {
      summary: 'Recommend the next measurement: what is missing, and the step that helps most.',
      load: async () => (await import('./commands/advise.ts')).adviseCommand,
    },
    size: {
      summary: 'Plan the clusters of business domains from their demand and measured capacity.',
      load: async () => (await import('./commands/size.ts')).sizeCommand,
    },
    admit: {
      summary: 'Decide whether and on which cluster a new topic fits; exit codes for CI.',
      load: async () => (await import('./commands/admit.ts')).admitCommand,
    },
    forecast: {
      summary: 'Forecast load with its uncertainty, and when it reaches a limit or fills a disk.',
      load: async () => (await import('./commands/forecast.ts')).forecastCommand,
    },
    simulate: {
      summary: "Simulate a plan's day minute by minute, with and without losing a broker at peak.",
      load: async () => (await import('./commands/simulate.ts')).simulateCommand,
    },
    'blast-radius': {
      summary: 'Simulate each failure in each hour: domains affected, lag, and time to recover.',
      load: async () => (await import('./commands/blast-radius.ts')).blastRadiusCommand,
    },
    windows: {
      summary: 'List the hours in which a broker can be down: forecast below the N-1 limit.',
      load: async () => (await import('./commands/windows.ts')).windowsCommand,
    },
    scale: {
      summary: 'Fit a scaling law to throughput at several concurrencies: peak and best point.',
      load: async () => (await import('./commands/scale.ts')).scaleCommand,
    },
    bytes: {
      summary: 'Compute the bytes of one message on network and disk, from the protocols alone.',
      load: async () => (await import('./commands/bytes.ts')).bytesCommand,
    },
    alerts: {
      summary: 'Write the alerting rules for Prometheus with the thresholds of your policy.',
      load: async () => (await import('./commands/alerts.ts')).alertsCommand,
    },
    gc: {
      summary: 'Report JVM pauses from GC logs, their causes, and which flag to change.',
      load: async () => (await import('./commands/gc.ts')).gcCommand,
    },
    'import readings': {
      summary: 'Convert output of top, free, iostat, vmstat, sar or jstat to telemetry of a run.',
      load: async () => (await import('./commands/import-readings.ts')).importReadingsCommand,
    },
    report: {
      summary: 'Write the capacity report of a promotion: GO or NO-GO per business domain.',
      load: async () => (await import('./commands/report.ts')).reportCommand,
    },
    'report verify': {
      summary: 'Check that the input files of a capacity report are unchanged and it has not expired.',
      load: async () => (await import('./commands/report-verify.ts')).reportVerifyCommand,
    },
    review: {
      summary: 'Compare the forecast of a capacity report with what happened in the promotion.',
      load: async () => (await import('./commands/review.ts')).reviewCommand,
    },
    history: { summary: 'Keep load tests, analyses, plans, changes, reports and forecasts for later.' },
    'history add': {
      summary: 'Add load tests, analyses, plans, changes, capacity reports or forecasts.',
      formerly: 'ledger add',
      load: async () => (await import('./commands/history-add.ts')).historyAddCommand,
    },
    'history show': {
      summary: 'List all entries, newest first, or print one with its document.',
      formerly: 'ledger show',
      load: async () => (await import('./commands/history-show.ts')).historyShowCommand,
    },
    'history export': {
      summary: 'Print every entry with its document, oldest first.',
      formerly: 'ledger export',
      load: async () => (await import('./commands/history-export.ts')).historyExportCommand,
    },
    'history backup': {
      summary: 'Write a verified copy of the whole history; the service may keep running.',
      formerly: 'ledger backup',
      load: async () => (await import('./commands/history-backup.ts')).historyBackupCommand,
    },
    'history restore': {
      summary: 'Replace the history with a backup; the previous one is set aside.',
      formerly: 'ledger restore',
      load: async () => (await import('./commands/history-restore.ts')).historyRestoreCommand,
    },
  },
  'Monitor and inspect': {
    exporter: {
      summary: 'Serve metrics of the configured clusters and hosts for Prometheus.',
      load: async () => (await import('./commands/exporter.ts')).exporterCommand,
    },
    serve: {
      summary: 'Serve pages, API and metrics of all clusters; keep verdicts, forecasts, plans.',
      load: async () => (await import('./commands/serve.ts')).serveCommand,
    },
    top: {
      summary: 'Show live which topics, groups and clients use the busiest broker most.',
      load: async () => (await import('./commands/top.ts')).topCommand,
    },
    get: { summary: 'Show brokers, topics, consumer groups, messages and settings of a cluster.' },
    'get brokers': {
      summary: 'List the brokers: address, role, version, partitions led and out of sync, bytes, disk use.',
      load: async () => (await import('./commands/get-brokers.ts')).getBrokersCommand,
    },
    'get topics': {
      summary: 'List the topics: partitions, messages and bytes stored, rates, consumer groups.',
      load: async () => (await import('./commands/get-topics.ts')).getTopicsCommand,
    },
    'get topic': {
      summary: 'Show one topic: leader, replicas, in-sync replicas and offsets per partition or queue; its groups.',
      load: async () => (await import('./commands/get-topic.ts')).getTopicCommand,
    },
    'get groups': {
      summary: 'List the consumer groups by lag: state, members, client versions, topics.',
      load: async () => (await import('./commands/get-groups.ts')).getGroupsCommand,
    },
    'get group': {
      summary: 'Show one consumer group: lag per partition, state, members, subscriptions, assignment.',
      load: async () => (await import('./commands/get-group.ts')).getGroupCommand,
    },
    'get clients': {
      summary: 'List clients by their use of the bottleneck, with batch sizes and compression.',
      load: async () => (await import('./commands/get-clients.ts')).getClientsCommand,
    },
    'get producers': {
      summary: 'List the producers connected to a RocketMQ cluster: group, client, version (4.9.4 and later).',
      load: async () => (await import('./commands/get-producers.ts')).getProducersCommand,
    },
    'get routes': {
      summary: 'Show the route of a RocketMQ topic as reported by each name server.',
      load: async () => (await import('./commands/get-routes.ts')).getRoutesCommand,
    },
    'get fingerprint': {
      summary: 'Show what a verdict depends on: brokers, settings, JVMs, hosts and network cards.',
      load: async () => (await import('./commands/get-fingerprint.ts')).getFingerprintCommand,
    },
    'get config': {
      summary: 'Show the settings of a broker or name server, or where brokers differ; secrets are omitted.',
      load: async () => (await import('./commands/get-config.ts')).getConfigCommand,
    },
    'get quotas': {
      summary: 'List the quotas of Kafka users and clients.',
      load: async () => (await import('./commands/get-quotas.ts')).getQuotasCommand,
    },
    'get acls': {
      summary: 'List access control rules: who may do what (Kafka; RocketMQ 5.3 and later).',
      load: async () => (await import('./commands/get-acls.ts')).getAclsCommand,
    },
    'get message-trace': {
      summary: 'Show who sent a RocketMQ message and which groups consumed it, from the traces of clients.',
      load: async () => (await import('./commands/get-message-trace.ts')).getMessageTraceCommand,
    },
    'get messages': {
      summary: 'Show stored messages of a topic by time, offset, key, header or text, or new ones as they come.',
      load: async () => (await import('./commands/get-messages.ts')).getMessagesCommand,
    },
    'get message': {
      summary: 'Show one message by topic, partition and offset; on RocketMQ also by id or key.',
      load: async () => (await import('./commands/get-message.ts')).getMessageCommand,
    },
  },
  'Change a cluster': changeCommands,
} satisfies CommandGroups;
