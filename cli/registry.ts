// Which commands are there? One line each, loaded when asked for, so that start-up costs one command and not all.

import type { Command } from './command.ts';

export const commands = {
  start: async () => (await import('./commands/start.ts')).startCommand,
  init: async () => (await import('./commands/init.ts')).initCommand,
  ready: async () => (await import('./commands/ready.ts')).readyCommand,
  preflight: async () => (await import('./commands/preflight.ts')).preflightCommand,
  run: async () => (await import('./commands/run.ts')).runCommand,
  stop: async () => (await import('./commands/stop.ts')).stopCommand,
  capture: async () => (await import('./commands/capture.ts')).captureCommand,
  compare: async () => (await import('./commands/compare.ts')).compareCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  analyze: async () => (await import('./commands/analyze.ts')).analyzeCommand,
  advise: async () => (await import('./commands/advise.ts')).adviseCommand,
  size: async () => (await import('./commands/size.ts')).sizeCommand,
  report: async () => (await import('./commands/report.ts')).reportCommand,
  'report verify': async () => (await import('./commands/report-verify.ts')).reportVerifyCommand,
  forecast: async () => (await import('./commands/forecast.ts')).forecastCommand,
  simulate: async () => (await import('./commands/simulate.ts')).simulateCommand,
  scale: async () => (await import('./commands/scale.ts')).scaleCommand,
  'import readings': async () => (await import('./commands/import-readings.ts')).importReadingsCommand,
  bytes: async () => (await import('./commands/bytes.ts')).bytesCommand,
  gc: async () => (await import('./commands/gc.ts')).gcCommand,
  exporter: async () => (await import('./commands/exporter.ts')).exporterCommand,
  top: async () => (await import('./commands/top.ts')).topCommand,
  'get brokers': async () => (await import('./commands/get-brokers.ts')).getBrokersCommand,
  'get topics': async () => (await import('./commands/get-topics.ts')).getTopicsCommand,
  'get topic': async () => (await import('./commands/get-topic.ts')).getTopicCommand,
  'get groups': async () => (await import('./commands/get-groups.ts')).getGroupsCommand,
  'get group': async () => (await import('./commands/get-group.ts')).getGroupCommand,
  'get producers': async () => (await import('./commands/get-producers.ts')).getProducersCommand,
  'get routes': async () => (await import('./commands/get-routes.ts')).getRoutesCommand,
  'get config': async () => (await import('./commands/get-config.ts')).getConfigCommand,
  'get message': async () => (await import('./commands/get-message.ts')).getMessageCommand,
  'sources check': async () => (await import('./commands/sources-check.ts')).sourcesCheckCommand,
  'config check': async () => (await import('./commands/config-check.ts')).configCheckCommand,
  'ops kafka reassign': async () => (await import('./commands/ops-kafka-reassign.ts')).opsKafkaReassignCommand,
  'ops rocketmq scale-in': async () => (await import('./commands/ops-rocketmq-scale-in.ts')).opsRocketmqScaleInCommand,
  'ops rocketmq check-routes': async () =>
    (await import('./commands/ops-rocketmq-check-routes.ts')).opsRocketmqCheckRoutesCommand,
  'ops rocketmq scale-out': async () =>
    (await import('./commands/ops-rocketmq-scale-out.ts')).opsRocketmqScaleOutCommand,
  'ops rocketmq queues': async () => (await import('./commands/ops-rocketmq-queues.ts')).opsRocketmqQueuesCommand,
  'ops rocketmq name-servers': async () =>
    (await import('./commands/ops-rocketmq-name-servers.ts')).opsRocketmqNameServersCommand,
  worker: async () => (await import('./commands/worker.ts')).workerCommand,
  'worker bundle': async () => (await import('./commands/worker-bundle.ts')).workerBundleCommand,
  'worker manifests': async () => (await import('./commands/worker-manifests.ts')).workerManifestsCommand,
  'lab up': async () => (await import('./commands/lab-up.ts')).labUpCommand,
  'lab seed': async () => (await import('./commands/lab-seed.ts')).labSeedCommand,
  'lab status': async () => (await import('./commands/lab-status.ts')).labStatusCommand,
  'lab down': async () => (await import('./commands/lab-down.ts')).labDownCommand,
} satisfies Record<string, () => Promise<Command>>;

export type CommandRegistry = Readonly<Record<string, () => Promise<Command>>>;
