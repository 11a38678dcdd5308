// Lists the folders in which a broker stores messages, from its settings.

/** Kafka: log.dirs, else log.dir. RocketMQ: storePathCommitLog, which may list several paths with `:` or `,`. */
export function storesOf(values: ReadonlyMap<string, string>): string[] {
  const kafka = values.get('log.dirs') || values.get('log.dir');
  const rocketmq = values.get('storePathCommitLog') || values.get('storePathRootDir');
  const list = kafka?.split(',') ?? rocketmq?.split(/[:,]/) ?? [];
  return list.map((path) => path.trim()).filter((path) => path.startsWith('/'));
}
